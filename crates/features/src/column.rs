//! One encoded column: where it comes from and how its numbers are made.

use std::borrow::Cow;

use millrace_dataset::{MISSING, Values};
use serde::{Deserialize, Serialize};

use crate::error::FeatureError;

/// How a value of the table becomes a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A number as it is; missing stays missing.
    Number,
    /// False is 0, true is 1; missing stays missing.
    Boolean,
    /// The position of an ordered word, from 0; missing stays missing.
    Rank,
    /// 1 where the category is the word at this position, else 0.
    OneHot(u32),
    /// 1 where the category is missing, else 0.
    OneHotMissing,
}

/// A column of the model's matrix. What the model sees is `((x - mean) / scale) as f32`, of `fill` where x is missing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EncodedColumn {
    /// The name under which the model knows it: `column` or `column=word`.
    pub name: String,
    /// The column of the table.
    pub source: String,
    pub kind: Kind,
    pub mean: f64,
    pub scale: f64,
    /// What stands for a missing value; none when it stays missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fill: Option<f64>,
}

impl EncodedColumn {
    /// The number that the model sees; the one place where it is computed.
    #[inline]
    pub fn scaled(&self, raw: f64) -> f32 {
        let raw = match self.fill {
            Some(fill) if raw.is_nan() => fill,
            _ => raw,
        };
        ((raw - self.mean) / self.scale) as f32
    }
}

impl Kind {
    /// Whether the column is read as numbers (and not as the positions of words).
    pub fn is_numeric(self) -> bool {
        matches!(self, Self::Number | Self::Boolean)
    }

    /// The number of one word, given by its code; `words` is how many the contract lists.
    #[inline]
    pub fn encode_code(self, code: i32, words: usize) -> f64 {
        let known = usize::try_from(code).is_ok_and(|code| code < words);
        match self {
            Self::OneHot(word) => f64::from(u8::from(known && i64::from(code) == i64::from(word))),
            Self::OneHotMissing => f64::from(u8::from(!known)),
            _ if known => f64::from(code),
            _ => f64::NAN,
        }
    }

    /// The unscaled numbers of a whole column.
    pub(crate) fn encode<'a>(
        self,
        column: &str,
        values: &'a Values,
        words: usize,
    ) -> Result<Cow<'a, [f64]>, FeatureError> {
        match (values, self.is_numeric()) {
            (Values::Number(numbers), true) => Ok(Cow::Borrowed(numbers)),
            (Values::Code(codes), false) => Ok(Cow::Owned(
                codes
                    .iter()
                    .map(|code| self.encode_code(*code, words))
                    .collect(),
            )),
            (values, _) => Err(self.mismatch(column, values)),
        }
    }

    /// Says that a column's values are not those that this kind is made of.
    pub(crate) fn mismatch(self, column: &str, values: &Values) -> FeatureError {
        FeatureError::WrongColumnType {
            column: column.to_owned(),
            wanted: if self.is_numeric() {
                "numbers"
            } else {
                "words"
            },
            found: type_of(values),
        }
    }
}

/// Rows with a word that is neither listed nor missing: how many, and the first.
pub(crate) fn unseen_words(values: &Values, words: usize) -> Option<(usize, usize)> {
    let Values::Code(codes) = values else {
        return None;
    };
    let unseen =
        |code: &i32| *code != MISSING && usize::try_from(*code).map_or(true, |c| c >= words);
    let first = codes.iter().position(unseen)?;
    Some((codes.iter().filter(|code| unseen(code)).count(), first))
}

fn type_of(values: &Values) -> &'static str {
    match values {
        Values::Number(_) => "numbers",
        Values::Code(_) => "words",
        Values::Text(_) => "text",
        Values::Day(_) => "days",
    }
}
