//! The corpora of the fuzz targets, played once: seeds, and whatever a fuzzer has found and was mended.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../fuzz/src/lib.rs"]
mod fuzz;

use std::fs;
use std::path::{Path, PathBuf};

/// What is kept of all corpora together.
const MOST_BYTES: u64 = 2 << 20;

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    entries.map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn every_file_of_every_corpus_is_survived() {
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus");
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
