//! `millrace run`: from data to answers with one command.
//!
//! It executes the two state machines of `statemachines/`, the very files that AWS executes: training
//! with its gates and the registry, then inference with the model that is live.

use std::time::Instant;

use millrace_contract::metadata::Metadata;
use millrace_contract::stages::{RunResult, ScoreOutput, TrainOutput};
use millrace_contract::{ModelName, RunId, Spec};
use millrace_flow::render::Lines;
use millrace_flow::{Observer, Silent, Stop, SystemClock};
use millrace_generator::Options;
use millrace_orchestra::{
    InferenceRequest, LocalTasks, TrainingRequest, run_inference, run_training,
};
use millrace_store::Store;
use millrace_trail::{collect_stage, fetch_json, freeze_documents, read_end};
use serde_json::json;

use crate::arguments::{Run, Shared, Strategy};
use crate::commands::score::Scored;
use crate::commands::train::Trained;
use crate::failure::{Failure, Outcome};
use crate::platform::{self, Local};
use crate::sql::{self, Format};
use crate::{builtin, commands, runs, text};

/// The most attempts at training that a run can have made.
const ATTEMPTS: u32 = 10;

/// What an analyst may ask first.
const QUESTIONS: [(&str, &str); 3] = [
    (
        "How many customers are at risk of leaving?",
        "SELECT churn_risk_tier, count(*) AS customers, round(avg(churn_probability), 3) AS mean_churn\n\
         FROM predictions GROUP BY churn_risk_tier ORDER BY mean_churn DESC",
    ),
    (
        "Who should be called first?",
        "SELECT customer_id, churn_probability, confidence, churn_risk_tier\n\
         FROM predictions ORDER BY churn_probability DESC, customer_id LIMIT 5",
    ),
    (
        "Which model said so, and when?",
        "SELECT model_name, model_version, scored_at, count(*) AS rows\n\
         FROM predictions GROUP BY model_name, model_version, scored_at ORDER BY scored_at",
    ),
];

pub fn run(shared: &Shared, options: &Run) -> Outcome {
    let began = Instant::now();
    let store = Store::open(&shared.store)?;
    let run = runs::named(&options.run, "run")?;
    let part = |suffix: &str| RunId::new(format!("{}-{suffix}", run.run_id));
    let (training_id, inference_id) = (part("training")?, part("inference")?);
    let data = data(shared, options, &store)?;

    title(shared, "train");
    let (spec, contract) = builtin::documents(options.spec.as_deref())?;
    let model = Spec::parse(&spec.text, &spec.origin)?.name;
    freeze_documents(&store, &training_id, &spec, &contract)?;
    let request = TrainingRequest {
        run_id: training_id.clone(),
        started_at: Some(run.started_at),
        spec: None,
        data: Some(data.clone()),
        strategy: options.strategy.map(Strategy::into),
    };
    execute(shared, &store, "training", |tasks, observer| {
        Ok(run_training(
            tasks,
            &request,
            observer,
            &SystemClock,
            &Stop::new(),
        )?)
    })?;
    let trained = trained(&store, &training_id, began)?;
    say(shared, &commands::train::describe(&trained));
    say(shared, &ended(&store, &training_id)?);

    title(shared, "score");
    let scoring = Instant::now();
    let request = InferenceRequest {
        run_id: inference_id.clone(),
        started_at: Some(run.started_at),
        model: Some(model.clone()),
        version: None,
        data: Some(data),
    };
    execute(shared, &store, "inference", |tasks, observer| {
        Ok(run_inference(
            tasks,
            &request,
            observer,
            &SystemClock,
            &Stop::new(),
        )?)
    })?;
    let scored = scored(&store, &inference_id, &model, scoring)?;
    say(shared, &commands::score::describe(&scored));
    say(shared, &ended(&store, &inference_id)?);

    if shared.json {
        let document = json!({
            "event": "run",
            "training": training_id,
            "inference": inference_id,
            "model": model,
            "version": scored.model.version,
            "metrics": trained.metadata.metrics,
            "rows": scored.output.rows_scored,
            "seconds": began.elapsed().as_secs_f64(),
        });
        println!("{document}");
    } else if !shared.quiet {
        answers(&store)?;
        println!(
            "\ndone in {}; ask more: millrace query \"SELECT ...\"",
            text::duration(began.elapsed())
        );
    }
    Ok(())
}

/// Runs a machine; who watches sees its states on standard error.
fn execute(
    shared: &Shared,
    store: &Store,
    name: &str,
    machine: impl FnOnce(&LocalTasks<'_>, &dyn Observer) -> Result<millrace_flow::Execution, Failure>,
) -> Outcome {
    let local = Local { store, shared };
    let tasks = LocalTasks::new(store.clone(), &local);
    let lines = Lines::new(name, std::io::stderr());
    let observer: &dyn Observer = if shared.quiet || shared.json {
        &Silent
    } else {
        &lines
    };
    platform::succeeded(&machine(&tasks, observer)?)
}

/// The candidate of the last attempt.
fn trained(store: &Store, run_id: &RunId, began: Instant) -> Result<Trained, Failure> {
    let last = (1..=ATTEMPTS).rev().find_map(|attempt| {
        collect_stage::<TrainOutput>(store, run_id, &format!("train-{attempt}")).ok()
    });
    let record = last.ok_or_else(|| Failure::new("StageUnfinished", "the run left no model"))?;
    let metadata: Metadata =
        fetch_json(store, &record.output.files.metadata, "a model's metadata")?;
    let run = millrace_trail::read_run(store, run_id)?.run;
    Ok(Trained {
        run,
        output: record.output,
        metadata,
        took: began.elapsed(),
    })
}

/// The scores of all shards together.
fn scored(
    store: &Store,
    run_id: &RunId,
    model: &ModelName,
    began: Instant,
) -> Result<Scored, Failure> {
    let first = millrace_stage_inference::stage_name(0);
    let mut output: ScoreOutput = collect_stage(store, run_id, &first)?.output;
    for shard in 1.. {
        match collect_stage::<ScoreOutput>(
            store,
            run_id,
            &millrace_stage_inference::stage_name(shard),
        ) {
            Ok(record) => output.add(&record.output),
            Err(_) => break,
        }
    }
    let run = millrace_trail::read_run(store, run_id)?.run;
    let model = commands::score::resolve(store, model, "live")?;
    Ok(Scored {
        run,
        model,
        output,
        took: began.elapsed(),
    })
}

/// What the run said of its end.
fn ended(store: &Store, run_id: &RunId) -> Result<String, Failure> {
    Ok(match read_end(store, run_id)?.map(|end| end.result) {
        Some(RunResult::Succeeded { summary }) => format!("{summary}\n"),
        _ => String::new(),
    })
}

fn title(shared: &Shared, title: &str) {
    say(shared, &format!("\n== {title}\n"));
}

fn say(shared: &Shared, text: &str) {
    if !shared.quiet && !shared.json {
        print!("{text}");
    }
}

/// The data that was given, or else the default customers, made once per store and then used again.
fn data(shared: &Shared, options: &Run, store: &Store) -> Result<String, Failure> {
    if let Some(data) = &options.data {
        return Ok(data.clone());
    }
    title(shared, "generate");
    let uri = format!("{}/data/customers", store.uri().trim_end_matches('/'));
    let out = Store::open(&uri)?;
    // All customers are of one day and so in one file, which is there as a whole or not at all.
    if !out.list("")?.is_empty() {
        say(
            shared,
            &format!("using the customers generated before: {uri}\n"),
        );
        return Ok(uri);
    }
    let began = Instant::now();
    let summary = commands::generate::write(shared, &Options::default(), &out)?;
    say(
        shared,
        &commands::generate::describe(&summary, &uri, began.elapsed()),
    );
    Ok(uri)
}

fn answers(store: &Store) -> Outcome {
    for (question, query) in QUESTIONS {
        println!("\n== {question}\n{query}");
        match sql::query(store, query) {
            Ok(answer) => sql::print(&answer, Format::Table)?,
            // Another model's table may lack these columns.
            Err(failure) => println!("(not for this table: {failure})"),
        }
    }
    Ok(())
}
