//! `[search.tpe]`: which values the strategy `tpe` draws from, and how long it goes on.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::space::{Kind, Parameter, ParameterSpace, Usual, Widened};

/// Each trial is one point; how much of its learner's budget it needs is found by early stopping.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tpe {
    /// How many different points are tried.
    pub trials: usize,
    /// No trial has more rounds than this.
    pub most_rounds: u32,
    /// A trial ends when so many rounds brought nothing that could not be chance.
    pub patience_rounds: u32,
    /// How many of the best trials are judged on all folds.
    pub finalists: usize,
    /// What is drawn from, where it is not what is usual for the learner.
    #[serde(flatten)]
    pub given: IndexMap<String, Dimension>,
}

impl Default for Tpe {
    fn default() -> Self {
        Tpe {
            trials: 40,
            most_rounds: 1000,
            patience_rounds: 50,
            finalists: 4,
            given: IndexMap::new(),
        }
    }
}

/// What one parameter may be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "this must be a range such as `{ from = 0.02, to = 0.3, log = true }`, or a list of numbers"
)]
pub enum Dimension {
    /// One of these; none is nearer to one than to another.
    Choice(Vec<f64>),
    Range(Range),
    /// What may not stand here: one value alone is a list.
    Number(f64),
}

/// Both ends belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Range {
    pub from: f64,
    pub to: f64,
    /// Whether twice as much counts as one step, wherever it begins.
    #[serde(default)]
    pub log: bool,
}

type Checked = Result<(), String>;

impl Tpe {
    /// What is drawn from for each parameter that is not the budget, in the learner's order.
    pub fn dimensions(&self, space: &ParameterSpace) -> Vec<(&'static Parameter, Dimension)> {
        let parameters = space.parameters.iter();
        let dimension = |known: &'static Parameter| {
            let Usual::Searched { drawn, .. } = known.usual else {
                return None;
            };
            let given = self.given.get(known.name).cloned();
            Some((known, given.or(drawn.map(Dimension::Range))?))
        };
        parameters.filter_map(dimension).collect()
    }

    /// What a later attempt searches: more points, more rounds, and as far as the learner's space says.
    #[must_use]
    pub fn of_attempt(&self, space: &ParameterSpace, attempt: u32) -> Tpe {
        let times = attempt.clamp(1, 4);
        let mut wide = self.clone();
        wide.trials = self.trials.saturating_mul(times as usize);
        wide.most_rounds = self.most_rounds.saturating_mul(times).min(10_000);
        for (known, mut dimension) in self.dimensions(space) {
            if let (Widened::Raised, Dimension::Range(range), Kind::Whole { most, .. }) =
                (known.widened, &mut dimension, known.kind)
            {
                let raised = range.to + 2.0 * f64::from(times - 1);
                range.to = raised.min(f64::from(most)).max(range.to);
                wide.given.insert(known.name.to_owned(), dimension);
            }
        }
        wide
    }

    /// Says what is wrong, and of which key.
    pub(super) fn check(&self, space: &ParameterSpace) -> Result<(), (String, String)> {
        let at_least_one = [
            ("trials", self.trials),
            ("finalists", self.finalists),
            ("patience_rounds", self.patience_rounds as usize),
        ];
        let wrong = |name: &str, detail: String| Err((format!("tpe.{name}"), detail));
        if let Some((name, _)) = at_least_one.into_iter().find(|(_, count)| *count == 0) {
            return wrong(name, format!("`tpe.{name}` is 0, it must be 1 or more"));
        }
        if !(1..=10_000).contains(&self.most_rounds) {
            let detail = format!(
                "`tpe.most_rounds` is {}, it must lie in 1 to 10000",
                self.most_rounds
            );
            return wrong("most_rounds", detail);
        }
        for (name, dimension) in &self.given {
            let known = space.parameter(name);
            let drawn = known.filter(|known| {
                matches!(known.usual, Usual::Searched { .. }) && space.budget != Some(known.name)
            });
            let Some(known) = drawn else {
                let detail = format!(
                    "`tpe.{name}` is nothing that {} draws: {}",
                    space.learner,
                    self.names(space)
                );
                return wrong(name, detail);
            };
            if let Err(detail) = dimension.check(name, known.kind) {
                return wrong(name, detail);
            }
        }
        Ok(())
    }

    fn names(&self, space: &ParameterSpace) -> String {
        let drawn = self.dimensions(space);
        let names: Vec<&str> = drawn.iter().map(|(known, _)| known.name).collect();
        names.join(", ")
    }
}

/// Whether a parameter of this kind may have the value.
fn allows(kind: Kind, value: f64) -> bool {
    let whole =
        !kind.is_whole() || (value.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&value));
    whole && kind.admit(kind.value(value)).is_some()
}

impl Dimension {
    fn check(&self, name: &str, kind: Kind) -> Checked {
        match self {
            Dimension::Choice(values) => {
                let again = |(place, value)| values.iter().take(place).any(|other| *other == value);
                let mut numbered = values.iter().copied().enumerate();
                let bad =
                    numbered.any(|(place, value)| !allows(kind, value) || again((place, value)));
                match bad || values.is_empty() {
                    true => Err(format!(
                        "`tpe.{name}` needs one or more different {}",
                        kind.words()
                    )),
                    false => Ok(()),
                }
            }
            Dimension::Range(range) => range.check(name, kind),
            Dimension::Number(number) => Err(format!(
                "`tpe.{name}` is {number}: one value alone is a list, `[{number}]`"
            )),
        }
    }
}

impl Range {
    fn check(&self, name: &str, kind: Kind) -> Checked {
        let Range { from, to, log } = *self;
        if let Some((end, value)) = [("from", from), ("to", to)]
            .into_iter()
            .find(|(_, value)| !allows(kind, *value))
        {
            return Err(format!(
                "`tpe.{name}.{end}` is {value}: a range of it has {}",
                kind.words()
            ));
        }
        if log && from <= 0.0 {
            return Err(format!(
                "`tpe.{name}.from` is {from}: a range with `log = true` begins above 0"
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
    use super::*;
    use crate::spec::{Learner, Search};

    fn refused(text: &str) -> String {
        match toml::from_str::<Search>(text) {
            Ok(search) => search.tpe.check(Learner::Xgboost.space()).unwrap_err().1,
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn the_defaults_and_lists_are_right() {
        let listed = "[tpe]\nmax_depth = [4]\nsubsample = [0.8, 1.0]\nlearning_rate = { from = 0.1, to = 0.2 }";
        for text in ["", listed] {
            let search: Search = toml::from_str(text).unwrap();
            assert_eq!(search.tpe.check(Learner::Xgboost.space()), Ok(()));
            let again: Search = toml::from_str(&toml::to_string(&search).unwrap()).unwrap();
            assert_eq!(again, search);
        }
    }

    #[test]
    fn later_attempts_try_more_and_deeper() {
        let (first, space) = (Tpe::default(), Learner::Xgboost.space());
        let depth = |settings: &Tpe| {
            let drawn = settings.dimensions(space);
            let found = drawn
                .into_iter()
                .find(|(known, _)| known.name == "max_depth");
            match found.unwrap().1 {
                Dimension::Range(range) => (range.from, range.to),
                other => panic!("a range stays one: {other:?}"),
            }
        };
        let same = first.of_attempt(space, 1);
        assert_eq!(
            (same.trials, same.most_rounds, depth(&same)),
            (40, 1000, (3.0, 9.0))
        );
        let second = first.of_attempt(space, 2);
        assert_eq!((second.trials, second.most_rounds), (80, 2000));
        assert_eq!(depth(&second), (3.0, 11.0));
        assert_eq!(first.of_attempt(space, u32::MAX).most_rounds, 4000);
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
            ("max_depth = [3.5]", "different whole numbers in 1 to 16"),
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
            ("max_depth = 4", "`tpe.max_depth` is 4: one value alone"),
            (
                "trails = 3",
                "`tpe.trails` is nothing that xgboost draws: max_depth, learning_rate",
            ),
            (
                "n_estimators = [3]",
                "`tpe.n_estimators` is nothing that xgboost draws",
            ),
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
