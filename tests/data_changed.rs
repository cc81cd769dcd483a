//! What was validated is what is learned from and scored: on a directory, in memory and in S3, and whatever folder
//! a run is taken up from. S3 is tested where `MILLRACE_TEST_S3=s3://bucket/prefix` says.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::Path;
use std::process::Command;

use millrace_contract::stages::{
    DataFiles, DataVerdict, ModelReference, Purpose, Run, ScoreInput, Shard, Silent, Spread,
    TrainInput, ValidateInput, ValidateOutput,
};
use millrace_contract::{NamedError, RunId};
use millrace_keys::Context;
use millrace_skip::s3_or_skip;
use millrace_stage_training::Trained;
use millrace_store::{Key, Store};
use millrace_trail::{fetch_json, freeze_documents, read_documents, read_run};
use support::{Answer, OTHER_CLOCK, Workshop, program};

const NAME: &str = "customers/snapshot_date=2026-11-01/part-000.parquet";

/// A store of one kind, and data that can be replaced.
struct Place {
    store: Store,
    /// Where the data is, as a run names it.
    data: String,
    /// The store that holds it.
    around: Store,
}

impl Place {
    fn put(&self, bytes: &[u8]) {
        let key = Key::new(NAME).unwrap();
        self.around.put(&key, bytes.to_vec()).unwrap();
    }

    fn validated(&self, run: &Run, purpose: Purpose, spec: &str) -> ValidateOutput {
        let (spec, contract) = read_documents(spec).unwrap();
        let input = ValidateInput {
            documents: freeze_documents(&self.store, &run.run_id, &spec, &contract).unwrap(),
            run: run.clone(),
            data: self.data.clone(),
            purpose,
            reference: None,
        };
        let output = millrace_stage_validate::run(&Context::unsigned(&self.store), input).unwrap();
        assert_eq!(output.verdict, DataVerdict::Accepted);
        output
    }

    /// What a folder of the store holds.
    fn names(&self, folder: &str) -> Vec<String> {
        let objects = self.store.list(folder).unwrap().into_iter();
        objects
            .map(|object| object.key.file_name().to_owned())
            .collect()
    }
}

fn run(name: &str) -> Run {
    Run {
        run_id: RunId::new(name).unwrap(),
        started_at: "2026-11-02T08:00:00Z".parse().unwrap(),
    }
}

/// Customers as bytes: of two seeds, so that both are good data.
fn customers(workshop: &Workshop, rows: u64) -> Vec<u8> {
    let folder = workshop.customers(&format!("made-{rows}"), rows);
    let file = Path::new(&folder).join(NAME.strip_prefix("customers/").unwrap());
    std::fs::read(file).unwrap()
}

fn is_held_to_what_was_validated(workshop: &Workshop, place: &Place) {
    let (spec, context) = (workshop.small_spec(), Context::unsigned(&place.store));
    let (good, other) = (customers(workshop, 1_500), customers(workshop, 1_501));
    place.put(&good);
    let checked = place.validated(&run("t"), Purpose::Training, &spec);
    let list: DataFiles = fetch_json(&place.store, &checked.data_files, "a list").unwrap();
    assert_eq!(list.digest(), checked.data_digest);
    let (text, contract) = read_documents(&spec).unwrap();
    let learn = TrainInput {
        run: run("t"),
        documents: freeze_documents(&place.store, &run("t").run_id, &text, &contract).unwrap(),
        data_files: checked.data_files.clone(),
        exclusions: checked.exclusions.clone(),
        profile: Some(checked.profile.clone()),
        attempt: 1,
        strategy: None,
        spread: Spread::Whole,
    };
    let train = || millrace_stage_training::run(&context, learn.clone(), &Silent);

    place.put(&other);
    let error = train().unwrap_err();
    assert_eq!(error.name(), "DataChanged", "{error}");
    assert!(error.to_string().contains("part-000.parquet"), "{error}");
    assert_eq!(place.names("runs/t/train-1/"), ["input.json"]);
    place.put(&good);
    let Trained::Model(model) = train().unwrap() else {
        panic!("a whole training gives a model")
    };

    let checked = place.validated(&run("s"), Purpose::Scoring, &spec);
    let score = ScoreInput {
        run: run("s"),
        model: ModelReference {
            name: "engagement".parse().unwrap(),
            version: "run:t".into(),
            files: model.files,
        },
        data_files: checked.data_files,
        exclusions: checked.exclusions,
        shard: Shard::WHOLE,
        extra: Default::default(),
        trial: false,
    };
    let apply = || millrace_stage_inference::run(&context, score.clone(), &Silent);
    place.put(&other);
    let error = apply().unwrap_err();
    assert_eq!(error.name(), "DataChanged", "{error}");
    assert_eq!(place.names("runs/s/score-00000/"), ["input.json"]);
    assert!(place.names("tables/predictions/").is_empty());
    place.put(&good);
    assert_eq!(apply().unwrap().rows_read, checked.rows_read);
    assert_eq!(place.names("tables/predictions/").len(), 1);
}

#[test]
fn a_directory_is_held_to_what_was_validated() {
    let workshop = Workshop::default();
    let open = |name: &str| Store::open(&workshop.text(name)).unwrap();
    let place = Place {
        store: open("store"),
        data: workshop.text("data/customers"),
        around: open("data"),
    };
    is_held_to_what_was_validated(&workshop, &place);
}

#[test]
fn a_store_in_memory_is_held_to_what_was_validated() {
    let around = Store::memory();
    let place = Place {
        store: Store::memory(),
        data: around.uri(),
        around,
    };
    is_held_to_what_was_validated(&Workshop::default(), &place);
}

#[test]
fn a_bucket_is_held_to_what_was_validated() {
    let Some(base) = s3_or_skip() else {
        return;
    };
    let base = format!("{base}/data-changed-{}", std::process::id());
    let place = Place {
        store: Store::open(&format!("{base}/store")).unwrap(),
        data: format!("{base}/data/customers"),
        around: Store::open(&format!("{base}/data")).unwrap(),
    };
    is_held_to_what_was_validated(&Workshop::default(), &place);
}

fn millrace(workshop: &Workshop, folder: &str, arguments: &[&str]) -> Answer {
    std::fs::create_dir_all(workshop.path(folder)).unwrap();
    let mut command = Command::new(program("millrace"));
    command
        .env(OTHER_CLOCK, "true")
        .args(["--store", &workshop.text("store")])
        .args(arguments)
        .current_dir(workshop.path(folder));
    Answer::of(&command.output().unwrap())
}

/// The data is named as `customers`, beside the folder in which the command was typed.
#[test]
fn a_run_of_a_relative_path_is_taken_up_from_another_folder() {
    let workshop = Workshop::default();
    let spec = workshop.lenient_spec();
    workshop.customers("here/customers", 6_000);
    let asked = [
        "run",
        "--run-id",
        "r",
        "--spec",
        &spec,
        "--at",
        "2026-11-02T08:00:00Z",
    ];
    millrace(
        &workshop,
        "here",
        &[&asked[..], &["--data", "customers"]].concat(),
    )
    .succeeded();
    let store = Store::open(&workshop.text("store")).unwrap();
    let ends = [
        "r-training/train-1/output.json",
        "r-training/end.json",
        "r-inference/score-00000/output.json",
        "r-inference/end.json",
    ]
    .map(|name| workshop.path(&format!("store/runs/{name}")));
    for run in ["r-training", "r-inference"] {
        let record = read_run(&store, &RunId::new(run).unwrap()).unwrap();
        assert_eq!(record.data, workshop.text("here/customers"));
    }
    // As if it had been killed at work.
    ends.iter()
        .for_each(|end| std::fs::remove_file(end).unwrap());
    millrace(&workshop, "elsewhere", &["resume", "r"]).succeeded();
    assert!(ends.iter().all(|end| end.exists()));
    // The same words in another folder are another question.
    let there = [&asked[..], &["--data", "customers"]].concat();
    millrace(&workshop, "elsewhere", &there).failed_with("RunInputChanged");
}

/// Without a state machine the command fixes the data itself, once for a run's name.
#[test]
fn a_command_keeps_the_data_that_its_run_began_with() {
    let workshop = Workshop::default();
    let spec = workshop.small_spec();
    let data = workshop.customers("customers", 1_500);
    let train = ["train", "--data", &data, "--spec", &spec, "--run-id", "t"];
    workshop.millrace(&train).succeeded();
    std::fs::remove_file(workshop.path("store/runs/t/train-1/output.json")).unwrap();
    let file = Path::new(&data).join("snapshot_date=2026-11-01/part-000.parquet");
    std::fs::write(file, customers(&workshop, 1_501)).unwrap();
    workshop.millrace(&train).failed_with("DataChanged");
    assert!(!workshop.path("store/runs/t/train-1/output.json").exists());
    let other = workshop.customers("others", 1_500);
    let other = ["train", "--data", &other, "--spec", &spec, "--run-id", "t"];
    workshop.millrace(&other).failed_with("RunInputChanged");
}

/// A pipe that nobody writes to: whoever opened it would wait for ever.
#[test]
fn a_pipe_is_refused_at_every_door_and_nobody_waits() {
    let workshop = Workshop::default();
    let spec = workshop.small_spec();
    let data = workshop.customers("customers", 500);
    let pipe = |name: &str| {
        let path = workshop.text(name);
        std::fs::create_dir_all(Path::new(&path).parent().unwrap()).unwrap();
        assert!(
            Command::new("mkfifo")
                .arg(&path)
                .status()
                .unwrap()
                .success()
        );
        path
    };
    let rows = pipe("pipes/rows.parquet");
    let document = pipe("pipes/spec.toml");
    let folder = workshop.text("pipes");
    for (arguments, name) in [
        (vec!["validate", "--data", &rows], "DataNotAFile"),
        (vec!["validate", "--data", &folder], "DataNotAFile"),
        (
            vec!["train", "--data", &rows, "--spec", &spec],
            "DataNotAFile",
        ),
        (
            vec!["run", "--data", &rows, "--spec", &spec],
            "DataNotAFile",
        ),
        (
            vec!["train", "--data", &data, "--spec", &document],
            "StoreUnsupported",
        ),
        (
            vec!["validate", "--data", &data, "--contract", &document],
            "StoreUnsupported",
        ),
    ] {
        let code = workshop.begin(&arguments).exit_code();
        let said = std::fs::read_to_string(workshop.path("said.err")).unwrap();
        assert_ne!(code, 0, "{arguments:?}");
        assert!(
            said.contains(&format!("error: {name}")),
            "{arguments:?}: {said}"
        );
        assert!(said.contains("a pipe"), "{arguments:?}: {said}");
    }
}
