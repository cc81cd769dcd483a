//! Takes the fields of one JSON object apart, one by one. What is left over is unknown, and refused: like
//! serde's `deny_unknown_fields`, with the state and the field in every error.

use crate::error::LoadError;
use crate::expression::{Expression, Reach, Template, is_expression};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

use super::machine::Given;

/// Where in the machine we are.
#[derive(Debug, Clone, Default)]
pub(super) struct Place {
    state: Option<String>,
    prefix: String,
}

impl Place {
    pub fn state(name: &str) -> Self {
        Self {
            state: Some(name.to_owned()),
            prefix: String::new(),
        }
    }

    /// A part of this place, such as `Retry[0]`.
    pub fn inside(&self, field: &str) -> Self {
        Self {
            state: self.state.clone(),
            prefix: self.path(field),
        }
    }

    fn path(&self, field: &str) -> String {
        match (self.prefix.is_empty(), field.is_empty()) {
            (true, _) => field.to_owned(),
            (false, true) => self.prefix.clone(),
            (false, false) => format!("{}.{field}", self.prefix),
        }
    }

    pub fn error(&self, field: &str, problem: impl Into<String>) -> LoadError {
        let (field, problem) = (self.path(field), problem.into());
        match self.state.clone() {
            Some(state) => LoadError::State {
                state,
                field,
                problem,
            },
            None => LoadError::Machine { field, problem },
        }
    }
}

/// The fields of an object that have not been taken yet.
#[derive(Debug)]
pub(super) struct Fields {
    place: Place,
    map: Map<String, Value>,
    /// Variable to field, gathered from every expression that was compiled here.
    pub reads: BTreeMap<String, String>,
}

impl Fields {
    pub fn new(value: Value, place: Place) -> Result<Self, LoadError> {
        match value {
            Value::Object(map) => Ok(Self {
                place,
                map,
                reads: BTreeMap::new(),
            }),
            _ => Err(place.error("", "must be a JSON object")),
        }
    }

    pub fn error(&self, field: &str, problem: impl Into<String>) -> LoadError {
        self.place.error(field, problem)
    }

    pub fn place(&self) -> &Place {
        &self.place
    }

    pub fn has(&self, field: &str) -> bool {
        self.map.contains_key(field)
    }

    pub fn take_value(&mut self, field: &str) -> Option<Value> {
        self.map.remove(field)
    }

    pub fn take<T: DeserializeOwned>(&mut self, field: &str) -> Result<Option<T>, LoadError> {
        let Some(value) = self.map.remove(field) else {
            return Ok(None);
        };
        serde_json::from_value(value)
            .map(Some)
            .map_err(|error| self.error(field, error.to_string()))
    }

    pub fn require<T: DeserializeOwned>(&mut self, field: &str) -> Result<T, LoadError> {
        self.take(field)?
            .ok_or_else(|| self.error(field, "is missing"))
    }

    /// Takes `Comment`, which any object of the language may have and nothing depends on.
    pub fn take_comment(&mut self) -> Result<Option<String>, LoadError> {
        self.take("Comment")
    }

    /// JSON with expressions in it.
    pub fn take_template(
        &mut self,
        field: &str,
        reach: Reach,
    ) -> Result<Option<Template>, LoadError> {
        let Some(value) = self.map.remove(field) else {
            return Ok(None);
        };
        let template =
            Template::compile(value, reach).map_err(|problem| self.error(field, problem))?;
        let mut reads = BTreeSet::new();
        template.collect_reads(&mut reads);
        self.note_reads(field, &reads);
        Ok(Some(template))
    }

    /// A value or an expression; `check` turns the value into what it stands for.
    pub fn take_given<T>(
        &mut self,
        field: &str,
        check: impl Fn(Value) -> Result<T, String>,
    ) -> Result<Option<Given<T>>, LoadError> {
        let Some(value) = self.map.remove(field) else {
            return Ok(None);
        };
        if let Value::String(text) = &value
            && is_expression(text).map_err(|problem| self.error(field, problem))?
        {
            let source = text.get(2..text.len() - 2).unwrap_or_default();
            let expression = Expression::compile(source, Reach::Input)
                .map_err(|problem| self.error(field, problem))?;
            self.note_reads(field, expression.reads());
            return Ok(Some(Given::Computed(Box::new(expression))));
        }
        check(value)
            .map(|value| Some(Given::Fixed(value)))
            .map_err(|problem| self.error(field, problem))
    }

    fn note_reads(&mut self, field: &str, reads: &BTreeSet<String>) {
        let path = self.place.path(field);
        self.reads
            .extend(reads.iter().map(|name| (name.clone(), path.clone())));
    }

    /// Refuses whatever has not been taken.
    pub fn finish(self) -> Result<BTreeMap<String, String>, LoadError> {
        match self.map.keys().next() {
            None => Ok(self.reads),
            Some(field) => Err(self.error(field, unknown(field))),
        }
    }
}

/// The fields that only JSONPath has.
const JSONPATH: &[&str] = &[
    "InputPath",
    "OutputPath",
    "ResultPath",
    "Parameters",
    "ResultSelector",
    "ItemsPath",
    "SecondsPath",
    "TimestampPath",
    "TimeoutSecondsPath",
    "HeartbeatSecondsPath",
    "MaxConcurrencyPath",
    "ErrorPath",
    "CausePath",
    "Variable",
    "Result",
];

fn unknown(field: &str) -> String {
    if JSONPATH.contains(&field) || field.ends_with(".$") {
        return "belongs to the query language JSONPath; this engine implements JSONata only"
            .to_owned();
    }
    "is not a field that this engine implements here".to_owned()
}
