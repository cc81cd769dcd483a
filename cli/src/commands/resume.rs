//! `millrace resume RUN`: takes a run up where it ended. What it was asked lies in its folder.

use std::time::Instant;

use millrace_contract::RunId;
use millrace_contract::spec::ExtraColumns;
use millrace_contract::stages::{RunKind, RunRecord};
use millrace_keys::Context;
use millrace_orchestra::{InferenceRequest, TrainingRequest};
use millrace_store::Store;
use millrace_trail::{TrailError, read_run};

use crate::arguments::{Resume, Shared};
use crate::commands::run::{Parts, both, ended};
use crate::failure::{Failure, Outcome};
use crate::machines;
use crate::out;

pub fn run(shared: &Shared, options: &Resume) -> Outcome {
    let context = shared.context()?;
    let store = &context.store;
    let asked = &options.run;
    if let Some(record) = known(store, asked)? {
        return alone(shared, &context, &record);
    }
    let parts = Parts::of(asked)?;
    let Some(training) = known(store, &parts.training)? else {
        return Err(TrailError::RunNotFound {
            run_id: asked.clone(),
            store: store.uri(),
        }
        .into());
    };
    let inference = match known(store, &parts.inference)? {
        Some(_) => InferenceRequest::again(parts.inference),
        // It had not begun: it is asked what `millrace run` would have asked.
        None => InferenceRequest {
            run_id: parts.inference,
            // The time was accepted when the training began.
            allow_other_clock: true,
            started_at: Some(training.run.started_at),
            model: Some(training.model),
            version: None,
            extra: ExtraColumns::default(),
            trial: false,
            data: Some(training.data),
        },
    };
    let training = take_up_training(&parts.training);
    both(shared, &context, Instant::now(), &training, &inference)
}

fn known(store: &Store, run_id: &RunId) -> Result<Option<RunRecord>, Failure> {
    match read_run(store, run_id) {
        Ok(record) => Ok(Some(record)),
        Err(TrailError::RunNotFound { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn alone(shared: &Shared, context: &Context, record: &RunRecord) -> Outcome {
    let run_id = &record.run.run_id;
    match record.kind {
        RunKind::Training => machines::train(shared, context, &take_up_training(run_id))?,
        RunKind::Inference => {
            machines::infer(shared, context, &InferenceRequest::again(run_id.clone()))?
        }
    }
    if !shared.quiet && !shared.json {
        out::text(ended(&context.store, run_id)?);
    }
    Ok(())
}

fn take_up_training(run_id: &RunId) -> TrainingRequest {
    TrainingRequest {
        run_id: run_id.clone(),
        allow_other_clock: false,
        started_at: None,
        spec: None,
        data: None,
        strategy: None,
    }
}
