//! The verdict on the comparison with the live model.
//!
//! Worse by no more than the spec allows is a pass. Worse by more is a fail when the interval of the
//! difference lies below 0: then it is no chance. In between nobody can say, and that is not a pass either.

use millrace_contract::spec::{MissingEvidence, QualityGate, Task};
use millrace_measures::Difference;
use millrace_registry::{Finding, Outcome};

use crate::live::Live;

/// What the comparison is called.
pub fn subject(task: Task) -> &'static str {
    match task {
        Task::Regression => "r2 against the live model",
        Task::Binary | Task::Multiclass => "log loss explained against the live model",
    }
}

impl Live {
    pub fn finding(&self, task: Task, score: f64, gate: &QualityGate) -> Finding {
        match self {
            Live::Nothing => Finding {
                subject: subject(task).into(),
                outcome: Outcome::Pass,
                value: Some(score),
                limit: None,
                detail: "no version is live yet: there is nothing to be worse than".into(),
            },
            Live::Unknown {
                version,
                missing,
                why,
            } => {
                let known = match missing {
                    MissingEvidence::LiveUnreadable => "cannot be read",
                    _ => "cannot be compared",
                };
                Finding {
                    subject: subject(task).into(),
                    outcome: without(*missing, gate),
                    value: None,
                    limit: None,
                    detail: format!("the live {version} {known} ({why}){}", said(*missing, gate)),
                }
            }
            Live::Compared {
                version,
                difference,
            } => compared(task, version, difference, gate),
        }
    }
}

fn compared(task: Task, version: &str, difference: &Difference, gate: &QualityGate) -> Finding {
    let allowed = gate.must_not_be_worse_than_live_by;
    let Difference {
        rows,
        candidate,
        other,
        value,
        low,
        high,
    } = difference;
    let (outcome, remark) = if *value >= -allowed {
        (Outcome::Pass, String::new())
    } else if *high < 0.0 {
        (Outcome::Fail, String::new())
    } else {
        let missing = MissingEvidence::LiveTooClose;
        let remark = format!(", which may be chance{}", said(missing, gate));
        (without(missing, gate), remark)
    };
    Finding {
        subject: subject(task).into(),
        outcome,
        value: Some(*value),
        limit: Some(-allowed),
        detail: format!(
            "{candidate:.4} against {other:.4} of the live {version} on {rows} rows that neither has learned from: \
             a difference of {value:+.4} (95 % interval {low:+.4} to {high:+.4}); {allowed} worse is allowed{remark}"
        ),
    }
}

fn is_allowed(missing: MissingEvidence, gate: &QualityGate) -> bool {
    gate.allow_insufficient_evidence.contains(&missing)
}

fn without(missing: MissingEvidence, gate: &QualityGate) -> Outcome {
    match is_allowed(missing, gate) {
        true => Outcome::Pass,
        false => Outcome::InsufficientEvidence,
    }
}

fn said(missing: MissingEvidence, gate: &QualityGate) -> String {
    let word = missing.word();
    match is_allowed(missing, gate) {
        true => format!(": the spec allows `{word}`, so the limits alone decide"),
        false => format!(": the spec does not allow `{word}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live(value: f64, reach: f64) -> Live {
        Live::Compared {
            version: "v1.0.0".into(),
            difference: Difference {
                rows: 412,
                candidate: 0.82 + value,
                other: 0.82,
                value,
                low: value - reach,
                high: value + reach,
            },
        }
    }

    fn outcome(live: &Live, gate: &QualityGate) -> Outcome {
        live.finding(Task::Regression, 0.8, gate).outcome
    }

    #[test]
    fn a_little_worse_is_allowed_truly_worse_fails_and_chance_is_no_evidence() {
        let gate = QualityGate::default();
        for (value, reach, expected) in [
            (0.02, 0.05, Outcome::Pass),
            (-0.005, 0.001, Outcome::Pass),
            (-0.006, 0.005, Outcome::Fail),
            (-0.006, 0.007, Outcome::InsufficientEvidence),
            (-0.3, 0.4, Outcome::InsufficientEvidence),
            (-0.3, 0.1, Outcome::Fail),
        ] {
            assert_eq!(outcome(&live(value, reach), &gate), expected, "{value}");
        }
        let detail = live(-0.006, 0.005)
            .finding(Task::Regression, 0.8, &gate)
            .detail;
        let expected = "0.8140 against 0.8200 of the live v1.0.0 on 412 rows that neither has learned from: a difference of -0.0060 (95 % interval -0.0110 to -0.0010); 0.005 worse is allowed";
        assert_eq!(detail, expected);
    }

    #[test]
    fn what_is_missing_blocks_unless_the_spec_names_it() {
        let all = [
            MissingEvidence::LiveUnreadable,
            MissingEvidence::LiveIncomparable,
            MissingEvidence::LiveTooFewRows,
        ];
        for missing in all {
            let unknown = Live::Unknown {
                version: "v1.0.0".into(),
                missing,
                why: "because".into(),
            };
            let strict = QualityGate::default();
            assert_eq!(outcome(&unknown, &strict), Outcome::InsufficientEvidence);
            for allowed in all {
                let gate = QualityGate {
                    allow_insufficient_evidence: vec![allowed],
                    ..QualityGate::default()
                };
                let passes = outcome(&unknown, &gate) == Outcome::Pass;
                assert_eq!(passes, allowed == missing, "{missing:?} {allowed:?}");
                let said = unknown.finding(Task::Regression, 0.8, &gate).detail;
                assert!(said.contains(missing.word()), "{said}");
            }
        }
        let close = QualityGate {
            allow_insufficient_evidence: vec![MissingEvidence::LiveTooClose],
            ..QualityGate::default()
        };
        assert_eq!(outcome(&live(-0.006, 0.007), &close), Outcome::Pass);
        assert_eq!(outcome(&live(-0.3, 0.1), &close), Outcome::Fail);
    }
}
