//! All runs of a store, one line each.

use millrace_contract::stages::{RunEnd, RunRecord, RunResult};
use millrace_store::Store;
use millrace_trail::{list_runs, read_end, read_run};
use serde::Serialize;

use crate::failure::Failure;
use crate::text;

/// What a run was asked, and how it ended.
#[derive(Debug, Serialize)]
pub struct Listed {
    #[serde(flatten)]
    pub asked: RunRecord,
    /// Absent while the run has not ended: it is under way, or was cut short.
    pub end: Option<RunResult>,
}

/// Every run, in the order in which they began.
pub fn list(store: &Store) -> Result<Vec<Listed>, Failure> {
    let mut runs = Vec::new();
    for run_id in list_runs(store)? {
        runs.push(Listed {
            asked: read_run(store, &run_id)?,
            end: read_end(store, &run_id)?.map(|RunEnd { result, .. }| result),
        });
    }
    runs.sort_by_key(|listed| listed.asked.run.started_at);
    Ok(runs)
}

pub fn text(runs: &[Listed]) -> String {
    if runs.is_empty() {
        return "no runs yet: `millrace run` makes the first".into();
    }
    let mut rows = vec![
        ["RUN", "KIND", "MODEL", "BEGAN", "END"]
            .map(str::to_owned)
            .to_vec(),
    ];
    rows.extend(runs.iter().map(|listed| {
        let RunRecord {
            run, kind, model, ..
        } = &listed.asked;
        vec![
            run.run_id.to_string(),
            kind.name().to_owned(),
            model.to_string(),
            run.started_at.to_string(),
            end(listed.end.as_ref()),
        ]
    }));
    text::table(&rows)
}

/// How a run ended, in one sentence.
pub fn end(result: Option<&RunResult>) -> String {
    match result {
        None => "none: under way, or cut short".into(),
        Some(RunResult::Succeeded { summary }) => format!("succeeded: {summary}"),
        Some(RunResult::Failed { stage, error, .. }) => format!("failed in {stage}: {error}"),
    }
}
