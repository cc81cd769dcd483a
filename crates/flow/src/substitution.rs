//! Replaces `${Name}` in every string of a state machine, as CDK's `definitionSubstitutions` does.

use crate::error::LoadError;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Replaces the placeholders of a whole document. `place` says where we are, for the error.
pub(crate) fn substitute(
    value: Value,
    substitutions: &BTreeMap<String, String>,
    place: &str,
) -> Result<Value, LoadError> {
    match value {
        Value::String(text) => Ok(Value::String(substitute_text(&text, substitutions, place)?)),
        Value::Array(items) => {
            let replaced = items
                .into_iter()
                .enumerate()
                .map(|(index, item)| substitute(item, substitutions, &format!("{place}[{index}]")));
            Ok(Value::Array(replaced.collect::<Result<_, _>>()?))
        }
        Value::Object(fields) => {
            let mut replaced = Map::new();
            for (key, field) in fields {
                let here = if place.is_empty() {
                    key.clone()
                } else {
                    format!("{place}.{key}")
                };
                let key = substitute_text(&key, substitutions, &here)?;
                replaced.insert(key, substitute(field, substitutions, &here)?);
            }
            Ok(Value::Object(replaced))
        }
        other => Ok(other),
    }
}

fn substitute_text(
    text: &str,
    substitutions: &BTreeMap<String, String>,
    place: &str,
) -> Result<String, LoadError> {
    let mut replaced = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        replaced.push_str(&rest[..start]);
        let after = &rest[start + 2..];
        let Some(name) = placeholder_name(after) else {
            // `${` is also JSONata: a group-by on the context, as in `$.rows${ key: value }`.
            replaced.push_str("${");
            rest = after;
            continue;
        };
        let Some(substitution) = substitutions.get(name) else {
            return Err(LoadError::UnresolvedSubstitution {
                place: place.to_owned(),
                name: name.to_owned(),
            });
        };
        replaced.push_str(substitution);
        rest = &after[name.len() + 1..];
    }
    replaced.push_str(rest);
    Ok(replaced)
}

/// The name in `Name}...`, when it is one.
fn placeholder_name(text: &str) -> Option<&str> {
    let (name, _) = text.split_once('}')?;
    let allowed = |character: char| character.is_ascii_alphanumeric() || "_.-:".contains(character);
    (!name.is_empty() && name.chars().all(allowed)).then_some(name)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    fn map() -> BTreeMap<String, String> {
        BTreeMap::from([("Function".to_owned(), "arn:x".to_owned())])
    }

    #[test]
    fn replaces_inside_strings_and_keys() {
        let given = json!({ "a": ["${Function}:live", { "${Function}": "x${Function}${Function}" }], "n": 1 });
        let expected = json!({ "a": ["arn:x:live", { "arn:x": "xarn:xarn:x" }], "n": 1 });
        assert_eq!(substitute(given, &map(), "").unwrap(), expected);
    }

    #[test]
    fn names_the_unresolved_placeholder_and_its_place() {
        let error = substitute(
            json!({ "States": { "A": { "Resource": "${Queue}" } } }),
            &map(),
            "",
        )
        .unwrap_err();
        let expected = LoadError::UnresolvedSubstitution {
            place: "States.A.Resource".to_owned(),
            name: "Queue".to_owned(),
        };
        assert_eq!(error, expected);
    }

    #[test]
    fn leaves_what_is_not_a_placeholder() {
        for text in ["{% $rows${ id: score } %}", "${", "${}", "$", "${a b}"] {
            assert_eq!(substitute(json!(text), &map(), "").unwrap(), json!(text));
        }
    }
}
