//! `millrace score`: applies a model to a data set and makes the scores visible.

use std::time::{Duration, Instant};

use millrace_contract::spec::ExtraColumns;
use millrace_contract::stages::{
    ModelFiles, ModelReference, PublishInput, Run, ScoreInput, ScoreOutput, Shard, TierCount,
};
use millrace_contract::{ModelName, RunId};
use millrace_keys::Context;
use millrace_registry::{Manifest, Registry};
use millrace_store::{Key, Store};
use millrace_trail::collect_stage;
use serde_json::json;

use crate::arguments::{Score, Shared};
use crate::failure::{Failure, Outcome};
use crate::progress::Display;
use crate::{data, runs, text};

/// What the reference promises, to compare with.
const PROMISED_ROWS_PER_MINUTE: f64 = 5_000.0;

/// A data set that was scored.
#[derive(Debug)]
pub struct Scored {
    pub run: Run,
    pub model: ModelReference,
    pub output: ScoreOutput,
    pub took: Duration,
}

pub fn run(shared: &Shared, options: &Score) -> Outcome {
    let context = shared.context()?;
    let store = &context.store;
    let run = runs::named(&options.run, "score")?;
    let model = resolve(&context, &options.model, &options.version)?;
    let extra = ExtraColumns {
        reasons: options.reasons,
        interval: options.interval,
    };
    let scored = score(shared, &context, run, model, &options.data, extra)?;
    if let Some(out) = &options.out {
        copy_out(store, &scored, out)?;
    }
    if shared.json {
        println!("{}", document(&scored));
    } else if !shared.quiet {
        print!("{}", describe(&scored));
    }
    Ok(())
}

/// Scores in this process and publishes.
pub fn score(
    shared: &Shared,
    context: &Context,
    run: Run,
    model: ModelReference,
    data: &str,
    extra: ExtraColumns,
) -> Result<Scored, Failure> {
    let began = Instant::now();
    let input = ScoreInput {
        run: run.clone(),
        model: model.clone(),
        data_files: data::fixed(&context.store, &run.run_id, data)?,
        exclusions: None,
        shard: Shard::WHOLE,
        extra,
    };
    let display = Display::new(shared);
    let scored = millrace_stage_inference::run(context, input, &display);
    display.clear();
    let output = scored?;
    millrace_stage_publish::run(context, publish_input(&run, &model, &output)?)?;
    Ok(Scored {
        run,
        model,
        output,
        took: began.elapsed(),
    })
}

fn publish_input(
    run: &Run,
    model: &ModelReference,
    output: &ScoreOutput,
) -> Result<PublishInput, Failure> {
    // The table is part of the file's own key: tables/<table>/model=...
    let table = output
        .file
        .key
        .split('/')
        .nth(1)
        .unwrap_or("predictions")
        .to_owned();
    Ok(PublishInput {
        table,
        model: model.name.clone(),
        version: model.version.clone(),
        scored_on: run.started_at.to_zoned(jiff::tz::TimeZone::UTC).date(),
        files: vec![output.file.clone()],
        rows: output.rows_scored,
        run: run.clone(),
    })
}

/// A registered version, an alias, or `run:ID` for what a training run left.
pub fn resolve(
    context: &Context,
    name: &ModelName,
    version: &str,
) -> Result<ModelReference, Failure> {
    if let Some(run) = version.strip_prefix("run:") {
        return trained_by(&context.store, name, run.parse()?);
    }
    let resolved = Registry::open(context, name.clone()).resolve_for_use(version)?;
    Ok(ModelReference {
        name: name.clone(),
        version: resolved.version.to_string(),
        files: files_of(&resolved.manifest)?,
    })
}

/// The files of a registered version by their names in its folder.
pub fn files_of(manifest: &Manifest) -> Result<ModelFiles, Failure> {
    let named = manifest
        .files
        .iter()
        .map(|file| (file.key.rsplit('/').next().unwrap_or(&file.key), file));
    ModelFiles::from_named(named).map_err(|detail| Failure::new("ModelIncomplete", detail))
}

fn trained_by(store: &Store, name: &ModelName, run: RunId) -> Result<ModelReference, Failure> {
    let record = collect_stage::<millrace_contract::stages::TrainOutput>(store, &run, "train-1")?;
    Ok(ModelReference {
        name: name.clone(),
        version: format!("run:{run}"),
        files: record.output.files,
    })
}

fn copy_out(store: &Store, scored: &Scored, out: &str) -> Result<(), Failure> {
    let object = store.get(&Key::new(scored.output.file.key.clone())?)?;
    let location = millrace_store::Location::parse(out)?;
    let key = location
        .key
        .ok_or_else(|| Failure::new("InvalidOut", "--out names a folder: name a file"))?;
    location.store.put(&key, object.bytes)?;
    Ok(())
}

/// The closing summary.
pub fn describe(scored: &Scored) -> String {
    let output = &scored.output;
    let pace = output.rows_scored as f64 / scored.took.as_secs_f64() * 60.0;
    format!(
        "scored {} rows with {} {} in {}: {} rows per minute, {:.0} times the promised 5,000\n\
         mean {:.3}, from {:.3} to {:.3}; {} clipped, {} left out, {} unknown words\n{}{}",
        text::count(output.rows_scored),
        scored.model.name,
        scored.model.version,
        text::duration(scored.took),
        text::count(pace as u64),
        pace / PROMISED_ROWS_PER_MINUTE,
        output.mean.unwrap_or(f64::NAN),
        output.minimum.unwrap_or(f64::NAN),
        output.maximum.unwrap_or(f64::NAN),
        text::count(output.rows_clipped),
        text::count(output.rows_excluded),
        text::count(output.unseen_words),
        tiers("tiers", &output.tiers),
        tiers("inverse tiers", &output.inverse_tiers),
    )
}

fn tiers(title: &str, counts: &[TierCount]) -> String {
    if counts.is_empty() {
        return String::new();
    }
    let shown: Vec<String> = counts
        .iter()
        .map(|tier| format!("{} {}", tier.label, text::count(tier.rows)))
        .collect();
    format!("{title}: {}\n", shown.join(", "))
}

fn document(scored: &Scored) -> serde_json::Value {
    json!({
        "event": "scored",
        "run_id": scored.run.run_id,
        "model": scored.model.name,
        "version": scored.model.version,
        "seconds": scored.took.as_secs_f64(),
        "output": scored.output,
    })
}
