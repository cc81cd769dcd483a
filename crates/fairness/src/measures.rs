//! Differences and ratios of rates between groups, equal to fairlearn's number by number.

use crate::error::FairnessError;
use crate::tally::Rates;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// What a group is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Method {
    /// The group with the highest rate against the group with the lowest.
    #[default]
    BetweenGroups,
    /// The group that lies furthest from the rate over all rows.
    ToOverall,
}

/// How the differences of true and false positive rates become one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Aggregate {
    #[default]
    WorstCase,
    Mean,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rate {
    SelectionRate,
    TruePositiveRate,
    FalsePositiveRate,
}

/// The two ends of a difference.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Contrast {
    pub rate: Rate,
    pub low: Side,
    pub high: Side,
}

/// A group and its rate. `group` is `None` where the rate is that of all rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Side {
    pub group: Option<String>,
    pub value: f64,
}

/// fairlearn's scalars for one attribute. A ratio of zero by zero is `None` (fairlearn: NaN).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Disparities {
    pub demographic_parity_difference: f64,
    pub demographic_parity_ratio: Option<f64>,
    pub equalized_odds_difference_worst_case: f64,
    pub equalized_odds_difference_mean: f64,
    pub equalized_odds_ratio_worst_case: Option<f64>,
    pub equalized_odds_ratio_mean: Option<f64>,
    pub equal_opportunity_difference: f64,
    pub equal_opportunity_ratio: Option<f64>,
}

impl Rate {
    pub(crate) fn of(self, rates: &Rates) -> Option<f64> {
        match self {
            Self::SelectionRate => rates.selection,
            Self::TruePositiveRate => rates.true_positive,
            Self::FalsePositiveRate => rates.false_positive,
        }
    }

    pub fn words(self) -> &'static str {
        match self {
            Self::SelectionRate => "selection rate",
            Self::TruePositiveRate => "true positive rate",
            Self::FalsePositiveRate => "false positive rate",
        }
    }
}

impl Contrast {
    pub fn difference(&self) -> f64 {
        self.high.value - self.low.value
    }
}

impl Aggregate {
    pub(crate) fn of(self, true_positive: f64, false_positive: f64) -> f64 {
        match self {
            Self::WorstCase => true_positive.max(false_positive),
            Self::Mean => (true_positive + false_positive) / 2.0,
        }
    }
}

impl Disparities {
    pub(crate) fn of(groups: &[Rates], overall: &Rates, method: Method) -> Self {
        let difference = |rate: Rate| {
            difference(
                groups.iter().map(|group| rate.of(group)),
                rate.of(overall),
                method,
            )
        };
        let ratio = |rate: Rate| {
            ratio(
                groups.iter().map(|group| rate.of(group)),
                rate.of(overall),
                method,
            )
        };
        let true_positive = difference(Rate::TruePositiveRate);
        let false_positive = difference(Rate::FalsePositiveRate);
        let opportunity = ratio(Rate::TruePositiveRate);
        let false_alarms = ratio(Rate::FalsePositiveRate);
        Self {
            demographic_parity_difference: difference(Rate::SelectionRate),
            demographic_parity_ratio: ratio(Rate::SelectionRate),
            equalized_odds_difference_worst_case: Aggregate::WorstCase
                .of(true_positive, false_positive),
            equalized_odds_difference_mean: Aggregate::Mean.of(true_positive, false_positive),
            equalized_odds_ratio_worst_case: worst_ratio(opportunity, false_alarms),
            equalized_odds_ratio_mean: mean_ratio(opportunity, false_alarms),
            equal_opportunity_difference: true_positive,
            equal_opportunity_ratio: opportunity,
        }
    }

    pub fn equalized_odds_difference(&self, aggregate: Aggregate) -> f64 {
        match aggregate {
            Aggregate::WorstCase => self.equalized_odds_difference_worst_case,
            Aggregate::Mean => self.equalized_odds_difference_mean,
        }
    }
}

/// The largest difference; groups without a rate are skipped, and nothing to compare is a difference of 0.
pub(crate) fn difference(
    values: impl Iterator<Item = Option<f64>>,
    overall: Option<f64>,
    method: Method,
) -> f64 {
    let values = values.flatten();
    match method {
        Method::ToOverall => {
            let overall = overall.unwrap_or(0.0);
            values
                .map(|value| (value - overall).abs())
                .fold(0.0, f64::max)
        }
        Method::BetweenGroups => match bounds(values) {
            Some((low, high)) => high - low,
            None => 0.0,
        },
    }
}

fn ratio(
    values: impl Iterator<Item = Option<f64>>,
    overall: Option<f64>,
    method: Method,
) -> Option<f64> {
    let values = values.flatten();
    match method {
        Method::ToOverall => {
            let overall = overall?;
            values
                .filter_map(|value| quotient(value.min(overall), value.max(overall)))
                .reduce(f64::min)
        }
        Method::BetweenGroups => bounds(values).and_then(|(low, high)| quotient(low, high)),
    }
}

fn bounds(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.fold(None, |known, value| match known {
        None => Some((value, value)),
        Some((low, high)) => Some((f64::min(low, value), f64::max(high, value))),
    })
}

fn quotient(low: f64, high: f64) -> Option<f64> {
    (high > 0.0).then(|| low / high)
}

/// fairlearn takes Python's `min` of the pair (true positive, false positive), where NaN in the first place stays
/// and in the second place is passed over.
fn worst_ratio(true_positive: Option<f64>, false_positive: Option<f64>) -> Option<f64> {
    let first = true_positive?;
    Some(false_positive.map_or(first, |second| first.min(second)))
}

/// fairlearn takes the mean of what is defined.
fn mean_ratio(true_positive: Option<f64>, false_positive: Option<f64>) -> Option<f64> {
    match (true_positive, false_positive) {
        (Some(first), Some(second)) => Some((first + second) / 2.0),
        (first, second) => first.or(second),
    }
}

/// Who is at the two ends of a rate, among the groups that are `included`. `None` when there is nothing to compare.
pub(crate) fn contrast(
    rate: Rate,
    groups: &[Rates],
    labels: &[String],
    overall: &Rates,
    method: Method,
    included: &[bool],
) -> Option<Contrast> {
    let values = groups
        .iter()
        .zip(labels)
        .zip(included)
        .filter(|(_, included)| **included);
    let sides = values.filter_map(|((rates, label), _)| {
        rate.of(rates).map(|value| Side {
            group: Some(label.clone()),
            value,
        })
    });
    let sides: Vec<Side> = sides.collect();
    if sides.len() < 2 {
        return None;
    }
    let (low, high) = match method {
        Method::BetweenGroups => {
            let low = sides
                .iter()
                .min_by(|left, right| left.value.total_cmp(&right.value))?;
            let high = sides
                .iter()
                .max_by(|left, right| left.value.total_cmp(&right.value))?;
            (low.clone(), high.clone())
        }
        Method::ToOverall => {
            let everyone = Side {
                group: None,
                value: rate.of(overall)?,
            };
            let distance = |side: &Side| (side.value - everyone.value).abs();
            let furthest = sides
                .iter()
                .max_by(|left, right| distance(left).total_cmp(&distance(right)))?
                .clone();
            if furthest.value < everyone.value {
                (furthest, everyone)
            } else {
                (everyone, furthest)
            }
        }
    };
    Some(Contrast { rate, low, high })
}

impl FromStr for Method {
    type Err = FairnessError;

    fn from_str(word: &str) -> Result<Self, FairnessError> {
        match word {
            "between_groups" => Ok(Self::BetweenGroups),
            "to_overall" => Ok(Self::ToOverall),
            _ => Err(FairnessError::UnknownMethod {
                word: word.to_string(),
            }),
        }
    }
}

impl FromStr for Aggregate {
    type Err = FairnessError;

    fn from_str(word: &str) -> Result<Self, FairnessError> {
        match word {
            "worst_case" => Ok(Self::WorstCase),
            "mean" => Ok(Self::Mean),
            _ => Err(FairnessError::UnknownAggregate {
                word: word.to_string(),
            }),
        }
    }
}

impl TryFrom<String> for Method {
    type Error = FairnessError;

    fn try_from(word: String) -> Result<Self, FairnessError> {
        word.parse()
    }
}

impl TryFrom<String> for Aggregate {
    type Error = FairnessError;

    fn try_from(word: String) -> Result<Self, FairnessError> {
        word.parse()
    }
}

impl From<Method> for String {
    fn from(method: Method) -> Self {
        match method {
            Method::BetweenGroups => "between_groups".into(),
            Method::ToOverall => "to_overall".into(),
        }
    }
}

impl From<Aggregate> for String {
    fn from(aggregate: Aggregate) -> Self {
        match aggregate {
            Aggregate::WorstCase => "worst_case".into(),
            Aggregate::Mean => "mean".into(),
        }
    }
}
