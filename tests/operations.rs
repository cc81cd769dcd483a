//! The documents of the operator and of the security reviewer are complete and true.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use support::names::{names_in_machine, names_in_source};
use support::repository_file;

/// What stands in backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// The part of a document from this heading to the next of its kind.
fn section<'a>(document: &'a str, heading: &str) -> &'a str {
    let start = document.find(&format!("\n## {heading}\n")).unwrap();
    let rest = &document[start + 1..];
    rest.find("\n## ").map_or(rest, |end| &rest[..end])
}

/// The cells of each row whose first cell is a name in backticks.
fn rows(section: &str) -> impl Iterator<Item = Vec<&str>> {
    section
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
}

/// What is wrong with the tables of names, in words.
fn mistakes(document: &str, sources: &BTreeMap<String, String>) -> Vec<String> {
    let mut said = Vec::new();
    let mut documented = BTreeSet::new();
    for row in rows(section(document, "Error names")) {
        let whole = row.len() == 3 && row.iter().all(|cell| !cell.is_empty());
        for name in quoted(row[0]) {
            if !whole {
                said.push(format!("`{name}` lacks a cause or a remedy"));
            }
            if !documented.insert(name) {
                said.push(format!("`{name}` is explained twice"));
            }
            if !sources.contains_key(name) {
                said.push(format!("`{name}` is explained, but nothing shows it"));
            }
        }
    }
    let missing = sources
        .iter()
        .filter(|(name, _)| !documented.contains(name.as_str()));
    said.extend(missing.map(|(name, path)| format!("`{name}` of {path} is not explained")));
    said
}

/// Every Rust file of the workspace with its path from the root, the tests' own folders included.
fn rust_files() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut folders: Vec<PathBuf> = ["crates", "lambdas", "fargate", "cli", "tests"]
        .map(|folder| root.join(folder))
        .to_vec();
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap();
                files.push((name.to_owned(), std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    files.sort();
    files
}

#[test]
fn every_error_name_has_its_cause_and_remedy() {
    let mut sources = BTreeMap::new();
    for (path, source) in rust_files() {
        if path.contains("/src/") && !path.ends_with("/tests.rs") {
            let names = names_in_source(&path, &source);
            sources.extend(names.into_iter().map(|name| (name, path.clone())));
        }
    }
    for path in ["training", "inference"].map(|name| format!("statemachines/{name}.asl.json")) {
        let mut names = BTreeSet::new();
        names_in_machine(
            &serde_json::from_str(&repository_file(&path)).unwrap(),
            &mut names,
        );
        sources.extend(names.into_iter().map(|name| (name, path.clone())));
    }
    let said = mistakes(&repository_file("docs/OPERATIONS.md"), &sources);
    assert!(said.is_empty(), "docs/OPERATIONS.md: {said:#?}");
}

#[test]
fn every_test_that_the_security_document_names_exists() {
    let document = repository_file("docs/SECURITY.md");
    let files: BTreeMap<String, String> = rust_files().into_iter().collect();
    let named: Vec<&str> = quoted(&document)
        .filter(|text| text.contains(".rs::"))
        .collect();
    assert!(!named.is_empty(), "no test is named");
    let absent: Vec<&&str> = named
        .iter()
        .filter(|reference| {
            let (path, function) = reference.split_once("::").unwrap();
            !files
                .get(path)
                .is_some_and(|source| has_test(source, function))
        })
        .collect();
    assert!(absent.is_empty(), "docs/SECURITY.md: no such {absent:#?}");
}

/// What a file compiles into a program: everything above its tests.
fn shipped(source: &str) -> &str {
    source.split("#[cfg(test)]").next().unwrap_or_default()
}

#[test]
fn no_program_works_without_its_keys() {
    let opening = ["Context::", "unsigned("].concat();
    let (mut makers, mut readers) = (Vec::new(), 0);
    for (path, source) in rust_files() {
        if !path.contains("/src/") || path.contains("/src/tests") {
            continue;
        }
        readers += usize::from(shipped(&source).contains("Keys::read("));
        if shipped(&source).contains(&opening) {
            makers.push(path);
        }
    }
    assert!(makers.is_empty(), "keys are left out in {makers:#?}");
    // The command, functions and containers.
    assert_eq!(readers, 3, "the places that read keys");
}

/// Whether the function is there and marked as a test.
fn has_test(source: &str, function: &str) -> bool {
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    let start = format!("fn {function}(");
    let place = lines.iter().position(|line| line.starts_with(&start));
    let above = lines[..place.unwrap_or(0)].iter().rev();
    above
        .take_while(|line| line.starts_with("#["))
        .any(|line| *line == "#[test]")
}

#[test]
fn unsafe_code_is_where_the_security_document_says_and_gives_its_reason() {
    let document = repository_file("docs/SECURITY.md");
    let named: BTreeSet<&str> = rows(section(&document, "Unsafe code"))
        .flat_map(|row| quoted(row[0]).collect::<Vec<_>>())
        .collect();
    let files = rust_files();
    let (allowance, block) = (
        ["allow(", "unsafe_code)"].concat(),
        ["unsafe", " {"].concat(),
    );
    let found: BTreeSet<&str> = files
        .iter()
        .filter(|(_, source)| source.contains(&allowance))
        .map(|(path, _)| path.as_str())
        .collect();
    assert_eq!(named, found);
    for (path, source) in &files {
        let lines: Vec<&str> = source.lines().collect();
        for (number, _) in lines
            .iter()
            .enumerate()
            .filter(|(_, line)| line.contains(&block))
        {
            let above = &lines[number.saturating_sub(2)..number];
            let explained = above.iter().any(|line| line.contains("// SAFETY: "));
            assert!(explained, "{path}:{}: say why it is safe", number + 1);
        }
    }
}

#[test]
fn a_name_that_is_missing_unknown_repeated_or_unexplained_is_told() {
    let sources = ["Known", "Forgotten", "Bare"]
        .map(|name| (name.to_owned(), "a.rs".to_owned()))
        .into();
    let document = "\n## Error names\n| `Known` | Why. | What. |\n| `Gone` | Why. | What. |\n| `Known` | Why. | What. |\n| `Bare` | Why. | |\n";
    let expected = [
        "`Gone` is explained, but nothing shows it",
        "`Known` is explained twice",
        "`Bare` lacks a cause or a remedy",
        "`Forgotten` of a.rs is not explained",
    ];
    assert_eq!(mistakes(document, &sources), expected);
    let test = "#[test]\n#[ignore]\nfn here() {}\nfn no_test() {}\n";
    assert!(has_test(test, "here"));
    assert!(!has_test(test, "no_test") && !has_test(test, "nowhere"));
}
