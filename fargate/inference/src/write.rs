//! The columns of a block of scores, in the order that `output::score_columns` names.

use millrace_contract::postprocess::round;
use millrace_contract::spec::{Label, Tiers};
use millrace_contract::stages::ScoreInput;
use millrace_contract::{PostProcess, Processed};
use millrace_dataset::{Frame, OutputValues, Values};
use millrace_keys::Pseudonyms;
use millrace_model::{Model, Reasons};

use crate::ScoreError;
use crate::tally::Tally;

/// Turns a block's raw scores into columns, and counts them.
pub fn columns(
    model: &Model,
    post: &PostProcess<'_>,
    input: &ScoreInput,
    mut rows: Frame,
    raw: &[f32],
    pseudonyms: Option<&Pseudonyms>,
    tally: &mut Tally,
) -> Result<Vec<OutputValues>, ScoreError> {
    let reasons = model.reasons(&rows)?;
    let mut processed = Vec::with_capacity(raw.len());
    for score in raw {
        let row = post.process(*score)?;
        tally.add(&row);
        processed.push(row);
    }
    let mut columns = Vec::new();
    if let Some(id) = model.contract.id() {
        columns.push(id_column(rows.remove(id), pseudonyms));
    }
    let scores = &model.spec.scores;
    columns.push(OutputValues::Double(
        processed.iter().map(|row| row.score).collect(),
    ));
    if scores.confidence.is_some() {
        columns.push(doubles(&processed, |row| row.confidence));
    }
    if let Some(tiers) = &scores.tiers {
        columns.push(words(tiers, &processed, |row| row.tier));
    }
    if let Some(label) = &scores.label {
        columns.push(labels(label, &processed));
    }
    if let Some(inverse) = &scores.inverse {
        columns.push(doubles(&processed, |row| row.inverse));
        columns.push(words(&inverse.tiers, &processed, |row| row.inverse_tier));
    }
    if scores.interval.is_some() {
        columns.push(doubles(&processed, |row| row.interval.map(|[low, _]| low)));
        columns.push(doubles(&processed, |row| {
            row.interval.map(|[_, high]| high)
        }));
    }
    if let Some(reasons) = reasons {
        columns.extend(reason_columns(model, reasons));
    }
    let rows = raw.len();
    columns.push(OutputValues::Same(input.model.name.to_string(), rows));
    columns.push(OutputValues::Same(input.model.version.clone(), rows));
    columns.push(OutputValues::SameTimestamp(
        input.run.started_at.as_millisecond(),
        rows,
    ));
    columns.push(OutputValues::Same(input.run.run_id.to_string(), rows));
    Ok(columns)
}

/// For each place the column that moved a score so much, and how much that was.
fn reason_columns(model: &Model, reasons: Reasons) -> impl Iterator<Item = OutputValues> {
    let names: Vec<String> = model.columns().into_iter().map(str::to_owned).collect();
    let decimals = model.spec.scores.decimals;
    reasons.into_places().flat_map(move |(codes, effects)| {
        let effects = effects.into_iter().map(|effect| round(effect, decimals));
        [
            OutputValues::Words {
                words: names.clone(),
                codes,
            },
            OutputValues::Double(effects.collect()),
        ]
    })
}

fn id_column(values: Option<Values>, pseudonyms: Option<&Pseudonyms>) -> OutputValues {
    match (values, pseudonyms) {
        (Some(Values::Text(texts)), None) => OutputValues::Text(texts),
        (Some(Values::Text(ids)), Some(pseudonyms)) => {
            let pseudonym = |id: Option<String>| id.map(|id| pseudonyms.of(&id));
            OutputValues::Text(ids.into_iter().map(pseudonym).collect())
        }
        // Contracts allow only text and integers as ids, and both are read as text.
        _ => OutputValues::Text(Vec::new()),
    }
}

fn labels(label: &Label, rows: &[Processed]) -> OutputValues {
    let code = |row: &Processed| row.label.map_or(-1, i32::from);
    OutputValues::Words {
        words: vec![label.negative.clone(), label.positive.clone()],
        codes: rows.iter().map(code).collect(),
    }
}

fn doubles(rows: &[Processed], value: impl Fn(&Processed) -> Option<f64>) -> OutputValues {
    OutputValues::Double(
        rows.iter()
            .map(|row| value(row).unwrap_or(f64::NAN))
            .collect(),
    )
}

fn words(
    tiers: &Tiers,
    rows: &[Processed],
    tier: impl Fn(&Processed) -> Option<usize>,
) -> OutputValues {
    let codes = rows
        .iter()
        .map(|row| {
            tier(row)
                .and_then(|tier| i32::try_from(tier).ok())
                .unwrap_or(-1)
        })
        .collect();
    OutputValues::Words {
        words: tiers.labels.clone(),
        codes,
    }
}
