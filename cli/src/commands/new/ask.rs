//! What only a person knows, asked on a terminal: an empty answer takes what stands in brackets.

use std::collections::BTreeMap;
use std::io::{BufRead, Write};

use millrace_dataset::{Survey, nearest};
use millrace_proposal::{Choices, Guess, Guesses};

use super::{Wishes, nothing_to_predict};
use crate::failure::Failure;
use crate::text;

const NONE: &str = "none";
/// As many columns as are shown to choose from.
const SHOWN: usize = 12;

pub struct Conversation<'a> {
    input: &'a mut dyn BufRead,
    output: &'a mut dyn Write,
}

impl<'a> Conversation<'a> {
    pub fn new(input: &'a mut dyn BufRead, output: &'a mut dyn Write) -> Self {
        Conversation { input, output }
    }

    fn say(&mut self, text: &str) -> Result<(), Failure> {
        let written = self.output.write_all(text.as_bytes());
        written.and_then(|()| self.output.flush()).map_err(broken)
    }

    /// The answer, or what an empty one means.
    fn ask(&mut self, question: &str, usual: &str) -> Result<String, Failure> {
        self.say(&format!("{question} [{}] ", plain(usual)))?;
        let mut answer = String::new();
        if self.input.read_line(&mut answer).map_err(broken)? == 0 {
            return Err(Failure::new(
                "NoAnswer",
                "the answers ended early: nothing was written; --yes takes every guess",
            ));
        }
        let answer = answer.trim();
        Ok(if answer.is_empty() { usual } else { answer }.to_owned())
    }

    /// One column of the table, or none where that is possible.
    fn column(
        &mut self,
        survey: &Survey,
        question: &str,
        usual: &str,
        or_none: bool,
    ) -> Result<Option<String>, Failure> {
        loop {
            let answer = self.ask(question, usual)?;
            if survey.column(&answer).is_some() {
                return Ok(Some(answer));
            }
            if or_none && answer == NONE {
                return Ok(None);
            }
            self.unknown(survey, &answer)?;
        }
    }

    /// Columns of the table, with commas between them.
    fn columns(
        &mut self,
        survey: &Survey,
        question: &str,
        usual: &str,
    ) -> Result<Vec<String>, Failure> {
        loop {
            let answer = self.ask(question, usual)?;
            if answer == NONE {
                return Ok(Vec::new());
            }
            let names: Vec<String> = answer
                .split(',')
                .map(|name| name.trim().to_owned())
                .collect();
            match names.iter().find(|name| survey.column(name).is_none()) {
                None => return Ok(names),
                Some(unknown) => self.unknown(survey, unknown)?,
            }
        }
    }

    fn unknown(&mut self, survey: &Survey, name: &str) -> Result<(), Failure> {
        let near = nearest(name, survey.columns.iter().map(|seen| seen.name.as_str()));
        let near = near.map_or(String::new(), |near| format!(": did you mean {near}?"));
        self.say(&format!("  there is no column {}{near}\n", plain(name)))
    }

    /// All of the words from low to high, by their numbers or by themselves.
    fn order(&mut self, column: &str, words: &[String]) -> Result<Vec<String>, Failure> {
        let numbered: Vec<String> = words
            .iter()
            .enumerate()
            .map(|(n, word)| format!("{} {}", n + 1, plain(word)))
            .collect();
        self.say(&format!("  {}: {}\n", plain(column), numbered.join("   ")))?;
        let as_they_stand: Vec<String> = (1..=words.len()).map(|n| n.to_string()).collect();
        loop {
            let answer = self.ask("  from low to high, by number?", &as_they_stand.join(" "))?;
            if let Some(ordered) = ordered(&answer, words) {
                return Ok(ordered);
            }
            self.say("  every number once, please\n")?;
        }
    }
}

pub fn choose(
    conversation: &mut Conversation<'_>,
    survey: &Survey,
    guesses: &Guesses,
    wishes: Wishes,
) -> Result<Choices, Failure> {
    conversation.say(&format!(
        "{} rows x {} columns. An empty answer takes what stands in brackets.\n",
        text::count(survey.rows),
        survey.columns.len()
    ))?;
    let target = match wishes.target.clone() {
        Some(target) => target,
        None => target(conversation, survey, guesses)?,
    };
    let guessed = |guess: &Option<Guess>| {
        let guess = guess.as_ref().filter(|guess| guess.column != target);
        guess.map_or((NONE.to_owned(), String::new()), |guess| {
            (guess.column.clone(), format!(" ({})", guess.because))
        })
    };
    let id = match wishes.id.clone() {
        Some(id) => Some(id),
        None => {
            let (usual, because) = guessed(&guesses.id);
            let question = format!(
                "Which column names each row{because}? {NONE}: the rows of a copy are numbered"
            );
            conversation.column(survey, &question, &usual, true)?
        }
    };
    let date = match (wishes.date.clone(), &guesses.date) {
        (Some(date), _) => Some(date),
        (None, None) => None,
        (None, guess) => {
            let (usual, because) = guessed(guess);
            let question =
                format!("Which column is the day that a row describes{because}, or {NONE}?");
            conversation.column(survey, &question, &usual, true)?
        }
    };
    let taken = [Some(target.clone()), id.clone(), date.clone()];
    let is_free = |name: &str| !taken.iter().flatten().any(|taken| taken == name);
    let protected = match wishes.protected.clone() {
        Some(protected) => protected,
        None => protected(conversation, survey, guesses, is_free)?,
    };
    Ok(Choices {
        name: wishes.name,
        source: wishes.source,
        ordered: orders(conversation, guesses, is_free)?,
        id,
        date,
        target,
        protected,
    })
}

fn target(
    conversation: &mut Conversation<'_>,
    survey: &Survey,
    guesses: &Guesses,
) -> Result<String, Failure> {
    let first = guesses.targets.first().ok_or_else(nothing_to_predict)?;
    for guess in guesses.targets.iter().take(SHOWN) {
        conversation.say(&format!("  {}: {}\n", plain(&guess.column), guess.because))?;
    }
    let chosen = conversation.column(survey, "What is to be predicted?", &first.column, false)?;
    chosen.ok_or_else(nothing_to_predict)
}

fn protected(
    conversation: &mut Conversation<'_>,
    survey: &Survey,
    guesses: &Guesses,
    is_free: impl Fn(&str) -> bool,
) -> Result<Vec<String>, Failure> {
    let names = guesses.protected.iter().map(|guess| guess.column.as_str());
    let names: Vec<&str> = names.filter(|name| is_free(name)).collect();
    if names.is_empty() {
        return Ok(Vec::new());
    }
    conversation.columns(
        survey,
        &format!("By which attributes must nobody be treated worse? They are compared, not learned from; or {NONE}"),
        &names.join(", "),
    )
}

fn orders(
    conversation: &mut Conversation<'_>,
    guesses: &Guesses,
    is_free: impl Fn(&str) -> bool,
) -> Result<BTreeMap<String, Vec<String>>, Failure> {
    let words: Vec<_> = guesses
        .words
        .iter()
        .filter(|(name, ..)| is_free(name))
        .collect();
    let mut orders = BTreeMap::new();
    if words.is_empty() {
        return Ok(orders);
    }
    let names: Vec<&str> = words.iter().map(|(name, ..)| name.as_str()).collect();
    let known = words.iter().filter(|(.., order)| order.is_some());
    let known: Vec<&str> = known.map(|(name, ..)| name.as_str()).collect();
    let usual = if known.is_empty() {
        NONE.to_owned()
    } else {
        known.join(", ")
    };
    let question = format!(
        "Which of these have words with an order, such as low to high: {}?",
        plain(&names.join(", "))
    );
    let chosen = loop {
        let answer = conversation.ask(&question, &usual)?;
        let chosen: Vec<String> = answer
            .split(',')
            .map(|name| name.trim().to_owned())
            .collect();
        if answer == NONE || chosen.iter().all(|name| names.contains(&name.as_str())) {
            break if answer == NONE { Vec::new() } else { chosen };
        }
        conversation.say("  only names of that list, with commas between them\n")?;
    };
    for (name, words, order) in words {
        if chosen.contains(name) {
            let words = order.as_ref().unwrap_or(words);
            orders.insert(name.clone(), conversation.order(name, words)?);
        }
    }
    Ok(orders)
}

fn ordered(answer: &str, words: &[String]) -> Option<Vec<String>> {
    let numbers = answer.split([' ', ',']).filter(|part| !part.is_empty());
    let places = numbers.map(|number| number.parse::<usize>().ok()?.checked_sub(1));
    let places: Vec<usize> = places.collect::<Option<_>>()?;
    let mut sorted = places.clone();
    sorted.sort_unstable();
    let all = sorted.into_iter().eq(0..words.len());
    all.then(|| {
        places
            .iter()
            .filter_map(|place| words.get(*place).cloned())
            .collect()
    })
}

/// A terminal obeys what some names hold.
fn plain(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}

fn broken(error: std::io::Error) -> Failure {
    Failure::new("TerminalBroken", error.to_string())
}

#[cfg(test)]
#[path = "ask_tests.rs"]
mod tests;
