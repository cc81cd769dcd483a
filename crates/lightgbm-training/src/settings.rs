//! What LightGBM is told.

use crate::TrainingError;

/// What is always told: the order of additions does not depend on threads, and nothing is printed.
const FIXED: [(&str, &str); 3] = [
    ("deterministic", "true"),
    ("force_col_wise", "true"),
    ("verbosity", "-1"),
];
/// What may not be told: another name for one of these, or what reads and writes files.
const REFUSED: [&str; 10] = [
    "deterministic",
    "force_col_wise",
    "force_row_wise",
    "verbosity",
    "verbose",
    "linear_tree",
    "config",
    "data",
    "input_model",
    "output_model",
];

/// Names and values, in LightGBM's own words, and the number of threads.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    pairs: Vec<(String, String)>,
}

impl Settings {
    pub fn new(threads: usize) -> Settings {
        let mut pairs: Vec<(String, String)> = FIXED
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        // More threads than cores cost twenty times the time: so a number is always given.
        pairs.push(("num_threads".to_owned(), threads.max(1).to_string()));
        Settings { pairs }
    }

    /// The same with one more.
    pub fn with(mut self, name: &str, value: impl ToString) -> Result<Settings, TrainingError> {
        let value = value.to_string();
        let sound = |text: &str| {
            !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || "=\"'#\0".contains(c))
        };
        if REFUSED.contains(&name) {
            return Err(TrainingError::SettingFixed {
                name: name.to_owned(),
            });
        }
        if !sound(name) || !sound(&value) {
            return Err(TrainingError::SettingInvalid {
                name: name.to_owned(),
                value,
            });
        }
        self.pairs.push((name.to_owned(), value));
        Ok(self)
    }

    pub(crate) fn text(&self) -> String {
        let words: Vec<String> = self
            .pairs
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        words.join(" ")
    }
}
