//! Fitting a recipe: encode every learnable column, leave out what does not help, measure the rest.
//!
//! 1. Constant columns go (variance 0 within rounding, or nothing present).
//! 2. Columns are visited from the strongest in `f_regression` to the weakest, of equals the later
//!    first; one that correlates above the limit with a column already kept goes.
//! 3. Of those left the k best in `f_regression` stay, of equals the later.
//!
//! What stays keeps the contract's order.

use std::borrow::Cow;
use std::collections::BTreeSet;

use millrace_contract::spec::{MissingCategory, Scaling, Selection};
use millrace_contract::{Contract, Spec};
use millrace_dataset::Frame;
use rayon::prelude::*;

use crate::column::{EncodedColumn, Kind};
use crate::correlation::Correlations;
use crate::error::FeatureError;
use crate::fill::fill;
use crate::moments::Moments;
use crate::recipe::{Recipe, Source, SourceType, count_unseen};
use crate::regression::{Association, f_regression};
use crate::report::{ColumnReport, FitReport, Outcome};
use crate::unfitted::Unfitted;

/// An encoded column that may be kept.
struct Candidate {
    name: String,
    source: usize,
    kind: Kind,
}

impl Recipe {
    /// Fits a recipe on training rows: `frame` holds these rows only, `target` their targets.
    pub fn fit(
        frame: &Frame,
        target: &[f64],
        spec: &Spec,
        contract: &Contract,
    ) -> Result<(Recipe, FitReport), FeatureError> {
        Unfitted::new(frame, target, spec, contract)?.recipe()
    }
}

/// What to do when fewer columns are left than the spec asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shortage {
    Refuse,
    /// A fold may lack what all rows have, such as the only row with a rare word.
    KeepAll,
}

/// The recipe of rows whose target was checked, with the story of its selection.
pub(crate) fn fitted(
    frame: &Frame,
    target: &[f64],
    spec: &Spec,
    contract: &Contract,
    shortage: Shortage,
) -> Result<(Recipe, FitReport), FeatureError> {
    let sources = sources(spec, contract);
    let unseen = count_unseen(&sources, spec.encoding.unseen, frame)?;
    let candidates = candidates(&sources, spec.encoding.missing_category)?;
    let values = encode(frame, &sources, &candidates)?;
    let moments: Vec<Moments> = values.par_iter().map(|c| Moments::of(c)).collect();
    let associations = f_regression(&values, target);
    let outcomes = select(
        &values,
        &moments,
        &associations,
        &candidates,
        &spec.selection,
        shortage,
    )?;
    let report = FitReport {
        rows: frame.rows(),
        columns: report(&candidates, &sources, &associations, &outcomes),
        unseen,
    };
    let recipe = assemble(spec, sources, candidates, &values, &moments, &outcomes);
    Ok((recipe, report))
}

/// The columns of the table that may be learned from, in the contract's order.
fn sources(spec: &Spec, contract: &Contract) -> Vec<Source> {
    spec.learnable(contract)
        .filter_map(|(name, column)| {
            Some(Source {
                name: name.to_owned(),
                source_type: SourceType::of(column.column_type)?,
                words: column.values.clone(),
            })
        })
        .collect()
}

fn candidates(
    sources: &[Source],
    missing: MissingCategory,
) -> Result<Vec<Candidate>, FeatureError> {
    let mut all = Vec::new();
    let mut names = BTreeSet::new();
    for (position, source) in sources.iter().enumerate() {
        for kind in kinds(source, missing) {
            let Some(name) = source.feature_name(kind) else {
                continue;
            };
            if !names.insert(name.clone()) {
                return Err(FeatureError::FeatureNameClash { name });
            }
            all.push(Candidate {
                name,
                source: position,
                kind,
            });
        }
    }
    Ok(all)
}

fn kinds(source: &Source, missing: MissingCategory) -> Vec<Kind> {
    match source.source_type {
        SourceType::Number => vec![Kind::Number],
        SourceType::Boolean => vec![Kind::Boolean],
        SourceType::Ordered => vec![Kind::Rank],
        SourceType::Category => {
            let words = u32::try_from(source.words.len()).unwrap_or(u32::MAX);
            let own = (missing == MissingCategory::OwnColumn).then_some(Kind::OneHotMissing);
            (0..words).map(Kind::OneHot).chain(own).collect()
        }
    }
}

fn encode<'a>(
    frame: &'a Frame,
    sources: &[Source],
    candidates: &[Candidate],
) -> Result<Vec<Cow<'a, [f64]>>, FeatureError> {
    candidates
        .par_iter()
        .map(|candidate| {
            let source = &sources[candidate.source];
            let values = frame
                .get(&source.name)
                .ok_or_else(|| FeatureError::MissingColumn {
                    column: source.name.clone(),
                })?;
            let encoded = candidate
                .kind
                .encode(&source.name, values, source.words.len())?;
            match encoded.iter().position(|x| x.is_infinite()) {
                None => Ok(encoded),
                Some(row) => Err(FeatureError::InfiniteValue {
                    column: source.name.clone(),
                    row,
                }),
            }
        })
        .collect()
}

/// The columns from the strongest to the weakest: NaN last, of equals the later first.
fn strongest_first(columns: &[usize], strength: &[f64]) -> Vec<usize> {
    let rank = |column: usize| match strength.get(column) {
        Some(f) if !f.is_nan() => *f,
        _ => f64::MIN,
    };
    let mut order = columns.to_vec();
    order.sort_by(|a, b| rank(*a).total_cmp(&rank(*b)).then(a.cmp(b)));
    order.reverse();
    order
}

/// scikit-learn's `SelectKBest`: the positions of the `k` largest, rising; of equals the later
/// ones, NaN ranks lowest.
pub fn best(strength: &[f64], k: usize) -> Vec<usize> {
    let all: Vec<usize> = (0..strength.len()).collect();
    let mut chosen = strongest_first(&all, strength);
    chosen.truncate(k);
    chosen.sort_unstable();
    chosen
}

fn select(
    values: &[Cow<'_, [f64]>],
    moments: &[Moments],
    associations: &[Association],
    candidates: &[Candidate],
    selection: &Selection,
    shortage: Shortage,
) -> Result<Vec<Outcome>, FeatureError> {
    let mut outcomes = vec![Outcome::Kept; values.len()];
    if selection.drop_constant {
        for (outcome, moments) in outcomes.iter_mut().zip(moments) {
            if moments.is_constant() {
                *outcome = Outcome::Constant;
            }
        }
    }
    let constant = values.len() - kept(&outcomes).len();
    let strength: Vec<f64> = associations.iter().map(|a| a.f).collect();
    if let Some(limit) = selection.maximum_correlation {
        drop_correlated(values, &strength, candidates, limit, &mut outcomes);
    }
    let left = kept(&outcomes);
    if left.is_empty() {
        return Err(FeatureError::NoFeaturesLeft);
    }
    let Some(wanted) = selection.best else {
        return Ok(outcomes);
    };
    if wanted > left.len() && shortage == Shortage::Refuse {
        return Err(FeatureError::KTooLarge {
            best: wanted,
            left: left.len(),
            encoded: values.len(),
            constant,
            correlated: values.len() - constant - left.len(),
        });
    }
    for column in strongest_first(&left, &strength).into_iter().skip(wanted) {
        outcomes[column] = Outcome::NotAmongBest;
    }
    Ok(outcomes)
}

fn kept(outcomes: &[Outcome]) -> Vec<usize> {
    (0..outcomes.len())
        .filter(|column| outcomes[*column] == Outcome::Kept)
        .collect()
}

fn drop_correlated(
    values: &[Cow<'_, [f64]>],
    strength: &[f64],
    candidates: &[Candidate],
    limit: f64,
    outcomes: &mut [Outcome],
) {
    let left = kept(outcomes);
    let borrowed: Vec<Cow<'_, [f64]>> = left
        .iter()
        .map(|column| Cow::Borrowed(values[*column].as_ref()))
        .collect();
    let correlations = Correlations::of(&borrowed);
    let strength: Vec<f64> = left.iter().map(|column| strength[*column]).collect();
    let all: Vec<usize> = (0..left.len()).collect();
    let mut stronger: Vec<usize> = Vec::new();
    for column in strongest_first(&all, &strength) {
        let rival = stronger
            .iter()
            .find(|rival| correlations.get(**rival, column).abs() > limit);
        match rival {
            None => stronger.push(column),
            Some(rival) => {
                outcomes[left[column]] = Outcome::Correlated {
                    with: candidates[left[*rival]].name.clone(),
                    r: correlations.get(*rival, column),
                }
            }
        }
    }
}

fn report(
    candidates: &[Candidate],
    sources: &[Source],
    associations: &[Association],
    outcomes: &[Outcome],
) -> Vec<ColumnReport> {
    let number = |x: f64| (!x.is_nan()).then_some(x);
    candidates
        .iter()
        .zip(associations)
        .zip(outcomes)
        .map(|((candidate, association), outcome)| ColumnReport {
            name: candidate.name.clone(),
            source: sources[candidate.source].name.clone(),
            present: association.present,
            f: number(association.f),
            p: number(association.p),
            outcome: outcome.clone(),
        })
        .collect()
}

fn assemble(
    spec: &Spec,
    sources: Vec<Source>,
    candidates: Vec<Candidate>,
    values: &[Cow<'_, [f64]>],
    moments: &[Moments],
    outcomes: &[Outcome],
) -> Recipe {
    let chosen = kept(outcomes);
    let used: BTreeSet<usize> = chosen.iter().map(|c| candidates[*c].source).collect();
    let used: Vec<usize> = used.into_iter().collect();
    let mut columns = Vec::with_capacity(chosen.len());
    let mut source_of = Vec::with_capacity(chosen.len());
    for column in chosen {
        let candidate = &candidates[column];
        let (mean, scale) = match spec.scaling {
            Scaling::Standard => (moments[column].shift(), moments[column].scale()),
            Scaling::None => (0.0, 1.0),
        };
        columns.push(EncodedColumn {
            name: candidate.name.clone(),
            source: sources[candidate.source].name.clone(),
            kind: candidate.kind,
            mean,
            scale,
            fill: fill(
                spec.missing_number(),
                candidate.kind,
                &values[column],
                moments[column].mean,
            ),
        });
        source_of.push(used.partition_point(|source| *source < candidate.source));
    }
    Recipe {
        sources: used.into_iter().map(|s| sources[s].clone()).collect(),
        columns,
        unseen: spec.encoding.unseen,
        source_of,
    }
}
