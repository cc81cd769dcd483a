//! The two gates between a candidate and its promotion: is it good enough, and is it fair?
//!
//! Both judge on the held-out rows, which the candidate never learned from, and both answer with a
//! verdict of findings that the registry keeps as evidence.

mod against;
mod error;
mod fairness;
mod findings;
mod held_out;
mod live;
mod quality;
mod rows;
mod unseen;
mod written;

use millrace_adapter::memory::{self, Form};
use millrace_contract::stages::{Gate, GateDecision, GateInput, GateOutput};
use millrace_keys::Context;
use millrace_model::Model;
use millrace_registry::{Decision, GateVerdict, Outcome};
use millrace_store::Key;
use millrace_trail::{Begun, Work, begin};

pub use error::GateError;

/// Judges a candidate by one gate, unless this run has done so already.
pub fn run(context: &Context, input: GateInput) -> Result<GateOutput, GateError> {
    run_within(context, input, None)
}

/// The same where memory is limited: rows and models that cannot fit are refused before they are read.
pub fn run_within(
    context: &Context,
    input: GateInput,
    memory_bytes: Option<u64>,
) -> Result<GateOutput, GateError> {
    let store = &context.store;
    let stage = input.gate.stage_name(input.attempt);
    match begin(store, &input.run.run_id, &stage, &input)? {
        Begun::Finished(record) => Ok(record.output),
        Begun::Fresh(work) => {
            let files = &input.files;
            let rows = store.object_uri(&Key::new(files.holdout_rows.key.clone())?);
            let read = [
                (Form::Parquet, files.holdout_rows.bytes),
                (Form::Other, files.model.bytes),
            ];
            memory::check(&rows, &read, memory_bytes)?;
            judge(context, work, &input)
        }
    }
}

fn judge(context: &Context, mut work: Work, input: &GateInput) -> Result<GateOutput, GateError> {
    // Which checks every digest.
    let model = Model::load(work.store(), &input.files)?;
    let verdict = match input.gate {
        Gate::Quality => quality::judge(context, &model, input)?,
        Gate::Fairness => fairness::judge(&mut work, &model, input)?,
    };
    let reasons = reasons(input.gate, &verdict);
    let output = GateOutput {
        gate: input.gate,
        decision: match verdict.decision {
            Decision::Passed => GateDecision::Passed,
            Decision::Blocked => GateDecision::Blocked,
            Decision::InsufficientEvidence => GateDecision::InsufficientEvidence,
        },
        summary: verdict.summary.clone(),
        reasons,
        report: work.put_json("verdict.json", &verdict)?,
    };
    tracing::info!(run_id = %input.run.run_id, gate = input.gate.name(), decision = ?output.decision, "{}", output.summary);
    if !work.is_overtaken()? {
        rows::put(work.store(), input, &model.spec.name, &verdict)?;
    }
    Ok(work.finish(output)?)
}

/// Why a gate blocks: its failures, and the gaps in its evidence.
fn reasons(gate: Gate, verdict: &GateVerdict) -> Vec<String> {
    if verdict.decision == Decision::Passed {
        return Vec::new();
    }
    let blocking = verdict
        .findings
        .iter()
        .filter(|finding| finding.outcome != Outcome::Pass);
    blocking
        .map(|finding| match gate {
            Gate::Quality => format!("{}: {}", finding.subject, finding.detail),
            // A sentence that names its subject itself.
            Gate::Fairness => finding.detail.clone(),
        })
        .take(20)
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use millrace_contract::NamedError;
    use millrace_store::Store;

    #[test]
    fn rows_that_cannot_fit_are_refused_before_they_are_read() {
        let sample = include_str!("../events/quality.json");
        let mut input: GateInput = serde_json::from_str(sample).unwrap();
        input.files.holdout_rows.bytes = 1 << 30;
        let context = Context::unsigned(&Store::memory());
        let refused = run_within(&context, input.clone(), Some(1 << 30)).unwrap_err();
        assert_eq!(refused.name(), "InputTooLarge");
        assert!(refused.to_string().contains("holdout_rows.parquet"));
        // With enough memory it is read, and found missing.
        let read = run_within(&context, input, Some(16 << 30)).unwrap_err();
        assert_eq!(read.name(), "StoreObjectNotFound");
    }
}
