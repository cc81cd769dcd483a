//! JSON with expressions in it: `Arguments`, `Output`, `Assign`, `Items`, `ItemSelector`.

use super::{Bindings, Expression, Reach};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

#[derive(Debug, Clone)]
pub(crate) enum Template {
    Literal(Value),
    Expression(Box<Expression>),
    Array(Vec<Template>),
    Object(Vec<(String, Template)>),
}

/// Whether a string is meant as an expression; an error when it is only half of one.
pub(crate) fn is_expression(text: &str) -> Result<bool, String> {
    match (
        text.starts_with("{%"),
        text.ends_with("%}") && text.len() >= 4,
    ) {
        (true, true) => Ok(true),
        (false, false) if !text.ends_with("%}") => Ok(false),
        _ => Err(format!(
            "{text:?} must begin with {{% and end with %}}, without spaces outside"
        )),
    }
}

impl Template {
    pub fn compile(value: Value, reach: Reach) -> Result<Self, String> {
        match value {
            Value::String(text) if is_expression(&text)? => {
                let source = text.get(2..text.len() - 2).unwrap_or_default();
                Ok(Self::Expression(Box::new(Expression::compile(
                    source, reach,
                )?)))
            }
            Value::Array(items) => {
                let items = items
                    .into_iter()
                    .map(|item| Self::compile(item, reach))
                    .collect::<Result<Vec<_>, _>>()?;
                Ok(Self::array(items))
            }
            Value::Object(fields) => {
                let compile =
                    |(key, field)| Self::compile(field, reach).map(|template| (key, template));
                let fields = fields
                    .into_iter()
                    .map(compile)
                    .collect::<Result<Vec<_>, _>>()?;
                Ok(Self::object(fields))
            }
            literal => Ok(Self::Literal(literal)),
        }
    }

    fn array(items: Vec<Self>) -> Self {
        match items.iter().map(Self::literal).collect::<Option<Vec<_>>>() {
            Some(literals) => Self::Literal(Value::Array(literals)),
            None => Self::Array(items),
        }
    }

    fn object(fields: Vec<(String, Self)>) -> Self {
        let literal =
            |(key, field): &(String, Self)| field.literal().map(|value| (key.clone(), value));
        match fields.iter().map(literal).collect::<Option<Map<_, _>>>() {
            Some(literals) => Self::Literal(Value::Object(literals)),
            None => Self::Object(fields),
        }
    }

    fn literal(&self) -> Option<Value> {
        match self {
            Self::Literal(value) => Some(value.clone()),
            _ => None,
        }
    }

    pub fn evaluate(&self, bindings: Bindings<'_>) -> Result<Value, String> {
        match self {
            Self::Literal(value) => Ok(value.clone()),
            Self::Expression(expression) => expression.evaluate(bindings),
            Self::Array(items) => {
                let values = items.iter().map(|item| item.evaluate(bindings));
                Ok(Value::Array(values.collect::<Result<_, _>>()?))
            }
            Self::Object(fields) => {
                let values = fields
                    .iter()
                    .map(|(key, field)| Ok((key.clone(), field.evaluate(bindings)?)));
                Ok(Value::Object(values.collect::<Result<_, String>>()?))
            }
        }
    }

    /// Adds the variables that the expressions inside read.
    pub fn collect_reads(&self, reads: &mut BTreeSet<String>) {
        match self {
            Self::Literal(_) => {}
            Self::Expression(expression) => reads.extend(expression.reads().iter().cloned()),
            Self::Array(items) => items.iter().for_each(|item| item.collect_reads(reads)),
            Self::Object(fields) => fields
                .iter()
                .for_each(|(_, field)| field.collect_reads(reads)),
        }
    }
}
