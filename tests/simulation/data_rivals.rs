//! Somebody replaces the data at every moment of a run: what is learned and what is scored is of one state of it,
//! the one that was validated, or the run says `DataChanged` and leaves nothing of the stage.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use millrace_contract::Digest;
use millrace_contract::stages::{DataFiles, ValidateOutput};
use millrace_store::{Key, Store};
use millrace_trail::{StageRecord, fetch_json};

use crate::fate::{Fate, Point, Trouble};
use crate::process::{self, Place};
use crate::workers::everywhere;
use crate::world::World;
use crate::{laws, people};

const TRAINING: &str = "runs/r-training";
const INFERENCE: &str = "runs/r-inference";
const SCORES: &str = "tables/predictions/model=small/scored_on=2026-11-01/run=r-inference/";

/// What runs make of data, by the digests of what was learned from and what was scored.
type Results = BTreeMap<(Option<Digest>, Option<Digest>), [Made; 2]>;
/// Objects with their digests.
type Made = Vec<(String, Digest)>;

/// The data of one place, which only this test changes: as it was, and as the rival makes it.
struct Data {
    store: Store,
    before: Store,
    after: Store,
}

impl Data {
    fn of(before: Store, after: Store) -> Data {
        let store = Store::memory();
        fill(&store, &before);
        Data {
            store,
            before,
            after,
        }
    }
}

fn fill(store: &Store, from: &Store) {
    for object in from.list("").unwrap() {
        store
            .put(&object.key, from.get(&object.key).unwrap().bytes)
            .unwrap();
    }
}

fn lesson() -> Data {
    Data::of(people::to_learn_from(2), people::to_learn_from(8))
}

fn crowd() -> Data {
    let rows = people::Rows::SomeBad;
    Data::of(people::to_score(3, rows), people::to_score(9, rows))
}

/// A place of its own, with data that may be replaced.
fn place(world: &World, lesson: &Data, crowd: &Data) -> Place {
    Place {
        lessons: Arc::new(vec![people::to_learn_from(1), lesson.store.clone()]),
        people: crowd.store.clone(),
        ..world.fresh()
    }
}

/// The digest of the data that a run validated, where it came so far.
fn validated(store: &Store, run: &str) -> Option<Digest> {
    let key = Key::new(format!("{run}/validate/output.json")).unwrap();
    let object = store.find(&key).unwrap()?;
    let record: StageRecord<ValidateOutput> = serde_json::from_slice(&object.bytes).unwrap();
    let output = record.output;
    let files: DataFiles = fetch_json(store, &output.data_files, "a list of files").unwrap();
    assert_eq!(files.digest(), output.data_digest);
    Some(output.data_digest)
}

fn both_validated(store: &Store) -> (Option<Digest>, Option<Digest>) {
    (validated(store, TRAINING), validated(store, INFERENCE))
}

/// The files of the model, and the scores: nothing of a stage that did not finish.
fn made(store: &Store) -> [Made; 2] {
    let model = ["model.ubj", "recipe.json", "holdout.parquet"];
    [format!("{TRAINING}/train-1/"), SCORES.to_owned()].map(|folder| {
        let objects = store.list(&folder).unwrap().into_iter();
        let results = objects
            .filter(|object| folder == SCORES || model.contains(&object.key.file_name()))
            .map(|object| {
                let bytes = store.get(&object.key).unwrap().bytes;
                (object.key.to_string(), Digest::of(&bytes))
            });
        results.collect()
    })
}

/// What undisturbed runs make of the data as it was, and of that of the rival.
fn known(world: &World) -> Results {
    let mut results = Results::new();
    for (learn, score) in [(false, false), (true, false), (false, true)] {
        let (lesson, crowd) = (lesson(), crowd());
        for (data, other) in [(&lesson, learn), (&crowd, score)] {
            fill(&data.store, if other { &data.after } else { &data.before });
        }
        let place = place(world, &lesson, &crowd);
        process::run(&place, &world.asked(), &Fate::kind()).unwrap();
        let all = made(&place.store);
        assert!(all.iter().all(|made| !made.is_empty()));
        results.insert(both_validated(&place.store), all);
    }
    assert_eq!(results.len(), 3);
    results
}

/// The calls before which the data may be replaced: every read of it, and the first call of every state. What is
/// replaced at another call of a state is as if it were replaced at the next of these.
fn moments(world: &World) -> Vec<Point> {
    let (place, fate) = (place(world, &lesson(), &crowd()), Fate::kind());
    process::run(&place, &world.asked(), &fate).unwrap();
    let mut moments = fate.seen();
    let mut state = String::new();
    moments.retain(|point| {
        let begins = point.state != state && point.state != "Journal";
        if begins {
            state = point.state.clone();
        }
        begins || point.key.starts_with("data/")
    });
    moments
}

#[test]
fn data_that_is_replaced_at_any_moment_is_not_learned_from_and_not_scored() {
    let world = World::new("data-rivals");
    let (known, moments) = (known(&world), moments(&world));
    let reads = |state: &str| {
        let of_state = |point: &&Point| point.state == state && point.key.starts_with("data/");
        moments.iter().filter(of_state).count()
    };
    for state in ["Validate", "Train", "Score"] {
        assert!(reads(state) > 0, "{state} reads no data");
    }
    let count = moments.len();
    let (changed, well) = (AtomicU64::new(0), AtomicU64::new(0));
    everywhere("data-rivals", moments, |world, moment| {
        for of_lesson in [true, false] {
            match replaced_and_brought_back(world, &known, &moment, of_lesson) {
                true => &changed,
                false => &well,
            }
            .fetch_add(1, Ordering::SeqCst);
        }
    });
    let (changed, well) = (changed.into_inner(), well.into_inner());
    println!("{count} moments: {changed} runs said DataChanged, {well} ended well");
    assert!(changed > 0 && well > 0);
}

/// Whether the run said `DataChanged`.
fn replaced_and_brought_back(
    world: &World,
    known: &Results,
    moment: &Point,
    of_lesson: bool,
) -> bool {
    let (lesson, crowd) = (lesson(), crowd());
    let place = place(world, &lesson, &crowd);
    let target = if of_lesson { &lesson } else { &crowd };
    let replaced = if of_lesson { "lesson" } else { "crowd" };
    let told = format!("the {replaced} is replaced at {moment}");
    let ended = replaced_at(world, &place, target, moment, &told);
    of_what_was_validated(&place.store, known, &told);
    if let Err(error) = &ended {
        assert!(error.starts_with("DataChanged"), "{told}: {error}");
        // It is brought back: then the run ends, and nothing tells.
        fill(&target.store, &target.before);
        let again = process::run(&place, &world.asked(), &Fate::kind());
        assert_eq!(again, Ok(()), "{told}, and brought back");
        of_what_was_validated(&place.store, known, &told);
    }
    let [model, scores] = made(&place.store);
    assert!(!model.is_empty() && !scores.is_empty(), "{told}: it ended");
    ended.is_err()
}

fn replaced_at(
    world: &World,
    place: &Place,
    target: &Data,
    moment: &Point,
    told: &str,
) -> Result<(), String> {
    let aimed = moment.clone();
    let fate = Fate::new(move |point| (*point == aimed).then_some(Trouble::DataReplaced));
    let (store, after) = (target.store.clone(), target.after.clone());
    fate.meets_others(move |_, _| fill(&store, &after));
    let ended = process::run(place, &world.asked(), &fate);
    assert_eq!(fate.met().len(), 1, "{told}: it was not");
    ended
}

/// The laws hold, and whatever was made is what an undisturbed run makes of the data that was validated.
#[track_caller]
fn of_what_was_validated(store: &Store, known: &Results, told: &str) {
    assert_eq!(laws::breaches(store), Vec::<String>::new(), "{told}");
    let (learned, scored) = both_validated(store);
    let of_run = |(key, made): (&(Option<Digest>, Option<Digest>), &[Made; 2])| {
        let fits =
            |known: &Option<Digest>, found: &Option<Digest>| found.is_none() || known == found;
        (fits(&key.0, &learned) && fits(&key.1, &scored)).then(|| made.clone())
    };
    let expected: Vec<[Made; 2]> = known.iter().filter_map(of_run).collect();
    assert!(!expected.is_empty(), "{told}: a mixture was validated");
    let found = made(store);
    let fits = |expected: &[Made; 2]| {
        let mut pairs = expected.iter().zip(&found);
        pairs.all(|(expected, found)| found.is_empty() || found == expected)
    };
    assert!(
        expected.iter().any(fits),
        "{told}: {found:#?}\nand not {expected:#?}"
    );
    assert!(
        learned.is_some() || found[0].is_empty(),
        "{told}: unchecked"
    );
    assert!(scored.is_some() || found[1].is_empty(), "{told}: unchecked");
}
