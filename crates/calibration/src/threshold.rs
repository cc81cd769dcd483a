//! From which probability on a row is called positive.

use millrace_contract::calibration::ThresholdPolicy;
use millrace_measures::Classes;

use crate::error::CalibrationError;

/// A threshold, and what it did with the rows it was chosen on. A row is positive when its probability is at least
/// the threshold. It lies halfway between two probabilities that occur, so that rounding decides no row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Threshold {
    pub value: f64,
    pub true_positives: usize,
    pub false_positives: usize,
    pub false_negatives: usize,
}

impl Threshold {
    /// Chosen on out-of-fold rows. Of thresholds that are equally good the highest is taken: fewest rows are positive.
    pub fn choose(
        policy: ThresholdPolicy,
        truth: &[u32],
        given: &[f64],
    ) -> Result<Threshold, CalibrationError> {
        Classes::binary(truth, given, 0.5)?;
        policy
            .check()
            .map_err(|detail| CalibrationError::PolicyInvalid { detail })?;
        let rows = truth.len();
        if let ThresholdPolicy::ContactBest(wanted) = policy
            && wanted > rows as u64
        {
            return Err(CalibrationError::PolicyCannotBeMet {
                detail: format!(
                    "the best {wanted} rows are asked for, there are {rows}: ask for fewer"
                ),
            });
        }
        let positives = truth.iter().filter(|class| **class == 1).count();
        if positives == 0 || positives == truth.len() {
            return Err(CalibrationError::OneClass {
                what: "a threshold".to_owned(),
            });
        }
        let all = candidates(truth, given, positives);
        let mut best: Option<(f64, Threshold)> = None;
        for candidate in &all {
            let Some(worth) = candidate.worth(policy) else {
                continue;
            };
            if best.is_none_or(|(most, _)| worth > most) {
                best = Some((worth, *candidate));
            }
        }
        best.map(|(_, threshold)| threshold)
            .ok_or_else(|| missed(policy, &all))
    }

    pub fn predicted(&self) -> usize {
        self.true_positives + self.false_positives
    }

    pub fn precision(&self) -> f64 {
        self.true_positives as f64 / self.predicted().max(1) as f64
    }

    pub fn recall(&self) -> f64 {
        self.true_positives as f64 / (self.true_positives + self.false_negatives) as f64
    }

    pub fn f1(&self) -> f64 {
        let mistakes = self.false_positives + self.false_negatives;
        2.0 * self.true_positives as f64 / (2 * self.true_positives + mistakes) as f64
    }

    /// How much the policy likes it; none where it does not meet the policy.
    fn worth(&self, policy: ThresholdPolicy) -> Option<f64> {
        match policy {
            ThresholdPolicy::F1 => Some(self.f1()),
            ThresholdPolicy::RecallAtLeast(share) => {
                (self.recall() >= share).then(|| self.precision())
            }
            ThresholdPolicy::PrecisionAtLeast(share) => {
                (self.predicted() > 0 && self.precision() >= share).then(|| self.recall())
            }
            ThresholdPolicy::Cost {
                false_positive,
                false_negative,
            } => Some(
                -(self.false_positives as f64 * false_positive
                    + self.false_negatives as f64 * false_negative),
            ),
            // Rows of one probability cannot be told apart: no more than asked for.
            ThresholdPolicy::ContactBest(wanted) => (self.predicted() > 0
                && self.predicted() as u64 <= wanted)
                .then(|| self.predicted() as f64),
        }
    }
}

/// From the threshold that calls no row positive down to the one that calls all so.
fn candidates(truth: &[u32], given: &[f64], positives: usize) -> Vec<Threshold> {
    let mut order: Vec<usize> = (0..given.len()).collect();
    order.sort_unstable_by(|a, b| given[*b].total_cmp(&given[*a]));
    let mut all = vec![Threshold {
        value: between(given[order[0]], 1.0),
        true_positives: 0,
        false_positives: 0,
        false_negatives: positives,
    }];
    let mut counted = all[0];
    for (place, row) in order.iter().enumerate() {
        match truth[*row] {
            1 => {
                counted.true_positives += 1;
                counted.false_negatives -= 1;
            }
            _ => counted.false_positives += 1,
        }
        let next = order.get(place + 1).map(|next| given[*next]);
        if next == Some(given[*row]) {
            continue;
        }
        counted.value = next.map_or(0.0, |next| between(next, given[*row]));
        all.push(counted);
    }
    all
}

/// Above `low`, and at most `high` unless both are the same.
fn between(low: f64, high: f64) -> f64 {
    let middle = low + (high - low) / 2.0;
    match middle > low {
        true => middle,
        false => high.max(low.next_up()),
    }
}

fn missed(policy: ThresholdPolicy, all: &[Threshold]) -> CalibrationError {
    let precision = all.iter().map(Threshold::precision).fold(0.0, f64::max);
    let detail = match policy {
        ThresholdPolicy::PrecisionAtLeast(share) => {
            format!(
                "a precision of {share} is asked for, the best that any threshold has is {precision}: ask for less"
            )
        }
        ThresholdPolicy::ContactBest(wanted) => format!(
            "the best {wanted} rows are asked for, {} have the highest probability: they cannot be told apart",
            all.get(1).map_or(0, Threshold::predicted)
        ),
        other => format!("no threshold meets {other:?}"),
    };
    CalibrationError::PolicyCannotBeMet { detail }
}
