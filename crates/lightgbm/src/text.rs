//! The text's form: blocks of lines `name=value`.

use std::collections::BTreeMap;
use std::str::FromStr;

use crate::LightGbmError;
use crate::error::corrupt;

/// The lines of one block.
#[derive(Debug, Default)]
pub(crate) struct Block<'a>(BTreeMap<&'a str, &'a str>);

impl<'a> Block<'a> {
    pub(crate) fn read(lines: impl Iterator<Item = &'a str>) -> Block<'a> {
        Block(
            lines
                .map(|line| line.split_once('=').unwrap_or((line, "")))
                .collect(),
        )
    }

    pub(crate) fn get(&self, name: &str) -> Option<&'a str> {
        self.0.get(name).copied()
    }

    pub(crate) fn text(&self, name: &str) -> Result<&'a str, LightGbmError> {
        self.get(name)
            .ok_or_else(|| corrupt(format!("it has no `{name}`")))
    }

    pub(crate) fn number<T: FromStr>(&self, name: &str) -> Result<T, LightGbmError> {
        let text = self.text(name)?;
        text.parse()
            .map_err(|_| corrupt(format!("`{name}` is `{text}`")))
    }

    /// So many numbers, separated by spaces.
    pub(crate) fn numbers<T: FromStr>(
        &self,
        name: &str,
        count: usize,
    ) -> Result<Vec<T>, LightGbmError> {
        let words: Vec<&str> = self.text(name)?.split_whitespace().collect();
        if words.len() != count {
            return Err(corrupt(format!(
                "`{name}` has {} numbers, {count} are expected",
                words.len()
            )));
        }
        let number = |word: &&str| {
            word.parse()
                .map_err(|_| corrupt(format!("`{name}` has `{word}`")))
        };
        words.iter().map(number).collect()
    }
}
