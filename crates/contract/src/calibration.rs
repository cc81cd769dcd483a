//! How what a classifier says becomes a probability, and a probability a yes or a no.

use serde::{Deserialize, Serialize};

/// A way to calibrate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    None,
    /// A logistic curve over the log odds.
    Platt,
    /// Rising steps.
    Isotonic,
}

/// `calibration` of a spec.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CalibrationChoice {
    /// Whichever has the least Brier score on out-of-fold rows.
    #[default]
    Best,
    None,
    Platt,
    Isotonic,
}

impl CalibrationChoice {
    /// What is tried, the simplest first.
    pub fn methods(self) -> &'static [Method] {
        match self {
            Self::Best => &[Method::None, Method::Platt, Method::Isotonic],
            Self::None => &[Method::None],
            Self::Platt => &[Method::Platt],
            Self::Isotonic => &[Method::Isotonic],
        }
    }
}

/// A calibration that was fitted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "snake_case", deny_unknown_fields)]
pub enum Calibration {
    None,
    /// `1 / (1 + exp(-(slope * log odds + intercept)))`.
    Platt {
        slope: f64,
        intercept: f64,
    },
    /// Pairs of a prediction and its probability, both rising; straight lines between them.
    Isotonic {
        knots: Vec<[f64; 2]>,
    },
}

impl Calibration {
    pub fn method(&self) -> Method {
        match self {
            Self::None => Method::None,
            Self::Platt { .. } => Method::Platt,
            Self::Isotonic { .. } => Method::Isotonic,
        }
    }

    /// Makes predictions probabilities, as a model gives them.
    pub fn apply_all(&self, predictions: &mut [f32]) {
        if self.method() == Method::None {
            return;
        }
        for prediction in predictions {
            *prediction = self.apply(f64::from(*prediction)) as f32;
        }
    }

    /// The probability of a prediction. It never falls where the prediction rises.
    pub fn apply(&self, prediction: f64) -> f64 {
        match self {
            Self::None => prediction,
            Self::Platt { slope, intercept } => {
                let inside = prediction.clamp(1e-7, 1.0 - 1e-7);
                let score = slope * (inside / (1.0 - inside)).ln() + intercept;
                1.0 / (1.0 + (-score).exp())
            }
            Self::Isotonic { knots } => between(knots, prediction),
        }
    }
}

/// Beyond the ends the nearest knot's.
fn between(knots: &[[f64; 2]], at: f64) -> f64 {
    let after = knots.partition_point(|[x, _]| *x < at);
    match (
        after.checked_sub(1).and_then(|before| knots.get(before)),
        knots.get(after),
    ) {
        (Some([x, y]), Some([next_x, next_y])) => y + (next_y - y) * ((at - x) / (next_x - x)),
        (Some([_, y]), None) | (None, Some([_, y])) => *y,
        (None, None) => at,
    }
}

/// Where a yes begins: `scores.label.threshold` of a spec.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ThresholdPolicy {
    /// Where F1 is highest.
    F1,
    /// The highest that finds this share of those who are truly a yes.
    RecallAtLeast(f64),
    /// Where mistakes cost least.
    Cost {
        false_positive: f64,
        false_negative: f64,
    },
    /// So that at most so many of the table's rows are a yes.
    ContactBest(u64),
    /// This one.
    Fixed(f64),
}

impl ThresholdPolicy {
    /// What is wrong with its numbers.
    pub fn check(self) -> Result<(), String> {
        let sound = match self {
            Self::F1 => true,
            Self::RecallAtLeast(share) => share > 0.0 && share <= 1.0,
            Self::Cost {
                false_positive,
                false_negative,
            } => {
                [false_positive, false_negative]
                    .iter()
                    .all(|cost| cost.is_finite() && *cost >= 0.0)
                    && false_positive + false_negative > 0.0
            }
            Self::ContactBest(count) => count > 0,
            Self::Fixed(threshold) => threshold > 0.0 && threshold <= 1.0,
        };
        match sound {
            true => Ok(()),
            false => Err(format!(
                "`threshold` asks for {self:?}: a recall lies above 0 and up to 1, costs are 0 or more and not both 0, a count is 1 or more, a fixed threshold lies above 0 and up to 1"
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_calibration_is_read_as_it_was_written_and_never_falls() {
        let all = [
            Calibration::None,
            Calibration::Platt {
                slope: 1.5,
                intercept: -0.5,
            },
            Calibration::Isotonic {
                knots: vec![[0.1, 0.0], [0.2, 0.25], [0.6, 0.25], [0.8, 1.0]],
            },
        ];
        for calibration in all {
            let text = serde_json::to_string(&calibration).unwrap();
            assert_eq!(
                serde_json::from_str::<Calibration>(&text).unwrap(),
                calibration
            );
            let given: Vec<f64> = (0..=100)
                .map(|step| calibration.apply(f64::from(step) / 100.0))
                .collect();
            assert!(
                given.is_sorted() && given.iter().all(|p| (0.0..=1.0).contains(p)),
                "{text}"
            );
        }
    }

    #[test]
    fn between_two_knots_a_line_leads() {
        let steps = Calibration::Isotonic {
            knots: vec![[0.2, 0.25], [0.6, 0.25], [0.8, 0.75]],
        };
        for (at, expected) in [
            (0.0, 0.25),
            (0.2, 0.25),
            (0.4, 0.25),
            (0.7, 0.5),
            (0.8, 0.75),
            (1.0, 0.75),
        ] {
            assert!((steps.apply(at) - expected).abs() < 1e-12, "{at}");
        }
    }

    #[test]
    fn policies_are_written_in_words() {
        let read = |text: &str| {
            toml::from_str::<std::collections::BTreeMap<String, ThresholdPolicy>>(text)
                .map(|all| all["t"])
        };
        assert_eq!(read("t = \"f1\"").unwrap(), ThresholdPolicy::F1);
        assert_eq!(
            read("t = { recall_at_least = 0.8 }").unwrap(),
            ThresholdPolicy::RecallAtLeast(0.8)
        );
        assert_eq!(
            read("t = { contact_best = 5000 }").unwrap(),
            ThresholdPolicy::ContactBest(5000)
        );
        let cost = read("t = { cost = { false_positive = 1.0, false_negative = 20.0 } }").unwrap();
        assert!(cost.check().is_ok());
        assert!(read("t = \"luck\"").is_err());
        for wrong in [
            ThresholdPolicy::RecallAtLeast(0.0),
            ThresholdPolicy::Fixed(f64::NAN),
            ThresholdPolicy::ContactBest(0),
        ] {
            assert!(wrong.check().is_err(), "{wrong:?}");
        }
    }
}
