//! What a gate adds to the table `gate_verdicts`: a row for each of its findings.

use millrace_contract::ModelName;
use millrace_contract::stages::GateInput;
use millrace_contract::tables::{GateVerdictRow, TableTime};
use millrace_registry::{Finding, GateVerdict, Outcome};
use millrace_store::Store;
use millrace_trail::put_rows;

use crate::GateError;

pub fn put(
    store: &Store,
    input: &GateInput,
    model: &ModelName,
    verdict: &GateVerdict,
) -> Result<(), GateError> {
    let row = |finding: &Finding| GateVerdictRow {
        run_id: input.run.run_id.clone(),
        model: model.clone(),
        judged_at: TableTime(input.run.started_at),
        gate: input.gate.name().to_owned(),
        attempt: input.attempt,
        decision: verdict.decision.word().to_owned(),
        subject: finding.subject.clone(),
        outcome: match finding.outcome {
            Outcome::Pass => "pass",
            Outcome::Fail => "fail",
            Outcome::InsufficientEvidence => "insufficient_evidence",
        }
        .into(),
        value: finding.value.filter(|value| value.is_finite()),
        threshold: finding.limit.filter(|limit| limit.is_finite()),
        detail: finding.detail.clone(),
    };
    let rows: Vec<GateVerdictRow> = verdict.findings.iter().map(row).collect();
    let key = format!(
        "tables/gate_verdicts/{}/{}-{}.json",
        input.run.run_id,
        input.gate.name(),
        input.attempt
    );
    Ok(put_rows(store, key, &rows)?)
}
