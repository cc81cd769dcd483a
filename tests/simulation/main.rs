//! A seeded simulation of whole runs: the real state machines, the real stages and the real registry over a
//! store that misbehaves. After each schedule the run is taken up until it ends; then the laws are checked
//! (`laws.rs`), and everything that the run left must equal an undisturbed run's, to the byte.
//!
//! `MILLRACE_SIMULATION_SCHEDULES` says how many schedules are played (500), `MILLRACE_SIMULATION_FIRST` from
//! which seed on (1), and `MILLRACE_SIMULATION_SEED` plays that one alone, and says what happens in it.
#![allow(clippy::unwrap_used, clippy::panic)]

mod checks;
mod data_rivals;
mod fate;
mod laws;
mod load;
mod people;
mod process;
mod reader;
mod schedule;
mod workers;
mod world;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Mutex;

use fate::{Point, Trouble};
use schedule::{Weather, of_seed, play};
use workers::{everywhere, setting};
use world::World;

#[test]
fn random_schedules_end_as_an_undisturbed_run() {
    if let Some(seed) = setting("MILLRACE_SIMULATION_SEED") {
        return replay(seed);
    }
    let first = setting("MILLRACE_SIMULATION_FIRST").unwrap_or(1);
    let count = setting("MILLRACE_SIMULATION_SCHEDULES").unwrap_or(500);
    let last = first + count - 1;
    println!("seeds {first} to {last}");
    let ends = Mutex::new(BTreeMap::<String, u64>::new());
    let broken = Mutex::new(Vec::new());
    everywhere("schedules", first..=last, |world, seed| {
        match play(world, &of_seed(seed, &world.undisturbed.points)) {
            Ok(played) => {
                let mut ends = ends.lock().unwrap();
                for end in played.ends {
                    let name = end.split(':').next().unwrap_or_default().to_owned();
                    *ends.entry(name).or_default() += 1;
                }
            }
            Err(told) => broken.lock().unwrap().push(format!(
                "seed {seed} breaks a law:\n{told}  play it again: make simulate SEED={seed}"
            )),
        }
    });
    println!(
        "{count} schedules; their processes ended: {:#?}",
        ends.into_inner().unwrap()
    );
    nothing(broken);
}

/// So many of them are told in full.
const MOST_TOLD: usize = 10;

#[track_caller]
fn nothing(broken: Mutex<Vec<String>>) {
    let broken = broken.into_inner().unwrap();
    let told: Vec<&str> = broken.iter().map(String::as_str).take(MOST_TOLD).collect();
    assert!(
        broken.is_empty(),
        "{} broken:\n{}",
        broken.len(),
        told.join("\n")
    );
}

fn replay(seed: u64) {
    let world = World::new("replay");
    let weathers = of_seed(seed, &world.undisturbed.points);
    println!("seed {seed}: {weathers:#?}");
    match play(&world, &weathers) {
        Ok(played) => {
            for (point, trouble) in played.met {
                println!("met {trouble:?} at {point}");
            }
            println!("ends: {:#?}", played.ends);
        }
        Err(broken) => panic!("seed {seed} breaks a law:\n{broken}"),
    }
}

/// Every write of every stage, of the registry and of publishing, one after the other; also those that only
/// a run makes that recovers, which are found on the way.
#[test]
fn a_crash_before_and_after_every_write_is_survived() {
    let known = Mutex::new(BTreeSet::new());
    let hit = Mutex::new(BTreeSet::<(String, &str)>::new());
    let world = World::new("every-write-first");
    let points = world.undisturbed.points.clone();
    drop(world);
    let broken = Mutex::new(Vec::new());
    let mut queue: VecDeque<Vec<Weather>> = first_crashes(&points, &known).into();
    while !queue.is_empty() {
        let found = Mutex::new(Vec::new());
        everywhere("every-write", queue.drain(..), |world, weathers| {
            let played = match play(world, &weathers) {
                Ok(played) => played,
                Err(told) => return broken.lock().unwrap().push(told.to_string()),
            };
            for (point, trouble) in &played.met {
                let name = match trouble {
                    Trouble::CrashBefore => "before",
                    Trouble::CrashAfter => "after",
                    _ => continue,
                };
                hit.lock().unwrap().insert((point.name(), name));
            }
            // A write that is made only because something went wrong before.
            let mut known = known.lock().unwrap();
            for point in played.seen.iter().filter(|point| point.verb.writes()) {
                if known.insert(point.name()) {
                    let before = weathers.clone();
                    found.lock().unwrap().push((before, point.name()));
                }
            }
        });
        for (before, name) in found.into_inner().unwrap() {
            for crash in [Trouble::CrashBefore, Trouble::CrashAfter] {
                let mut weathers = before.clone();
                weathers.push(Weather::Named(name.clone(), crash));
                queue.push_back(weathers);
            }
        }
    }
    nothing(broken);
    let (known, hit) = (known.into_inner().unwrap(), hit.into_inner().unwrap());
    let never: Vec<_> = known
        .iter()
        .flat_map(|name| ["before", "after"].map(|when| (name.clone(), when)))
        .filter(|failpoint| !hit.contains(failpoint))
        .collect();
    println!("{} failpoints, before and after each of:", 2 * known.len());
    for name in &known {
        println!("  {name}");
    }
    assert!(never.is_empty(), "never hit: {never:#?}");
}

/// A schedule for each write of an undisturbed run, and how often it makes it.
fn first_crashes(points: &[Point], known: &Mutex<BTreeSet<String>>) -> Vec<Vec<Weather>> {
    let writes = points.iter().filter(|point| point.verb.writes());
    let mut known = known.lock().unwrap();
    writes
        .flat_map(|point| {
            known.insert(point.name());
            [Trouble::CrashBefore, Trouble::CrashAfter]
                .map(|crash| vec![Weather::Aimed(vec![(point.clone(), crash)])])
        })
        .collect()
}

/// The other troubles, each at every call where it can happen.
#[test]
fn every_trouble_at_every_call_is_survived() {
    let world = World::new("every-call-first");
    let troubles = [
        Trouble::ErrorBefore,
        Trouble::ErrorAfter,
        Trouble::Truncated(0),
        Trouble::Truncated(57),
        Trouble::Truncated(400),
        Trouble::Slow(1_000),
        Trouble::LostRace,
        Trouble::Rival,
        Trouble::Withdrawn,
        Trouble::Rejected,
        Trouble::Overtaken,
        Trouble::TaskDiesBefore,
        Trouble::TaskDiesAfter,
    ];
    let points = world.undisturbed.points.iter();
    let aims: Vec<(Point, Trouble)> = points
        .flat_map(|point| troubles.map(|trouble| (point.clone(), trouble)))
        .filter(|(point, trouble)| trouble.fits(point))
        .collect();
    drop(world);
    println!("{} troubles", aims.len());
    let broken = Mutex::new(Vec::new());
    everywhere("every-call", aims, |world, aim| {
        if let Err(told) = play(world, &[Weather::Aimed(vec![aim])]) {
            broken.lock().unwrap().push(told.to_string());
        }
    });
    nothing(broken);
}
