//! `millrace new`: from somebody's own table to a contract and a spec.

mod ask;
mod said;
mod write;

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::Path;
use std::time::Instant;

use millrace_contract::ModelName;
use millrace_dataset::{Source, Survey};
use millrace_proposal::{Choices, Guess, Guesses, guess, propose, slug};

use crate::arguments::{New, Shared};
use crate::failure::{Failure, Outcome};
use crate::runs;

use ask::Conversation;

/// As many guesses as a sentence has room for.
const TOLD: usize = 6;
const SECONDS_PER_DAY: i64 = 86_400;

pub fn run(shared: &Shared, options: &New) -> Outcome {
    let began = Instant::now();
    let source = Source::open(&options.data)?;
    let survey = Survey::of(&source)?;
    let took = began.elapsed();
    let today = runs::now().as_second().div_euclid(SECONDS_PER_DAY);
    let guesses = guess(&survey, i32::try_from(today).unwrap_or(i32::MAX));
    let name = match &options.name {
        Some(name) => name.clone(),
        None => ModelName::new(slug(&stem(&options.data)))?,
    };
    let wishes = Wishes::of(options, name, source.uri());
    let choices = match may_ask(shared, options) {
        true => {
            let (mut input, mut output) = (std::io::stdin().lock(), std::io::stderr());
            let mut conversation = Conversation::new(&mut input, &mut output);
            ask::choose(&mut conversation, &survey, &guesses, wishes)?
        }
        false => wishes.with(&guesses, options.yes)?,
    };
    let proposal = propose(&survey, &choices)?;
    let written = write::all(options, &source, &choices, &proposal)?;
    let result = said::Said {
        survey: &survey,
        guesses: &guesses,
        choices: &choices,
        proposal: &proposal,
        written: &written,
        took,
    };
    result.say(shared)
}

fn may_ask(shared: &Shared, options: &New) -> bool {
    let terminal = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    terminal && !options.yes && !shared.json && !shared.quiet
}

/// `sales 2026` of `s3://bucket/sales 2026.csv.gz`.
fn stem(data: &str) -> String {
    let path = data.trim_end_matches('/');
    let name = Path::new(path).file_name().unwrap_or_default();
    let name = name.to_string_lossy();
    let known = [".parquet", ".csv", ".tsv", ".gz"];
    let mut stem = name.as_ref();
    while let Some(shorter) = known.iter().find_map(|end| stem.strip_suffix(end)) {
        stem = shorter;
    }
    stem.to_owned()
}

/// What was typed; the rest is guessed or asked for.
#[derive(Debug)]
struct Wishes {
    name: ModelName,
    source: String,
    id: Option<String>,
    date: Option<String>,
    target: Option<String>,
    protected: Option<Vec<String>>,
}

impl Wishes {
    fn of(options: &New, name: ModelName, source: &str) -> Wishes {
        let protected = options.protected.clone();
        Wishes {
            name,
            source: source.rsplit('/').next().unwrap_or(source).to_owned(),
            id: options.id.clone(),
            date: options.date.clone(),
            target: options.target.clone(),
            protected: protected.map(|mut names| {
                names.retain(|name| !name.trim().is_empty());
                names
            }),
        }
    }

    /// Every guess is taken that is not in the way of what was typed.
    fn with(self, guesses: &Guesses, yes: bool) -> Result<Choices, Failure> {
        let target = match self.target.clone() {
            Some(target) => target,
            None => the_target(guesses, yes)?,
        };
        let named: Vec<String> = [&self.id, &self.date, &Some(target.clone())]
            .into_iter()
            .flatten()
            .cloned()
            .collect();
        let free = |guess: &&Guess| !named.contains(&guess.column);
        let column = |guess: &Guess| guess.column.clone();
        let guessed = guesses.protected.iter().filter(free).map(column);
        let protected = self.protected.unwrap_or_else(|| guessed.collect());
        let free = |guess: &&Guess| free(guess) && !protected.contains(&guess.column);
        Ok(Choices {
            id: self
                .id
                .or_else(|| guesses.id.as_ref().filter(free).map(column)),
            date: self
                .date
                .or_else(|| guesses.date.as_ref().filter(free).map(column)),
            name: self.name,
            source: self.source,
            target,
            protected,
            ordered: BTreeMap::new(),
        })
    }
}

/// The likeliest target, where one stands out or any is wanted.
fn the_target(guesses: &Guesses, yes: bool) -> Result<String, Failure> {
    match guesses.targets.first() {
        None => Err(nothing_to_predict()),
        Some(first) if guesses.target_is_clear || yes => Ok(first.column.clone()),
        Some(_) => Err(Failure::new(
            "TargetAmbiguous",
            format!(
                "several columns could be what is to be predicted; name one with --target, or take the first with --yes: {}",
                told(&guesses.targets)
            ),
        )),
    }
}

fn nothing_to_predict() -> Failure {
    Failure::new(
        "NothingToPredict",
        "no column holds numbers that differ or two words: there is nothing that could be predicted",
    )
}

fn told(guesses: &[Guess]) -> String {
    let some = guesses.iter().take(TOLD);
    let some: Vec<String> = some
        .map(|guess| format!("`{}` ({})", guess.column, guess.because))
        .collect();
    match guesses.len().saturating_sub(TOLD) {
        0 => some.join(", "),
        more => format!("{} and {more} more", some.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_gives_its_name() {
        for (data, name) in [
            ("my.csv", "my"),
            ("/a/b/Sales 2026.csv.gz", "Sales 2026"),
            ("s3://bucket/folder/", "folder"),
            ("table", "table"),
        ] {
            assert_eq!(stem(data), name);
        }
    }
}
