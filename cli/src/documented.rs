//! Every command in the documentation and in the help is one that can be typed.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::{Path, PathBuf};

use clap::{CommandFactory, Parser};

use crate::arguments::Arguments;

/// Commands, each with the place where it stands.
type Found = Vec<(String, String)>;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn documents() -> Vec<PathBuf> {
    let mut files = vec![repository().join("README.md")];
    for folder in ["docs", "infra"] {
        let entries = std::fs::read_dir(repository().join(folder));
        files.extend(
            entries
                .into_iter()
                .flatten()
                .map(|entry| entry.unwrap().path()),
        );
    }
    files.retain(|file| file.extension().is_some_and(|extension| extension == "md"));
    files
}

/// The commands of all blocks of shell lines; a backslash goes on in the next line.
fn in_documents() -> Found {
    let mut found = Found::new();
    for file in documents() {
        let text = std::fs::read_to_string(&file).unwrap().replace("\\\n", " ");
        let mut in_shell = false;
        for line in text.lines() {
            if let Some(language) = line.strip_prefix("```") {
                in_shell = !in_shell && matches!(language, "sh" | "bash" | "shell");
            } else if in_shell && line.trim_start().starts_with("millrace ") {
                found.push((file.display().to_string(), line.trim().to_owned()));
            }
        }
    }
    found
}

fn in_help(command: &clap::Command, found: &mut Found) {
    let help = command
        .get_after_help()
        .map(ToString::to_string)
        .unwrap_or_default();
    for line in help
        .lines()
        .filter(|line| line.trim_start().starts_with("millrace "))
    {
        found.push((
            format!("help of {}", command.get_name()),
            line.trim().to_owned(),
        ));
    }
    for inner in command.get_subcommands() {
        in_help(inner, found);
    }
}

/// Words as a shell takes them: quotes keep spaces, a comment or a pipe ends the command.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote: Option<char> = None;
    for character in line.chars() {
        match (quote, character) {
            (Some(open), close) if open == close => quote = None,
            (None, '"' | '\'') => quote = Some(character),
            (None, '#' | '|' | '>') => break,
            (None, ' ') => words.push(String::new()),
            _ => words.last_mut().unwrap().push(character),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[test]
fn every_documented_command_can_be_typed() {
    let mut found = in_documents();
    in_help(&Arguments::command(), &mut found);
    assert!(found.len() > 20, "only {} commands were found", found.len());
    for (place, line) in found {
        if let Err(error) = Arguments::try_parse_from(words(&line)) {
            assert!(!error.use_stderr(), "{place}: {line}\n{error}");
        }
    }
}

#[test]
fn every_command_has_examples() {
    for command in Arguments::command().get_subcommands() {
        let help = command
            .get_after_help()
            .map(ToString::to_string)
            .unwrap_or_default();
        assert!(
            help.contains("millrace "),
            "{} has no example",
            command.get_name()
        );
    }
}
