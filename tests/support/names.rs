//! Error names, as the sources can show them.
//!
//! The sources are read as text: names come out of a dozen enums and of many places that make an error
//! from a literal, and no type knows them all. What a name is made from at run time is not seen here.

use std::collections::BTreeSet;

use serde_json::Value;

/// Where an error gets its name from a literal.
const MAKERS: [&str; 3] = ["Failure::new(", "TaskError::new(", " name:"];

/// The error names that a source file can show. Its tests show none.
pub fn names_in_source(path: &str, source: &str) -> BTreeSet<String> {
    let code = source.split("#[cfg(test)]").next().unwrap_or_default();
    let mut found: Vec<&str> = after(code, "fn name(")
        .flat_map(|rest| literals(braces(rest)))
        .collect();
    let made = MAKERS.iter().flat_map(|maker| after(code, maker));
    found.extend(made.filter_map(leading_literal));
    // Other constants are texts of any kind.
    if ["error.rs", "failure.rs", "problem.rs"]
        .iter()
        .any(|name| path.ends_with(name))
    {
        found.extend(after(code, ": &str =").filter_map(leading_literal));
    }
    let refusals = after(code, "enum RefusalName ").flat_map(|rest| braces(rest).split(','));
    found.extend(refusals.map(str::trim));
    found
        .into_iter()
        .filter(|text| is_error_name(text))
        .map(str::to_owned)
        .collect()
}

/// The error names that a state machine makes, repeats or catches.
pub fn names_in_machine(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| names_in_machine(item, names)),
        Value::Object(fields) => {
            for (field, value) in fields {
                match (field.as_str(), value) {
                    ("ErrorEquals", Value::Array(listed)) => {
                        names.extend(listed.iter().filter_map(Value::as_str).map(str::to_owned));
                    }
                    ("error_name" | "Error", Value::String(text)) => {
                        names.extend(text.split('\'').map(str::to_owned));
                    }
                    _ => names_in_machine(value, names),
                }
            }
            names.retain(|name| is_error_name(name));
        }
        _ => {}
    }
}

/// `States.ALL` is a pattern that matches names and none itself.
fn is_error_name(text: &str) -> bool {
    let part = |part: &str| {
        part.starts_with(|first: char| first.is_ascii_uppercase())
            && part.chars().all(|c| c.is_ascii_alphanumeric())
    };
    text != "States.ALL"
        && text.split('.').all(part)
        && text.contains(|c: char| c.is_ascii_lowercase())
}

/// What follows each occurrence of `mark`.
fn after<'a>(text: &'a str, mark: &'a str) -> impl Iterator<Item = &'a str> {
    text.match_indices(mark)
        .map(move |(start, _)| &text[start + mark.len()..])
}

/// What stands between the first brace and the one that closes it.
fn braces(text: &str) -> &str {
    let mut depth = 0;
    let start = text.find('{').unwrap_or(text.len());
    for (place, character) in text[start..].char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => continue,
        }
        if depth == 0 {
            return &text[start + 1..start + place];
        }
    }
    ""
}

fn literals(text: &str) -> impl Iterator<Item = &str> {
    text.split('"').skip(1).step_by(2)
}

fn leading_literal(text: &str) -> Option<&str> {
    text.trim_start().strip_prefix('"')?.split('"').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scanner_sees_names_in_all_their_places_and_nothing_else() {
        let source = r#"
            pub const INVALID_SPEC: &str = "FromConstant";
            impl Problem {
                fn name(&self) -> &'static str {
                    match self {
                        Self::One { .. } => "FromArm",
                        Self::Two(inner) => inner.name(),
                        Self::Three => "not a name",
                    }
                }
            }
            fn make() -> Failure {
                let text = "OnlyText";
                Failure::new(
                    "FromLiteral",
                    "A sentence.",
                )
            }
            fn named() -> Named { Named { name: "FromField".into(), message: "Other".into() } }
            fn task() -> TaskError { TaskError::new("Some.Service", "text") }
            pub enum RefusalName { FromVariant, Another }
            #[cfg(test)]
            mod tests { fn t() { Failure::new("OnlyInTests", ""); } }
        "#;
        let expected = [
            "Another",
            "FromArm",
            "FromConstant",
            "FromField",
            "FromLiteral",
            "FromVariant",
            "Some.Service",
        ];
        let found = names_in_source("crates/x/src/error.rs", source);
        assert_eq!(found, expected.map(str::to_owned).into());
        assert!(!names_in_source("crates/x/src/other.rs", source).contains("FromConstant"));

        let machine = serde_json::json!({"States": {
            "A": {"Retry": [{"ErrorEquals": ["Some.Exception", "States.ALL"]}], "Assign": {"error_name": "RowsGone"}},
            "B": {"Assign": {"error_name": "{% $blocked = 'yes' ? 'Unfair' : 'TooWeak' %}"}},
        }});
        let mut names = BTreeSet::new();
        names_in_machine(&machine, &mut names);
        let expected = ["RowsGone", "Some.Exception", "TooWeak", "Unfair"];
        assert_eq!(names, expected.map(str::to_owned).into());
    }
}
