//! One visit of one state: its input, what its expressions see, and how it is left.

use super::run::{Run, Scope};
use crate::asl::{Exit, Given, State, Transition};
use crate::expression::{Bindings, Expression, Template};
use crate::failure::{Failure, Halt, QUERY_EVALUATION_ERROR};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

pub(super) struct Visit<'a> {
    pub run: &'a Run<'a>,
    pub scope: &'a Scope<'a>,
    pub state: &'a State,
    pub input: Value,
    pub entered: Timestamp,
}

/// A state that is done: what it gives to the next one.
#[derive(Debug)]
pub(super) struct Done {
    pub output: Value,
    pub assigned: Map<String, Value>,
    pub next: Transition,
}

/// `$states`, at one moment of a visit.
pub(super) struct States(Value);

impl Visit<'_> {
    /// `$states` before there is a result.
    pub fn states(&self, retries: u32) -> States {
        let context = self
            .run
            .context(self.scope, &self.state.name, self.entered, retries);
        States(json!({ "input": self.input, "context": context }))
    }

    pub fn evaluate(
        &self,
        field: &str,
        template: &Template,
        states: &States,
    ) -> Result<Value, Halt> {
        template
            .evaluate(self.bindings(states))
            .map_err(|problem| self.query_error(field, &problem))
    }

    /// A value of the file, or of an expression: `convert` says whether it is of the right kind.
    pub fn resolve<T: Clone>(
        &self,
        field: &str,
        given: &Given<T>,
        states: &States,
        convert: impl Fn(&Value) -> Option<T>,
        wanted: &str,
    ) -> Result<T, Halt> {
        match given {
            Given::Fixed(value) => Ok(value.clone()),
            Given::Computed(expression) => self.compute(field, expression, states, convert, wanted),
        }
    }

    fn compute<T>(
        &self,
        field: &str,
        expression: &Expression,
        states: &States,
        convert: impl Fn(&Value) -> Option<T>,
        wanted: &str,
    ) -> Result<T, Halt> {
        let value = expression
            .evaluate(self.bindings(states))
            .map_err(|problem| self.query_error(field, &problem))?;
        convert(&value).ok_or_else(|| {
            self.query_error(
                field,
                &format!("must give {wanted}; {expression:?} gave {value}"),
            )
        })
    }

    fn bindings<'s>(&'s self, states: &'s States) -> Bindings<'s> {
        Bindings {
            states: &states.0,
            variables: &self.scope.variables,
            environment: &self.run.environment,
        }
    }

    pub fn query_error(&self, field: &str, problem: &str) -> Halt {
        Halt::failed(
            QUERY_EVALUATION_ERROR,
            format!("state {:?}, field {field}: {problem}", self.state.name),
        )
    }

    pub fn check_size(&self, what: &str, value: &Value) -> Result<(), Halt> {
        self.run
            .check_size(&format!("{what} of the state {:?}", self.state.name), value)
    }

    /// Leaves by `exit`. Without an Output, the output is `default`.
    pub fn leave(&self, exit: &Exit, states: &States, default: Value) -> Result<Done, Halt> {
        let output = match &exit.output {
            Some(template) => self.evaluate("Output", template, states)?,
            None => default,
        };
        self.check_size("the output", &output)?;
        // Output and Assign both see the variables as they were: neither sees the other's work.
        let mut assigned = Map::new();
        for (name, template) in &exit.assign {
            assigned.insert(
                name.clone(),
                self.evaluate(&format!("Assign.{name}"), template, states)?,
            );
        }
        let assigned = Value::Object(assigned);
        self.check_size("what Assign stores", &assigned)?;
        Ok(Done {
            output,
            assigned: match assigned {
                Value::Object(assigned) => assigned,
                _ => Map::new(),
            },
            next: exit.next.clone(),
        })
    }
}

impl States {
    pub fn with_result(mut self, result: &Value) -> Self {
        self.insert("result", result.clone());
        self
    }

    pub fn with_error(mut self, failure: &Failure) -> Self {
        self.insert("errorOutput", failure.output());
        self
    }

    /// For an ItemSelector: `$states.context.Map.Item`.
    pub fn with_map_item(mut self, item: &Value) -> Self {
        if let Some(context) = self.0.get_mut("context").and_then(Value::as_object_mut) {
            context.insert("Map".to_owned(), json!({ "Item": item }));
        }
        self
    }

    fn insert(&mut self, field: &str, value: Value) {
        if let Some(fields) = self.0.as_object_mut() {
            fields.insert(field.to_owned(), value);
        }
    }
}
