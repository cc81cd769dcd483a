//! One suite of promises, kept by every kind of store: memory, a directory, and S3.
//!
//! S3 is tested where `MILLRACE_TEST_S3=s3://bucket/prefix` says; `scripts/emulator run` sets it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::time::Instant;

use millrace_store::Store;

#[path = "conformance/bad_names.rs"]
mod bad_names;
#[path = "conformance/conditions.rs"]
mod conditions;
#[path = "conformance/listing.rs"]
mod listing;
#[path = "conformance/verbs.rs"]
mod verbs;

type Check = fn(&Store);

/// Every check gets a store in which it finds nothing and which it shares with nobody.
const CHECKS: [(&str, Check); 27] = [
    (
        "what is put is what is got",
        verbs::what_is_put_is_what_is_got,
    ),
    ("put replaces", verbs::put_replaces),
    (
        "an absent object is not found",
        verbs::an_absent_object_is_not_found,
    ),
    ("head agrees with get", verbs::head_agrees_with_get),
    ("marks follow the content", verbs::marks_follow_the_content),
    (
        "ranges are cut back to the object",
        verbs::ranges_are_cut_back_to_the_object,
    ),
    (
        "ranges outside are refused",
        verbs::ranges_outside_are_refused,
    ),
    (
        "deleting is final and repeatable",
        verbs::deleting_is_final_and_repeatable,
    ),
    (
        "small and large files are put whole",
        verbs::small_and_large_files_are_put_whole,
    ),
    (
        "a missing local file is named",
        verbs::a_missing_local_file_is_named,
    ),
    (
        "the uri opens the same store",
        verbs::the_uri_opens_the_same_store,
    ),
    ("messages name the object", verbs::messages_name_the_object),
    (
        "put if absent never replaces",
        conditions::put_if_absent_never_replaces,
    ),
    (
        "a file is put only where nothing is",
        conditions::a_file_is_put_only_where_nothing_is,
    ),
    (
        "ranges are of one state",
        conditions::ranges_are_of_one_state,
    ),
    (
        "ranges are of the state of a listing",
        conditions::ranges_are_of_the_state_of_a_listing,
    ),
    (
        "a copy is of the state that was seen",
        conditions::a_copy_is_of_the_state_that_was_seen,
    ),
    (
        "a digest is of the whole object",
        verbs::a_digest_is_of_the_whole_object,
    ),
    (
        "replace needs the current mark",
        conditions::replace_needs_the_current_mark,
    ),
    (
        "replace takes a mark from a listing",
        conditions::replace_takes_a_mark_from_a_listing,
    ),
    (
        "of sixteen creators one wins",
        conditions::of_sixteen_creators_one_wins,
    ),
    (
        "of sixteen replacers one wins",
        conditions::of_sixteen_replacers_one_wins,
    ),
    (
        "sixteen counters lose nothing",
        conditions::sixteen_counters_lose_nothing,
    ),
    (
        "readers see whole objects",
        conditions::readers_see_whole_objects,
    ),
    ("a prefix is plain text", listing::a_prefix_is_plain_text),
    (
        "a listing has every page",
        listing::a_listing_has_every_page,
    ),
    (
        "bad names are refused everywhere",
        bad_names::bad_names_are_refused_everywhere,
    ),
];

fn run_against(kind: &str, make: impl Fn(usize) -> Store) {
    for (number, (name, check)) in CHECKS.iter().enumerate() {
        let start = Instant::now();
        println!("{kind}: {name}");
        check(&make(number));
        println!("{kind}: {name}: kept, {:.2?}", start.elapsed());
    }
}

#[test]
fn memory_keeps_every_promise() {
    run_against("memory", |_| Store::memory());
}

#[test]
fn a_directory_keeps_every_promise() {
    let folder = tempfile::tempdir().unwrap();
    run_against("directory", |number| {
        // Deeper than what exists: the first write makes it.
        let path = folder.path().join(format!("check-{number}/store"));
        Store::open(path.to_str().unwrap()).unwrap()
    });
}

#[cfg(feature = "s3")]
#[test]
fn s3_keeps_every_promise() {
    use std::time::{SystemTime, UNIX_EPOCH};
    let Some(base) = millrace_skip::s3_or_skip() else {
        return;
    };
    let nanoseconds = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_nanos();
    let run = format!(
        "{}/{nanoseconds:x}-{}",
        base.trim_end_matches('/'),
        std::process::id()
    );
    run_against("s3", |number| {
        Store::open(&format!("{run}/check-{number}")).unwrap()
    });
}
