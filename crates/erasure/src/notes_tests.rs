//! What notes explain, and what they do not.
#![allow(clippy::unwrap_used)]
use super::*;

const KEY: &str = "tables/t/part-0.parquet";

fn step(erasure: &str, key: &str, before: &str, after: &str) -> Step {
    Step {
        erasure: erasure.into(),
        at: Timestamp::UNIX_EPOCH,
        rows_erased: 1,
        before: ObjectRef::of(key, before.as_bytes()),
        after: ObjectRef::of(key, after.as_bytes()),
        state: StepState::Begun,
    }
}

fn digest(text: &str) -> Digest {
    Digest::of(text.as_bytes())
}

/// Noted, made, and noted as made.
fn erase(store: &Store, erasure: &str, before: &str, after: &str) {
    begin(store, &step(erasure, KEY, before, after)).unwrap();
    settle(store, KEY, &digest(after)).unwrap();
}

fn asked(store: &Store, written: &str, found: &str) -> Result<bool, &'static str> {
    let expected = ObjectRef::of(KEY, written.as_bytes());
    vouches(store, &expected, &digest(found)).map_err(|error| error.name())
}

#[test]
fn an_object_is_followed_through_its_erasures_and_no_further() {
    let store = Store::memory();
    let first = ObjectRef::of(KEY, b"one");
    assert_eq!(asked(&store, "one", "one"), Ok(true));
    assert_eq!(asked(&store, "one", "two!"), Ok(false));
    erase(&store, "a", "one", "two!");
    assert_eq!(asked(&store, "one", "two!"), Ok(true));
    assert!(explains_size(&store, &first, 4).unwrap());
    erase(&store, "b", "two!", "three");
    erase(&store, "b", "two!", "three");
    assert_eq!(asked(&store, "one", "three"), Ok(true));
    assert_eq!(asked(&store, "two!", "three"), Ok(true));
    assert!(explains_size(&store, &first, 5).unwrap());
    assert!(!explains_size(&store, &first, 4).unwrap());
    assert_eq!(asked(&store, "one", "evil"), Ok(false));
    // What it never was leads nowhere.
    assert_eq!(asked(&store, "other", "three"), Ok(false));
    assert_eq!(Notes::of(&store, KEY).unwrap().steps.len(), 2);
}

#[test]
fn rows_that_were_erased_and_are_back_are_not_believed() {
    let store = Store::memory();
    erase(&store, "a", "one", "two!");
    assert_eq!(asked(&store, "one", "one"), Err("ErasedRowsReturned"));
    erase(&store, "b", "two!", "three");
    assert_eq!(asked(&store, "one", "one"), Err("ErasedRowsReturned"));
    assert_eq!(asked(&store, "one", "two!"), Err("ErasedRowsReturned"));
    let notes = Notes::of(&store, KEY).unwrap();
    let later = |found: &str| notes.standing_of(KEY, &digest(found));
    assert_eq!(
        later("one"),
        Standing::Returned(vec!["a".into(), "b".into()])
    );
    assert_eq!(later("two!"), Standing::Returned(vec!["b".into()]));
    assert_eq!(later("three"), Standing::Sound);
    let one = ObjectRef::of(KEY, b"one");
    assert!(notes.led_to(&one, &digest("two!")) && notes.led_to(&one, &digest("three")));
    // What another erasure made of rows that had come back still holds some of them.
    erase(&store, "c", "one", "one without c");
    assert_eq!(asked(&store, "one", "one without c"), Ok(false));
    assert_eq!(asked(&store, "one", "three"), Ok(true));
    // A document that was written after an erasure names what it left.
    assert_eq!(asked(&store, "two!", "two!"), Err("ErasedRowsReturned"));
    assert_eq!(asked(&store, "three", "three"), Ok(true));
}

#[test]
fn a_change_that_was_cut_short_explains_both_states_until_it_is_settled() {
    let store = Store::memory();
    begin(&store, &step("a", KEY, "one", "two!")).unwrap();
    assert_eq!(asked(&store, "one", "one"), Ok(true));
    assert_eq!(asked(&store, "one", "two!"), Ok(true));
    // Another erasure finds what the first has made, and goes on from there.
    begin(&store, &step("b", KEY, "two!", "three")).unwrap();
    assert_eq!(asked(&store, "one", "one"), Err("ErasedRowsReturned"));
    assert_eq!(asked(&store, "one", "two!"), Ok(true));
    assert_eq!(asked(&store, "one", "three"), Ok(true));
    settle(&store, KEY, &digest("three")).unwrap();
    assert_eq!(asked(&store, "one", "two!"), Err("ErasedRowsReturned"));
}

#[test]
fn nothing_but_rows_can_be_explained() {
    let store = Store::memory();
    for key in [
        "models/m/v1.0.0/model.ubj",
        "runs/r/quality-gate-1/verdict.json",
        "runs/r/train-1/report.json",
        "models/m/validate/report.json",
    ] {
        begin(&store, &step("a", key, "good", "evil")).unwrap();
        let expected = ObjectRef::of(key, b"good");
        assert!(!vouches(&store, &expected, &digest("evil")).unwrap());
        assert!(vouches(&store, &expected, &digest("good")).unwrap());
        assert!(!explains_size(&store, &expected, 4).unwrap());
    }
    assert!(can_be_erased("runs/r/validate/report.json"));
}

#[test]
fn a_note_of_one_object_says_nothing_of_another() {
    let store = Store::memory();
    let strange = step("a", "b/rows.parquet", "one", "two!");
    let text = serde_json::to_vec(&[strange]).unwrap();
    store.put(&key_of(KEY).unwrap(), text).unwrap();
    assert_eq!(asked(&store, "one", "two!"), Ok(false));
    store.put(&key_of(KEY).unwrap(), b"[{}]".to_vec()).unwrap();
    assert_eq!(asked(&store, "one", "two!"), Err("ErasureNoteUnreadable"));
}

/// As the first version wrote them, before changes were noted as begun.
#[test]
fn notes_of_old_are_of_changes_that_were_made() {
    let store = Store::memory();
    let state = |text: &str| serde_json::to_value(ObjectRef::of(KEY, text.as_bytes())).unwrap();
    let old = serde_json::json!([{
        "erasure": "20261101T080000000000",
        "at": "2026-11-01T08:00:00Z",
        "rows_erased": 1,
        "before": state("one"),
        "after": state("two!"),
    }]);
    let key = key_of(KEY).unwrap();
    store.put(&key, serde_json::to_vec(&old).unwrap()).unwrap();
    assert_eq!(asked(&store, "one", "two!"), Ok(true));
    assert_eq!(asked(&store, "one", "one"), Err("ErasedRowsReturned"));
}
