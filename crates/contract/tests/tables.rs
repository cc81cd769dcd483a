//! `infra/tables.json` is what the code says, and the rows that are written have the columns of their tables.
//! After a change: `UPDATE_TABLES=1 cargo test --workspace --test tables`.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::PathBuf;

use millrace_contract::spec::Spec;
use millrace_contract::tables::{
    Catalogue, DataQualityRow, GateVerdictRow, ModelVersionRow, RunRow, TableTime, catalogue, lines,
};
use millrace_contract::{Contract, RunId};
use serde::Serialize;
use serde_json::{Value, json};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The specs of `models/` with their contracts, sorted by name.
fn models() -> Vec<(Spec, Contract)> {
    let folder = root().join("models");
    let mut files: Vec<PathBuf> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "toml")
        })
        .collect();
    files.sort();
    let parsed = files.iter().map(|path| {
        let origin = path.display().to_string();
        let spec = Spec::parse(&fs::read_to_string(path).unwrap(), &origin).unwrap();
        let contract = folder.join(&spec.contract);
        let contract = Contract::parse(&fs::read_to_string(contract).unwrap(), &origin).unwrap();
        (spec, contract)
    });
    parsed.collect()
}

fn all() -> Catalogue {
    let models = models();
    catalogue(models.iter().map(|(spec, contract)| (spec, contract))).unwrap()
}

#[test]
fn the_catalogue_is_what_the_code_says() {
    let Catalogue { tables, views } = all();
    let document = json!({
        "about": "Written by the test `tables` of crates/contract: do not edit.",
        "tables": tables,
        "views": views,
    });
    let text = serde_json::to_string_pretty(&document).unwrap() + "\n";
    let path = root().join("infra/tables.json");
    if std::env::var_os("UPDATE_TABLES").is_some() {
        fs::write(&path, &text).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap();
    assert!(
        written == text,
        "infra/tables.json is not what the code says: UPDATE_TABLES=1 cargo test --workspace --test tables"
    );
}

#[test]
fn two_specs_that_disagree_on_a_table_are_refused() {
    let mut models = models();
    let (engagement, _) = &models[0];
    let name = engagement.scores.table.clone();
    models[1].0.scores.table = name.clone();
    let conflict = catalogue(models.iter().map(|(spec, contract)| (spec, contract))).unwrap_err();
    assert_eq!(conflict.table, name);
}

/// Every column is in the row, by its name, in its order, and with a value of its type.
fn assert_fits<Row: Serialize>(table: &str, row: &Row) {
    let tables = all().tables;
    let table = tables.iter().find(|known| known.name == table).unwrap();
    let text = String::from_utf8(lines(&[row]).unwrap()).unwrap();
    let value: Value = serde_json::from_str(&text).unwrap();
    let fields = value.as_object().unwrap();
    let names: Vec<&str> = fields.keys().map(String::as_str).collect();
    let columns: Vec<&str> = table.columns.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names, columns, "{}", table.name);
    for column in &table.columns {
        let value = &fields[&column.name];
        let fits = match column.athena_type {
            "string" => value.is_string(),
            "bigint" => value.is_u64(),
            "double" => value.is_f64(),
            "timestamp" => value == "2026-11-01 06:00:00.250",
            other => panic!("no row has a {other}"),
        };
        assert!(fits, "{}.{} is {value}", table.name, column.name);
    }
}

#[test]
fn rows_have_the_columns_of_their_tables() {
    let time = TableTime("2026-11-01T06:00:00.25Z".parse().unwrap());
    let text = || "text".to_owned();
    let run_id = RunId::new("r1").unwrap();
    let model: millrace_contract::ModelName = "engagement".parse().unwrap();
    assert_fits(
        "runs",
        &RunRow {
            run_id: run_id.clone(),
            kind: text(),
            model: model.clone(),
            data: text(),
            started_at: time,
            ended_at: time,
            result: text(),
            failed_stage: Some(text()),
            error: Some(text()),
            summary: text(),
        },
    );
    assert_fits(
        "model_versions",
        &ModelVersionRow {
            model: model.clone(),
            version: text(),
            state: text(),
            run_id: run_id.clone(),
            registered_at: time,
            pruned_at: Some(time),
            quality: Some(text()),
            fairness: Some(text()),
            r2: Some(0.5),
            rmse: Some(0.5),
            mae: Some(0.5),
            reasons: text(),
            data: Some(text()),
            data_digest: Some(text()),
            revision: 1,
        },
    );
    assert_fits(
        "gate_verdicts",
        &GateVerdictRow {
            run_id: run_id.clone(),
            model,
            judged_at: time,
            gate: text(),
            attempt: 1,
            decision: text(),
            subject: text(),
            outcome: text(),
            value: Some(0.5),
            threshold: Some(0.5),
            detail: text(),
        },
    );
    assert_fits(
        "data_quality",
        &DataQualityRow {
            run_id,
            contract: text(),
            data: text(),
            purpose: text(),
            checked_at: time,
            verdict: text(),
            quality_score: 0.5,
            completeness: 0.5,
            validity: 0.5,
            consistency: 0.5,
            uniqueness: 0.5,
            freshness: 0.5,
            rows_read: 1,
            rows_accepted: 1,
            rows_quarantined: 1,
            reasons: text(),
            report: text(),
        },
    );
}
