//! A whole conversation, with what was typed and what was said.
#![allow(clippy::unwrap_used)]

use millrace_contract::ModelName;
use millrace_dataset::{Source, Survey};
use millrace_proposal::{Choices, guess};

use super::*;

fn table() -> (Survey, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table.csv");
    let rows = (0..30).fold("id,day,sex,size,mood,price\n".to_owned(), |csv, n| {
        let size = ["small", "medium", "large"][n % 3];
        let mood = ["blue", "red", "green"][n / 2 % 3];
        csv + &format!("{n},2026-01-01,{},{size},{mood},{n}\n", ["f", "m"][n % 2])
    });
    std::fs::write(&path, rows).unwrap();
    let survey = Survey::of(&Source::open(path.to_str().unwrap()).unwrap()).unwrap();
    (survey, folder)
}

fn converse(typed: &str) -> (Result<Choices, Failure>, String) {
    let (survey, _folder) = table();
    let guesses = guess(&survey, 20_784);
    let wishes = Wishes {
        name: ModelName::new("table").unwrap(),
        source: "table.csv".to_owned(),
        id: None,
        date: None,
        target: None,
        protected: None,
    };
    let (mut input, mut output) = (typed.as_bytes(), Vec::new());
    let mut conversation = Conversation::new(&mut input, &mut output);
    let choices = choose(&mut conversation, &survey, &guesses, wishes);
    (choices, String::from_utf8(output).unwrap())
}

#[test]
fn empty_answers_take_every_guess() {
    let (choices, said) = converse("\n\n\n\n\n\n");
    let choices = choices.unwrap();
    assert_eq!(choices.target, "price");
    assert_eq!(choices.id.as_deref(), Some("id"));
    assert_eq!(choices.date.as_deref(), Some("day"));
    assert_eq!(choices.protected, ["sex"]);
    assert_eq!(choices.ordered["size"], ["small", "medium", "large"]);
    assert!(!choices.ordered.contains_key("mood"));
    for part in [
        "What is to be predicted? [price]",
        "its name says `price`",
        "[sex]",
        "1 small   2 medium   3 large",
    ] {
        assert!(said.contains(part), "{part} is not in\n{said}");
    }
}

#[test]
fn answers_are_taken_and_slips_are_asked_again() {
    let typed = "prise\nprice\nnone\nnone\nnone\nmode\nmood, size\n3 2 1\n1 1 2\n2 3 1\n";
    let (choices, said) = converse(typed);
    let choices = choices.unwrap();
    assert_eq!((choices.id, choices.date), (None, None));
    assert_eq!(choices.protected, Vec::<String>::new());
    assert_eq!(choices.ordered["size"], ["large", "medium", "small"]);
    // The words of a column without a known order come in that of the alphabet.
    assert_eq!(choices.ordered["mood"], ["green", "red", "blue"]);
    for part in [
        "did you mean price?",
        "only names of that list",
        "every number once",
    ] {
        assert!(said.contains(part), "{part} is not in\n{said}");
    }
}

#[test]
fn answers_that_end_early_decide_nothing() {
    let (choices, _) = converse("price\n");
    assert_eq!(choices.unwrap_err().name, "NoAnswer");
}
