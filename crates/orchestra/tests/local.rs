//! Whole runs on a directory: real functions, containers that leave what real ones leave, gates as told.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::tz::TimeZone;
use millrace_contract::spec::ExtraColumns;
use millrace_contract::stages::{Run, ScoreInput, ScoreOutput, TrainInput, TrainOutput};
use millrace_contract::tables::run_folder;
use millrace_contract::{ModelName, RunId};
use millrace_flow::{
    Execution, History, Outcome, Silent, Stop, SystemClock, TaskCall, TaskControl, TaskError,
};
use millrace_keys::Context;
use millrace_orchestra::{
    Container, Hook, InferenceRequest, LocalTasks, Platform, TrainingRequest, read_executing,
    read_history, run_inference, run_training,
};
use millrace_store::{Key, Store};
use millrace_trail::{Begun, begin, read_end};
use serde_json::{Value, json};

const SPEC: &str = r#"
name = "small"
contract = "contract.toml"
target = "score"
[scores]
table = "predictions"
column = "predicted"
decimals = 4
"#;

const CONTRACT: &str = r#"
name = "people"
version = 1
[limits]
minimum_quality = 0.0
maximum_bad_row_share = 0.4
[columns]
id = { role = "id", type = "text" }
age = { role = "feature", type = "integer", range = [0, 120] }
score = { role = "target", type = "float" }
"#;

const ROWS: &str = "id,age,score\na,30,0.5\nb,-4,0.25\nc,50,1\n";

/// Stands for the programs of the containers, and for SQL.
#[derive(Default)]
struct Outside {
    containers: AtomicUsize,
    rows_seen: u64,
}

impl Platform for Outside {
    fn run_container(
        &self,
        container: Container,
        uri: &str,
        _: &TaskControl<'_>,
    ) -> Result<(), TaskError> {
        self.containers.fetch_add(1, Ordering::SeqCst);
        let (root, inside) = uri.rsplit_once("/runs/").unwrap();
        let store = Store::open(root).unwrap();
        let key = Key::new(format!("runs/{inside}")).unwrap();
        let input = store.get(&key).unwrap().bytes;
        match container {
            Container::Validation => {
                let context = Context::unsigned(&store);
                let input = serde_json::from_slice(&input).unwrap();
                millrace_stage_validate::run_aside(&context, input, None).unwrap();
            }
            Container::Training => train(&store, &serde_json::from_slice(&input).unwrap()),
            Container::Inference => score(&store, &serde_json::from_slice(&input).unwrap()),
        }
        Ok(())
    }

    fn query(&self, sql: &str) -> Result<Vec<String>, TaskError> {
        assert!(
            sql.contains("FROM predictions_by_run p JOIN served s ON"),
            "{sql}"
        );
        Ok(vec![self.rows_seen.to_string(), self.rows_seen.to_string()])
    }
}

fn train(store: &Store, input: &TrainInput) {
    let stage = input.stage();
    let run_id = &input.run.run_id;
    let Begun::Fresh(mut work) = begin::<_, TrainOutput>(store, run_id, &stage, input).unwrap()
    else {
        return;
    };
    let mut file = |name: &str, bytes: Vec<u8>| work.put(name, bytes).unwrap();
    let metadata = serde_json::to_vec(&metadata(&input.run)).unwrap();
    let output = json!({
        "attempt": input.attempt,
        "files": {
            "model": file("model.ubj", run_id.to_string().into()), "recipe": file("recipe.json", b"{}".into()),
            "metadata": file("metadata.json", metadata), "spec": input.documents.spec,
            "contract": input.documents.contract, "profile": input.profile,
            "holdout": file("holdout.parquet", b"h".into()),
            "holdout_rows": file("holdout_rows.parquet", b"r".into()),
        },
        "metrics": {"r2": 0.9, "rmse": 0.1, "mae": 0.1, "tiers": []},
    });
    let output: TrainOutput = serde_json::from_value(output).unwrap();
    work.finish(output).unwrap();
}

fn metadata(run: &Run) -> Value {
    let digest = "0".repeat(64);
    json!({
        "model_name": "small", "run_id": run.run_id, "trained_at": run.started_at,
        "versions": {"metadata": 1, "millrace": "0.1.0", "code": "test", "xgboost": "3.4.1", "contract": 1},
        "digests": {"data": digest, "contract": digest, "spec": digest, "recipe": digest, "model": digest},
        "rows": {"read": 3, "quarantined": 1, "training": 1, "holdout": 1},
        "features": ["age"],
        "target": {"column": "score", "mean": 0.5, "deviation": 0.1, "minimum": 0.0, "maximum": 1.0},
        "hyperparameters": {"n_estimators": 10, "max_depth": 3, "learning_rate": 0.1, "subsample": 1.0, "colsample_bytree": 1.0},
        "search": {"strategy": "exhaustive", "folds": 2, "attempt": 1, "candidates": []},
        "metrics": {"r2": 0.9, "rmse": 0.1, "mae": 0.1, "tiers": []},
        "importance": {"columns": {"age": 1.0}, "encoded": {"age": 1.0}},
    })
}

fn score(store: &Store, input: &ScoreInput) {
    let stage = format!("score-{:05}", input.shard.index);
    let run_id = &input.run.run_id;
    let Begun::Fresh(mut work) = begin::<_, ScoreOutput>(store, run_id, &stage, input).unwrap()
    else {
        return;
    };
    let day = input.run.started_at.to_zoned(TimeZone::UTC).date();
    let folder = run_folder("predictions", &input.model.name, day, run_id);
    let key = Key::new(format!("{folder}/part-00000.parquet")).unwrap();
    let aside = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(aside.path(), "two rows").unwrap();
    let file = work.put_file_at(&key, aside.path()).unwrap();
    let output = json!({
        "file": file, "rows_read": 3, "rows_excluded": 1, "rows_scored": 2, "rows_clipped": 0,
        "unseen_words": 0, "mean": 0.5, "minimum": 0.0, "maximum": 1.0, "tiers": [], "inverse_tiers": [],
    });
    let output: ScoreOutput = serde_json::from_value(output).unwrap();
    work.finish(output).unwrap();
}

/// Gates that always pass, with the verdict documents that the registry asks for.
fn gates(store: &Store) -> impl Fn(&TaskCall) -> Option<Result<Value, TaskError>> + Sync {
    let store = store.clone();
    move |task: &TaskCall| {
        let gate = task.state.strip_suffix("Gate")?.to_lowercase();
        let verdict = json!({"decision": "passed", "summary": gate, "findings": []});
        let bytes = serde_json::to_vec(&verdict).unwrap();
        let key = format!("runs/{}/{gate}-gate-1/verdict.json", task.execution);
        store
            .put(&Key::new(key.clone()).unwrap(), bytes.clone())
            .unwrap();
        let report = millrace_contract::ObjectRef::of(key, &bytes);
        let output = json!({"gate": gate, "decision": "passed", "summary": gate, "reasons": [], "report": report});
        Some(Ok(json!({ "Payload": output, "StatusCode": 200 })))
    }
}

fn prepare(folder: &Path) -> (Store, String, String) {
    let write = |name: &str, text: &str| -> String {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    write("contract.toml", CONTRACT);
    let store = Store::open(folder.join("store").to_str().unwrap()).unwrap();
    (store, write("spec.toml", SPEC), write("people.csv", ROWS))
}

fn training(
    store: &Store,
    outside: &Outside,
    hook: &Hook<'_>,
    run: &str,
    asked: Option<(&str, &str)>,
) -> Execution {
    let request = TrainingRequest {
        run_id: RunId::new(run).unwrap(),
        allow_other_clock: true,
        started_at: None,
        spec: asked.map(|(spec, _)| spec.to_owned()),
        data: asked.map(|(_, data)| data.to_owned()),
        strategy: None,
    };
    let tasks = LocalTasks::new(Context::unsigned(store), outside).with_hook(hook);
    run_training(&tasks, &request, &Silent, &SystemClock, &Stop::new()).unwrap()
}

fn output(execution: &Execution) -> &Value {
    match &execution.outcome {
        Outcome::Succeeded { output } => output,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_run_that_failed_is_taken_up_and_one_that_succeeded_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (store, spec, data) = prepare(folder.path());
    let outside = Outside::default();
    let pass = gates(&store);
    let break_register = |task: &TaskCall| match task.state.as_str() {
        "Register" => Some(Err(TaskError::new("RegistryDamaged", "as told"))),
        _ => pass(task),
    };
    let failed = training(
        &store,
        &outside,
        &break_register,
        "t1",
        Some((&spec, &data)),
    );
    let named = |error: &str| matches!(&failed.outcome, Outcome::Failed { error: found, .. } if found == error);
    assert!(named("RegistryDamaged"), "{:?}", failed.outcome);
    let run_id = RunId::new("t1").unwrap();
    let end = serde_json::to_value(read_end(&store, &run_id).unwrap()).unwrap();
    assert_eq!(
        (&end["stage"], &end["error"]),
        (&json!("Register"), &json!("RegistryDamaged"))
    );

    let resumed = training(&store, &outside, &pass, "t1", None);
    assert_eq!(output(&resumed)["version"], "v1.0.0");
    let again = training(&store, &outside, &pass, "t1", None);
    assert_eq!(output(&again), output(&resumed));
    let end = serde_json::to_value(read_end(&store, &run_id).unwrap()).unwrap();
    assert_eq!(end["result"], "succeeded");
    let history = read_history(&store, &run_id).unwrap();
    assert_eq!(history.len(), 3);
    assert!(
        history[0]
            .history
            .states()
            .contains(&"ExplainFailure".to_owned())
    );
}

#[test]
fn a_run_that_is_killed_has_a_history_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let (store, spec, data) = prepare(folder.path());
    let run_id = RunId::new("t1").unwrap();
    let pass = gates(&store);
    let seen = std::sync::Mutex::new(None);
    let look = |task: &TaskCall| {
        if task.state == "Register" {
            *seen.lock().unwrap() = read_executing(&store, &run_id).unwrap();
        }
        pass(task)
    };
    training(
        &store,
        &Outside::default(),
        &look,
        "t1",
        Some((&spec, &data)),
    );
    assert_eq!(read_executing(&store, &run_id).unwrap(), None);
    let until_then: History = seen.into_inner().unwrap().unwrap();
    assert_eq!(until_then.states().last().unwrap(), "Register");
    // What a run leaves that is killed at that moment.
    let key = Key::new("runs/t1/executing.json").unwrap();
    store
        .put(&key, serde_json::to_vec(&until_then).unwrap())
        .unwrap();
    training(&store, &Outside::default(), &pass, "t1", None);
    let outcomes: Vec<Outcome> = read_history(&store, &run_id)
        .unwrap()
        .into_iter()
        .map(|execution| execution.outcome)
        .collect();
    assert_eq!(outcomes.len(), 3);
    assert_eq!(outcomes[1], Outcome::Stopped);
}

#[test]
fn what_was_learned_is_applied_and_made_visible() {
    let folder = tempfile::tempdir().unwrap();
    let (store, spec, data) = prepare(folder.path());
    let outside = Outside {
        rows_seen: 2,
        ..Outside::default()
    };
    training(&store, &outside, &gates(&store), "t1", Some((&spec, &data)));
    let request = |run: &str| InferenceRequest {
        run_id: RunId::new(run).unwrap(),
        allow_other_clock: true,
        started_at: Some("2026-11-01T08:00:00Z".parse().unwrap()),
        model: Some(ModelName::new("small").unwrap()),
        version: None,
        extra: ExtraColumns::default(),
        trial: false,
        data: Some(data.clone()),
    };
    let infer = |outside: &Outside, run: &str| {
        let tasks = LocalTasks::new(Context::unsigned(&store), outside);
        run_inference(&tasks, &request(run), &Silent, &SystemClock, &Stop::new()).unwrap()
    };
    let first = infer(&outside, "i1");
    let expected = json!({
        "run_id": "i1", "model": "small", "version": "v1.0.0", "table": "predictions",
        "rows_scored": 2, "rows_quarantined": 1, "shards": 1, "published": true,
    });
    assert_eq!(output(&first), &expected);
    assert_eq!(
        output(&infer(&outside, "i1"))["published"],
        false,
        "republishes nothing"
    );
    let wrong = infer(&Outside::default(), "i2");
    let Outcome::Failed { error, cause } = wrong.outcome else {
        panic!("nobody noticed that no row is visible");
    };
    assert_eq!(error, "RowsNotVisible");
    assert!(cause.contains("a query sees 0 rows"), "{cause}");
}

#[test]
fn refused_data_and_a_container_that_left_nothing_have_their_names() {
    struct Dead;
    impl Platform for Dead {
        fn run_container(
            &self,
            _: Container,
            _: &str,
            _: &TaskControl<'_>,
        ) -> Result<(), TaskError> {
            Err(TaskError::new("States.TaskFailed", "killed"))
        }
        fn query(&self, _: &str) -> Result<Vec<String>, TaskError> {
            Err(TaskError::new("QueryRefused", "no table"))
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let (store, spec, data) = prepare(folder.path());
    let bad = folder.path().join("bad.csv").display().to_string();
    std::fs::write(&bad, ROWS.replace("30", "-30")).unwrap();
    let ended_as = |run: &str, data: &str| {
        let request = TrainingRequest {
            run_id: RunId::new(run).unwrap(),
            allow_other_clock: true,
            started_at: None,
            spec: Some(spec.clone()),
            data: Some(data.to_owned()),
            strategy: None,
        };
        let tasks = LocalTasks::new(Context::unsigned(&store), &Dead);
        let execution = run_training(&tasks, &request, &Silent, &SystemClock, &Stop::new());
        match execution.unwrap().outcome {
            Outcome::Failed { error, cause } => (error, cause),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(ended_as("t1", &bad).0, "ContractViolated");
    let (error, cause) = ended_as("t2", &data);
    assert_eq!(error, "StageUnfinished");
    assert!(
        cause.starts_with("the stage `train-1` of run `t2`"),
        "{cause}"
    );
}
