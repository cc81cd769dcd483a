//! `millrace train`: learns a candidate from a data set and says how good it is.

use std::time::{Duration, Instant};

use millrace_contract::metadata::{Metadata, Metrics};
use millrace_contract::spec::{Task, in_words};
use millrace_contract::stages::{Run, Spread, TrainInput, TrainOutput};
use millrace_store::Store;
use millrace_trail::{fetch_json, freeze_documents};
use serde_json::json;

use crate::arguments::{Shared, Strategy, Train};
use crate::child::{self, Program};
use crate::failure::{Failure, Outcome};
use crate::out;
use crate::progress::Display;
use crate::{builtin, data, runs, text};

/// A candidate that was trained, and what is known of it.
#[derive(Debug)]
pub struct Trained {
    pub run: Run,
    pub output: TrainOutput,
    pub metadata: Metadata,
    pub took: Duration,
}

pub fn run(shared: &Shared, options: &Train) -> Outcome {
    let store = Store::open(&shared.store)?;
    let run = runs::named(&options.run, "train")?;
    let trained = train(shared, &store, run, options)?;
    if shared.json {
        out::line(document(&trained));
    } else if !shared.quiet {
        out::text(describe(&trained));
        out::line(format_args!(
            "score with it: millrace score --data PATH --version run:{}",
            trained.run.run_id
        ));
    }
    Ok(())
}

/// Trains in the training program and reads back what it made.
pub fn train(
    shared: &Shared,
    store: &Store,
    run: Run,
    options: &Train,
) -> Result<Trained, Failure> {
    let began = Instant::now();
    let (spec, contract) = builtin::documents(options.spec.as_deref())?;
    let input = TrainInput {
        documents: freeze_documents(store, &run.run_id, &spec, &contract)?,
        data_files: data::fixed(store, &run.run_id, &options.data)?,
        exclusions: None,
        profile: None,
        attempt: 1,
        strategy: options.strategy.map(Strategy::into),
        spread: Spread::Whole,
        run: run.clone(),
    };
    let display = Display::new(shared);
    let record = child::run_stage(
        Program::Training,
        store,
        &run.run_id,
        "train-1",
        &input,
        &display,
    );
    display.clear();
    let output: TrainOutput = record?.output;
    let metadata = fetch_json(store, &output.files.metadata, "a model's metadata")?;
    Ok(Trained {
        run,
        output,
        metadata,
        took: began.elapsed(),
    })
}

/// The candidate in a few lines.
pub fn describe(trained: &Trained) -> String {
    let Metadata {
        rows,
        sample,
        search,
        metrics,
        features,
        importance,
        hyperparameters,
        task,
        ..
    } = &trained.metadata;
    let dropped = search
        .candidates
        .iter()
        .filter(|candidate| candidate.dropped.is_some())
        .count();
    let best = search.candidates.first();
    let cross_validated = best.and_then(|best| best.mean.zip(best.deviation));
    let cross_validated = cross_validated.map_or(String::new(), |(mean, spread)| {
        format!(
            "; cross-validated {} {mean:.4} (spread {spread:.4})",
            search.scoring.label()
        )
    });
    let strongest: Vec<String> = importance
        .columns
        .iter()
        .take(5)
        .map(|(name, share)| format!("{name} {share:.2}"))
        .collect();
    let sample = sample.map_or(String::new(), |sample| sample.words(rows) + "\n");
    format!(
        "trained on {} rows, {} columns, {} held out, in {}\n{sample}\
         {} candidates, {dropped} dropped early; best: {}{cross_validated}\n\
         held-out rows: {}\n\
         strongest columns: {}\n",
        text::count(rows.training),
        features.len(),
        text::count(rows.holdout),
        text::duration(trained.took),
        search.candidates.len(),
        in_words(hyperparameters),
        measured(*task, metrics),
        strongest.join(", "),
    )
}

/// `R2 0.8243, RMSE 0.0990, MAE 0.0789`.
fn measured(task: Task, metrics: &Metrics) -> String {
    let known = task.shown().iter().filter_map(|name| {
        let (measure, value) = (millrace_measures::named(name)?, metrics.values.get(*name)?);
        Some(format!("{} {value:.4}", measure.label))
    });
    known.collect::<Vec<_>>().join(", ")
}

fn document(trained: &Trained) -> serde_json::Value {
    json!({
        "event": "trained",
        "run_id": trained.run.run_id,
        "seconds": trained.took.as_secs_f64(),
        "hyperparameters": trained.metadata.hyperparameters,
        "metrics": trained.metadata.metrics,
        "files": trained.output.files,
    })
}
