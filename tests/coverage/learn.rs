//! One draw: the training stage learns from it as it does in a run, and its intervals meet fresh rows.

use millrace_contract::stages::{Run, Silent, Spread, TrainInput};
use millrace_contract::{PostProcess, RunId};
use millrace_keys::Context;
use millrace_model::{Cores, Model};
use millrace_stage_training::{Trained, run};
use millrace_store::Store;
use millrace_trail::{Text, freeze_documents};
use support::fixed;

use crate::table::Table;

const FRESH_ROWS: usize = 400;
const LEARNED: u64 = 1;
const FRESH: u64 = 2;

pub struct Measured {
    pub calibration_rows: usize,
    pub intervals: Vec<Interval>,
    /// What the interval for 90 of 100 rows holds of the fresh rows whose noise is below the median, and of the others.
    pub of_quiet_rows: f64,
    pub of_loud_rows: f64,
}

pub struct Interval {
    pub promised: f64,
    /// What the model's own metadata say.
    pub reported: f64,
    pub of_fresh_rows: f64,
}

pub fn learn(table: &Table, seed: u64) -> Measured {
    let model = train(table, seed);
    let fresh = table.draw(FRESH_ROWS, &[FRESH, seed]);
    let scores = model.score(&fresh.frame(), Cores::One).unwrap();
    let holds = |post: &PostProcess<'_>| -> Vec<bool> {
        let rows = scores.iter().zip(&fresh.target);
        rows.map(|(score, truth)| {
            let [low, high] = post.process(*score).unwrap().interval.unwrap();
            (low..=high).contains(truth)
        })
        .collect()
    };
    let metadata = &model.metadata;
    let intervals = metadata.intervals.iter().map(|report| {
        let post = PostProcess::new(
            &model.spec.scores,
            metadata.target.mean,
            metadata.target.deviation,
        );
        Interval {
            promised: report.coverage,
            reported: report.holdout_coverage,
            of_fresh_rows: share(holds(&post.with_interval(report.half_width))),
        }
    });
    let mut noise = fresh.noise.clone();
    noise.sort_by(f64::total_cmp);
    let median = noise[noise.len() / 2];
    // As inference writes it.
    let written = holds(&model.post_process().unwrap());
    let of_rows = |loud: bool| {
        let rows = written.iter().zip(&fresh.noise);
        share(
            rows.filter(|(_, noise)| (**noise >= median) == loud)
                .map(|(held, _)| *held),
        )
    };
    Measured {
        calibration_rows: (metadata.rows.holdout as usize).div_ceil(2),
        intervals: intervals.collect(),
        of_quiet_rows: of_rows(false),
        of_loud_rows: of_rows(true),
    }
}

fn share(held: impl IntoIterator<Item = bool>) -> f64 {
    let held: Vec<bool> = held.into_iter().collect();
    held.iter().filter(|held| **held).count() as f64 / held.len() as f64
}

/// The model of a run whose data was accepted.
fn train(table: &Table, seed: u64) -> Model {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("drawn.parquet");
    table.draw(table.rows, &[LEARNED, seed]).write(&file);
    let store = Store::memory();
    let run_id: RunId = "r".parse().unwrap();
    let text = |origin: &str, text| Text {
        origin: origin.to_owned(),
        text,
    };
    let documents = freeze_documents(
        &store,
        &run_id,
        &text("spec.toml", table.spec()),
        &text("contract.toml", table.contract()),
    );
    let run_of = Run {
        run_id,
        started_at: "2026-11-02T00:00:00Z".parse().unwrap(),
    };
    let data_files = fixed(&store, &run_of, file.to_str().unwrap());
    let input = TrainInput {
        run: run_of,
        documents: documents.unwrap(),
        data_files,
        exclusions: None,
        profile: None,
        attempt: 1,
        strategy: None,
        spread: Spread::Whole,
    };
    let Trained::Model(output) = run(&Context::unsigned(&store), input, &Silent).unwrap() else {
        panic!("a whole training leaves a model");
    };
    Model::load(&store, &output.files).unwrap()
}
