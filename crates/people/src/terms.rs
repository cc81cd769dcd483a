//! A spec's fairness section as the policies of the assessment.

use millrace_contract::spec::{Decision as SpecDecision, FairnessGate};
use millrace_fairness::{Decision, Policy, ProxyPolicy};

/// What a spec asks of the comparison of groups.
pub fn policy(gate: &FairnessGate) -> Policy {
    Policy {
        maximum_demographic_parity_difference: gate.maximum_demographic_parity_difference,
        maximum_equalized_odds_difference: gate.maximum_equalized_odds_difference,
        minimum_rows_per_group: gate.minimum_rows_per_group,
        minimum_positives_per_group: gate.minimum_positives_per_group,
        minimum_negatives_per_group: gate.minimum_negatives_per_group,
        decision: match gate.decision {
            SpecDecision::PointEstimate => Decision::PointEstimate,
            SpecDecision::BeyondInterval => Decision::BeyondInterval,
        },
        allow_insufficient_evidence: gate.allow_insufficient_evidence.clone(),
        judge_intersections: gate.intersections,
        bootstrap_draws: gate.bootstrap_draws,
        confidence_level: gate.confidence_level,
        seed: gate.seed,
        ..Policy::default()
    }
}

/// What a spec allows the used features to reveal.
pub fn proxy_policy(gate: &FairnessGate) -> ProxyPolicy {
    ProxyPolicy {
        maximum_association: gate.proxy.maximum_association,
        maximum_probe_auc: gate.proxy.maximum_probe_auc,
        allow_insufficient_evidence: gate.allow_insufficient_evidence.clone(),
        seed: gate.seed,
        ..ProxyPolicy::default()
    }
}
