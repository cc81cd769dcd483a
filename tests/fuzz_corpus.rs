//! The corpora of the fuzz targets, played once: seeds, and whatever a fuzzer has found and was mended. Then each
//! file is changed at random and played again: no coverage leads the way as in `make fuzz`, but it needs nothing built
//! for it. `MILLRACE_FUZZ_CHANGES` says how often each file is changed (100).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../fuzz/src/lib.rs"]
mod fuzz;

use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use support::random::{Chance, hash};

/// What is kept of all corpora together.
const MOST_BYTES: u64 = 2 << 20;

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn corpora() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus")
}

#[test]
fn every_file_of_every_corpus_is_survived() {
    let corpora = corpora();
    let mut bytes = 0;
    for (name, target) in fuzz::TARGETS {
        let files = files(&corpora.join(name));
        assert!(!files.is_empty(), "{name} has no seeds");
        println!("{name}: {} files", files.len());
        for path in files {
            println!("  {}", path.display());
            let content = fs::read(&path).unwrap();
            bytes += content.len() as u64;
            target(&content);
        }
    }
    assert!(bytes <= MOST_BYTES, "{bytes} bytes are too many to keep");
    let known: Vec<PathBuf> = fuzz::TARGETS.map(|(name, _)| corpora.join(name)).to_vec();
    for folder in files(&corpora) {
        assert!(known.contains(&folder), "{folder:?} belongs to no target");
    }
}

#[test]
fn changes_of_every_file_are_survived() {
    let setting = std::env::var("MILLRACE_FUZZ_CHANGES");
    let times: u64 = setting.map_or(100, |text| text.parse().unwrap());
    for (name, target) in fuzz::TARGETS {
        let seeds: Vec<Vec<u8>> = files(&corpora().join(name))
            .iter()
            .map(|path| fs::read(path).unwrap())
            .collect();
        for (place, seed) in seeds.iter().enumerate() {
            for time in 0..times {
                let mut chance = Chance::of(&[hash(name), place as u64, time]);
                let mut bytes = seed.clone();
                for _ in 0..1 + chance.below(4) {
                    change(&mut bytes, &seeds, &mut chance);
                }
                if catch_unwind(|| target(&bytes)).is_err() {
                    let kept =
                        std::env::temp_dir().join(format!("millrace-fuzz-{name}-{place}-{time}"));
                    fs::write(&kept, &bytes).unwrap();
                    panic!(
                        "{name} does not survive {}: put it into fuzz/corpus/{name}",
                        kept.display()
                    );
                }
            }
        }
        println!(
            "{name}: {} changes of {} files",
            times * seeds.len() as u64,
            seeds.len()
        );
    }
}

/// One change: bits, bytes, numbers and pieces, as fuzzers make them.
fn change(bytes: &mut Vec<u8>, others: &[Vec<u8>], chance: &mut Chance) {
    let place = |length: usize, chance: &mut Chance| chance.below(length as u64 + 1) as usize;
    let start = place(bytes.len(), chance);
    let end = (start + place(32, chance)).min(bytes.len());
    match chance.below(8) {
        0 => bytes.truncate(start),
        1 => drop(bytes.drain(start..end)),
        2 => {
            let twice = bytes[start..end].to_vec();
            drop(bytes.splice(start..start, twice));
        }
        3 => {
            let other = chance.pick(others);
            let from = place(other.len(), chance);
            let to = (from + place(64, chance)).min(other.len());
            drop(bytes.splice(start..end, other[from..to].iter().copied()));
        }
        4 => {
            let numbers = [
                "0",
                "-1",
                "1e308",
                "NaN",
                "18446744073709551615",
                "9223372036854775808",
                "null",
                "[[",
                "\"\\",
            ];
            drop(bytes.splice(start..end, chance.pick(&numbers).bytes()));
        }
        5 => bytes[start..end].fill(*chance.pick(&[0, 0x7F, 0x80, 0xFF])),
        _ => {
            for byte in &mut bytes[start..(start + 1).min(end)] {
                *byte ^= 1 << chance.below(8);
            }
        }
    }
}
