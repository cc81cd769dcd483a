//! `millrace start`: starts a run on AWS, and follows it when asked to.

use millrace_contract::spec::ExtraColumns;
use millrace_contract::stages::{Run, RunKind};
use millrace_flow::render::Lines;
use millrace_flow::{Event, Observer, Silent};
use millrace_orchestra::{InferenceRequest, TrainingRequest};
use millrace_store::Store;
use millrace_trail::freeze_documents;
use serde_json::{Value, json};

use crate::arguments::{Shared, Start, Strategy};
use crate::aws::{Aws, Ended, Explained, Started};
use crate::commands::runs::{StageState, stages};
use crate::failure::{Failure, Outcome};
use crate::out;
use crate::{builtin, runs};

pub fn run(shared: &Shared, options: &Start) -> Outcome {
    let kind = RunKind::from(options.kind);
    reachable("--store", &shared.store)?;
    if let Some(data) = &options.data {
        reachable("--data", data)?;
    }
    let run = runs::named(&options.run, kind.name())?;
    let aws = Aws::connect()?;
    let machine = aws.machine(kind, options.machine.as_deref())?;
    let input = match kind {
        RunKind::Training => training(shared, options, &run)?,
        RunKind::Inference => inference(options, &run)?,
    };
    let started = aws.start(&machine, &run.run_id, &input)?;
    if !options.watch {
        return say_started(shared, &run, &started);
    }
    let lines = Lines::new(kind.name(), std::io::stderr());
    let observer: &dyn Observer = match (shared.json, shared.quiet) {
        (true, _) => &Documents,
        (_, true) => &Silent,
        _ => &lines,
    };
    match aws.follow(&started, observer)? {
        Ended::Succeeded { output } => {
            say_succeeded(shared, &run, &output);
            Ok(())
        }
        Ended::Failed { error, cause, task } => {
            if let Some(task) = task {
                match aws.explain(&task) {
                    Ok(explained) => say_explained(shared, &explained),
                    Err(failure) => eprintln!("{failure}"),
                }
            }
            if let Err(failure) = say_left(shared, &run) {
                eprintln!("{failure}");
            }
            Err(Failure::new(error, cause))
        }
    }
}

/// What runs on AWS reads and writes S3.
fn reachable(flag: &str, uri: &str) -> Outcome {
    if uri.starts_with("s3://") {
        return Ok(());
    }
    Err(Failure::new(
        "NotInS3",
        format!("AWS cannot reach `{uri}`: give {flag} s3://bucket/prefix"),
    ))
}

/// The spec travels as frozen documents in the run's folder, so that it may lie on this machine.
fn training(shared: &Shared, options: &Start, run: &Run) -> Result<Value, Failure> {
    if options.data.is_some() {
        let store = Store::open(&shared.store)?;
        let (spec, contract) = builtin::documents(options.spec.as_deref())?;
        freeze_documents(&store, &run.run_id, &spec, &contract)?;
    }
    Ok(json!(TrainingRequest {
        run_id: run.run_id.clone(),
        allow_other_clock: options.run.allow_other_clock,
        started_at: options.run.at,
        spec: None,
        data: options.data.clone(),
        strategy: options.strategy.map(Strategy::into),
    }))
}

fn inference(options: &Start, run: &Run) -> Result<Value, Failure> {
    Ok(json!(InferenceRequest {
        run_id: run.run_id.clone(),
        allow_other_clock: options.run.allow_other_clock,
        started_at: options.run.at,
        model: Some(options.model.clone()),
        version: options.version.clone(),
        extra: ExtraColumns::default(),
        trial: false,
        data: options.data.clone(),
    }))
}

/// Every event as a line of JSON.
struct Documents;

impl Observer for Documents {
    fn event(&self, event: &Event) {
        out::line(json!(event));
    }
}

fn say_started(shared: &Shared, run: &Run, started: &Started) -> Outcome {
    if shared.json {
        let document =
            json!({ "event": "started", "run_id": run.run_id, "execution": started.arn });
        out::line(document);
    } else if !shared.quiet {
        out::line(format_args!("started run {}: {}", run.run_id, started.arn));
    }
    Ok(())
}

fn say_succeeded(shared: &Shared, run: &Run, output: &Value) {
    if shared.json {
        let document = json!({ "event": "succeeded", "run_id": run.run_id, "output": output });
        out::line(document);
    } else if !shared.quiet {
        out::line(format_args!("run {} succeeded: {output}", run.run_id));
    }
}

/// What the stages that did not finish said of it: it outlives their containers.
fn say_left(shared: &Shared, run: &Run) -> Outcome {
    let store = Store::open(&shared.store)?;
    for stage in stages(&store, &run.run_id)? {
        match &stage.state {
            StageState::Finished => {}
            _ if shared.json => out::line(json!({ "event": "stage", "stage": stage })),
            state => eprintln!("stage {}: {}", stage.stage, state.text()),
        }
    }
    Ok(())
}

fn say_explained(shared: &Shared, explained: &Explained) {
    if shared.json {
        out::line(json!({ "event": "container", "container": explained }));
    } else {
        eprint!("{}", explained.text());
    }
}
