//! What this program cannot clean, and until when it is there.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use millrace_erasure::{MayHold, NotCleaned};
use millrace_store::{Hidden, OlderVersions, Store};

use super::find::not_cleaned;
use crate::failure::Failure;

const HOURS_OF_A_DAY: i64 = 24;

/// What lies beside the objects of a store: half-written files are told as removed, not cleaned, or as what may still
/// hold the customer.
#[derive(Debug, Default)]
pub struct Beside {
    pub removed: Vec<String>,
    pub not_cleaned: Vec<NotCleaned>,
    pub may_hold: Vec<MayHold>,
}

/// `erased` is whether leftovers were to be removed.
pub fn beside(hidden: &[Hidden], erased: bool) -> Beside {
    let mut beside = Beside::default();
    for hidden in hidden {
        match hidden {
            Hidden::Abandoned {
                uri,
                is_removed: true,
            } => beside.removed.push(uri.clone()),
            Hidden::Abandoned {
                uri,
                is_removed: false,
            } if erased => beside.not_cleaned.push(not_cleaned(
                uri.clone(),
                &Failure::new(
                    "LeftoverNotRemoved",
                    "a writer that died left it half written, and it cannot be removed: check the permissions of its folder",
                ),
            )),
            Hidden::Abandoned { uri, .. } => beside.may_hold.push(MayHold {
                what: "half_written".to_owned(),
                place: uri.clone(),
                until: None,
                remedy: "a writer that died left it: --yes removes it".to_owned(),
            }),
            Hidden::Writing { uri } => beside.not_cleaned.push(not_cleaned(
                uri.clone(),
                &Failure::new(
                    "BeingWritten",
                    "somebody writes it at this moment: erase again when they are done",
                ),
            )),
            Hidden::Upload { uri, begun } => beside.may_hold.push(MayHold {
                what: "unfinished_upload".to_owned(),
                place: uri.clone(),
                until: None,
                remedy: format!("an upload that began {begun} has not ended: if nobody sends it any more, `aws s3api abort-multipart-upload`; the bucket's rule drops it otherwise"),
            }),
            // It was looked into, or told as what cannot be.
            Hidden::Unnameable { .. } => {}
        }
    }
    beside
}

/// Older versions, backups, and what was made of the rows.
pub fn elsewhere<'a>(stores: impl Iterator<Item = &'a Store>, now: Timestamp) -> Vec<MayHold> {
    let stores: BTreeMap<String, &Store> = stores.map(|store| (store.uri(), store)).collect();
    let mut found: Vec<MayHold> = stores
        .iter()
        .filter_map(|(uri, store)| older_versions(uri, store, now))
        .collect();
    for uri in stores.into_keys() {
        found.push(MayHold {
            what: "backups".to_owned(),
            place: uri,
            until: None,
            remedy: "copies, snapshots and replicas that were made before this erasure hold what it erased: remove them, or erase again after bringing one back".to_owned(),
        });
    }
    found
}

fn older_versions(uri: &str, store: &Store, now: Timestamp) -> Option<MayHold> {
    let (until, remedy) = match store.older_versions() {
        OlderVersions::NotKept => return None,
        OlderVersions::Days(days) => (
            // The rule is carried out at the midnight after.
            now.checked_add(SignedDuration::from_hours((i64::from(days) + 1) * HOURS_OF_A_DAY)).ok(),
            format!("the bucket's rule removes what was replaced {days} days later; docs/OPERATIONS.md says how to delete it at once"),
        ),
        OlderVersions::ForEver => (
            None,
            "the bucket keeps every version for ever: delete the older versions of these objects, as docs/OPERATIONS.md says".to_owned(),
        ),
        OlderVersions::Unknown(why) => (
            None,
            format!("the bucket did not say how long it keeps what was replaced ({why}): docs/OPERATIONS.md says how to delete it"),
        ),
    };
    Some(MayHold {
        what: "older_versions".to_owned(),
        place: uri.to_owned(),
        until,
        remedy,
    })
}

/// What names nobody and was made of their rows all the same.
pub fn made_of_rows(store: &Store) -> [MayHold; 2] {
    let entry = |what: &str, place: String, remedy: &str| MayHold {
        what: what.to_owned(),
        place,
        until: None,
        remedy: remedy.to_owned(),
    };
    [
        entry(
            "profiles",
            format!("{}/runs/*/validate/profile.json", store.uri()),
            "counts, extremes and quantiles of tables that they were in: they name nobody; remove runs that nobody needs",
        ),
        entry(
            "exports",
            "wherever they were written".to_owned(),
            "files of `score --out`, `validate --out` and `query --csv`: erase them with --data, or remove them",
        ),
    ]
}
