//! Proxy bias: whether the features that a model uses give a protected attribute away.

pub mod association;
mod policy;
mod report;
mod sentence;

pub use policy::ProxyPolicy;
pub use report::{
    Association, AssociationMeasure, Offender, OffenderReason, ProxyAttribute, ProxyReport,
};

use crate::attribute::{Attribute, AttributeValues};
use crate::error::FairnessError;
use crate::evidence::check_length;
use crate::groups::{Partition, word_codes};
use crate::probe::{self, Probe, Sample};
use crate::verdict::Verdict;
use association::{correlation_ratio, cramers_v, pearson};
use rayon::prelude::*;

/// A column that the model uses. A number that is NaN is missing.
#[derive(Debug, Clone, PartialEq)]
pub struct Feature {
    pub name: String,
    pub values: FeatureValues,
}

#[derive(Debug, Clone, PartialEq)]
pub enum FeatureValues {
    Numbers(Vec<f64>),
    Categories(Vec<Option<String>>),
}

impl Feature {
    pub fn rows(&self) -> usize {
        match &self.values {
            FeatureValues::Numbers(values) => values.len(),
            FeatureValues::Categories(values) => values.len(),
        }
    }
}

/// A feature or an attribute as the measures want it: numbers (NaN is missing) or codes (None is missing).
#[derive(Debug)]
pub(crate) enum Column {
    Numbers(Vec<f64>),
    Codes(Vec<Option<usize>>),
}

/// Measures every feature against every attribute, and probes how well the features together predict it.
pub fn assess_proxies(
    features: &[Feature],
    attributes: &[Attribute],
    policy: &ProxyPolicy,
) -> Result<ProxyReport, FairnessError> {
    policy.check()?;
    check(features, attributes)?;
    let columns: Vec<Column> = features.iter().map(Column::of_feature).collect();
    let sample = Sample::new(&columns, policy);
    let found: Vec<ProxyAttribute> = attributes
        .iter()
        .map(|attribute| examine(features, &columns, &sample, attribute, policy))
        .collect();
    let counted = found.iter().map(|attribute| {
        attribute
            .verdict
            .once_allowed(attribute.insufficient_evidence_allowed)
    });
    Ok(ProxyReport {
        verdict: Verdict::worst(counted),
        offenders: found
            .iter()
            .flat_map(|attribute| report::offenders(attribute, policy))
            .collect(),
        attributes: found,
        policy: policy.clone(),
    })
}

fn check(features: &[Feature], attributes: &[Attribute]) -> Result<(), FairnessError> {
    let first = features.first().ok_or(FairnessError::NoFeatures)?;
    if attributes.is_empty() {
        return Err(FairnessError::NoAttributes);
    }
    let expected = first.rows();
    if expected == 0 {
        return Err(FairnessError::NoRows);
    }
    for attribute in attributes {
        check_length(&attribute.name, attribute.rows(), expected)?;
    }
    for feature in features {
        check_length(&feature.name, feature.rows(), expected)?;
        let FeatureValues::Numbers(values) = &feature.values else {
            continue;
        };
        if let Some(row) = values.iter().position(|value| value.is_infinite()) {
            return Err(FairnessError::FeatureNotFinite {
                feature: feature.name.clone(),
                row,
                value: values[row],
            });
        }
    }
    Ok(())
}

fn examine(
    features: &[Feature],
    columns: &[Column],
    sample: &Sample,
    attribute: &Attribute,
    policy: &ProxyPolicy,
) -> ProxyAttribute {
    let partition = Partition::of(attribute);
    let known_groups = partition.known_groups();
    let protected = match &attribute.values {
        AttributeValues::Categories(_) => Column::Codes(known_groups.clone()),
        AttributeValues::Numbers { values, .. } => {
            let finite = |value: &Option<f64>| {
                value
                    .filter(|number| number.is_finite())
                    .unwrap_or(f64::NAN)
            };
            Column::Numbers(values.iter().map(finite).collect())
        }
    };
    let mut associations: Vec<Association> = features
        .par_iter()
        .zip(columns)
        .map(|(feature, column)| associate(&feature.name, column, &protected, policy))
        .collect();
    let strength = |association: &Association| association.value.unwrap_or(-1.0);
    associations.sort_by(|left, right| strength(right).total_cmp(&strength(left)));

    let names: Vec<&str> = features
        .iter()
        .map(|feature| feature.name.as_str())
        .collect();
    let probe = probe::run(sample, &names, &known_groups, &partition.labels(), policy);
    let verdicts = associations
        .iter()
        .map(|association| association.verdict)
        .chain([probe.verdict]);
    ProxyAttribute {
        verdict: Verdict::worst(verdicts),
        insufficient_evidence_allowed: policy.allow_insufficient_evidence.contains(&attribute.name),
        sentence: sentence::of_attribute(&attribute.name, &associations, &probe, policy),
        attribute: attribute.name.clone(),
        associations,
        probe,
    }
}

fn associate(
    feature: &str,
    column: &Column,
    protected: &Column,
    policy: &ProxyPolicy,
) -> Association {
    let total = column.rows();
    let (measure, value, rows) = match (column, protected) {
        (Column::Numbers(left), Column::Numbers(right)) => {
            let pairs = left.iter().copied().zip(right.iter().copied());
            let pairs: Vec<(f64, f64)> = pairs
                .filter(|(left, right)| !left.is_nan() && !right.is_nan())
                .collect();
            (AssociationMeasure::Pearson, pearson(&pairs), pairs.len())
        }
        (Column::Numbers(numbers), Column::Codes(codes))
        | (Column::Codes(codes), Column::Numbers(numbers)) => {
            let pairs = codes
                .iter()
                .zip(numbers)
                .filter(|(_, number)| !number.is_nan());
            let (codes, numbers): (Vec<usize>, Vec<f64>) = pairs
                .filter_map(|(code, number)| code.map(|code| (code, *number)))
                .unzip();
            let value = match column {
                Column::Numbers(_) => correlation_ratio(&codes, &numbers),
                Column::Codes(_) => eta_of_a_category(&codes, &numbers),
            };
            (AssociationMeasure::CorrelationRatio, value, codes.len())
        }
        (Column::Codes(left), Column::Codes(right)) => {
            let pairs = left
                .iter()
                .zip(right)
                .filter_map(|(left, right)| left.zip(*right));
            let (left, right): (Vec<usize>, Vec<usize>) = pairs.unzip();
            (
                AssociationMeasure::CramersV,
                cramers_v(&left, &right),
                left.len(),
            )
        }
    };
    Association {
        feature: feature.to_string(),
        measure,
        value,
        rows: rows as u64,
        excluded_rows: (total - rows) as u64,
        verdict: against(
            value,
            policy.maximum_association,
            rows as u64 >= policy.minimum_rows,
        ),
    }
}

/// With a single category the feature is constant: it tells nothing, which is known and not missing.
fn eta_of_a_category(codes: &[usize], numbers: &[f64]) -> Option<f64> {
    let constant = codes.windows(2).all(|pair| pair[0] == pair[1]);
    if constant && codes.len() >= 2 {
        Some(0.0)
    } else {
        correlation_ratio(codes, numbers)
    }
}

/// Strictly above the limit fails; without a value or enough rows nothing is known.
pub(crate) fn against(value: Option<f64>, limit: f64, enough: bool) -> Verdict {
    match value {
        Some(value) if enough && value > limit => Verdict::Fail,
        Some(_) if enough => Verdict::Pass,
        _ => Verdict::InsufficientEvidence,
    }
}

impl Column {
    fn of_feature(feature: &Feature) -> Self {
        match &feature.values {
            FeatureValues::Numbers(values) => Self::Numbers(values.clone()),
            FeatureValues::Categories(values) => Self::Codes(word_codes(values)),
        }
    }

    pub fn rows(&self) -> usize {
        match self {
            Self::Numbers(values) => values.len(),
            Self::Codes(values) => values.len(),
        }
    }
}

impl Probe {
    pub(crate) fn above(&self, limit: f64) -> bool {
        self.auc.is_some_and(|auc| auc > limit)
    }
}
