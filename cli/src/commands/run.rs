//! `millrace run`: from data to answers with one command.
//!
//! It executes the two state machines of `statemachines/`, the very files that AWS executes: training
//! with its gates and the registry, then inference with the model that is live.

use std::time::Instant;

use millrace_contract::spec::ExtraColumns;
use millrace_contract::stages::RunResult;
use millrace_contract::{RunId, Spec};
use millrace_generator::Options;
use millrace_keys::Context;
use millrace_orchestra::{InferenceRequest, TrainingRequest};
use millrace_store::Store;
use millrace_trail::{fetch_json, freeze_documents, read_end, read_run};
use serde_json::json;

use crate::arguments::{Run, Shared, Strategy};
use crate::commands::train::Trained;
use crate::failure::{Failure, Outcome};
use crate::out;
use crate::sql::{self, Format};
use crate::{builtin, commands, left, machines, runs, text};

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
    let context = shared.context()?;
    let store = &context.store;
    let run = runs::named(&options.run, "run")?;
    let parts = Parts::of(&run.run_id)?;
    let data = data(shared, options, store)?;
    let (spec, contract) = builtin::documents(options.spec.as_deref())?;
    let model = Spec::parse(&spec.text, &spec.origin)?.name;
    freeze_documents(store, &parts.training, &spec, &contract)?;
    let training = TrainingRequest {
        run_id: parts.training,
        started_at: Some(run.started_at),
        allow_other_clock: options.run.allow_other_clock,
        spec: None,
        data: Some(data.clone()),
        strategy: options.strategy.map(Strategy::into),
    };
    let inference = InferenceRequest {
        run_id: parts.inference,
        started_at: Some(run.started_at),
        allow_other_clock: options.run.allow_other_clock,
        model: Some(model),
        version: None,
        extra: ExtraColumns::default(),
        trial: false,
        data: Some(data),
    };
    both(shared, &context, began, &training, &inference)
}

/// The two runs that one call of `millrace run` makes.
#[derive(Debug)]
pub struct Parts {
    pub training: RunId,
    pub inference: RunId,
}

impl Parts {
    pub fn of(run_id: &RunId) -> Result<Parts, Failure> {
        let part = |suffix: &str| RunId::new(format!("{run_id}-{suffix}"));
        Ok(Parts {
            training: part("training")?,
            inference: part("inference")?,
        })
    }
}

/// Training, then inference with what is live by then, then three answers.
pub fn both(
    shared: &Shared,
    context: &Context,
    began: Instant,
    training: &TrainingRequest,
    inference: &InferenceRequest,
) -> Outcome {
    let store = &context.store;
    title(shared, "train");
    machines::train(shared, context, training)?;
    let trained = trained(store, &training.run_id, began)?;
    say(shared, &commands::train::describe(&trained));
    say(shared, &ended(store, &training.run_id)?);

    title(shared, "score");
    let scoring = Instant::now();
    machines::infer(shared, context, inference)?;
    let scored = commands::score::scored(store, &inference.run_id, scoring)?;
    say(shared, &commands::score::describe(&scored));
    say(shared, &ended(store, &inference.run_id)?);

    if shared.json {
        let document = json!({
            "event": "run",
            "training": training.run_id,
            "inference": inference.run_id,
            "model": scored.model.name,
            "version": scored.model.version,
            "metrics": trained.metadata.metrics,
            "rows": scored.output.rows_scored,
            "seconds": began.elapsed().as_secs_f64(),
        });
        out::line(document);
    } else if !shared.quiet {
        answers(store)?;
        out::line(format_args!(
            "\ndone in {}; ask more: millrace query \"SELECT ...\"",
            text::duration(began.elapsed())
        ));
    }
    Ok(())
}

/// The candidate of the last attempt.
fn trained(store: &Store, run_id: &RunId, began: Instant) -> Result<Trained, Failure> {
    let output = left::last_candidate(store, run_id)?;
    let output = output.ok_or_else(|| Failure::new("StageUnfinished", "the run left no model"))?;
    Ok(Trained {
        run: read_run(store, run_id)?.run,
        metadata: fetch_json(store, &output.files.metadata, "a model's metadata")?,
        output,
        took: began.elapsed(),
    })
}

/// What the run said of its end.
pub fn ended(store: &Store, run_id: &RunId) -> Result<String, Failure> {
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
        out::text(text);
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
        out::line(format_args!("\n== {question}\n{query}"));
        match sql::query(store, query) {
            Ok(answer) => sql::print(&answer, Format::Table)?,
            // Another model's table may lack these columns.
            Err(failure) => out::line(format_args!("(not for this table: {failure})")),
        }
    }
    Ok(())
}
