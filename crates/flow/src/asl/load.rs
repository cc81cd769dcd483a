//! From text to a checked machine.

use super::fields::{Fields, Place};
use super::machine::{Exit, Flow, Machine, State, Transition};
use super::{checks, json, states};
use crate::error::LoadError;
use crate::expression::{Reach, Template, is_function};
use crate::settings::Settings;
use crate::substitution::substitute;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

const LONGEST_TIMEOUT_SECONDS: u64 = 99_999_999;
const LONGEST_NAME: usize = 80;

pub(super) fn machine(
    text: &str,
    substitutions: &BTreeMap<String, String>,
) -> Result<Machine, LoadError> {
    let document = substitute(json::parse(text)?, substitutions, "")?;
    let mut fields = Fields::new(document, Place::default())?;
    let version: Option<String> = fields.take("Version")?;
    if version.is_some_and(|version| version != "1.0") {
        return Err(fields.error("Version", "must be \"1.0\""));
    }
    let timeout_seconds: Option<u64> = fields.take("TimeoutSeconds")?;
    if timeout_seconds.is_some_and(|seconds| !(1..=LONGEST_TIMEOUT_SECONDS).contains(&seconds)) {
        return Err(fields.error(
            "TimeoutSeconds",
            format!("must be between 1 and {LONGEST_TIMEOUT_SECONDS}"),
        ));
    }
    let speaks_jsonata = query_language(&mut fields, false)?;
    let comment = fields.take_comment()?;
    let flow = Loader::flow(&mut fields, speaks_jsonata)?;
    fields.finish()?;
    checks::names(&flow, &mut BTreeSet::new())?;
    checks::variables(&flow, &BTreeSet::new())?;
    Ok(Machine {
        name: "state-machine".to_owned(),
        comment,
        timeout_seconds,
        flow,
        settings: Settings::default(),
    })
}

/// Whether the query language is JSONata, here or as inherited. JSONPath by name is refused at once.
fn query_language(fields: &mut Fields, inherited: bool) -> Result<bool, LoadError> {
    match fields.take::<String>("QueryLanguage")?.as_deref() {
        None => Ok(inherited),
        Some("JSONata") => Ok(true),
        Some(other) => Err(fields.error(
            "QueryLanguage",
            format!("is {other:?}; this engine implements \"JSONata\" only"),
        )),
    }
}

/// What is gathered while the states of one flow are read.
pub(super) struct Loader {
    assigned: BTreeSet<String>,
    speaks_jsonata: bool,
}

impl Loader {
    /// Takes StartAt and States, and checks how they hang together.
    pub fn flow(fields: &mut Fields, speaks_jsonata: bool) -> Result<Flow, LoadError> {
        let mut loader = Self {
            assigned: BTreeSet::new(),
            speaks_jsonata,
        };
        let start_at: String = fields.require("StartAt")?;
        let definitions: Map<String, Value> = fields.require("States")?;
        let mut states = BTreeMap::new();
        for (name, definition) in definitions {
            let state = loader.state(&name, definition)?;
            states.insert(name, state);
        }
        let flow = Flow {
            start_at,
            states,
            assigned: loader.assigned,
            alone: false,
        };
        checks::graph(&flow, fields.place())?;
        Ok(flow)
    }

    /// A flow inside a Parallel or Map state: the same fields and a comment.
    pub fn inner_flow(&self, mut fields: Fields) -> Result<Flow, LoadError> {
        fields.take_comment()?;
        let flow = Self::flow(&mut fields, self.speaks_jsonata)?;
        fields.finish()?;
        Ok(flow)
    }

    fn state(&mut self, name: &str, definition: Value) -> Result<State, LoadError> {
        let mut fields = Fields::new(definition, Place::state(name))?;
        if name.is_empty() || name.chars().count() > LONGEST_NAME {
            return Err(fields.error(
                "",
                format!("a state's name has 1 to {LONGEST_NAME} characters"),
            ));
        }
        fields.take_comment()?;
        if !query_language(&mut fields, self.speaks_jsonata)? {
            let problem = "is missing here and at the top, which means JSONPath; this engine implements \"JSONata\" only";
            return Err(fields.error("QueryLanguage", problem));
        }
        let kind = states::kind(&mut fields, self)?;
        Ok(State {
            name: name.to_owned(),
            kind,
            reads: fields.finish()?,
        })
    }

    /// Takes Output, Assign, and Next or End.
    pub fn exit(&mut self, fields: &mut Fields, reach: Reach) -> Result<Exit, LoadError> {
        Ok(Exit {
            output: fields.take_template("Output", reach)?,
            assign: self.assign(fields, reach)?,
            next: transition(fields)?,
        })
    }

    pub fn assign(
        &mut self,
        fields: &mut Fields,
        reach: Reach,
    ) -> Result<Vec<(String, Template)>, LoadError> {
        if !fields.has("Assign") {
            return Ok(Vec::new());
        }
        let variables = match fields.take_value("Assign") {
            Some(Value::Object(variables)) => variables,
            _ => return Err(fields.error("Assign", "must be an object of variables")),
        };
        let mut inner = Fields::new(
            Value::Object(variables.clone()),
            fields.place().inside("Assign"),
        )?;
        let mut assign = Vec::with_capacity(variables.len());
        for name in variables.keys() {
            check_variable_name(name).map_err(|problem| inner.error(name, problem))?;
            if let Some(template) = inner.take_template(name, reach)? {
                assign.push((name.clone(), template));
            }
        }
        self.assigned
            .extend(variables.into_iter().map(|(name, _)| name));
        fields.reads.append(&mut inner.finish()?);
        Ok(assign)
    }
}

fn transition(fields: &mut Fields) -> Result<Transition, LoadError> {
    let next: Option<String> = fields.take("Next")?;
    let end: Option<bool> = fields.take("End")?;
    match (next, end) {
        (Some(next), None) => Ok(Transition::Next(next)),
        (None, Some(true)) => Ok(Transition::End),
        (None, None) => Err(fields.error("Next", "is missing, and End too")),
        (_, Some(false)) => Err(fields.error("End", "can only be true")),
        (Some(_), Some(true)) => Err(fields.error("End", "cannot stand beside Next")),
    }
}

fn check_variable_name(name: &str) -> Result<(), String> {
    let starts_well = name
        .chars()
        .next()
        .is_some_and(|first| first.is_alphabetic() || first == '_');
    let goes_on_well = name
        .chars()
        .all(|character| character.is_alphanumeric() || character == '_');
    if !starts_well || !goes_on_well || name.chars().count() > LONGEST_NAME {
        return Err(format!(
            "is not a variable's name: letters, digits and _, at most {LONGEST_NAME}"
        ));
    }
    if name == "states" {
        return Err("$states is taken by the language itself".to_owned());
    }
    if is_function(name) {
        return Err(format!(
            "${name} is taken by a function of JSONata, which the variable would hide"
        ));
    }
    Ok(())
}
