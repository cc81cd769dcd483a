//! Files that are larger than a function should hold: nobody reads them whole.

use millrace_contract::ObjectRef;
use millrace_registry::{Candidate, SourceFile, Target};
use millrace_store::Store;
use millrace_store::faults::{Fault, Verb};

use crate::common::*;

const NAME: &str = "holdout.parquet";

fn content(byte: u8) -> Vec<u8> {
    vec![byte; (9 << 20) + 1]
}

fn large_candidate(store: &Store) -> Candidate {
    let mut candidate = candidate(store, "r1");
    let object = ObjectRef::of(format!("runs/r1/train/{NAME}"), &content(1));
    store.put(&key(&object.key), content(1)).unwrap();
    let name = NAME.into();
    candidate.files.push(SourceFile { name, object });
    candidate
}

/// Every read of a whole large file fails.
fn never_whole(store: &Store) -> Store {
    store.clone().with_faults(|operation| {
        let is_whole = operation.verb == Verb::Get && operation.key.ends_with(NAME);
        match is_whole {
            true => Fault::ErrorBefore,
            false => Fault::None,
        }
    })
}

#[test]
fn a_large_file_is_registered_and_used_without_being_read_whole() {
    let sound = Store::memory();
    let candidate = large_candidate(&sound);
    let store = never_whole(&sound);
    let registered = registry(&store).register(&candidate, &request(0)).unwrap();
    let place = key(&format!("models/engagement/{}/{NAME}", registered.version));
    assert_eq!(sound.get(&place).unwrap().bytes, content(1));
    registry(&store)
        .promote(registered.version, Target::Live, &request(1))
        .unwrap();
    let resolved = registry(&store).resolve_for_use("live").unwrap();
    registry(&store).verify(&resolved.manifest).unwrap();
    check_laws(&sound, &engagement());
    sound.put(&place, content(2)).unwrap();
    let altered = registry(&store).verify(&resolved.manifest).unwrap_err();
    assert_eq!(altered.name(), "ModelFilesAltered", "{altered}");
}

#[test]
fn a_large_file_that_is_not_what_the_run_says_is_not_registered() {
    let store = Store::memory();
    let candidate = large_candidate(&store);
    store
        .put(&key(&format!("runs/r1/train/{NAME}")), content(2))
        .unwrap();
    let refused = registry(&store).register(&candidate, &request(0));
    assert_eq!(refused.unwrap_err().name(), "ModelFilesAltered");
}
