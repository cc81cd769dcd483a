//! What the columns seem to be for. Nothing is decided here: each guess comes with its reason.

use millrace_dataset::survey::{Form, Seen, Survey};

use crate::columns::{ID_WORDS, Kind, USUAL_BAD, names_rows, predictable, repeated, usable};
use crate::names::names_one;
use crate::orders::order_of;

/// A column, and what speaks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guess {
    pub column: String,
    pub because: String,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Guesses {
    pub id: Option<Guess>,
    pub date: Option<Guess>,
    /// What could be predicted, the likeliest first.
    pub targets: Vec<Guess>,
    /// Whether the first of them stands out.
    pub target_is_clear: bool,
    pub protected: Vec<Guess>,
    /// Columns of three words and more, with the order of those whose words are known.
    pub words: Vec<(String, Vec<String>, Option<Vec<String>>)>,
}

const DATE_WORDS: &[&str] = &[
    "date",
    "day",
    "snapshot",
    "as of",
    "timestamp",
    "time",
    "created",
    "listed",
    "month",
];
/// A name that can mean nothing else.
const TARGET_WORDS: &[&str] = &["target", "label", "outcome", "response", "y"];
/// What people mostly want to know.
const WANTED_WORDS: &[&str] = &[
    "churn",
    "churned",
    "exited",
    "attrition",
    "left",
    "price",
    "prices",
    "sales",
    "revenue",
    "profit",
    "score",
    "rating",
    "survived",
    "default",
    "defaulted",
    "fraud",
    "is fraud",
    "converted",
    "clicked",
    "bought",
    "purchased",
    "ltv",
    "lifetime value",
    "medv",
    "quality",
    "demand",
    "affairs",
    "arrest",
    "charges",
    "cost",
    "salary",
    "wage",
    "income",
    "visits",
    "class",
    "amount",
    "count",
];
/// Attributes by which nobody must be treated worse.
const PROTECTED_WORDS: &[&str] = &[
    "sex",
    "gender",
    "age",
    "age group",
    "age band",
    "race",
    "ethnicity",
    "ethnic",
    "ethnic group",
    "religion",
    "religious",
    "disability",
    "disabled",
    "marital",
    "marital status",
    "is married",
    "mar",
    "nationality",
    "citizenship",
    "native country",
    "country of birth",
    "birth country",
    "pregnant",
    "pregnancy",
    "sexual orientation",
    "orientation",
    "veteran",
    "caste",
    "skin color",
    "skin colour",
    "date of birth",
];
/// As many words as somebody would put into an order.
const MOST_ORDERED: usize = 12;

/// `today`: days since 1970-01-01.
pub fn guess(survey: &Survey, today: i32) -> Guesses {
    let id = id(survey);
    let date = date(survey, today);
    let protected: Vec<Guess> = survey
        .columns
        .iter()
        .filter_map(|seen| protected(survey, seen))
        .collect();
    let taken = |name: &str| {
        let both = [&id, &date].into_iter().flatten();
        both.chain(&protected).any(|guess| guess.column == name)
    };
    let (targets, target_is_clear) = targets(survey, taken);
    let words = survey.columns.iter().filter_map(|seen| words(survey, seen));
    Guesses {
        words: words.collect(),
        id,
        date,
        targets,
        target_is_clear,
        protected,
    }
}

fn id(survey: &Survey) -> Option<Guess> {
    let candidates = survey.columns.iter().enumerate();
    let candidates = candidates.filter(|(_, seen)| seen.missing == 0 && survey.rows > 1);
    let because = |(place, seen): (usize, &Seen)| {
        let whole = match &seen.form {
            Form::Number(numbers) if numbers.whole => Some(numbers),
            Form::Number(_) | Form::Day { .. } => return None,
            _ => None,
        };
        let rows = survey.rows as f64;
        let counts = whole.is_some_and(|numbers| numbers.high - numbers.low + 1.0 == rows);
        let name = &seen.name;
        let repeated = repeated(survey, seen);
        let few = repeated as f64 <= rows * USUAL_BAD / 2.0;
        let is_called_so = names_one(name, ID_WORDS).is_some();
        let because = if is_called_so && repeated > 0 && few {
            "its name says so, and few rows share a value"
        } else if repeated > 0 {
            return None;
        } else if name.trim().is_empty() {
            "it has no name and another value in every row"
        } else if is_called_so {
            "its name says so, and its value is another in every row"
        } else if place == 0 && counts {
            "it is the first column and counts the rows"
        } else if place == 0 && whole.is_none() {
            "it is the first column, and its value is another in every row"
        } else {
            return None;
        };
        Some(Guess {
            column: name.clone(),
            because: because.to_owned(),
        })
    };
    // One that is called so is better than one without a name, and one without repetitions better still.
    let mut all: Vec<Guess> = candidates.filter_map(because).collect();
    let worse = |guess: &Guess| {
        let repeated = survey
            .column(&guess.column)
            .map(|seen| repeated(survey, seen));
        (repeated, names_one(&guess.column, ID_WORDS).is_none())
    };
    all.sort_by_key(worse);
    all.into_iter().next()
}

fn date(survey: &Survey, today: i32) -> Option<Guess> {
    let past = |seen: &&Seen| {
        matches!(seen.form, Form::Day { last, .. } if last <= today + 1) && seen.missing == 0
    };
    let days: Vec<&Seen> = survey.columns.iter().filter(past).collect();
    let named = days
        .iter()
        .find(|seen| names_one(&seen.name, DATE_WORDS).is_some());
    let (seen, because) = match (named, days.first()) {
        (Some(named), _) => (*named, "its name says so, and it holds days up to today"),
        (None, Some(first)) => (*first, "it holds days up to today"),
        (None, None) => return None,
    };
    Some(Guess {
        column: seen.name.clone(),
        because: because.to_owned(),
    })
}

fn protected(survey: &Survey, seen: &Seen) -> Option<Guess> {
    let word = names_one(&seen.name, PROTECTED_WORDS)?;
    usable(survey, seen).ok()?;
    Some(Guess {
        column: seen.name.clone(),
        because: format!("its name says `{word}`: nobody should be treated worse for that"),
    })
}

fn targets(survey: &Survey, taken: impl Fn(&str) -> bool) -> (Vec<Guess>, bool) {
    let possible = |seen: &&Seen| {
        !taken(&seen.name) && !names_rows(survey, seen) && predictable(survey, seen).is_ok()
    };
    let last = survey.columns.iter().rfind(possible);
    let is_last = |seen: &Seen| last.is_some_and(|last| last.name == seen.name);
    let mut found: Vec<(u32, Guess)> = Vec::new();
    for seen in survey.columns.iter().filter(possible) {
        let (points, because) = likely(survey, seen);
        let (points, because) = match (is_last(seen), because) {
            (true, Some(because)) => (
                points + 10,
                format!("{because}, and it is the last that could be"),
            ),
            (true, None) => (10, "it is the last that could be".to_owned()),
            (false, Some(because)) => (points, because),
            (false, None) => (0, "it can be predicted".to_owned()),
        };
        let column = seen.name.clone();
        found.push((points, Guess { column, because }));
    }
    // Equal ones stay in the order of the table.
    found.sort_by_key(|(points, _)| std::cmp::Reverse(*points));
    let points = |place: usize| found.get(place).map_or(0, |(points, _)| *points);
    let is_clear = found.len() == 1 || (points(0) >= 50 && points(0) >= points(1) + 30);
    (
        found.into_iter().map(|(_, guess)| guess).collect(),
        is_clear,
    )
}

fn likely(survey: &Survey, seen: &Seen) -> (u32, Option<String>) {
    // `x`, `y` and `z` are measures.
    let measures = names_one(&seen.name, &["y"]).is_some() && survey.column("x").is_some();
    let says = |word: &str| Some(format!("its name says `{word}`"));
    match names_one(&seen.name, TARGET_WORDS).filter(|_| !measures) {
        Some(word) => (100, says(word)),
        None => match names_one(&seen.name, WANTED_WORDS) {
            Some(word) => (50, says(word)),
            None => (0, None),
        },
    }
}

fn words(survey: &Survey, seen: &Seen) -> Option<(String, Vec<String>, Option<Vec<String>>)> {
    let Ok(Kind::Words { values, .. }) = usable(survey, seen) else {
        return None;
    };
    let order = order_of(&values);
    let few = (3..=MOST_ORDERED).contains(&values.len()) || order.is_some();
    few.then_some((seen.name.clone(), values, order))
}
