//! What the fuzz targets do with their bytes. `tests/fuzz_corpus.rs` does the same with the kept corpora.
//!
//! Whatever the bytes are, the readers give a value or an error; and a value that was read can be used.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::LazyLock;

use millrace_contract::stages::{
    GateInput, PublishShards, RegistryInput, ScoreInput, TrainInput, ValidateInput,
};
use millrace_contract::{Contract, ModelName, RunId, Spec, Version};
use millrace_dataset::{Purpose, Request, Source, validate};
use millrace_features::Recipe;
use millrace_flow::Machine;
use millrace_forest::{Forest, Scaling, Scorer};
use millrace_store::{Key, Location, Store};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A small table, for what reads rows.
const VISITS: &str = include_str!("../visits.toml");
const CUSTOMERS: &str = include_str!("../../contracts/customers.toml");

static TABLE: LazyLock<Contract> = LazyLock::new(|| Contract::parse(VISITS, "visits").unwrap());
static WIDE: LazyLock<Contract> = LazyLock::new(|| Contract::parse(CUSTOMERS, "c").unwrap());

/// A reader that is given whatever there is.
pub type Target = fn(&[u8]);

/// Every target by its name, for whoever plays a corpus.
pub const TARGETS: [(&str, Target); 9] = [
    ("model", model),
    ("recipe", recipe),
    ("contract", contract),
    ("spec", spec),
    ("asl", asl),
    ("uri", uri),
    ("event", event),
    ("parquet", parquet),
    ("csv", csv),
];

/// `model.ubj`: what is read scores a row, on every path to the same bits.
pub fn model(bytes: &[u8]) {
    let Ok(forest) = Forest::from_ubj(bytes) else {
        return;
    };
    // Whoever uses a forest holds it to its recipe's columns first.
    if forest.feature_count() > 10_000 {
        return;
    }
    let plain = Scaling {
        mean: 0.0,
        scale: 1.0,
    };
    let scalings = vec![plain; forest.feature_count()];
    let Ok(scorer) = Scorer::new(&forest, &scalings) else {
        return;
    };
    let columns = vec![[-1.0, 0.5, f64::NAN]; forest.feature_count()];
    let columns: Vec<&[f64]> = columns.iter().map(|column| &column[..]).collect();
    let scores = scorer.margins_on_one_thread(&columns).unwrap();
    for (row, score) in scores.iter().enumerate() {
        let values: Vec<f32> = columns.iter().map(|column| column[row] as f32).collect();
        assert_eq!(score.to_bits(), forest.margin(&values).to_bits());
    }
}

/// `recipe.json`: what is read is written as it was.
pub fn recipe(bytes: &[u8]) {
    if let Ok(recipe) = Recipe::from_json(bytes) {
        let written = recipe.to_json().unwrap();
        assert_eq!(Recipe::from_json(&written).unwrap(), recipe);
        let _ = recipe.check_contract(&WIDE);
    }
}

pub fn contract(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = Contract::parse(text, "contract.toml");
    }
}

pub fn spec(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Ok(spec) = Spec::parse(text, "spec.toml") {
        let _ = spec.check_against(&WIDE, "spec.toml");
    }
}

/// A state machine of Step Functions.
pub fn asl(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = Machine::load(text, &BTreeMap::new());
    }
}

/// URIs of stores, keys, prefixes and names.
pub fn uri(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    // A store in memory lives as long as the process, so that thousands of them would fill it.
    if !text
        .get(..7)
        .is_some_and(|start| start.eq_ignore_ascii_case("memory:"))
    {
        let _ = Location::parse(text);
    }
    let _ = Store::memory().list(text);
    if let Ok(key) = Key::new(text) {
        let safe = |segment: &str| !segment.is_empty() && segment != "." && segment != "..";
        assert!(key.as_str().is_ascii() && key.as_str().split('/').all(safe));
    }
    for part in [
        ModelName::new(text).map(|name| name.to_string()),
        RunId::new(text).map(|name| name.to_string()),
        text.parse().map(|version: Version| version.to_string()),
    ] {
        assert!(part.is_err() || part == Ok(text.to_owned()));
    }
}

/// What functions and containers are given: what is read can be written and read again.
pub fn event(bytes: &[u8]) {
    again::<ValidateInput>(bytes);
    again::<GateInput>(bytes);
    again::<PublishShards>(bytes);
    again::<RegistryInput>(bytes);
    again::<TrainInput>(bytes);
    again::<ScoreInput>(bytes);
}

fn again<Input: DeserializeOwned + Serialize + PartialEq + Debug>(bytes: &[u8]) {
    if let Ok(input) = serde_json::from_slice::<Input>(bytes) {
        let written = serde_json::to_vec(&input).unwrap();
        assert_eq!(serde_json::from_slice::<Input>(&written).unwrap(), input);
    }
}

pub fn parquet(bytes: &[u8]) {
    table("rows.parquet", bytes);
}

pub fn csv(bytes: &[u8]) {
    table("rows.csv", bytes);
}

/// Rows, read as training, scoring and validation do.
fn table(name: &str, bytes: &[u8]) {
    let store = Store::memory();
    let key = Key::new(name).unwrap();
    store.put(&key, bytes.to_vec()).unwrap();
    let location = Location {
        store,
        key: Some(key),
    };
    let Ok(source) = Source::at(&location) else {
        return;
    };
    let request = Request::all(&TABLE, Purpose::Training);
    let whole = source.read(&request).map(|frame| frame.rows() as u64);
    let blocks = source.for_each_block(&request, |_| Ok::<(), millrace_dataset::DatasetError>(()));
    assert_eq!(whole.ok(), blocks.ok());
    let now = jiff::Timestamp::UNIX_EPOCH;
    let _ = validate(&source, &TABLE, Purpose::Training, now, None);
}
