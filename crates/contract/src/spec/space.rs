//! What parameters a learner has: their names, kinds, bounds and usual values.

use std::fmt;

use indexmap::IndexMap;
use serde::de::value::SeqAccessDeserializer;
use serde::de::{Deserializer, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::Range;
use crate::params::{Params, Value};

/// The parameters of one learner.
#[derive(Debug)]
pub struct ParameterSpace {
    /// As the learner is called in a spec.
    pub learner: &'static str,
    /// In the order in which they are recorded.
    pub parameters: &'static [Parameter],
    /// The parameter that a fit can be advanced by, such as rounds: one fit of the most answers for fewer.
    pub budget: Option<&'static str>,
}

#[derive(Debug)]
pub struct Parameter {
    pub name: &'static str,
    pub kind: Kind,
    pub usual: Usual,
    /// How people read it, with `#` for the value.
    pub words: &'static str,
    pub widened: Widened,
}

/// What a value may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A whole number, both ends included.
    Whole { least: u32, most: u32 },
    /// Above 0 and up to 1.
    Share,
    /// From 0 to 1.
    Portion,
    /// 0 or more.
    NotNegative,
}

/// What a parameter is when the spec says nothing of it.
#[derive(Debug, Clone, Copy)]
pub enum Usual {
    /// The grid tries these; `tpe` draws from the range.
    Searched {
        grid: &'static [f64],
        drawn: Option<Range>,
    },
    /// The same for every candidate.
    Fixed(f64),
}

/// What a later attempt tries beyond the values of the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Widened {
    Not,
    /// Twice the most.
    Doubled,
    /// Two more than the most.
    Raised,
    /// The geometric mean of each two neighbours.
    Between,
}

impl Kind {
    /// The value as this kind is written; none when it may not be one.
    pub fn admit(self, value: Value) -> Option<Value> {
        let number = value.as_f64();
        let real = |right: bool| right.then_some(Value::Real(number));
        match (self, value) {
            (Kind::Whole { least, most }, Value::Whole(whole)) => {
                (least..=most).contains(&whole).then_some(value)
            }
            (Kind::Whole { .. }, Value::Real(_)) => None,
            (Kind::Share, _) => real(number > 0.0 && number <= 1.0),
            (Kind::Portion, _) => real((0.0..=1.0).contains(&number)),
            (Kind::NotNegative, _) => real(number.is_finite() && number >= 0.0),
        }
    }

    /// A number that is right for this kind, as it is written.
    pub fn value(self, number: f64) -> Value {
        match self {
            Kind::Whole { .. } => Value::Whole(number as u32),
            Kind::Share | Kind::Portion | Kind::NotNegative => Value::Real(number),
        }
    }

    pub fn is_whole(self) -> bool {
        matches!(self, Kind::Whole { .. })
    }

    /// What may be written, in words: `whole numbers in 1 to 16`.
    pub fn words(self) -> String {
        match self {
            Kind::Whole { least, most } => format!("whole numbers in {least} to {most}"),
            Kind::Share => "numbers above 0 and up to 1".into(),
            Kind::Portion => "numbers in 0 to 1".into(),
            Kind::NotNegative => "numbers that are 0 or more".into(),
        }
    }

    /// The same of one value: `it must lie in 1 to 16`.
    pub fn demand(self) -> String {
        match self {
            Kind::Whole { least, most } => format!("it must lie in {least} to {most}"),
            Kind::Share => "it must lie above 0 and up to 1".into(),
            Kind::Portion => "it must lie in 0 to 1".into(),
            Kind::NotNegative => "it must be 0 or more".into(),
        }
    }

    /// Not above what is allowed.
    fn within(self, number: f64) -> f64 {
        match self {
            Kind::Whole { most, .. } => number.min(f64::from(most)),
            Kind::Share | Kind::Portion => number.min(1.0),
            Kind::NotNegative => number,
        }
    }
}

impl ParameterSpace {
    pub fn parameter(&self, name: &str) -> Option<&'static Parameter> {
        self.parameters.iter().find(|known| known.name == name)
    }

    /// The names, as a message lists them.
    pub fn names(&self) -> String {
        let names: Vec<&str> = self.parameters.iter().map(|known| known.name).collect();
        names.join(", ")
    }

    /// What a candidate is made of: the values of each parameter that is searched, in the learner's order.
    pub fn grid(&self, given: &Space) -> Grid {
        let of = |known: &'static Parameter| {
            let usual = match known.usual {
                Usual::Searched { grid, .. } => grid.iter().map(|n| known.kind.value(*n)).collect(),
                Usual::Fixed(_) => Vec::new(),
            };
            let values = given.get(known.name).map_or(usual, <[Value]>::to_vec);
            let values: Vec<Value> = values
                .into_iter()
                .map(|v| known.kind.admit(v).unwrap_or(v))
                .collect();
            (!values.is_empty()).then_some((known, values))
        };
        Grid(self.parameters.iter().filter_map(of).collect())
    }

    /// The value of a parameter: the candidate's, what the spec fixes, or the usual one.
    pub fn value(&self, name: &str, candidate: &Params, fixed: &Params) -> Option<Value> {
        let known = self.parameter(name)?;
        let usual = match known.usual {
            Usual::Fixed(number) => Some(known.kind.value(number)),
            Usual::Searched { grid, .. } => grid.first().map(|number| known.kind.value(*number)),
        };
        let given = candidate.get(name).or_else(|| fixed.get(name));
        given.and_then(|value| known.kind.admit(value)).or(usual)
    }
}

/// The values to try of each parameter that is searched.
#[derive(Debug, Clone)]
pub struct Grid(Vec<(&'static Parameter, Vec<Value>)>);

impl Grid {
    /// How many candidates there are.
    pub fn count(&self) -> usize {
        let counts = self.0.iter().map(|(_, values)| values.len());
        counts.fold(1, usize::saturating_mul)
    }

    /// The values of one parameter; empty when it is not searched.
    pub fn values(&self, name: &str) -> &[Value] {
        let found = self.0.iter().find(|(known, _)| known.name == name);
        found
            .map(|(_, values)| values.as_slice())
            .unwrap_or_default()
    }

    /// Every combination, in the order of scikit-learn's `ParameterGrid` (names in alphabetical order, the last
    /// changing fastest), which decides between equals.
    pub fn candidates(&self) -> Vec<Params> {
        let mut sorted: Vec<usize> = (0..self.0.len()).collect();
        sorted.sort_by_key(|place| self.0[*place].0.name);
        (0..self.count())
            .map(|number| {
                let mut chosen = vec![0; self.0.len()];
                let mut left = number;
                for place in sorted.iter().rev().copied() {
                    let values = self.0[place].1.len();
                    chosen[place] = left % values;
                    left /= values;
                }
                let pairs = self.0.iter().zip(chosen);
                pairs
                    .map(|((known, values), at)| (known.name, values[at]))
                    .collect()
            })
            .collect()
    }

    /// The grid of a later attempt: the first searches what the spec says, each further one more.
    #[must_use]
    pub fn widened(mut self, attempt: u32) -> Grid {
        for _ in 1..attempt.min(4) {
            for (known, values) in &mut self.0 {
                for number in known.widened.beyond(values) {
                    let value = known.kind.value(known.kind.within(number));
                    if !values.contains(&value) {
                        values.push(value);
                    }
                }
            }
        }
        self
    }
}

impl Widened {
    fn beyond(self, values: &[Value]) -> Vec<f64> {
        let mut numbers: Vec<f64> = values.iter().map(|value| value.as_f64()).collect();
        numbers.sort_by(f64::total_cmp);
        let most = numbers.last().copied().into_iter();
        match self {
            Widened::Not => Vec::new(),
            Widened::Doubled => most.map(|most| most * 2.0).collect(),
            Widened::Raised => most.map(|most| most + 2.0).collect(),
            Widened::Between => {
                // Four digits are enough and stay readable.
                let between = |pair: &[f64]| ((pair[0] * pair[1]).sqrt() * 1e4).round() / 1e4;
                let means = numbers.windows(2).map(between);
                means.filter(|mean| *mean > 0.0).collect()
            }
        }
    }
}

/// `[search.space]`: the values to try of each parameter that is named. The others have their usual grid.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Space(IndexMap<String, Values>);

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
struct Values(Vec<Value>);

impl Space {
    pub fn get(&self, name: &str) -> Option<&[Value]> {
        self.0.get(name).map(|values| values.0.as_slice())
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &[Value])> {
        self.0
            .iter()
            .map(|(name, values)| (name.as_str(), values.0.as_slice()))
    }

    /// The same with these values of one parameter.
    #[must_use]
    pub fn with<V: Into<Value>>(
        mut self,
        name: &str,
        values: impl IntoIterator<Item = V>,
    ) -> Space {
        let values = values.into_iter().map(Into::into).collect();
        self.0.insert(name.to_owned(), Values(values));
        self
    }
}

/// A list, and a word about where a range would belong.
impl<'de> Deserialize<'de> for Values {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List;

        impl<'de> Visitor<'de> for List {
            type Value = Values;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(
                    "a list of numbers: only the strategy `tpe` takes ranges, in `[search.tpe]`",
                )
            }

            fn visit_seq<A: SeqAccess<'de>>(self, values: A) -> Result<Values, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(values)).map(Values)
            }
        }

        deserializer.deserialize_seq(List)
    }
}
