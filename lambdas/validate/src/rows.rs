//! What a validation adds to the tables `data_quality` and `quarantine`, where analysts ask.

use millrace_contract::stages::{DataVerdict, Purpose, ValidateInput, ValidateOutput};
use millrace_contract::tables::{DataQualityRow, TableTime, quarantine_columns};
use millrace_contract::{Contract, ObjectRef};
use millrace_dataset::{
    BadRows, OutputValues, ParquetTable, QualityReport, Quarantined, for_each_quarantined, scratch,
};
use millrace_keys::Pseudonyms;
use millrace_store::{Key, Scratch, Store, StoreError};
use millrace_trail::{TrailError, put_rows};

use crate::ValidateError;

/// One row for the whole data set.
pub fn put_quality(
    store: &Store,
    input: &ValidateInput,
    report: &QualityReport,
    output: &ValidateOutput,
) -> Result<(), ValidateError> {
    let row = DataQualityRow {
        run_id: input.run.run_id.clone(),
        contract: report.contract.clone(),
        data: report.data.clone(),
        purpose: match input.purpose {
            Purpose::Training => "training",
            Purpose::Scoring => "scoring",
        }
        .into(),
        checked_at: TableTime(report.checked_at),
        verdict: match output.verdict {
            DataVerdict::Accepted => "accepted",
            DataVerdict::Refused => "refused",
        }
        .into(),
        quality_score: report.quality_score,
        completeness: report.families.completeness,
        validity: report.families.validity,
        consistency: report.families.consistency,
        uniqueness: report.families.uniqueness,
        freshness: report.families.freshness,
        rows_read: report.rows_read,
        rows_accepted: report.rows_accepted,
        rows_quarantined: report.rows_quarantined,
        reasons: output.reasons.join("; "),
        report: output.report.key.clone(),
    };
    let key = format!("tables/data_quality/{}.json", input.run.run_id);
    Ok(put_rows(store, key, &[row])?)
}

/// What is said of every row that was put aside.
#[derive(Debug)]
pub struct Aside<'a> {
    pub contract: &'a Contract,
    /// Where the spec asks for them, this table names no customer either.
    pub pseudonyms: Option<&'a Pseudonyms>,
    /// Where the rows are.
    pub object: &'a ObjectRef,
}

/// A row for every bad one; the rows with all their columns stay in the run's folder.
pub fn put_quarantine(
    store: &Store,
    input: &ValidateInput,
    aside: &Aside<'_>,
    rows: &BadRows,
) -> Result<(), ValidateError> {
    let scratch = scratch()?;
    let mut table = ParquetTable::create(scratch.path(), &quarantine_columns())?;
    for_each_quarantined(rows, aside.contract.id(), |bad| {
        table.write(columns(input, aside, bad))
    })?;
    table.finish()?;
    let key = format!("tables/quarantine/{}.parquet", input.run.run_id);
    put(store, key, &scratch).map_err(TrailError::from)?;
    Ok(())
}

fn put(store: &Store, key: String, file: &Scratch) -> Result<(), StoreError> {
    store.put_file(&Key::new(key)?, file.path())?;
    Ok(())
}

/// In the order of `quarantine_columns`.
fn columns(input: &ValidateInput, aside: &Aside<'_>, bad: &[Quarantined]) -> Vec<OutputValues> {
    let same = |text: &str| OutputValues::Same(text.to_owned(), bad.len());
    let texts = |text: fn(&Quarantined) -> Option<String>| {
        OutputValues::Text(bad.iter().map(text).collect())
    };
    let id = |row: &Quarantined| match (&row.id, aside.pseudonyms) {
        (Some(id), Some(pseudonyms)) => Some(pseudonyms.of(id)),
        (id, _) => id.clone(),
    };
    let places = bad.iter().map(|row| i64::try_from(row.row).ok());
    vec![
        same(input.run.run_id.as_str()),
        same(aside.contract.name.as_str()),
        OutputValues::SameTimestamp(input.run.started_at.as_millisecond(), bad.len()),
        texts(|row| Some(row.file.clone())),
        OutputValues::Integer(places.collect()),
        OutputValues::Text(bad.iter().map(id).collect()),
        texts(|row| Some(row.reasons.clone())),
        same(&aside.object.key),
    ]
}
