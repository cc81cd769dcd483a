//! Every folder of `tests/bad/` at every door that it names: the error by its name, no change in the store
//! but the notes that a run leaves in its own folder, memory and time within limits.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod case;
mod change;
mod doors;
mod lambda;
mod program;
mod world;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use case::Case;
use doors::{Door, knock, may_be_left};
use world::{Bench, World};

/// The least number of folders.
const FEWEST: usize = 80;
/// The most memory that a program may take for any bad input.
const MOST_BYTES: u64 = 400 << 20;
const AT_ONCE: usize = 2;

#[test]
fn every_bad_input_is_refused_by_name_and_changes_nothing() {
    let only = std::env::var("MILLRACE_BAD_CASE").unwrap_or_default();
    let cases = case::all();
    assert!(cases.len() >= FEWEST, "only {} cases", cases.len());
    let plays: Vec<(&Case, Door, &str)> = cases
        .iter()
        .filter(|case| case.title().contains(&only))
        .flat_map(|case| {
            case.doors
                .iter()
                .map(move |(door, name)| (case, *door, name.as_str()))
        })
        .collect();
    let world = World::new();
    let (next, said) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let (peak, slowest) = (
        Mutex::new((0, String::new())),
        Mutex::new((0, String::new())),
    );
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some((case, door, name)) = plays.get(next.fetch_add(1, Ordering::SeqCst))
                {
                    let title = format!("{} at {door}", case.title());
                    match play(&world, case, *door, name) {
                        Ok((bytes, milliseconds)) => {
                            keep_larger(&peak, bytes >> 20, &title);
                            keep_larger(&slowest, milliseconds, &title);
                        }
                        Err(wrong) => said.lock().unwrap().push(format!("{title}: {wrong}")),
                    }
                }
            });
        }
    });
    let mut doors: BTreeMap<Door, usize> = BTreeMap::new();
    plays
        .iter()
        .for_each(|(_, door, _)| *doors.entry(*door).or_default() += 1);
    println!("{} bad inputs, tried {} times:", cases.len(), plays.len());
    for (door, count) in doors {
        println!("  {door:<22} {count}");
    }
    let (peak, slowest) = (peak.into_inner().unwrap(), slowest.into_inner().unwrap());
    println!(
        "most memory {} MiB ({}), longest {} ms ({})",
        peak.0, peak.1, slowest.0, slowest.1
    );
    let said = said.into_inner().unwrap();
    assert!(
        said.is_empty(),
        "{} of them:\n{}",
        said.len(),
        said.join("\n")
    );
}

fn keep_larger(kept: &Mutex<(u64, String)>, value: u64, title: &str) {
    let mut kept = kept.lock().unwrap();
    if value > kept.0 {
        *kept = (value, title.to_owned());
    }
}

/// Plays a case at a door; gives the peak memory and the time, or what went wrong.
fn play(world: &World, case: &Case, door: Door, name: &str) -> Result<(u64, u64), String> {
    let bench = Bench::new(world, case);
    let before = bench.digests();
    let answer = knock(door, case, &bench);
    let short: String = answer.message.chars().take(600).collect();
    let (mut bytes, mut milliseconds) = (0, 0);
    if let Some(ended) = &answer.ended {
        (bytes, milliseconds) = (ended.peak_bytes, ended.took.as_millis() as u64);
        if ended.hung {
            return Err(format!("it hangs: {}", ended.said));
        }
        let lambda = matches!(door, Door::Lambda(_)) && answer.name.is_some();
        if ended.code.is_none() && !lambda {
            return Err(format!("it crashed: {}", ended.said));
        }
        if bytes > MOST_BYTES {
            return Err(format!("{} MiB of memory ({short})", bytes >> 20));
        }
    }
    if answer.succeeded {
        return Err(format!("{name} was expected, and it succeeded: {short}"));
    }
    let named = match &answer.name {
        Some(found) => found == name,
        None => words(&answer.message).any(|word| word == name),
    };
    if !named {
        return Err(format!("{name} was expected: {:?} {short}", answer.name));
    }
    if let Some(says) = &case.says
        && !answer.message.contains(says.as_str())
    {
        return Err(format!("it does not say `{says}`: {short}"));
    }
    let after = bench.digests();
    let changed = before
        .iter()
        .filter(|(key, digest)| after.get(*key) != Some(digest));
    let new = after
        .keys()
        .filter(|key| !before.contains_key(*key) && !may_be_left(key));
    let touched: Vec<&String> = changed.map(|(key, _)| key).chain(new).collect();
    match touched.is_empty() {
        true => Ok((bytes, milliseconds)),
        false => Err(format!("it changed {touched:?}")),
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '.')
        .map(|word| word.trim_matches('.'))
}

/// The same doors take what is good: a refusal in the corpus is about what is bad in it.
#[test]
fn what_is_good_goes_through_the_same_doors() {
    let world = World::new();
    for door in [
        Door::Command,
        Door::Validate,
        Door::Train,
        Door::Score,
        Door::Lambda("validate"),
        Door::Lambda("registry"),
        Door::Lambda("fairness-gate"),
        Door::Container("inference", "score-00000"),
    ] {
        let typed: &[&str] = match door {
            Door::Command => &["models", "list"],
            _ => &[],
        };
        let case = Case::nothing(typed);
        let answer = knock(door, &case, &Bench::new(&world, &case));
        assert!(answer.succeeded, "{door}: {answer:?}");
    }
}
