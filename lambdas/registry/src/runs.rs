//! A run's folder: opened once, containers prepared and collected, closed at the end.

use jiff::Timestamp;
use millrace_contract::spec::Strategy;
use millrace_contract::stages::{
    CloseRun, CollectStage, CollectedStage, Documents, OpenRun, OpenedRun, OtherClock,
    PrepareStage, PreparedStage, Run, RunEnd, RunKind, RunRecord, RunResult, TrainingPlan,
};
use millrace_contract::tables::{RunRow, TableTime};
use millrace_contract::{ModelName, ObjectRef, RunId, Spec};
use millrace_store::{Key, Store, StoreError, absolute};
use millrace_trail::{
    TrailError, close_run, collect_stage, freeze_documents, load_documents, open_run,
    prepare_stage, put_rows, read_documents, read_run,
};
use serde_json::Value;

use crate::RegistryStageError;

/// Opens a run with what it is asked; without any data, one that exists is taken up as it was asked.
pub fn open(
    store: &Store,
    asked: OpenRun,
    now: Timestamp,
) -> Result<OpenedRun, RegistryStageError> {
    let record = match &asked.data {
        Some(data) => {
            check_clock(store, &asked, now)?;
            // Absolute, so that the run can be taken up from another folder.
            open_run(store, record_of(store, &asked, absolute(data))?)?
        }
        None => taken_up(store, &asked)?,
    };
    tracing::info!(run_id = %record.run.run_id, model = %record.model, "run opened");
    let plan = record
        .documents
        .as_ref()
        .map(|documents| plan_of(store, documents, record.strategy))
        .transpose()?;
    Ok(OpenedRun { record, plan })
}

/// A run that exists keeps its time, whenever it is taken up.
fn check_clock(store: &Store, asked: &OpenRun, now: Timestamp) -> Result<(), RegistryStageError> {
    let Err(other) = OtherClock::check(asked.started_at, now) else {
        return Ok(());
    };
    if asked.allow_other_clock {
        return Ok(());
    }
    match read_run(store, &asked.run_id) {
        Ok(_) => Ok(()),
        Err(TrailError::RunNotFound { .. }) => Err(other.into()),
        Err(error) => Err(error.into()),
    }
}

fn record_of(
    store: &Store,
    asked: &OpenRun,
    data: String,
) -> Result<RunRecord, RegistryStageError> {
    let (model, documents) = match asked.kind {
        RunKind::Training => {
            let (model, documents) = documents_of(store, asked)?;
            (model, Some(documents))
        }
        RunKind::Inference => (asked.model.clone().ok_or_else(no_model)?, None),
    };
    Ok(RunRecord {
        run: Run {
            run_id: asked.run_id.clone(),
            started_at: whole_second(asked.started_at),
        },
        kind: asked.kind,
        model,
        data,
        documents,
        strategy: asked.strategy,
        version: asked.version.clone(),
        extra: asked.extra.unwrap_or_default(),
        trial: asked.trial,
    })
}

/// Finer times would say more than anyone asks, and differ between clocks that agree.
fn whole_second(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}

fn taken_up(store: &Store, asked: &OpenRun) -> Result<RunRecord, RegistryStageError> {
    match read_run(store, &asked.run_id) {
        Ok(record) if record.kind == asked.kind => Ok(record),
        Ok(record) => Err(RegistryStageError::Trail(TrailError::InputChanged {
            run_id: record.run.run_id,
            stage: "run".into(),
        })),
        Err(TrailError::RunNotFound { .. }) => Err(RegistryStageError::InputMissing {
            what: "data",
            advice: "give the URI of its rows; only a run that exists can do without",
        }),
        Err(error) => Err(error.into()),
    }
}

fn no_model() -> RegistryStageError {
    RegistryStageError::InputMissing {
        what: "model",
        advice: "name the model that is to be applied",
    }
}

/// Freezes the documents that the spec's URI leads to, or takes those that lie in the run's folder.
fn documents_of(
    store: &Store,
    asked: &OpenRun,
) -> Result<(ModelName, Documents), RegistryStageError> {
    let documents = match &asked.spec {
        Some(uri) => {
            let (spec, contract) = read_documents(uri)?;
            freeze_documents(store, &asked.run_id, &spec, &contract)?
        }
        None => frozen(store, &asked.run_id)?,
    };
    let spec = spec_of(store, &documents)?;
    Ok((spec.name, documents))
}

fn frozen(store: &Store, run_id: &RunId) -> Result<Documents, RegistryStageError> {
    let reference = |name: &str| -> Result<ObjectRef, RegistryStageError> {
        let key = Key::new(format!("runs/{run_id}/documents/{name}"))?;
        match store.get(&key) {
            Ok(object) => Ok(ObjectRef::of(key.as_ref(), &object.bytes)),
            Err(StoreError::NotFound { .. }) => Err(RegistryStageError::InputMissing {
                what: "spec",
                advice: "give the path or URI of the model's spec",
            }),
            Err(error) => Err(error.into()),
        }
    };
    Ok(Documents {
        spec: reference("spec.toml")?,
        contract: reference("contract.toml")?,
    })
}

fn plan_of(
    store: &Store,
    documents: &Documents,
    asked: Option<Strategy>,
) -> Result<TrainingPlan, RegistryStageError> {
    let spec = spec_of(store, documents)?;
    let strategy = asked.unwrap_or(spec.search.strategy);
    Ok(TrainingPlan {
        attempts: spec.quality.attempts,
        promote_to: spec.promotion.to,
        containers: spec.search.containers_for(strategy),
    })
}

fn spec_of(store: &Store, documents: &Documents) -> Result<Spec, RegistryStageError> {
    Ok(load_documents(store, documents)?.0)
}

pub fn prepare(store: &Store, asked: &PrepareStage) -> Result<PreparedStage, RegistryStageError> {
    let uri = prepare_stage(store, &asked.run_id, asked.stage.as_str(), &asked.input)?;
    Ok(PreparedStage { uri })
}

pub fn collect(store: &Store, asked: &CollectStage) -> Result<CollectedStage, RegistryStageError> {
    let record = collect_stage(store, &asked.run_id, asked.stage.as_str())?;
    Ok(CollectedStage {
        output: record.output,
    })
}

/// Says how the run ended, in its folder and in the table `runs`. A run that is closed again as it was
/// keeps its row, and with it the time when it ended.
pub fn close(store: &Store, asked: CloseRun, now: Timestamp) -> Result<RunEnd, RegistryStageError> {
    let end = close_run(store, &asked.run_id, asked.result)?;
    let record = read_run(store, &asked.run_id)?;
    let row = row_of(&record, &end, now);
    let key = format!("tables/runs/{}.json", asked.run_id);
    if !says_so(store, &Key::new(key.clone())?, &row)? {
        put_rows(store, key, &[row])?;
    }
    tracing::info!(run_id = %end.run.run_id, "run closed");
    Ok(end)
}

/// Whether the row that is there tells of this very end, whenever that was.
fn says_so(store: &Store, key: &Key, row: &RunRow) -> Result<bool, RegistryStageError> {
    let Some(object) = store.find(key)? else {
        return Ok(false);
    };
    let found: Value = serde_json::from_slice(&object.bytes).unwrap_or_default();
    Ok(found["result"] == row.result.as_str()
        && found["error"].as_str() == row.error.as_deref()
        && found["failed_stage"].as_str() == row.failed_stage.as_deref()
        && found["summary"] == row.summary.as_str())
}

fn row_of(record: &RunRecord, end: &RunEnd, now: Timestamp) -> RunRow {
    let (result, failed_stage, error, summary) = match &end.result {
        RunResult::Succeeded { summary } => ("succeeded", None, None, summary),
        RunResult::Failed {
            stage,
            error,
            cause,
        } => ("failed", Some(stage.clone()), Some(error.clone()), cause),
    };
    RunRow {
        run_id: record.run.run_id.clone(),
        kind: record.kind.name().to_owned(),
        model: record.model.clone(),
        data: record.data.clone(),
        started_at: TableTime(record.run.started_at),
        ended_at: TableTime(now),
        result: result.to_owned(),
        failed_stage,
        error,
        summary: summary.clone(),
    }
}
