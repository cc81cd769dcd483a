//! The contract, as somebody would write it.

use std::fmt::Write;

use millrace_contract::{ColumnType, Role};
use millrace_dataset::Survey;

use crate::Choices;
use crate::columns::{Described, Kind};
use crate::numbers::written;

/// What a contract allows that does not say it.
const USUAL_MISSING: f64 = 0.30;
const USUAL_BAD: f64 = 0.05;

pub(crate) fn write(survey: &Survey, choices: &Choices, columns: &[Described]) -> String {
    let mut text = format!(
        "# What a table like {} must look like. Written by `millrace new` from {} rows: read it, and tighten what you know\n\
         # better. A value outside of its range or list makes its row a bad one; the ranges have half of the data's width\n\
         # more on either side. docs/MODELS.md explains every key.\n\n\
         name = {}\nversion = 1\ndescription = {}\n\n[limits]\n",
        one_line(&choices.source),
        survey.rows,
        quoted(choices.name.as_str()),
        quoted(&format!("One row for each line of {}.", choices.source)),
    );
    text.push_str(&limits(survey, choices, columns));
    text.push_str("\n[columns]\n");
    let width = columns
        .iter()
        .map(|column| key(&column.name).chars().count());
    let width = width.max().unwrap_or(0).min(32);
    for column in columns {
        let _ = writeln!(text, "{:<width$} = {}", key(&column.name), line(column));
    }
    text
}

fn limits(survey: &Survey, choices: &Choices, columns: &[Described]) -> String {
    let rows = survey.rows as f64;
    let missing = |name: &str| {
        survey
            .column(name)
            .map_or(0.0, |seen| seen.missing as f64 / rows)
    };
    let nullable = columns.iter().filter(|column| column.nullable);
    let worst = nullable
        .map(|column| missing(&column.source))
        .fold(0.0, f64::max);
    let mut text = String::new();
    if worst > USUAL_MISSING - 0.05 {
        let allowed = up(worst + 0.05).min(0.99);
        let _ = writeln!(
            text,
            "maximum_missing_share = {allowed}   # one column is missing in {:.1} of 100 rows",
            100.0 * worst
        );
    }
    let bad = missing(&choices.target);
    if bad > USUAL_BAD - 0.02 {
        let allowed = up(bad + 0.05);
        let _ = writeln!(
            text,
            "maximum_bad_row_share = {allowed}   # the target is missing in {:.1} of 100 rows",
            100.0 * bad
        );
    }
    let used = columns.iter().filter(|column| column.role != Role::Unused);
    let shares: Vec<f64> = used.map(|column| missing(&column.source)).collect();
    let mean = shares.iter().sum::<f64>() / shares.len().max(1) as f64;
    // A quarter of the quality score is the share of values that are there.
    let expected = 1.0 - 0.25 * mean;
    if expected < 0.93 {
        let allowed = down(expected - 0.03);
        let _ = writeln!(
            text,
            "minimum_quality = {allowed}   # {:.1} of 100 values are missing",
            100.0 * mean
        );
    }
    match text.is_empty() {
        true => "minimum_quality = 0.9\n".to_owned(),
        false => text,
    }
}

fn up(share: f64) -> f64 {
    (share * 20.0).ceil() / 20.0
}

fn down(share: f64) -> f64 {
    (share * 20.0).floor() / 20.0
}

fn line(column: &Described) -> String {
    let mut text = format!(
        "{{ role = \"{}\", type = \"{}\"",
        role(column.role),
        type_of(column.kind.column_type())
    );
    match &column.kind {
        Kind::Number {
            range: [low, high], ..
        } => {
            let _ = write!(text, ", range = [{}, {}]", written(*low), written(*high));
        }
        Kind::Is { .. } => text.push_str(", range = [0, 1]"),
        Kind::Words { values, .. } => {
            let words: Vec<String> = values.iter().map(|word| quoted(word)).collect();
            let _ = write!(text, ", values = [{}]", words.join(", "));
        }
        Kind::Boolean | Kind::Id { .. } | Kind::Date | Kind::Unused => {}
    }
    if column.nullable {
        text.push_str(", nullable = true");
    }
    if let Kind::Is { word, other } = &column.kind {
        let _ = write!(
            text,
            ", description = {}",
            quoted(&format!("1 for {word}, 0 for {other}."))
        );
    }
    text.push_str(" }");
    if !column.remark.is_empty() {
        let _ = write!(text, "   # {}", one_line(&column.remark));
    }
    text
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Id => "id",
        Role::Date => "date",
        Role::Feature => "feature",
        Role::Protected => "protected",
        Role::Target => "target",
        Role::Unused => "unused",
    }
}

fn type_of(column_type: ColumnType) -> &'static str {
    match column_type {
        ColumnType::Float => "float",
        ColumnType::Integer => "integer",
        ColumnType::Boolean => "boolean",
        ColumnType::Category => "category",
        ColumnType::Ordered => "ordered",
        ColumnType::Text => "text",
        ColumnType::Date => "date",
    }
}

/// A key of TOML, in quotes where it needs them.
pub(crate) fn key(name: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    match !name.is_empty() && name.chars().all(bare) {
        true => name.to_owned(),
        false => quoted(name),
    }
}

/// A text of TOML on one line.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            control if control.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(control));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// A comment ends with its line.
pub(crate) fn one_line(text: &str) -> String {
    let plain = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    text.chars().map(plain).collect()
}
