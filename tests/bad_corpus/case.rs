//! A folder of `tests/bad/`: what is wrong, at which doors it is shown, and what each has to say.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::change::Change;
use crate::doors::Door;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What is wrong, in a sentence.
    #[allow(dead_code, reason = "for whoever reads the case")]
    pub about: String,
    pub input: Input,
    /// A file of the case's folder; without it the good one is taken.
    pub file: Option<String>,
    /// The name that the input gets, where it matters: an ending, a folder that gives a column.
    pub name: Option<String>,
    /// What is done to the bytes, one after the other.
    #[serde(default)]
    pub change: Vec<Change>,
    /// The object of the store that is altered, for `input = "object"`.
    pub key: Option<String>,
    /// What is typed, for the door `command`.
    #[serde(default)]
    pub arguments: Vec<String>,
    /// Variables for the program, instead of the usual ones.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// What the message must also hold.
    pub says: Option<String>,
    /// The error's name at each door.
    pub doors: BTreeMap<Door, String>,
    #[serde(skip)]
    pub folder: PathBuf,
}

/// Which of the things that others wrote is bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Input {
    /// The rows.
    Data,
    /// Rows as CSV, made of the good ones.
    Csv,
    Contract,
    Spec,
    /// A file of a model, whose digest agrees with what is said of it all the same.
    Model,
    Recipe,
    Metadata,
    /// An object of the store that is not as it was written.
    Object,
    /// What a function or a container is asked.
    Event,
    /// What an execution of a state machine is started with.
    Execution,
    /// A state machine itself.
    Machine,
    /// What is typed, or what the environment says.
    Nothing,
}

impl Case {
    pub fn read(folder: &Path) -> Case {
        let path = folder.join("case.toml");
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| {
            panic!("{}: {error}", path.display());
        });
        let case: Case =
            toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert!(!case.doors.is_empty(), "{}: no door", path.display());
        Case {
            folder: folder.to_owned(),
            ..case
        }
    }

    /// Nothing is bad.
    pub fn nothing(arguments: &[&str]) -> Case {
        Case {
            about: String::new(),
            input: Input::Nothing,
            file: None,
            name: None,
            change: Vec::new(),
            key: None,
            arguments: arguments.iter().map(|text| (*text).to_owned()).collect(),
            environment: BTreeMap::new(),
            says: None,
            doors: BTreeMap::new(),
            folder: PathBuf::from("nothing"),
        }
    }

    pub fn title(&self) -> &str {
        self.folder.file_name().unwrap().to_str().unwrap()
    }

    /// The bad bytes: those of the case's file or the good ones, changed.
    pub fn bytes(&self, good: impl FnOnce() -> Vec<u8>) -> Vec<u8> {
        let bytes = match &self.file {
            Some(file) => std::fs::read(self.folder.join(file)).unwrap(),
            None => good(),
        };
        let before = bytes.clone();
        let after = self
            .change
            .iter()
            .fold(bytes, |bytes, change| change.apply(bytes));
        assert!(
            self.change.is_empty() || after != before,
            "{}: the change changes nothing",
            self.title()
        );
        after
    }
}

/// Every folder of the corpus.
pub fn all() -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("bad");
    let mut folders: Vec<PathBuf> = std::fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders.iter().map(|folder| Case::read(folder)).collect()
}
