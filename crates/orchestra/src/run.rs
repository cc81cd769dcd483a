//! Runs a machine from its beginning to its end, and keeps what happened.

use jiff::Timestamp;
use millrace_contract::spec::{ExtraColumns, Strategy};
use millrace_contract::stages::RunKind;
use millrace_contract::{ModelName, RunId};
use millrace_flow::{Clock, Execution, Observer, Stop};
use serde::Serialize;

use crate::history::{self, Journal};
use crate::{LocalTasks, OrchestraError, machines};

/// The input of the training machine.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TrainingRequest {
    pub run_id: RunId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// Whether that time may lie far from the clock.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub allow_other_clock: bool,
    /// Without it the run's folder must hold its documents already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spec: Option<String>,
    /// Without it the run must exist: it is taken up where it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    /// Instead of the spec's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strategy: Option<Strategy>,
}

/// The input of the inference machine.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct InferenceRequest {
    pub run_id: RunId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// Whether that time may lie far from the clock.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub allow_other_clock: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<ModelName>,
    /// `live` when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Columns beyond those of the model's spec.
    #[serde(skip_serializing_if = "ExtraColumns::is_none")]
    pub extra: ExtraColumns,
    /// The scores stay in the run's folder, and readers never see them.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub trial: bool,
    /// Without it the run must exist: it is taken up where it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
}

impl InferenceRequest {
    /// Takes up a run that exists: it is asked nothing that it was not asked before.
    pub fn again(run_id: RunId) -> InferenceRequest {
        InferenceRequest {
            run_id,
            started_at: None,
            allow_other_clock: false,
            model: None,
            version: None,
            extra: ExtraColumns::default(),
            trial: false,
            data: None,
        }
    }
}

/// Trains, judges, registers and promotes. How it ended is the execution's outcome.
pub fn run_training(
    tasks: &LocalTasks<'_>,
    request: &TrainingRequest,
    observer: &dyn Observer,
    clock: &dyn Clock,
    stop: &Stop<'_>,
) -> Result<Execution, OrchestraError> {
    let run_id = &request.run_id;
    run(
        RunKind::Training,
        tasks,
        run_id,
        request,
        observer,
        clock,
        stop,
    )
}

/// Scores and publishes. How it ended is the execution's outcome.
pub fn run_inference(
    tasks: &LocalTasks<'_>,
    request: &InferenceRequest,
    observer: &dyn Observer,
    clock: &dyn Clock,
    stop: &Stop<'_>,
) -> Result<Execution, OrchestraError> {
    let run_id = &request.run_id;
    run(
        RunKind::Inference,
        tasks,
        run_id,
        request,
        observer,
        clock,
        stop,
    )
}

fn run<Request: Serialize>(
    kind: RunKind,
    tasks: &LocalTasks<'_>,
    run_id: &RunId,
    request: &Request,
    observer: &dyn Observer,
    clock: &dyn Clock,
    stop: &Stop<'_>,
) -> Result<Execution, OrchestraError> {
    let input = serde_json::to_value(request).map_err(|error| OrchestraError::Request {
        detail: error.to_string(),
    })?;
    let machine = machines::load_for(kind, tasks.sizes())?.with_settings(tasks.settings().clone());
    let name = run_id.as_str();
    let store = tasks.store();
    history::bury(store, run_id)?;
    let journal = Journal::new(store, run_id, observer);
    let execution = machine.run_until_stopped(name, input, tasks, &journal, clock, stop);
    history::append(store, run_id, &execution)?;
    Ok(execution)
}
