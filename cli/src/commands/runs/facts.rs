//! What is known of a run, as one document: what it was asked, what came of it, and by which code.

use millrace_contract::stages::{RunKind, RunRecord, RunResult};
use millrace_contract::{Metadata, RunId};
use millrace_keys::Context;
use millrace_measures::MEASURES;
use millrace_registry::{Registry, RegistryError};
use millrace_store::Store;
use millrace_trail::{fetch_json, load_documents, read_end, read_run};
use serde_json::{Map, Value, json};

use crate::failure::Failure;
use crate::left::{self, finished};

pub fn of(context: &Context, run_id: &RunId) -> Result<Value, Failure> {
    let store = &context.store;
    let record = read_run(store, run_id)?;
    let mut facts = Map::new();
    facts.insert("input".into(), asked(&record));
    facts.insert("end".into(), end(store, run_id)?);
    if let Some(validated) = finished::<Value>(store, run_id, "validate")? {
        let fields = [
            "data_digest",
            "verdict",
            "quality_score",
            "rows_read",
            "rows_accepted",
            "rows_quarantined",
        ];
        facts.insert("data".into(), pick(&validated, &fields));
    }
    match record.kind {
        RunKind::Training => training(context, &record, &mut facts)?,
        RunKind::Inference => inference(store, run_id, &mut facts)?,
    }
    Ok(Value::Object(facts))
}

fn asked(record: &RunRecord) -> Value {
    json!({
        "kind": record.kind,
        "model": record.model,
        "data": record.data,
        "started_at": record.run.started_at,
        "strategy": record.strategy,
        "version": record.version,
    })
}

fn end(store: &Store, run_id: &RunId) -> Result<Value, Failure> {
    let end = read_end(store, run_id)?.map(|end| end.result);
    Ok(match end {
        None => json!({ "result": null }),
        Some(RunResult::Succeeded { .. }) => json!({ "result": "succeeded" }),
        Some(RunResult::Failed { stage, error, .. }) => {
            json!({ "result": "failed", "stage": stage, "error": error })
        }
    })
}

fn training(
    context: &Context,
    record: &RunRecord,
    facts: &mut Map<String, Value>,
) -> Result<(), Failure> {
    let store = &context.store;
    let run_id = &record.run.run_id;
    if let Some(documents) = &record.documents {
        let (spec, contract) = load_documents(store, documents)?;
        facts.insert("spec".into(), json!(spec));
        facts.insert(
            "contract".into(),
            json!({ "version": contract.version, "digest": documents.contract.sha256 }),
        );
    }
    let mut verdicts = Map::new();
    if let Some(trained) = left::last_candidate(store, run_id)? {
        let metadata: Metadata = fetch_json(store, &trained.files.metadata, "a model's metadata")?;
        facts.insert(
            "model".into(),
            json!({
                "attempt": trained.attempt,
                "hyperparameters": metadata.hyperparameters,
                "features": metadata.features,
                "rows": metadata.rows,
                "digests": metadata.digests,
            }),
        );
        facts.insert(
            "metrics".into(),
            pick(
                &json!(metadata.metrics),
                &MEASURES.map(|measure| measure.name),
            ),
        );
        facts.insert("code".into(), json!(metadata.versions));
        for gate in ["quality", "fairness"] {
            let stage = format!("{gate}-gate-{}", trained.attempt);
            if let Some(judged) = finished::<Value>(store, run_id, &stage)? {
                verdicts.insert(gate.into(), pick(&judged, &["decision", "summary"]));
            }
        }
    }
    facts.insert("verdicts".into(), Value::Object(verdicts));
    facts.insert("registered".into(), registered(context, record)?);
    Ok(())
}

/// The version that the run registered.
fn registered(context: &Context, record: &RunRecord) -> Result<Value, Failure> {
    let registry = Registry::open(context, record.model.clone());
    let listing = match registry.list() {
        Ok(listing) => listing,
        Err(RegistryError::ModelNotFound { .. }) => return Ok(Value::Null),
        Err(error) => return Err(error.into()),
    };
    let own = listing
        .versions
        .iter()
        .find(|version| version.run_id == record.run.run_id);
    Ok(own.map_or(
        Value::Null,
        |version| json!({ "version": version.version, "state": version.state.to_string() }),
    ))
}

fn inference(store: &Store, run_id: &RunId, facts: &mut Map<String, Value>) -> Result<(), Failure> {
    if let Some(resolved) = finished::<Value>(store, run_id, "resolve")? {
        facts.insert(
            "applied".into(),
            json!({
                "version": resolved["model"]["version"],
                "model_digest": resolved["model"]["files"]["model"]["sha256"],
                "table": resolved["table"],
            }),
        );
    }
    if let Some(scores) = left::all_scores(store, run_id)? {
        let mut document = json!(scores);
        // Its name holds the run: it would differ always.
        if let Some(fields) = document.as_object_mut() {
            fields.remove("file");
        }
        facts.insert("scores".into(), document);
    }
    Ok(())
}

fn pick(document: &Value, fields: &[&str]) -> Value {
    let picked = fields
        .iter()
        .map(|field| ((*field).to_owned(), document[*field].clone()));
    Value::Object(picked.collect())
}
