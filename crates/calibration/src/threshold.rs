//! Where a yes begins, by the policy of the spec. A row is a yes when its probability is at least the threshold.

use millrace_contract::calibration::ThresholdPolicy;

use crate::{CalibrationError, check};

/// The threshold for rows that the model has not learned from. `table` is how many rows the whole table has, of
/// which these are a part.
pub fn threshold(
    policy: ThresholdPolicy,
    truth: &[bool],
    probabilities: &[f64],
    table: u64,
) -> Result<f64, CalibrationError> {
    check(truth, probabilities)?;
    let steps = steps(truth, probabilities);
    let all = steps.last().copied().unwrap_or_default();
    let least = |cost: &dyn Fn(&Step) -> f64| -> Option<f64> {
        // Of equals the highest threshold: fewer rows are a yes.
        let best = steps
            .iter()
            .fold(None, |best: Option<&Step>, step| match best {
                Some(best) if cost(best) <= cost(step) => Some(best),
                _ => Some(step),
            });
        best.map(|step| step.threshold)
    };
    let found = match policy {
        ThresholdPolicy::Fixed(threshold) => Some(threshold),
        ThresholdPolicy::F1 => least(&|step| -step.f1(&all)),
        ThresholdPolicy::Cost {
            false_positive,
            false_negative,
        } => least(&|step| {
            let missed = all.hits - step.hits;
            step.alarms * false_positive + missed * false_negative
        }),
        ThresholdPolicy::RecallAtLeast(recall) => steps
            .iter()
            .find(|step| step.hits >= recall * all.hits)
            .map(|step| step.threshold),
        ThresholdPolicy::ContactBest(count) => {
            let share = count as f64 / table.max(1) as f64;
            let most = share * truth.len() as f64;
            let within = steps
                .iter()
                .take_while(|step| step.hits + step.alarms <= most);
            match share > 1.0 {
                true => None,
                false => within.last().map(|step| step.threshold),
            }
        }
    };
    found.ok_or_else(|| CalibrationError::ThresholdUnreachable {
        detail: match policy {
            ThresholdPolicy::ContactBest(count) => format!(
                "the best {count} of a table of {table} rows cannot be told from the others"
            ),
            other => format!("{other:?}"),
        },
    })
}

/// What a threshold gives: so many are rightly and so many wrongly a yes.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Step {
    threshold: f64,
    hits: f64,
    alarms: f64,
}

impl Step {
    fn f1(&self, all: &Step) -> f64 {
        2.0 * self.hits / (self.hits + self.alarms + all.hits)
    }
}

/// A step for each probability that occurs, from the highest down.
fn steps(truth: &[bool], probabilities: &[f64]) -> Vec<Step> {
    let mut rows: Vec<(f64, bool)> = probabilities
        .iter()
        .copied()
        .zip(truth.iter().copied())
        .collect();
    rows.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut steps: Vec<Step> = Vec::new();
    let (mut hits, mut alarms) = (0.0, 0.0);
    for (threshold, yes) in rows {
        match yes {
            true => hits += 1.0,
            false => alarms += 1.0,
        }
        let step = Step {
            threshold,
            hits,
            alarms,
        };
        match steps.last_mut() {
            Some(last) if last.threshold == threshold => *last = step,
            _ => steps.push(step),
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const TRUTH: [bool; 6] = [true, false, true, false, true, false];
    const GIVEN: [f64; 6] = [0.9, 0.8, 0.7, 0.4, 0.3, 0.1];

    fn find(policy: ThresholdPolicy) -> Result<f64, CalibrationError> {
        threshold(policy, &TRUTH, &GIVEN, 60)
    }

    #[test]
    fn every_policy_finds_its_threshold() {
        // F1 is 0.5 at 0.9, 2/3 at 0.7 and 0.75 at 0.3.
        assert_eq!(find(ThresholdPolicy::F1), Ok(0.3));
        assert_eq!(find(ThresholdPolicy::RecallAtLeast(0.6)), Ok(0.7));
        assert_eq!(find(ThresholdPolicy::RecallAtLeast(1.0)), Ok(0.3));
        let cost = |false_positive, false_negative| {
            find(ThresholdPolicy::Cost {
                false_positive,
                false_negative,
            })
        };
        assert_eq!(cost(1.0, 20.0), Ok(0.3));
        assert_eq!(cost(20.0, 1.0), Ok(0.9));
        // 30 of 60 rows are 3 of these 6.
        assert_eq!(find(ThresholdPolicy::ContactBest(30)), Ok(0.7));
        assert_eq!(find(ThresholdPolicy::ContactBest(39)), Ok(0.7));
        assert_eq!(find(ThresholdPolicy::Fixed(0.5)), Ok(0.5));
    }

    #[test]
    fn what_no_threshold_does_is_refused() {
        for count in [5, 61] {
            let refused = find(ThresholdPolicy::ContactBest(count)).unwrap_err();
            assert_eq!(refused.name(), "ThresholdUnreachable", "{count}");
        }
        let alone = threshold(ThresholdPolicy::F1, &[true], &[0.5], 1).unwrap_err();
        assert_eq!(alone.name(), "OneClass");
    }

    #[test]
    fn equal_probabilities_are_a_yes_together() {
        let truth = [true, false, true, false];
        let found = threshold(
            ThresholdPolicy::RecallAtLeast(0.4),
            &truth,
            &[0.6, 0.6, 0.6, 0.2],
            4,
        );
        assert_eq!(found, Ok(0.6));
        let two = threshold(
            ThresholdPolicy::ContactBest(2),
            &truth,
            &[0.6, 0.6, 0.6, 0.2],
            4,
        );
        assert_eq!(two.unwrap_err().name(), "ThresholdUnreachable");
    }
}
