//! `[search.tpe]`: which values the strategy `tpe` draws from, and how long it goes on.

use std::fmt::Display;

use serde::{Deserialize, Serialize};

/// Each trial is one point of the four dimensions; how many rounds it needs is found by early stopping.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tpe {
    /// How many different points are tried.
    pub trials: usize,
    /// No trial has more rounds than this.
    pub most_rounds: u32,
    /// A trial ends when so many rounds brought nothing that could not be chance.
    pub patience_rounds: u32,
    /// How many of the best trials are judged on all folds.
    pub finalists: usize,
    pub max_depth: Dimension<u32>,
    pub learning_rate: Dimension<f64>,
    pub subsample: Dimension<f64>,
    pub colsample_bytree: Dimension<f64>,
}

impl Default for Tpe {
    fn default() -> Self {
        let even = |from, to| {
            Dimension::Range(Range {
                from,
                to,
                log: false,
            })
        };
        Tpe {
            trials: 40,
            most_rounds: 1000,
            patience_rounds: 50,
            finalists: 4,
            max_depth: Dimension::Range(Range {
                from: 3,
                to: 9,
                log: false,
            }),
            learning_rate: Dimension::Range(Range {
                from: 0.02,
                to: 0.3,
                log: true,
            }),
            subsample: even(0.5, 1.0),
            colsample_bytree: even(0.3, 1.0),
        }
    }
}

/// What one hyperparameter may be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "this must be a range such as `{ from = 0.02, to = 0.3, log = true }`, or a list of numbers"
)]
pub enum Dimension<T> {
    /// One of these; none is nearer to one than to another.
    Choice(Vec<T>),
    Range(Range<T>),
}

/// Both ends belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Range<T> {
    pub from: T,
    pub to: T,
    /// Whether twice as much counts as one step, wherever it begins.
    #[serde(default)]
    pub log: bool,
}

type Checked = Result<(), String>;

impl Tpe {
    pub(super) fn check(&self) -> Checked {
        let at_least_one = [
            ("trials", self.trials),
            ("finalists", self.finalists),
            ("patience_rounds", self.patience_rounds as usize),
        ];
        if let Some((name, _)) = at_least_one.into_iter().find(|(_, count)| *count == 0) {
            return Err(format!("`tpe.{name}` is 0, it must be 1 or more"));
        }
        if !(1..=10_000).contains(&self.most_rounds) {
            return Err(format!(
                "`tpe.most_rounds` is {}, it must lie in 1 to 10000",
                self.most_rounds
            ));
        }
        let depth = |depth: u32| (1..=16).contains(&depth);
        self.max_depth
            .check("max_depth", depth, "whole numbers in 1 to 16")?;
        let share = |share: f64| share > 0.0 && share <= 1.0;
        let words = "numbers above 0 and up to 1";
        self.learning_rate.check("learning_rate", share, words)?;
        self.subsample.check("subsample", share, words)?;
        self.colsample_bytree
            .check("colsample_bytree", share, words)
    }
}

impl<T: Copy + PartialOrd + Display> Dimension<T> {
    fn check(&self, name: &str, allowed: impl Fn(T) -> bool, words: &str) -> Checked {
        match self {
            Dimension::Choice(values) => {
                let again = |(place, value)| values.iter().take(place).any(|other| *other == value);
                let mut numbered = values.iter().copied().enumerate();
                let bad = numbered.any(|(place, value)| !allowed(value) || again((place, value)));
                match bad || values.is_empty() {
                    true => Err(format!("`tpe.{name}` needs one or more different {words}")),
                    false => Ok(()),
                }
            }
            Dimension::Range(range) => range.check(name, allowed, words),
        }
    }
}

impl<T: Copy + PartialOrd + Display> Range<T> {
    fn check(&self, name: &str, allowed: impl Fn(T) -> bool, words: &str) -> Checked {
        let Range { from, to, .. } = *self;
        if let Some((end, value)) = [("from", from), ("to", to)]
            .into_iter()
            .find(|(_, value)| !allowed(*value))
        {
            return Err(format!(
                "`tpe.{name}.{end}` is {value}: a range of it has {words}"
            ));
        }
        if from >= to {
            return Err(format!(
                "`tpe.{name}` goes from {from} to {to}: `from` must be less than `to`; one value alone is a list, `[{from}]`"
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use crate::spec::Search;

    fn refused(text: &str) -> String {
        match toml::from_str::<Search>(text) {
            Ok(search) => search.tpe.check().unwrap_err(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn the_defaults_and_lists_are_right() {
        let listed = "[tpe]\nmax_depth = [4]\nsubsample = [0.8, 1.0]\nlearning_rate = { from = 0.1, to = 0.2 }";
        for text in ["", listed] {
            let search: Search = toml::from_str(text).unwrap();
            assert_eq!(search.tpe.check(), Ok(()));
            let again: Search = toml::from_str(&toml::to_string(&search).unwrap()).unwrap();
            assert_eq!(again, search);
        }
    }

    #[test]
    fn what_cannot_be_searched_is_said_with_its_place() {
        for (text, expected) in [
            ("trials = 0", "`tpe.trials` is 0"),
            ("finalists = 0", "`tpe.finalists` is 0"),
            ("patience_rounds = 0", "`tpe.patience_rounds` is 0"),
            ("most_rounds = 10001", "`tpe.most_rounds` is 10001"),
            (
                "max_depth = { from = 6, to = 6 }",
                "one value alone is a list, `[6]`",
            ),
            ("max_depth = { from = 9, to = 3 }", "goes from 9 to 3"),
            (
                "max_depth = { from = 3, to = 17 }",
                "`tpe.max_depth.to` is 17",
            ),
            (
                "learning_rate = { from = 0.0, to = 0.3, log = true }",
                "`tpe.learning_rate.from` is 0",
            ),
            (
                "learning_rate = { from = nan, to = 0.3 }",
                "`tpe.learning_rate.from` is NaN",
            ),
            (
                "subsample = { from = 0.5, to = 1.5 }",
                "`tpe.subsample.to` is 1.5",
            ),
            ("subsample = []", "`tpe.subsample` needs one or more"),
            ("subsample = [0.5, 0.5]", "different numbers above 0"),
            ("subsample = { from = 0.5 }", "this must be a range such as"),
            ("trails = 3", "unknown field `trails`"),
        ] {
            let said = refused(&format!("[tpe]\n{text}"));
            assert!(said.contains(expected), "{text}: {said}");
        }
        let said = refused("[space]\nmax_depth = { from = 3, to = 9 }");
        assert!(
            said.contains("only the strategy `tpe` takes ranges"),
            "{said}"
        );
    }
}
