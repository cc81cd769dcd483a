//! One run: what it was asked, its executions state by state, and what its stages left.

use std::collections::BTreeMap;

use millrace_contract::RunId;
use millrace_contract::stages::{RunEnd, RunRecord, RunResult, StageFailure};
use millrace_flow::{Outcome, VisitStatus};
use millrace_orchestra::{Step, read_executing, read_history, steps};
use millrace_store::{Key, Store};
use millrace_trail::{read_end, read_run};
use serde::Serialize;
use serde_json::Value;

use super::list;
use crate::cost::{self, Estimate, Known};
use crate::failure::Failure;
use crate::{left, text};

#[derive(Debug, Serialize)]
pub struct Shown {
    #[serde(flatten)]
    pub asked: RunRecord,
    pub end: Option<RunResult>,
    /// Those of this machine; a run on AWS has its history in Step Functions.
    pub executions: Vec<Executed>,
    pub stages: Vec<Stage>,
    pub cost: Estimate,
}

/// One execution.
#[derive(Debug, Serialize)]
pub struct Executed {
    /// Absent when it is under way, or was killed.
    pub outcome: Option<Outcome>,
    pub states: Vec<Step>,
}

/// What a stage left in the run's folder.
#[derive(Debug, Serialize)]
pub struct Stage {
    pub stage: String,
    #[serde(flatten)]
    pub state: StageState,
    pub objects: usize,
    pub bytes: u64,
}

#[derive(Debug, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum StageState {
    Finished,
    Failed(StageFailure),
    Unfinished { progress: Option<Value> },
}

impl StageState {
    /// In a few words.
    pub fn text(&self) -> String {
        match self {
            StageState::Finished => "finished".to_owned(),
            StageState::Failed(said) => format!("failed: {}: {}", said.error, said.cause),
            StageState::Unfinished { progress: None } => "unfinished".to_owned(),
            StageState::Unfinished {
                progress: Some(progress),
            } => format!("unfinished, and said last: {progress}"),
        }
    }
}

pub fn show(store: &Store, run_id: &RunId) -> Result<Shown, Failure> {
    let asked = read_run(store, run_id)?;
    let ended = read_history(store, run_id)?;
    let under_way = read_executing(store, run_id)?;
    let stages = stages(store, run_id)?;
    let histories = ended.iter().map(|execution| &execution.history);
    let cost = cost::estimate(&Known {
        kind: asked.kind,
        executions: histories.chain(&under_way).collect(),
        objects: stages.iter().map(|stage| stage.objects as u64).sum(),
        score_bytes: left::score_bytes(store, run_id)?,
    })?;
    let mut executions: Vec<Executed> = ended
        .into_iter()
        .map(|execution| Executed {
            states: steps(&execution.history),
            outcome: Some(execution.outcome),
        })
        .collect();
    executions.extend(under_way.map(|history| Executed {
        outcome: None,
        states: steps(&history),
    }));
    Ok(Shown {
        end: read_end(store, run_id)?.map(|RunEnd { result, .. }| result),
        stages,
        executions,
        cost,
        asked,
    })
}

/// What every stage of a run left, by its name.
pub fn stages(store: &Store, run_id: &RunId) -> Result<Vec<Stage>, Failure> {
    let folder = format!("runs/{run_id}/");
    let mut objects: BTreeMap<String, Vec<(String, u64)>> = BTreeMap::new();
    for info in store.list(&folder)? {
        let inside = info.key.as_ref().strip_prefix(&folder);
        if let Some((stage, name)) = inside.and_then(|inside| inside.split_once('/')) {
            let named = (name.to_owned(), info.bytes);
            objects.entry(stage.to_owned()).or_default().push(named);
        }
    }
    // The documents are what the run was asked: no stage made them.
    objects.remove("documents");
    let stages = objects.into_iter().map(|(stage, objects)| {
        Ok(Stage {
            state: state(store, &format!("{folder}{stage}"), &objects)?,
            bytes: objects.iter().map(|(_, bytes)| bytes).sum(),
            objects: objects.len(),
            stage,
        })
    });
    let mut stages: Vec<Stage> = stages.collect::<Result<_, Failure>>()?;
    stages.sort_by(|one, other| {
        left::place_of_stage(&one.stage).cmp(&left::place_of_stage(&other.stage))
    });
    Ok(stages)
}

fn state(store: &Store, folder: &str, objects: &[(String, u64)]) -> Result<StageState, Failure> {
    let has = |name: &str| objects.iter().any(|(object, _)| object == name);
    if has("error.json") {
        let said: StageFailure = read(store, &format!("{folder}/error.json"))?;
        return Ok(StageState::Failed(said));
    }
    if has("output.json") {
        return Ok(StageState::Finished);
    }
    let progress = match has("progress.json") {
        true => Some(read(store, &format!("{folder}/progress.json"))?),
        false => None,
    };
    Ok(StageState::Unfinished { progress })
}

fn read<T: serde::de::DeserializeOwned>(store: &Store, key: &str) -> Result<T, Failure> {
    let key = Key::new(key)?;
    serde_json::from_slice(&store.get(&key)?.bytes).map_err(|error| {
        let uri = store.object_uri(&key);
        Failure::new("ObjectUnreadable", format!("{uri} cannot be read: {error}"))
    })
}

pub fn text(shown: &Shown) -> String {
    let RunRecord {
        run,
        kind,
        model,
        data,
        ..
    } = &shown.asked;
    let mut out = format!(
        "{}: {} of {model}, began {}\ndata: {data}\nend: {}\n",
        run.run_id,
        kind.name(),
        run.started_at,
        list::end(shown.end.as_ref()),
    );
    if let Some(RunResult::Failed { cause, .. }) = &shown.end {
        out += &format!("because: {cause}\n");
    }
    let count = shown.executions.len();
    for (place, execution) in shown.executions.iter().enumerate() {
        let outcome = outcome(execution.outcome.as_ref());
        out += &format!("\nexecution {} of {count}: {outcome}\n", place + 1);
        out += &text::table(&states(&execution.states));
    }
    if shown.executions.is_empty() {
        out += "\nno execution on this machine: what its stages left\n";
        out += &text::table(&stage_rows(&shown.stages));
    }
    out += &shown.cost.text();
    out
}

fn outcome(outcome: Option<&Outcome>) -> String {
    match outcome {
        None => "under way, or killed".into(),
        Some(Outcome::Succeeded { .. }) => "succeeded".into(),
        Some(Outcome::Failed { error, .. }) => format!("failed with {error}"),
        Some(Outcome::TimedOut) => "timed out".into(),
        Some(Outcome::Stopped) => "stopped".into(),
    }
}

fn states(steps: &[Step]) -> Vec<Vec<String>> {
    let mut rows = vec![
        ["STATE", "ATTEMPTS", "SECONDS", "STATUS", "WRITTEN"]
            .map(str::to_owned)
            .to_vec(),
    ];
    rows.extend(steps.iter().map(|step| {
        let visit = &step.visit;
        let place: String = visit.scope.iter().map(|step| format!("{step}/")).collect();
        let status = match &visit.status {
            VisitStatus::Running => "running".to_owned(),
            VisitStatus::Succeeded => "done".to_owned(),
            VisitStatus::Caught { error, .. } => format!("caught {error}"),
            VisitStatus::Failed { error, .. } => format!("failed: {error}"),
            VisitStatus::Stopped => "stopped".to_owned(),
        };
        let attempts = match visit.attempts {
            0 => "-".to_owned(),
            attempts => attempts.to_string(),
        };
        vec![
            place + &visit.state,
            attempts,
            step.seconds
                .map_or("-".into(), |seconds| format!("{seconds:.2}")),
            status,
            step.written.clone().unwrap_or_else(|| "-".into()),
        ]
    }));
    rows
}

fn stage_rows(stages: &[Stage]) -> Vec<Vec<String>> {
    let mut rows = vec![
        ["STAGE", "STATE", "OBJECTS", "BYTES"]
            .map(str::to_owned)
            .to_vec(),
    ];
    rows.extend(stages.iter().map(|stage| {
        vec![
            stage.stage.clone(),
            stage.state.text(),
            stage.objects.to_string(),
            text::count(stage.bytes),
        ]
    }));
    rows
}
