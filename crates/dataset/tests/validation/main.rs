//! Validation: what each family finds, what is refused, where the bad rows go, and what never changes.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../common/mod.rs"]
mod common;
mod laws;
mod profile;
mod rows;
mod targets;

use millrace_dataset::validate::{RefusalName, Validation};
use millrace_dataset::{Purpose, Source, validate};

use common::{CONTRACT, contract, folder};

const HEADER: &str = "visit_id,day,minutes,visits,member,plan,score";
const NOW: &str = "2026-11-03T12:00:00Z";

/// Twenty good rows with more after them.
fn table(more: &[&str]) -> String {
    let good = (0..20).map(|n| format!("V{n},2026-11-01,{n}.5,{n},true,free,0.{n}"));
    let lines = std::iter::once(HEADER.to_owned()).chain(good);
    lines
        .chain(more.iter().map(|line| (*line).to_owned()))
        .collect::<Vec<_>>()
        .join("\n")
}

fn checked(csv: &str, text: &str, purpose: Purpose) -> (Validation, Source, tempfile::TempDir) {
    let folder = folder();
    let path = folder.path().join("visits.csv");
    std::fs::write(&path, csv).unwrap();
    let source = Source::open(path.to_str().unwrap()).unwrap();
    let now = NOW.parse().unwrap();
    let validation = validate(&source, &contract(text), purpose, now, None).unwrap();
    let report = &validation.report;
    assert_eq!(
        report.rows_read,
        report.rows_accepted + report.rows_quarantined
    );
    assert_eq!(report.rows_quarantined, validation.exclusions.rows());
    assert_eq!(validation.quarantine.is_some(), report.rows_quarantined > 0);
    (validation, source, folder)
}

/// The bad rows with their reasons.
fn quarantined(validation: &Validation) -> Vec<(u64, String)> {
    let Some(rows) = &validation.quarantine else {
        return Vec::new();
    };
    let bytes = bytes::Bytes::from(rows.read().unwrap());
    let reader =
        ::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(bytes).unwrap();
    let mut found = Vec::new();
    for batch in reader.build().unwrap() {
        let batch = batch.unwrap();
        use arrow::array::AsArray;
        let reasons = batch
            .column_by_name("quarantine_reasons")
            .unwrap()
            .as_string::<i32>()
            .clone();
        let rows = batch.column_by_name("quarantine_row").unwrap();
        let rows = rows.as_primitive::<arrow::datatypes::UInt64Type>().clone();
        assert!(batch.column_by_name("quarantine_file").is_some());
        assert!(batch.column_by_name("visit_id").is_some());
        found.extend(
            rows.values()
                .iter()
                .zip(reasons.iter())
                .map(|(row, text)| (*row, text.unwrap().to_owned())),
        );
    }
    found
}

fn refusals(validation: &Validation) -> Vec<RefusalName> {
    validation
        .report
        .refusals
        .iter()
        .map(|refusal| refusal.name)
        .collect()
}

/// Room for bad rows, so that a test sees what it is about.
fn lenient() -> String {
    CONTRACT.replace("[columns]", "[limits]\nmaximum_bad_row_share = 0.5\nminimum_quality = 0.5\nmaximum_age_days = 5\n[columns]")
}
