//! `millrace score`: applies a model to a data set and makes the scores visible.
//!
//! It runs the inference machine, as `millrace run` and AWS do. What must not be published is written to a
//! file that `--out` names, and nowhere else: the machine then leaves the scores in the run's folder.

use std::time::{Duration, Instant};

use millrace_contract::RunId;
use millrace_contract::spec::ExtraColumns;
use millrace_contract::stages::{ModelReference, ResolvedVersion, Run, ScoreOutput, TierCount};
use millrace_keys::Context;
use millrace_orchestra::InferenceRequest;
use millrace_registry::{LIVE, Registry, RegistryError, State};
use millrace_store::{Key, Location, Store};
use millrace_trail::{collect_stage, read_run};
use serde_json::json;

use crate::arguments::{Score, Shared};
use crate::failure::{Failure, Outcome};
use crate::out;
use crate::{left, machines, runs, text};

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
    let began = Instant::now();
    let context = shared.context()?;
    let store = &context.store;
    let run = runs::named(&options.run, "score")?;
    let out = options.out.as_deref().map(Out::at).transpose()?;
    let hindrance = hindrance(&context, options)?;
    if let (Some(hindrance), None) = (&hindrance, &out) {
        return Err(hindrance.clone().into());
    }
    let request = InferenceRequest {
        run_id: run.run_id.clone(),
        started_at: Some(run.started_at),
        allow_other_clock: options.run.allow_other_clock,
        model: Some(options.model.clone()),
        version: Some(options.version.clone()).filter(|version| version != LIVE),
        extra: ExtraColumns {
            reasons: options.reasons,
            interval: options.interval,
        },
        trial: hindrance.is_some(),
        data: Some(options.data.clone()),
    };
    machines::infer(shared, &context, &request)?;
    let scored = scored(store, &run.run_id, began)?;
    if let Some(out) = &out {
        let object = store.get(&Key::new(scored.output.file.key.clone())?)?;
        out.store.put(&out.key, object.bytes)?;
    }
    if shared.json {
        out::line(document(&scored, hindrance.is_none()));
    } else if !shared.quiet {
        out::text(describe(&scored));
        if let (Some(hindrance), Some(out)) = (&hindrance, &options.out) {
            out::line(format_args!(
                "nothing was published, the scores are in {out} alone: {hindrance}"
            ));
        }
    }
    Ok(())
}

/// Where a copy of the scores goes.
struct Out {
    store: Store,
    key: Key,
}

impl Out {
    fn at(place: &str) -> Result<Out, Failure> {
        let location = Location::parse(place)?;
        let unnamed = || Failure::new("InvalidOut", "--out names a folder: name a file");
        Ok(Out {
            store: location.store,
            key: location.key.ok_or_else(unnamed)?,
        })
    }
}

/// Why readers may not see what this version scores; whoever publishes asks again at that moment.
fn hindrance(context: &Context, options: &Score) -> Result<Option<RegistryError>, Failure> {
    let registry = Registry::open(context, options.model.clone());
    let wanted = options.version.as_str();
    let version = match wanted.starts_with("run:") {
        true => wanted.to_owned(),
        false => {
            let resolved = registry.resolve(wanted)?;
            // What was pruned cannot be scored with at all: the machine says so.
            if resolved.state != State::Rejected {
                return Ok(None);
            }
            resolved.version.to_string()
        }
    };
    match registry.standing()?.may_serve(&version) {
        Err(refused @ RegistryError::VersionMayNotServe { .. }) => Ok(Some(refused)),
        answer => Ok(answer.map(|()| None)?),
    }
}

/// What an inference run came to: the scores of all shards together.
pub fn scored(store: &Store, run_id: &RunId, began: Instant) -> Result<Scored, Failure> {
    let output = left::all_scores(store, run_id)?;
    let applied = collect_stage::<ResolvedVersion>(store, run_id, "resolve")?.output;
    Ok(Scored {
        run: read_run(store, run_id)?.run,
        model: applied.model,
        output: output.ok_or_else(|| Failure::new("StageUnfinished", "the run left no scores"))?,
        took: began.elapsed(),
    })
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

fn document(scored: &Scored, published: bool) -> serde_json::Value {
    json!({
        "event": "scored",
        "run_id": scored.run.run_id,
        "model": scored.model.name,
        "version": scored.model.version,
        "published": published,
        "seconds": scored.took.as_secs_f64(),
        "output": scored.output,
    })
}
