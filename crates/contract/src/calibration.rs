//! How what a classifier says becomes a probability, and a probability a yes or a no. What is fitted here travels in
//! metadata; `crates/calibration` fits it.

use serde::{Deserialize, Serialize};

/// A way to calibrate, from the plainest to the one that may bend most.
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

/// A fitted step from one probability to another. It never turns an order round.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "snake_case")]
pub enum Calibrator {
    /// As the model says.
    None,
    /// A logistic curve over the log odds.
    Platt(Platt),
    /// The best rising steps, joined by lines.
    Isotonic(Isotonic),
}

impl Calibrator {
    pub fn method(&self) -> Method {
        match self {
            Self::None => Method::None,
            Self::Platt(_) => Method::Platt,
            Self::Isotonic(_) => Method::Isotonic,
        }
    }

    pub fn apply(&self, given: f64) -> f64 {
        match self {
            Self::None => given,
            Self::Platt(curve) => curve.apply(given),
            Self::Isotonic(steps) => steps.apply(given),
        }
    }
}

/// The calibrators of all classes: of two the positive one's alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Calibration {
    pub classes: Vec<Calibrator>,
}

impl Calibration {
    /// Calibrates rows in place. Of more than two classes each is calibrated against all others, and a row's
    /// probabilities are then shared out to 1 again.
    pub fn apply(&self, given: &mut [f64]) {
        let Some(width) = Some(self.classes.len()).filter(|width| *width > 0) else {
            return;
        };
        for row in given.chunks_exact_mut(width) {
            for (value, class) in row.iter_mut().zip(&self.classes) {
                *value = class.apply(*value);
            }
            if width == 1 {
                continue;
            }
            let sum: f64 = row.iter().sum();
            for value in row.iter_mut() {
                *value = if sum > 0.0 {
                    *value / sum
                } else {
                    1.0 / width as f64
                };
            }
        }
    }

    /// The same of probabilities as a model gives them.
    pub fn apply_to_scores(&self, scores: &mut [f32]) {
        if self.classes.iter().all(|class| *class == Calibrator::None) {
            return;
        }
        let mut wide: Vec<f64> = scores.iter().map(|score| f64::from(*score)).collect();
        self.apply(&mut wide);
        for (score, wide) in scores.iter_mut().zip(wide) {
            *score = wide as f32;
        }
    }
}

/// How near to 0 and 1 log odds are taken.
const CERTAIN: f64 = 1e-15;

/// The log odds of a probability, which stay finite.
pub fn log_odds(given: f64) -> f64 {
    let inside = given.clamp(CERTAIN, 1.0 - CERTAIN);
    (inside / (1.0 - inside)).ln()
}

/// The probability is 1 / (1 + e^-(slope * log odds + intercept)).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Platt {
    pub slope: f64,
    pub intercept: f64,
}

impl Platt {
    pub fn apply(&self, given: f64) -> f64 {
        1.0 / (1.0 + (-(self.slope * log_odds(given) + self.intercept)).exp())
    }
}

/// Points of a line that never falls. Beyond its ends it is level.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Points", into = "Points")]
pub struct Isotonic {
    given: Vec<f64>,
    calibrated: Vec<f64>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Points {
    given: Vec<f64>,
    calibrated: Vec<f64>,
}

impl Isotonic {
    /// A line through points: `given` rises, `calibrated` does not fall, and both are probabilities.
    pub fn new(given: Vec<f64>, calibrated: Vec<f64>) -> Result<Isotonic, String> {
        let probabilities = |values: &[f64]| values.iter().all(|value| (0.0..=1.0).contains(value));
        let rises = given.windows(2).all(|pair| pair[0] < pair[1]);
        let never_falls = calibrated.windows(2).all(|pair| pair[0] <= pair[1]);
        let sound = given.len() == calibrated.len()
            && !given.is_empty()
            && probabilities(&given)
            && probabilities(&calibrated)
            && rises
            && never_falls;
        match sound {
            true => Ok(Isotonic { given, calibrated }),
            false => Err("its points are no line of probabilities that never falls".into()),
        }
    }

    pub fn apply(&self, given: f64) -> f64 {
        let above = self.given.partition_point(|point| *point < given);
        let at = |place: usize| Some((*self.given.get(place)?, *self.calibrated.get(place)?));
        match (above.checked_sub(1).and_then(at), at(above)) {
            (_, Some((point, value))) if point == given => value,
            (Some((low, from)), Some((high, to))) => {
                from + (to - from) * ((given - low) / (high - low))
            }
            (None, Some((_, value))) | (Some((_, value)), None) => value,
            (None, None) => given,
        }
    }
}

impl TryFrom<Points> for Isotonic {
    type Error = String;

    fn try_from(points: Points) -> Result<Isotonic, String> {
        Isotonic::new(points.given, points.calibrated)
    }
}

impl From<Isotonic> for Points {
    fn from(line: Isotonic) -> Points {
        Points {
            given: line.given,
            calibrated: line.calibrated,
        }
    }
}

/// Where a yes begins: `scores.label.threshold` of a spec.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ThresholdPolicy {
    /// Where F1 is highest.
    F1,
    /// The best precision among thresholds that find at least this share of those who are truly a yes.
    RecallAtLeast(f64),
    /// The best recall among thresholds where at least this share of the predicted yeses are one.
    PrecisionAtLeast(f64),
    /// The least sum of what mistakes cost.
    Cost {
        false_positive: f64,
        false_negative: f64,
    },
    /// At most so many rows, those with the highest probabilities.
    ContactBest(u64),
}

impl ThresholdPolicy {
    /// What is wrong with its numbers.
    pub fn check(self) -> Result<(), String> {
        let sound = match self {
            Self::F1 => true,
            Self::RecallAtLeast(share) | Self::PrecisionAtLeast(share) => {
                share > 0.0 && share <= 1.0
            }
            Self::Cost {
                false_positive,
                false_negative,
            } => [false_positive, false_negative]
                .iter()
                .all(|cost| cost.is_finite() && *cost > 0.0),
            Self::ContactBest(count) => count > 0,
        };
        match sound {
            true => Ok(()),
            false => Err(format!(
                "`threshold` asks for {self:?}: a recall or a precision lies above 0 and up to 1, costs are above 0, a count is 1 or more"
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn line(given: &[f64], calibrated: &[f64]) -> Result<Calibrator, String> {
        Isotonic::new(given.to_vec(), calibrated.to_vec()).map(Calibrator::Isotonic)
    }

    #[test]
    fn what_is_no_line_of_probabilities_is_refused() {
        for (given, calibrated) in [
            (vec![], vec![]),
            (vec![0.1, 0.2], vec![0.3]),
            (vec![0.2, 0.2], vec![0.3, 0.4]),
            (vec![0.1, 0.2], vec![0.4, 0.3]),
            (vec![0.1, 1.2], vec![0.3, 0.4]),
            (vec![0.1, 0.2], vec![0.3, f64::NAN]),
        ] {
            assert!(
                line(&given, &calibrated).is_err(),
                "{given:?} {calibrated:?}"
            );
        }
        let falling = r#"{"method":"isotonic","given":[0.1,0.2],"calibrated":[0.4,0.3]}"#;
        let said = serde_json::from_str::<Calibrator>(falling).unwrap_err();
        assert!(said.to_string().contains("never falls"), "{said}");
    }

    #[test]
    fn scores_are_calibrated_as_wide_numbers_are() {
        let calibration = Calibration {
            classes: vec![line(&[0.0, 1.0], &[0.25, 0.75]).unwrap()],
        };
        let mut scores = [0.0, 0.5, 1.0_f32];
        calibration.apply_to_scores(&mut scores);
        assert_eq!(scores, [0.25, 0.5, 0.75]);
    }

    #[test]
    fn a_calibration_is_read_as_it_was_written_and_never_falls() {
        let all = [
            Calibrator::None,
            Calibrator::Platt(Platt {
                slope: 1.5,
                intercept: -0.5,
            }),
            line(&[0.1, 0.2, 0.6, 0.8], &[0.0, 0.25, 0.25, 1.0]).unwrap(),
        ];
        for calibration in all {
            let text = serde_json::to_string(&calibration).unwrap();
            assert_eq!(
                serde_json::from_str::<Calibrator>(&text).unwrap(),
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
        let steps = line(&[0.2, 0.6, 0.8], &[0.25, 0.25, 0.75]).unwrap();
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
            ThresholdPolicy::PrecisionAtLeast(1.2),
            ThresholdPolicy::Cost {
                false_positive: 0.0,
                false_negative: 1.0,
            },
            ThresholdPolicy::RecallAtLeast(f64::NAN),
            ThresholdPolicy::ContactBest(0),
        ] {
            assert!(wrong.check().is_err(), "{wrong:?}");
        }
    }
}
