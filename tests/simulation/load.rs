//! Fifty executions at once over one store and one registry: all end, and nothing is mixed up.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};

use millrace_adapter::container::perform;
use millrace_contract::spec::ExtraColumns;
use millrace_contract::stages::{ResolvedVersion, RunResult, ScoreOutput, Silent as Deaf};
use millrace_contract::{ModelName, RunId};
use millrace_flow::{Outcome, Silent, Stop, SystemClock, TaskControl, TaskError};
use millrace_keys::Context;
use millrace_orchestra::{
    Container, InferenceRequest, LocalTasks, Platform, TrainingRequest, run_inference, run_training,
};
use millrace_registry::Registry;
use millrace_served::visible;
use millrace_store::{Key, Store};
use millrace_trail::{Text, collect_stage, freeze_documents, read_end};
use support::program;

use crate::people::{CONTRACT, Rows, SPEC, to_learn_from, to_score};
use crate::{laws, reader};

const EXECUTIONS: usize = 50;
/// Two executions for each: they meet at its registry document.
const MODELS: usize = EXECUTIONS / 2;

/// Containers in this process, each with a store of its own.
struct Here(Store);

impl Platform for Here {
    fn run_container(
        &self,
        container: Container,
        uri: &str,
        _: &TaskControl<'_>,
    ) -> Result<(), TaskError> {
        let ended = match container {
            Container::Training => perform(uri, millrace_stage_training::run, |_, _| Deaf),
            Container::Inference => perform(uri, millrace_stage_inference::run, |_, _| Deaf),
        };
        ended.map_err(|error| TaskError::new("States.TaskFailed", error.message))
    }

    fn query(&self, sql: &str) -> Result<Vec<String>, TaskError> {
        reader::answer(&self.0, sql).map_err(|error| TaskError::new("QueryFailed", error))
    }
}

#[test]
fn fifty_executions_at_once_all_end_and_nothing_is_mixed_up() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let store = Store::open(root.join("store").to_str().unwrap()).unwrap();
    let people = put(root, "people.parquet", &to_score(3, Rows::Sound));
    let lessons: Vec<String> = (0..EXECUTIONS)
        .map(|number| {
            put(
                root,
                &format!("lesson-{number}.csv"),
                &to_learn_from(100 + number as u64),
            )
        })
        .collect();

    all_at_once(|number| train(&store, number, &lessons[number]));
    all_at_once(|number| infer(&store, number, &people));
    check(&store, "infer", 2);

    // The same with processes instead of threads, both of a model on one day: one of them finds the other's rows.
    let mut processes: Vec<_> = (0..EXECUTIONS)
        .map(|number| (number, start_scoring(root, number, &people)))
        .collect();
    for (number, process) in &mut processes {
        assert!(process.wait().unwrap().success(), "score-{number}");
    }
    check(&store, "score", 1);
}

fn put(root: &Path, name: &str, data: &Store) -> String {
    let object = data.list("").unwrap().remove(0);
    let path = root.join(name);
    std::fs::write(&path, data.get(&object.key).unwrap().bytes).unwrap();
    path.to_str().unwrap().to_owned()
}

fn all_at_once(work: impl Fn(usize) + Sync) {
    std::thread::scope(|scope| {
        for number in 0..EXECUTIONS {
            let work = &work;
            scope.spawn(move || work(number));
        }
    });
}

fn model(number: usize) -> ModelName {
    format!("model_{:02}", number % MODELS).parse().unwrap()
}

fn run_id(kind: &str, number: usize) -> RunId {
    RunId::new(format!("{kind}-{number:02}")).unwrap()
}

fn train(store: &Store, number: usize, data: &str) {
    let run_id = run_id("train", number);
    let text = |origin: &str, text: String| Text {
        origin: origin.into(),
        text,
    };
    let spec = SPEC.replace("\"small\"", &format!("\"{}\"", model(number)));
    let contract = text("contract.toml", CONTRACT.into());
    freeze_documents(store, &run_id, &text("spec.toml", spec), &contract).unwrap();
    let request = TrainingRequest {
        run_id,
        allow_other_clock: true,
        started_at: Some("2026-11-01T08:00:00Z".parse().unwrap()),
        spec: None,
        data: Some(data.to_owned()),
        strategy: None,
    };
    let here = Here(store.clone());
    let tasks = LocalTasks::new(Context::unsigned(store), &here);
    let ended = run_training(&tasks, &request, &Silent, &SystemClock, &Stop::new()).unwrap();
    assert!(
        matches!(ended.outcome, Outcome::Succeeded { .. }),
        "train-{number}: {:?}",
        ended.outcome
    );
}

fn infer(store: &Store, number: usize, people: &str) {
    let request = InferenceRequest {
        run_id: run_id("infer", number),
        // The second execution of a model is for the day after.
        allow_other_clock: true,
        started_at: Some(day(number).parse().unwrap()),
        model: Some(model(number)),
        version: None,
        extra: ExtraColumns::default(),
        trial: false,
        data: Some(people.to_owned()),
    };
    let here = Here(store.clone());
    let tasks = LocalTasks::new(Context::unsigned(store), &here);
    let ended = run_inference(&tasks, &request, &Silent, &SystemClock, &Stop::new()).unwrap();
    assert!(
        matches!(ended.outcome, Outcome::Succeeded { .. }),
        "infer-{number}: {:?}",
        ended.outcome
    );
}

fn day(number: usize) -> String {
    format!("2026-11-{:02}T08:00:00Z", 2 + number / MODELS)
}

fn start_scoring(root: &Path, number: usize, people: &str) -> std::process::Child {
    let name = model(number).to_string();
    let run = run_id("score", number).to_string();
    Command::new(program("millrace"))
        .env(support::OTHER_CLOCK, "1")
        .args(["--store", root.join("store").to_str().unwrap(), "--quiet"])
        .args(["score", "--model", &name, "--data", people])
        .args(["--run-id", &run, "--at", "2026-11-09T08:00:00Z"])
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

/// The laws; each model has one version of each of its trainings, one of them live; each run's scores are
/// of the model and version that it was asked for, and `days` of them are shown.
fn check(store: &Store, kind: &str, days: usize) {
    assert_eq!(laws::breaches(store), Vec::<String>::new());
    for number in 0..MODELS {
        let document = Registry::open(&Context::unsigned(store), model(number))
            .document()
            .unwrap();
        let runs: BTreeSet<RunId> = document
            .versions
            .values()
            .map(|v| v.run_id.clone())
            .collect();
        let trained = [number, number + MODELS].map(|number| run_id("train", number));
        assert_eq!(runs, BTreeSet::from(trained));
        assert!(document.live().is_some());
    }
    let shown = visible(store).unwrap();
    for number in 0..EXECUTIONS {
        let (run, model) = (run_id(kind, number), model(number));
        if kind == "infer" {
            let end = read_end(store, &run).unwrap().unwrap();
            assert!(matches!(end.result, RunResult::Succeeded { .. }), "{end:?}");
            let resolved = collect_stage::<ResolvedVersion>(store, &run, "resolve").unwrap();
            assert_eq!(resolved.output.model.name, model);
        }
        let scored: ScoreOutput = collect_stage(store, &run, "score-00000").unwrap().output;
        let place = format!("/model={model}/");
        assert!(scored.file.key.contains(&place), "{}", scored.file.key);
        assert!(store.head(&Key::new(scored.file.key).unwrap()).is_ok());
    }
    let of_kind: Vec<_> = shown
        .iter()
        .filter(|seen| seen.shown.run.run_id.as_str().starts_with(kind))
        .collect();
    assert_eq!(of_kind.len(), MODELS * days);
    for seen in of_kind {
        let number: usize = seen.shown.run.run_id.as_str()[kind.len() + 1..]
            .parse()
            .unwrap();
        assert_eq!(seen.model, model(number), "{seen:?}");
    }
}
