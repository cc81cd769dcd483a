//! The parameters of a learner by their names: what a search chooses, and what metadata records.

use std::fmt;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// One number, written as it is counted: whole, or real.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "this must be a number")]
pub enum Value {
    Whole(u32),
    Real(f64),
}

impl Value {
    pub fn as_f64(self) -> f64 {
        match self {
            Value::Whole(number) => f64::from(number),
            Value::Real(number) => number,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Whole(number) => number.fmt(formatter),
            Value::Real(number) => number.fmt(formatter),
        }
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Value {
        Value::Whole(number)
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Value {
        Value::Real(number)
    }
}

/// Values by the names of their parameters, in the order in which the learner lists them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Params(IndexMap<String, Value>);

impl Params {
    pub fn get(&self, name: &str) -> Option<Value> {
        self.0.get(name).copied()
    }

    /// Gives a parameter a value; one that has a value keeps its place.
    pub fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(name.to_owned(), value.into());
    }

    /// The same with another value of one parameter.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Params {
        self.set(name, value);
        self
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), *value))
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'a, V: Into<Value>> FromIterator<(&'a str, V)> for Params {
    fn from_iter<I: IntoIterator<Item = (&'a str, V)>>(values: I) -> Params {
        let values = values.into_iter();
        Params(
            values
                .map(|(name, value)| (name.to_owned(), value.into()))
                .collect(),
        )
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_document_reads_back_as_it_was_written() {
        let text = r#"{"n_estimators":200,"learning_rate":0.1,"subsample":1.0}"#;
        let read: Params = serde_json::from_str(text).unwrap();
        assert_eq!(read.get("n_estimators"), Some(Value::Whole(200)));
        assert_eq!(read.get("subsample"), Some(Value::Real(1.0)));
        assert_eq!(serde_json::to_string(&read).unwrap(), text);
        assert!(serde_json::from_str::<Params>(r#"{"a":"many"}"#).is_err());
    }

    #[test]
    fn another_value_keeps_the_place() {
        let params: Params = [("a", 1_u32), ("b", 2)].into_iter().collect();
        let changed = params.with("a", 0.5);
        assert_eq!(changed.names().collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(changed.get("a"), Some(Value::Real(0.5)));
    }
}
