//! Where every schedule begins: a store in which an older model is live and older scores are visible,
//! and what an undisturbed run makes of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use millrace_contract::stages::{PublishShards, Run, ScoreOutput};
use millrace_contract::tables::ServedDay;
use millrace_contract::{ModelName, RunId, Version};
use millrace_keys::Context;
use millrace_registry::{Action, Registry, Request, State};
use millrace_served::{Of, Serving, Visible, all, visible};
use millrace_store::{Bytes, Etag, Key, Store};
use millrace_trail::collect_stage;
use serde_json::Value;

use crate::fate::{Fate, Point, Trouble};
use crate::people;
use crate::process::{self, Asked, Place};

/// The run that every schedule disturbs.
const RUN: &str = "r";
const DAY: &str = "2026-11-01";
/// Rivals score on the same day: one before that run, one after it.
const RIVALS: [(&str, &str); 2] = [
    ("rival-before", "2026-11-01T07:00:00Z"),
    ("rival-after", "2026-11-01T09:00:00Z"),
];

pub struct World {
    pub name: String,
    objects: Vec<(Key, Bytes)>,
    lessons: Arc<Vec<Store>>,
    people: Store,
    rivals: Vec<PublishShards>,
    /// How often somebody has withdrawn the day, in this schedule.
    withdrawals: Arc<AtomicU64>,
    pub undisturbed: Undisturbed,
}

/// What comes of the run when nothing happens to it.
#[derive(Default)]
pub struct Undisturbed {
    objects: BTreeMap<String, Etag>,
    story: Vec<String>,
    seen: Vec<Visible>,
    served: Vec<ServedDay>,
    rows: Vec<Value>,
    /// Every call that it makes.
    pub points: Vec<Point>,
}

impl World {
    pub fn new(name: &str) -> World {
        let mut world = World {
            name: name.to_owned(),
            objects: Vec::new(),
            lessons: Arc::new(vec![people::to_learn_from(1), people::to_learn_from(2)]),
            people: people::to_score(3, people::Rows::SomeBad),
            rivals: Vec::new(),
            withdrawals: Arc::default(),
            undisturbed: Undisturbed::default(),
        };
        let place = world.fresh();
        let training = Asked::Training {
            run: "older".into(),
            data: 0,
        };
        undisturbed(&place, &training);
        undisturbed(&place, &inference("older-scores", "2026-11-01T06:00:00Z"));
        let before = snapshot(&place.store);
        for (rival, at) in RIVALS {
            undisturbed(&place, &inference(rival, at));
            world.rivals.push(publication(&place.store, rival, at));
        }
        // The rivals have scored, but nothing of theirs is visible yet.
        let mut objects: BTreeMap<Key, Bytes> = snapshot(&place.store).into_iter().collect();
        objects.extend(before);
        world.objects = objects.into_iter().collect();
        world.undisturbed = world.without_trouble();
        world
    }

    /// Whether the end is what must come of a run whose version was rejected meanwhile.
    pub fn is_refused(&self, store: &Store, error: &str) -> bool {
        let name = error.split(':').next().unwrap_or_default();
        was_rejected(store) && ["VersionRejected", "MoveNotAllowed"].contains(&name)
    }

    /// The store as it was at first, in a place of this world.
    pub fn fresh(&self) -> Place {
        self.withdrawals.store(0, Ordering::SeqCst);
        let store = Store::memory();
        for (key, bytes) in &self.objects {
            store.put(key, bytes.clone()).unwrap();
        }
        Place {
            name: self.name.clone(),
            store,
            lessons: self.lessons.clone(),
            people: self.people.clone(),
        }
    }

    pub fn asked(&self) -> Asked {
        Asked::Both {
            run: RUN.into(),
            data: 1,
            at: "2026-11-01T08:00:00Z",
        }
    }

    fn without_trouble(&self) -> Undisturbed {
        let (place, fate) = (self.fresh(), Fate::kind());
        process::run(&place, &self.asked(), &fate).unwrap();
        Undisturbed {
            objects: comparable(&place.store),
            story: story(&place.store),
            seen: visible(&place.store).unwrap(),
            served: all(&place.store).unwrap(),
            rows: version_rows(&place.store),
            points: fate.seen(),
        }
    }

    /// How the store differs from what an undisturbed run leaves.
    pub fn differences(&self, store: &Store) -> Vec<String> {
        let mut found = Vec::new();
        if was_rejected(store) {
            // The laws have been checked: nothing of that version is seen. The rest went another way.
            return found;
        }
        let (expected, objects) = (&self.undisturbed.objects, comparable(store));
        for (key, etag) in expected {
            match objects.get(key) {
                None => found.push(format!("{key} is missing")),
                Some(other) if other != etag => found.push(format!("{key} has other bytes")),
                Some(_) => {}
            }
        }
        let extra = objects.keys().filter(|key| !expected.contains_key(*key));
        found.extend(extra.map(|key| format!("{key} is left over")));
        let (before, now) = (&self.undisturbed.story, story(store));
        if *before != now {
            found.push(format!(
                "the registry's story is {now:#?}\nand not {before:#?}"
            ));
        }
        let newest = RIVALS[1].0;
        let visible = visible(store).unwrap();
        let is_newest = |seen: &Visible| seen.shown.run.run_id.as_str() == newest;
        // A withdrawal may have come before the run was shown, or after.
        let may_be_withdrawn = self.withdrawals.load(Ordering::SeqCst) > 0 && visible.is_empty();
        if !visible.iter().any(is_newest) && !may_be_withdrawn && visible != self.undisturbed.seen {
            found.push(format!("visible is {visible:#?}"));
        }
        let known = |days: &[ServedDay]| -> BTreeSet<String> {
            let runs = days
                .iter()
                .flat_map(|day| day.shown.iter().chain(&day.replaced));
            runs.map(|run| format!("{} by {}: {} rows", run.run.run_id, run.version, run.rows))
                .collect()
        };
        let served = known(&all(store).unwrap());
        for missing in known(&self.undisturbed.served).difference(&served) {
            let newer_was_quicker = |run: &String| run.starts_with(newest);
            let overtaken = missing.starts_with(RUN) && served.iter().any(newer_was_quicker);
            if !overtaken {
                found.push(format!("{missing}: nobody knows that it was shown"));
            }
        }
        let rows = version_rows(store);
        if rows != self.undisturbed.rows {
            found.push(format!("the table of versions says {rows:#?}"));
        }
        found
    }

    /// What others do just before a call of `place`'s process.
    pub fn others(&self, place: &Place) -> impl Fn(Trouble, &Point) + Send + Sync + 'static {
        let (place, asked, rivals) = (place.clone(), self.asked(), self.rivals.clone());
        let withdrawals = self.withdrawals.clone();
        move |trouble, point| match trouble {
            Trouble::Overtaken => {
                // Whether it ends well is for the laws to say.
                let _ = process::run(&place, &asked, &Fate::kind());
            }
            Trouble::Withdrawn => withdraw(&place.store, &withdrawals),
            Trouble::Rejected => reject(&place.store),
            _ if point.key.ends_with("/registry.json") => move_alias(&place.store),
            _ if point.key.starts_with("tables/") => publish(&place.store, &rivals),
            _ => {}
        }
    }
}

fn undisturbed(place: &Place, asked: &Asked) {
    process::run(place, asked, &Fate::kind()).unwrap();
}

fn inference(run: &str, at: &'static str) -> Asked {
    Asked::Inference {
        run: run.into(),
        at,
    }
}

fn snapshot(store: &Store) -> Vec<(Key, Bytes)> {
    let objects = store.list("").unwrap().into_iter();
    objects
        .map(|info| {
            let bytes = store.get(&info.key).unwrap().bytes;
            (info.key, bytes)
        })
        .collect()
}

fn publication(store: &Store, run: &str, at: &str) -> PublishShards {
    let run_id = RunId::new(run).unwrap();
    let scored: ScoreOutput = collect_stage(store, &run_id, "score-00000").unwrap().output;
    PublishShards {
        run: Run {
            run_id,
            started_at: at.parse().unwrap(),
        },
        table: "predictions".parse().unwrap(),
        model: "small".parse().unwrap(),
        version: "v1.0.0".into(),
        scored_on: DAY.parse().unwrap(),
        shards: 1,
        rows: scored.rows_scored,
    }
}

/// The older rival first, and the newer one when it was there already.
fn publish(store: &Store, rivals: &[PublishShards]) {
    let visible = visible(store).unwrap();
    let first = rivals.first().unwrap();
    let was_there = visible.iter().any(|seen| seen.shown.run == first.run);
    let rival = if was_there { &rivals[1] } else { first };
    millrace_stage_publish::run(&Context::unsigned(store), rival.clone()).unwrap();
}

fn registry(store: &Store) -> Registry {
    Registry::open(&Context::unsigned(store), "small".parse().unwrap())
}

fn rival() -> Request {
    Request::new("rival", "2026-11-02T00:00:00Z".parse().unwrap())
}

fn withdraw(store: &Store, withdrawals: &AtomicU64) {
    let of = Of {
        table: "predictions",
        scored_on: DAY.parse().unwrap(),
    };
    Serving::of(&registry(store)).withdraw(&of).unwrap();
    withdrawals.fetch_add(1, Ordering::SeqCst);
}

/// The version that the run made, if it has got so far.
fn made(store: &Store) -> Option<(Version, State)> {
    let document = registry(store).document().unwrap();
    let made = format!("{RUN}-training");
    let mut versions = document.versions.iter();
    let found = versions.find(|(_, entry)| entry.run_id.as_str() == made)?;
    Some((*found.0, found.1.state))
}

/// A live version cannot be rejected: who wants to be rid of it goes back first.
fn reject(store: &Store) {
    let Some((version, state)) = made(store) else {
        return;
    };
    let registry = registry(store);
    if state == State::Live {
        registry.rollback(&rival()).unwrap();
    }
    let request = rival().because("it is wrong");
    Serving::of(&registry).reject(version, &request).unwrap();
    let shown = visible(store).unwrap();
    let is_of_it = |seen: &Visible| seen.shown.version == version.to_string();
    assert!(
        !shown.iter().any(is_of_it),
        "{version} is rejected, and seen"
    );
}

fn was_rejected(store: &Store) -> bool {
    made(store).is_some_and(|(_, state)| state == State::Rejected)
}

/// Somebody sets an alias, or takes it back.
fn move_alias(store: &Store) {
    let (registry, request) = (registry(store), rival());
    let set = registry.set_alias("rival", "v1.0.0".parse().unwrap(), &request);
    if set.unwrap().already {
        registry.remove_alias("rival", &request).unwrap();
    }
}

/// What must come out the same to the byte: all but how often it was tried, the inputs of containers, which
/// the machine and the container write in two forms, the registry's document, whose ids are random, and what
/// rivals change too; the story, the rows and what is visible are compared instead.
fn comparable(store: &Store) -> BTreeMap<String, Etag> {
    let differs = |key: &str| {
        key.contains("/registry-history/")
            || ["/registry.json", "/history.json", "/input.json"]
                .iter()
                .any(|end| key.ends_with(end))
            || key.starts_with("tables/served/")
            || key.starts_with("tables/model_versions/")
    };
    let objects = store.list("").unwrap().into_iter();
    objects
        .filter(|info| !differs(info.key.as_str()))
        .map(|info| (info.key.to_string(), info.etag))
        .collect()
}

/// The registry's history without its ids, and without the rivals.
fn story(store: &Store) -> Vec<String> {
    let model: ModelName = "small".parse().unwrap();
    let history = Registry::open(&Context::unsigned(store), model)
        .history()
        .unwrap();
    history
        .iter()
        .filter(|entry| !matches!(entry.action, Action::AliasSet | Action::AliasRemoved))
        .map(|entry| {
            format!(
                "{} {:?} {:?} {:?} {:?} {:?}",
                entry.action, entry.version, entry.from, entry.to, entry.live_after, entry.run_id
            )
        })
        .collect()
}

/// The rows of all versions without the document's revision, which the rivals move as well.
fn version_rows(store: &Store) -> Vec<Value> {
    let key = Key::new("tables/model_versions/small.json").unwrap();
    let bytes = store.get(&key).unwrap().bytes;
    let rows = serde_json::Deserializer::from_slice(&bytes).into_iter::<Value>();
    rows.map(|row| {
        let mut row = row.unwrap();
        row.as_object_mut().unwrap().remove("revision").unwrap();
        row
    })
    .collect()
}
