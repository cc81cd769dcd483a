//! JSON into JSONata's values, and back.

use super::numbers::number_text;
use bumpalo::Bump;
use serde_json::{Map, Number, Value as Json};
use seuil::evaluator::{ArrayFlags, Value};

/// The largest whole number up to which every whole number has a double of its own.
const LARGEST_EXACT: f64 = 9_007_199_254_740_992.0;

/// JSONata has doubles only: a whole number that a double cannot hold is refused, never rounded.
pub(super) fn from_json<'a>(arena: &'a Bump, json: &Json) -> Result<&'a Value<'a>, String> {
    Ok(match json {
        Json::Null => Value::null(arena),
        Json::Bool(truth) => arena.alloc(Value::Bool(*truth)),
        Json::Number(number) => Value::number(arena, exact(number)?),
        Json::String(text) => Value::string(arena, text),
        Json::Array(items) => {
            let array = Value::array_with_capacity(arena, items.len(), ArrayFlags::empty());
            for item in items {
                array.push(from_json(arena, item)?);
            }
            array
        }
        Json::Object(fields) => {
            let object = Value::object_with_capacity(arena, fields.len());
            for (key, field) in fields {
                object.insert(key, from_json(arena, field)?);
            }
            object
        }
    })
}

fn exact(number: &Number) -> Result<f64, String> {
    let whole = number
        .as_i64()
        .map(i64::unsigned_abs)
        .or_else(|| number.as_u64());
    if whole.is_some_and(|whole| whole > LARGEST_EXACT as u64) {
        return Err(format!(
            "reads the whole number {number}, which JSONata would round; pass it as a string"
        ));
    }
    let double = number.as_f64().filter(|double| double.is_finite());
    double.ok_or_else(|| format!("reads the number {number}, which is out of range"))
}

/// The result of an expression as JSON. Whole numbers stay whole.
pub(super) fn to_json(value: &Value<'_>) -> Result<Json, String> {
    Ok(match value {
        Value::Undefined => return Err("gives nothing".to_owned()),
        Value::Null => Json::Null,
        Value::Bool(truth) => Json::Bool(*truth),
        Value::Number(number) => Json::Number(json_number(*number)?),
        Value::String(text) => Json::String(text.as_str().to_owned()),
        Value::Array(items, _) => Json::Array(
            items
                .iter()
                .map(|item| to_json(item))
                .collect::<Result<_, _>>()?,
        ),
        Value::Range(range) => {
            let whole = |number: isize| Json::Number(Number::from(number as i64));
            Json::Array(if range.is_empty() {
                Vec::new()
            } else {
                (range.start()..=range.end()).map(whole).collect()
            })
        }
        Value::Object(fields) => {
            let mut object = Map::new();
            for (key, field) in fields {
                object.insert(key.clone(), to_json(field)?);
            }
            Json::Object(object)
        }
        Value::Regex(_) => {
            return Err("gives a regular expression, which JSON cannot hold".to_owned());
        }
        _ => return Err("gives a function, which JSON cannot hold".to_owned()),
    })
}

fn json_number(number: f64) -> Result<Number, String> {
    if number.fract() == 0.0 && number.abs() <= LARGEST_EXACT {
        return Ok(Number::from(number as i64));
    }
    Number::from_f64(number).ok_or_else(|| format!("gives {number}, which JSON cannot hold"))
}

/// A value as `$string` and `&` write it.
pub(super) fn text_of(value: &Value<'_>, text: &mut String) {
    match value {
        Value::String(string) => text.push_str(string.as_str()),
        other => write_json(other, text),
    }
}

fn write_json(value: &Value<'_>, text: &mut String) {
    match value {
        Value::Null | Value::Undefined => text.push_str("null"),
        Value::Bool(truth) => text.push_str(if *truth { "true" } else { "false" }),
        Value::Number(number) => text.push_str(&number_text(*number)),
        Value::String(string) => write_quoted(string.as_str(), text),
        Value::Array(items, _) => write_list(items.iter().copied(), text),
        Value::Range(range) => {
            write_list((0..range.len()).filter_map(|index| range.nth(index)), text)
        }
        Value::Object(fields) => {
            text.push('{');
            for (position, (key, field)) in fields.iter().enumerate() {
                if position > 0 {
                    text.push(',');
                }
                write_quoted(key, text);
                text.push(':');
                write_json(field, text);
            }
            text.push('}');
        }
        // As the reference does: a function is an empty string.
        _ => text.push_str("\"\""),
    }
}

fn write_list<'a>(items: impl Iterator<Item = &'a Value<'a>>, text: &mut String) {
    text.push('[');
    for (position, item) in items.enumerate() {
        if position > 0 {
            text.push(',');
        }
        write_json(item, text);
    }
    text.push(']');
}

fn write_quoted(string: &str, text: &mut String) {
    text.push_str(&Json::String(string.to_owned()).to_string());
}
