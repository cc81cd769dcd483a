//! What a table must be freed of before a contract can describe it: done in a copy, never in the table.

use millrace_contract::{OutputType, Role};
use millrace_dataset::Survey;
use millrace_dataset::survey::{Mending, Origin};

use crate::Choices;
use crate::columns::{Described, Kind};

/// A copy that is needed.
#[derive(Debug, Clone, PartialEq)]
pub struct Mend {
    /// What is done, and why.
    pub because: Vec<String>,
    pub columns: Vec<Mending>,
}

/// The copy, if the table does not fit the contract as it is.
pub(crate) fn needed(survey: &Survey, choices: &Choices, columns: &[Described]) -> Option<Mend> {
    let used = || columns.iter().filter(|column| column.role != Role::Unused);
    let mut because = Vec::new();
    if choices.id.is_none() {
        because.push(format!(
            "no column names each row: they are numbered in `{}`",
            row_name(columns)
        ));
    }
    let marked = |column: &&Described| {
        survey
            .column(&column.source)
            .is_some_and(|seen| seen.marked > 0)
    };
    let marked: Vec<&str> = used()
        .filter(marked)
        .map(|column| column.name.as_str())
        .collect();
    if !marked.is_empty() {
        because.push(format!(
            "what stands for nothing (NA, ? and the like) becomes missing in {}",
            marked.join(", ")
        ));
    }
    for column in used() {
        if column.name != column.source {
            because.push(format!(
                "a column without a usable name becomes `{}`",
                column.name
            ));
        }
        if let Kind::Is { word, other } = &column.kind {
            because.push(format!(
                "`{}` becomes 1 for {word} and 0 for {other}",
                column.name
            ));
        }
    }
    if because.is_empty() {
        return None;
    }
    let mut copied: Vec<Mending> = used().map(mending).collect();
    if choices.id.is_none() {
        let numbered = Mending {
            name: row_name(columns),
            origin: Origin::RowNumber,
            output_type: OutputType::Integer,
        };
        copied.insert(0, numbered);
    }
    Some(Mend {
        because,
        columns: copied,
    })
}

fn row_name(columns: &[Described]) -> String {
    let mut name = "row_id".to_owned();
    while columns.iter().any(|column| column.name == name) {
        name.push('_');
    }
    name
}

fn mending(column: &Described) -> Mending {
    let (origin, output_type) = match &column.kind {
        Kind::Is { word, .. } => (
            Origin::Is {
                column: column.source.clone(),
                word: word.clone(),
            },
            OutputType::Integer,
        ),
        kind => (
            Origin::Column(column.source.clone()),
            match kind {
                Kind::Number { whole: true, .. } | Kind::Id { whole: true } => OutputType::Integer,
                Kind::Number { whole: false, .. } => OutputType::Double,
                Kind::Boolean => OutputType::Boolean,
                Kind::Date => OutputType::Date,
                _ => OutputType::Text,
            },
        ),
    };
    Mending {
        name: column.name.clone(),
        origin,
        output_type,
    }
}
