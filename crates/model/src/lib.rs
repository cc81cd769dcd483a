//! A model ready to be applied: its files fetched, their digests and their agreement checked, once.
//!
//! What comes after knows no files any more: rows go in, raw scores come out. No XGBoost is needed.

mod predictor;
mod reasons;
mod signed;

use millrace_contract::metadata::IntervalReport;
use millrace_contract::spec::ExtraColumns;
use millrace_contract::stages::{Documents, ModelFiles};
use millrace_contract::{Contract, Metadata, NamedError, PostProcess, Spec};
use millrace_dataset::Frame;
use millrace_features::{FeatureError, Recipe};
use millrace_forest::ForestError;
use millrace_keys::{Context, KeyError};
use millrace_linear::LinearError;
use millrace_store::Store;
use millrace_trail::{TrailError, fetch, fetch_json, load_documents};

pub use reasons::Reasons;

use predictor::Predictor;

/// Why a model cannot be applied.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    #[error(transparent)]
    Trail(#[from] TrailError),
    #[error(transparent)]
    Forest(#[from] ForestError),
    #[error(transparent)]
    Linear(#[from] LinearError),
    #[error(
        "PredictorUnknown: `model.json` does not fit the model: {detail}; register the model again"
    )]
    PredictorUnknown { detail: String },
    #[error(transparent)]
    Features(#[from] FeatureError),
    #[error(
        "FeatureOrderDiffers: {one} and {other} do not list the same columns in the same order \
         (first difference: {difference}): these files do not belong together; register the model again"
    )]
    FeatureOrderDiffers {
        one: &'static str,
        other: &'static str,
        difference: String,
    },
    #[error("InvalidExtraColumns: {detail}")]
    InvalidExtraColumns { detail: String },
    #[error(
        "NoInterval: the model was not measured for an interval that covers {coverage} of the rows, only for {known:?}: \
         ask for one of these, or name the share in the spec and train again"
    )]
    NoInterval { coverage: f64, known: Vec<f64> },
    #[error(transparent)]
    Keys(#[from] KeyError),
}

impl NamedError for ModelError {
    fn name(&self) -> &str {
        match self {
            Self::Trail(error) => error.name(),
            Self::Forest(error) => error.name(),
            Self::Linear(error) => error.name(),
            Self::PredictorUnknown { .. } => "PredictorUnknown",
            Self::Features(error) => error.name(),
            Self::FeatureOrderDiffers { .. } => "FeatureOrderDiffers",
            Self::InvalidExtraColumns { .. } => "InvalidExtraColumns",
            Self::NoInterval { .. } => "NoInterval",
            Self::Keys(error) => error.name(),
        }
    }
}

/// A model with everything that it needs.
#[derive(Debug)]
pub struct Model {
    pub spec: Spec,
    pub contract: Contract,
    pub metadata: Metadata,
    recipe: Recipe,
    predictor: Predictor,
}

impl Model {
    /// Fetches the files and refuses those that were altered or do not belong together.
    pub fn load(store: &Store, files: &ModelFiles) -> Result<Model, ModelError> {
        Model::load_with(store, files, &ExtraColumns::default())
    }

    /// The same for a model that is to be applied: it must be signed, where the keys ask for it.
    /// A candidate that is still to be judged is not signed yet.
    pub fn load_for_use(
        context: &Context,
        files: &ModelFiles,
        extra: &ExtraColumns,
    ) -> Result<Model, ModelError> {
        signed::check(&context.store, files, &context.keys.trusted)?;
        Model::load_with(&context.store, files, extra)
    }

    /// The same for someone who wants more columns than the spec asks for.
    fn load_with(
        store: &Store,
        files: &ModelFiles,
        extra: &ExtraColumns,
    ) -> Result<Model, ModelError> {
        let documents = Documents {
            spec: files.spec.clone(),
            contract: files.contract.clone(),
        };
        let (mut spec, contract) = load_documents(store, &documents)?;
        spec.scores = spec.scores.with(extra);
        let invalid = |detail| ModelError::InvalidExtraColumns { detail };
        spec.scores.check().map_err(invalid)?;
        let metadata: Metadata = fetch_json(store, &files.metadata, "a model's metadata")?;
        let recipe = Recipe::from_json(&fetch(store, &files.recipe)?)?;
        recipe.check_contract(&contract)?;
        let kind = predictor::kind(store, files)?;
        let file = predictor::File::read(kind, &fetch(store, &files.model)?)?;
        same_columns(
            kind.file(),
            file.columns(),
            "recipe.json",
            &recipe.feature_names(),
        )?;
        same_columns(
            "metadata.json",
            &metadata.features,
            "recipe.json",
            &recipe.feature_names(),
        )?;
        let predictor = Predictor::new(file, &recipe, spec.scores.reasons.is_some())?;
        Ok(Model {
            spec,
            contract,
            metadata,
            recipe,
            predictor,
        })
    }

    /// From which probability on, as it is written, a row is a yes; none of a regression.
    pub fn threshold(&self) -> Option<f64> {
        self.metadata
            .classes
            .as_ref()
            .map(|classes| classes.threshold)
    }

    /// The columns of the table that are needed.
    pub fn columns(&self) -> Vec<&str> {
        self.recipe.source_columns()
    }

    /// The scores of rows before they are clipped and rounded, on all cores or on this thread alone: numbers, or
    /// calibrated probabilities.
    pub fn score(&self, rows: &Frame, cores: Cores) -> Result<Vec<f32>, ModelError> {
        let mut scores = self.predictor.score(&self.recipe, rows, cores)?;
        if let Some(classes) = &self.metadata.classes {
            classes.calibration.apply_to_scores(&mut scores);
        }
        Ok(scores)
    }

    /// What moved each row's margin most, when reasons are wanted.
    pub fn reasons(&self, rows: &Frame) -> Result<Option<Reasons>, ModelError> {
        let Some(wanted) = self.spec.scores.reasons else {
            return Ok(None);
        };
        let Some(contributions) = self.predictor.contributions(&self.recipe, rows)? else {
            return Ok(None);
        };
        let most = wanted.count as usize;
        Ok(Some(Reasons::of(
            &contributions,
            self.recipe.source_of(),
            most,
        )))
    }

    /// In how many places words stand that the model does not know.
    pub fn unseen_words(&self, rows: &Frame) -> Result<u64, ModelError> {
        Ok(self
            .recipe
            .unseen_words(rows)?
            .iter()
            .map(|(_, rows)| *rows as u64)
            .sum())
    }

    /// From raw scores to what is written.
    pub fn post_process(&self) -> Result<PostProcess<'_>, ModelError> {
        let post = PostProcess::new(
            &self.spec.scores,
            self.metadata.target.mean,
            self.metadata.target.deviation,
        );
        let post = match (&self.spec.scores.label, self.threshold()) {
            (Some(_), Some(threshold)) => post.with_threshold(threshold),
            _ => post,
        };
        let Some(interval) = &self.spec.scores.interval else {
            return Ok(post);
        };
        let measured = &self.metadata.intervals;
        let same = |report: &&IntervalReport| report.coverage == interval.coverage;
        match measured.iter().find(same) {
            Some(report) => Ok(post.with_interval(report.half_width)),
            None => Err(ModelError::NoInterval {
                coverage: interval.coverage,
                known: measured.iter().map(|report| report.coverage).collect(),
            }),
        }
    }
}

/// How many cores a call may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cores {
    All,
    One,
}

fn same_columns<A: AsRef<str>, B: AsRef<str>>(
    one: &'static str,
    left: &[A],
    other: &'static str,
    right: &[B],
) -> Result<(), ModelError> {
    let differs = (0..left.len().max(right.len())).find_map(|index| {
        let (a, b) = (
            left.get(index).map(AsRef::as_ref),
            right.get(index).map(AsRef::as_ref),
        );
        (a != b).then(|| {
            format!(
                "column {index} is {} and {}",
                a.unwrap_or("absent"),
                b.unwrap_or("absent")
            )
        })
    });
    match differs {
        None => Ok(()),
        Some(difference) => Err(ModelError::FeatureOrderDiffers {
            one,
            other,
            difference,
        }),
    }
}
