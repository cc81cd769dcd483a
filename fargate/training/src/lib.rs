//! Learning a model: rows in, the files of a candidate out.
//!
//! The way through: read the accepted rows, hold some out, search on the rest (each fold fits a recipe of its
//! own), fit the recipe and the winner on all training rows, judge them on the held-out rows, and write
//! everything that the model is.
//! A search may be spread over containers: its parts leave the scores of their candidates and no model, and
//! the one that makes the model reads them instead of searching.

mod classes;
mod costs;
mod data;
mod error;
mod holdout;
mod intervals;
mod narrate;
mod part;
mod prepared;
mod sample;

use millrace_contract::metadata::{
    InputDigests, Metadata, RowCounts, SplitRecord, Versions, versions::NEWEST,
};
use millrace_contract::predictor::ModelDocument;
use millrace_contract::spec::Task;
use millrace_contract::stages::{
    Listener, ModelFiles, SearchPartOutput, Spread, TrainInput, TrainOutput,
};
use millrace_contract::{Contract, Digest};
use millrace_keys::Context;
use millrace_store::Store;
use millrace_trail::{Begun, Work, begin};
use millrace_training::{SearchOutcome, Setup, Wanted, explained};
use serde::Serialize;

pub use error::TrainError;

use data::TrainingData;
use narrate::Narrator;
use prepared::{Prepared, phase};

/// What came of the stage, by what its input asked for.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Trained {
    Model(Box<TrainOutput>),
    Part(SearchPartOutput),
}

/// Trains a model, or does a part of its search, unless this run has done so already.
pub fn run(
    context: &Context,
    input: TrainInput,
    listener: &dyn Listener,
) -> Result<Trained, TrainError> {
    run_within(context, input, None, listener)
}

/// The same where memory is limited: rows that cannot fit are refused before they are read.
pub fn run_within(
    context: &Context,
    input: TrainInput,
    memory_bytes: Option<u64>,
    listener: &dyn Listener,
) -> Result<Trained, TrainError> {
    let store = &context.store;
    let (run_id, stage) = (&input.run.run_id, input.stage());
    if let Spread::Part(share) = input.spread {
        return Ok(Trained::Part(match begin(store, run_id, &stage, &input)? {
            Begun::Finished(record) => record.output,
            Begun::Fresh(work) => part::search(work, &input, share, memory_bytes, listener)?,
        }));
    }
    let output = match begin(store, run_id, &stage, &input)? {
        Begun::Finished(record) => record.output,
        Begun::Fresh(work) => train(work, &input, memory_bytes, listener)?,
    };
    Ok(Trained::Model(Box::new(output)))
}

fn find(
    store: &Store,
    input: &TrainInput,
    prepared: &Prepared,
    listener: &dyn Listener,
) -> Result<SearchOutcome, TrainError> {
    if let Spread::Joined { parts } = input.spread {
        phase(listener, "joining what the parts of the search found");
        return part::joined(store, input, prepared, parts);
    }
    phase(listener, "searching hyperparameters");
    let narrator = Narrator::new(listener, prepared.spec.scoring());
    Ok(millrace_training::search(&prepared.request()?, &narrator)?)
}

fn train(
    mut work: Work,
    input: &TrainInput,
    memory_bytes: Option<u64>,
    listener: &dyn Listener,
) -> Result<TrainOutput, TrainError> {
    let phase = |text: &str| phase(listener, text);
    let prepared = Prepared::new(work.store(), input, memory_bytes, listener)?;
    let found = find(work.store(), input, &prepared, listener)?;
    let classes = classes::report(
        &prepared.spec,
        &prepared.request()?,
        &found,
        &prepared.target,
        prepared.data.frame.rows(),
    )?;
    let Prepared {
        spec,
        contract,
        data,
        split,
        recipe,
        fit,
        learnable,
        target,
        search,
        ..
    } = prepared;

    phase("training the winner on all rows");
    let matrix = recipe.apply(&learnable)?;
    drop(learnable);
    let setup = Setup {
        task: spec.task,
        learner: spec.learner,
        search: &search,
    };
    let names = recipe.feature_names();
    let trained = millrace_training::refit(&matrix, &target, &names, setup, &found.best)?;

    phase("judging it on the held-out rows");
    let held = data.frame.take(&split.holdout);
    let truth = data.target_of(&split.holdout);
    let held_matrix = recipe.apply(&held)?;
    let raw = trained.predict(&held_matrix)?;
    let mut predictions = raw.clone();
    if let Some(classes) = &classes {
        classes.calibration.apply_to_scores(&mut predictions);
    }
    let summary = millrace_training::summarize_target(&spec.target, &target);
    let threshold = classes.as_ref().map(|classes| classes.threshold);
    let wanted = Wanted::of(&spec, threshold);
    let metrics = millrace_training::evaluate(&truth, &predictions, &wanted)?;
    let intervals = match spec.task {
        Task::Regression => intervals::measure(&spec, &summary, &truth, &predictions)?,
        Task::Binary | Task::Multiclass => Vec::new(),
    };

    let candidate = costs::Candidate {
        recipe: &recipe,
        setup,
        hyperparameters: &found.best,
        training: (&matrix, &target),
        holdout: (&held_matrix, &truth),
        score: explained(spec.task, &truth, &raw).score,
    };
    let costs = costs::of_offenders(&candidate, &spec, &contract, &held)?;
    drop(matrix);

    phase("writing the model");
    let model_bytes = trained.to_bytes()?;
    let recipe_bytes = recipe.to_json()?;
    let metadata = Metadata {
        model_name: spec.name.clone(),
        run_id: input.run.run_id.clone(),
        trained_at: input.run.started_at,
        versions: versions(&contract, trained.xgboost_version()?),
        digests: InputDigests {
            data: data.digest.clone(),
            contract: input.documents.contract.sha256.clone(),
            spec: input.documents.spec.sha256.clone(),
            recipe: Digest::of(&recipe_bytes),
            model: Digest::of(&model_bytes),
        },
        rows: row_counts(&data, &split),
        split: Some(SplitRecord {
            method: spec.split.method_for(&contract),
            seed: spec.split.seed,
            holdout_share: spec.split.holdout_share,
        }),
        sample: data.sample.map(|sample| sample.record),
        features: names.iter().map(|name| (*name).to_owned()).collect(),
        target: summary,
        task: spec.task,
        learner: spec.learner,
        hyperparameters: found.best.clone(),
        search: found.report,
        metrics: metrics.clone(),
        classes,
        intervals,
        importance: trained.importance(&recipe)?,
    };
    let (holdout, holdout_rows) = holdout::write(
        &mut work,
        &spec,
        &contract,
        &data,
        &split,
        &truth,
        &predictions,
    )?;
    work.put_json("selection.json", &fit)?;
    let feature_costs = match costs.is_empty() {
        true => None,
        false => Some(work.put_json("feature_costs.json", &costs)?),
    };
    let model = work.put(trained.kind().file(), model_bytes)?;
    let document = ModelDocument::of(trained.kind(), &model);
    let files = ModelFiles {
        model,
        description: Some(work.put_json("model.json", &document)?),
        recipe: work.put("recipe.json", recipe_bytes)?,
        metadata: work.put_json("metadata.json", &metadata)?,
        spec: input.documents.spec.clone(),
        contract: input.documents.contract.clone(),
        holdout,
        holdout_rows,
        profile: input.profile.clone(),
        feature_costs,
    };
    let output = TrainOutput {
        attempt: input.attempt,
        files,
        metrics,
    };
    Ok(work.finish(output)?)
}

fn versions(contract: &Contract, xgboost: Option<String>) -> Versions {
    Versions {
        metadata: NEWEST,
        millrace: env!("CARGO_PKG_VERSION").to_owned(),
        code: millrace_contract::code_version().to_owned(),
        xgboost,
        contract: contract.version,
    }
}

fn row_counts(data: &TrainingData, split: &millrace_features::Holdout) -> RowCounts {
    let accepted = match &data.sample {
        Some(sample) => sample.record.training_of + sample.record.holdout_of,
        None => data.frame.rows() as u64,
    };
    RowCounts {
        read: accepted + data.quarantined,
        quarantined: data.quarantined,
        training: split.training.len() as u64,
        holdout: split.holdout.len() as u64,
    }
}
