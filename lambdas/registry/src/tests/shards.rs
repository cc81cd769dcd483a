//! Shards that are too many for one execution, as the state machine asks for them.

use millrace_contract::{NamedError, RunId};
use millrace_store::Store;
use millrace_trail::{Begun, begin, collect_stage};
use serde_json::{Value, json};

use crate::{RegistryInput, run_at};

fn ask(store: &Store, input: Value) -> Result<Value, (String, String)> {
    let input: RegistryInput = serde_json::from_value(input).unwrap();
    let now = "2026-11-01T09:00:00Z".parse().unwrap();
    let context = millrace_keys::Context::unsigned(store);
    match run_at(&context, input, now) {
        Ok(output) => Ok(serde_json::to_value(output).unwrap()),
        Err(error) => Err((error.name().to_owned(), error.to_string())),
    }
}

fn run() -> RunId {
    RunId::new("r1").unwrap()
}

fn leave(store: &Store, shard: u32, rows: u64) {
    let stage = format!("score-{shard:05}");
    let begun = begin::<_, Value>(store, &run(), &stage, &shard).unwrap();
    let Begun::Fresh(mut work) = begun else {
        return;
    };
    let file = work.put("part.parquet", b"rows".to_vec()).unwrap();
    let output = json!({
        "file": file, "rows_read": rows + 1, "rows_excluded": 1, "rows_scored": rows, "rows_clipped": 0,
        "unseen_words": 0, "mean": null, "minimum": null, "maximum": null, "tiers": [], "inverse_tiers": [],
    });
    work.finish(output).unwrap();
}

fn tally(store: &Store, shards: u32) -> Result<Value, (String, String)> {
    ask(
        store,
        json!({ "action": "tally", "run_id": "r1", "shards": shards }),
    )
}

#[test]
fn all_shards_are_counted_and_none_may_be_missing() {
    let store = Store::memory();
    (0..50).for_each(|shard| leave(&store, shard, u64::from(shard)));
    let counted = json!({ "rows_scored": 49 * 50 / 2, "rows_excluded": 50 });
    assert_eq!(tally(&store, 50), Ok(counted));
    let (name, said) = tally(&store, 51).unwrap_err();
    assert_eq!(name, "StageUnfinished");
    assert!(said.contains("score-00050"), "{said}");
    assert_eq!(tally(&store, u32::MAX).unwrap_err().0, "StageUnfinished");
}

/// Shards 0 and 2 were ended when shard 1 was killed: what is told is why, and not that they left nothing.
#[test]
fn the_error_of_a_shard_goes_before_shards_that_left_nothing() {
    let store = Store::memory();
    let collect = |killed: bool| {
        ask(
            &store,
            json!({ "action": "collect", "run_id": "r1", "stage": "score-00001", "killed": killed }),
        )
    };
    assert_eq!(collect(false).unwrap_err().0, "StageUnfinished");
    assert_eq!(tally(&store, 3).unwrap_err().0, "StageUnfinished");
    let (name, said) = collect(true).unwrap_err();
    assert_eq!(name, "OutOfMemory");
    assert!(
        said.contains("containers.inference.memoryMiB") && said.contains("score-00001"),
        "{said}"
    );
    assert_eq!(tally(&store, 3).unwrap_err(), (name, said));
}

#[test]
fn a_shard_that_had_finished_before_it_was_killed_is_believed() {
    let store = Store::memory();
    leave(&store, 1, 7);
    let collected = ask(
        &store,
        json!({ "action": "collect", "run_id": "r1", "stage": "score-00001", "killed": true }),
    );
    assert_eq!(collected.unwrap()["output"]["rows_scored"], 7);
    assert!(collect_stage::<Value>(&store, &run(), "score-00001").is_ok());
}
