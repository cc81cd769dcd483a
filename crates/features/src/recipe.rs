//! `recipe.json`: how a table's columns become the model's numbers. Checked whenever it is read.

use std::collections::BTreeSet;

use millrace_contract::spec::Unseen;
use millrace_contract::{ColumnType, Contract};
use millrace_dataset::Frame;
use serde::{Deserialize, Serialize};

use crate::column::{EncodedColumn, Kind, unseen_words};
use crate::error::FeatureError;

/// The version of the document's form that is written. Version 1 had no values to fill in.
const VERSION: u32 = 2;

/// Which numbers a model takes, in order, and how each is made from the table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Document", into = "Document")]
pub struct Recipe {
    pub(crate) sources: Vec<Source>,
    pub(crate) columns: Vec<EncodedColumn>,
    pub(crate) unseen: Unseen,
    /// For every encoded column the position of its source.
    pub(crate) source_of: Vec<usize>,
}

/// A column of the table that the model needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    pub name: String,
    #[serde(rename = "type")]
    pub source_type: SourceType,
    /// The words of the contract in its order, for categories and ordered columns.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceType {
    Number,
    Boolean,
    Ordered,
    Category,
}

/// The form in which a recipe is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: u32,
    unseen: Unseen,
    sources: Vec<Source>,
    columns: Vec<EncodedColumn>,
}

impl Recipe {
    /// Reads `recipe.json`; whatever it holds, what comes out is a valid recipe or an error.
    pub fn from_json(bytes: &[u8]) -> Result<Recipe, FeatureError> {
        let document: Document =
            serde_json::from_slice(bytes).map_err(|error| invalid(error.to_string()))?;
        Recipe::try_from(document)
    }

    /// The bytes of `recipe.json`: the same for the same recipe.
    pub fn to_json(&self) -> Result<Vec<u8>, FeatureError> {
        let mut bytes =
            serde_json::to_vec_pretty(self).map_err(|error| invalid(error.to_string()))?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// The encoded columns in model order.
    pub fn columns(&self) -> &[EncodedColumn] {
        &self.columns
    }

    /// The names of the encoded columns in model order.
    pub fn feature_names(&self) -> Vec<&str> {
        self.columns.iter().map(|c| c.name.as_str()).collect()
    }

    /// The columns of the table that are needed, in the contract's order, with their words.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// The names of the columns of the table that are needed, in the contract's order.
    pub fn source_columns(&self) -> Vec<&str> {
        self.sources.iter().map(|s| s.name.as_str()).collect()
    }

    /// For every encoded column the position of its source among `source_columns`.
    pub fn source_of(&self) -> &[usize] {
        &self.source_of
    }

    /// How many words the source of an encoded column lists.
    pub(crate) fn words_of(&self, column: usize) -> usize {
        self.source_of
            .get(column)
            .and_then(|source| self.sources.get(*source))
            .map_or(0, |source| source.words.len())
    }

    /// Whether a table read with this contract means the same as the one that was learned from.
    /// Words may be added behind those that the recipe knows.
    pub fn check_contract(&self, contract: &Contract) -> Result<(), FeatureError> {
        for source in &self.sources {
            let changed = |detail: &str| FeatureError::ContractChanged {
                column: source.name.clone(),
                detail: detail.to_owned(),
            };
            let column = contract
                .columns
                .get(&source.name)
                .ok_or_else(|| changed("the contract no longer has it"))?;
            if SourceType::of(column.column_type) != Some(source.source_type) {
                return Err(changed(
                    "its type is not the one that the model was trained with",
                ));
            }
            if !column.values.starts_with(&source.words) {
                return Err(changed(
                    "its words are not those that the model was trained with, in their order",
                ));
            }
        }
        Ok(())
    }

    /// For every needed column with words that the recipe does not know: in how many rows.
    /// An error when the spec refuses them.
    pub fn unseen_words(&self, frame: &Frame) -> Result<Vec<(String, usize)>, FeatureError> {
        count_unseen(&self.sources, self.unseen, frame)
    }
}

/// Counts the unlisted words of each source, or refuses the first.
pub(crate) fn count_unseen(
    sources: &[Source],
    rule: Unseen,
    frame: &Frame,
) -> Result<Vec<(String, usize)>, FeatureError> {
    let mut counts = Vec::new();
    for source in sources {
        let found = frame
            .get(&source.name)
            .and_then(|values| unseen_words(values, source.words.len()));
        match (found, rule) {
            (None, _) => {}
            (Some((rows, _)), Unseen::Missing) => counts.push((source.name.clone(), rows)),
            (Some((rows, first_row)), Unseen::Refuse) => {
                return Err(FeatureError::UnseenWord {
                    column: source.name.clone(),
                    rows,
                    first_row,
                });
            }
        }
    }
    Ok(counts)
}

impl SourceType {
    pub(crate) fn of(column_type: ColumnType) -> Option<SourceType> {
        match column_type {
            ColumnType::Float | ColumnType::Integer => Some(Self::Number),
            ColumnType::Boolean => Some(Self::Boolean),
            ColumnType::Ordered => Some(Self::Ordered),
            ColumnType::Category => Some(Self::Category),
            ColumnType::Text | ColumnType::Date => None,
        }
    }
}

impl Source {
    /// The name of an encoded column of this source; `None` when the kind does not fit it.
    pub(crate) fn feature_name(&self, kind: Kind) -> Option<String> {
        match (self.source_type, kind) {
            (SourceType::Number, Kind::Number)
            | (SourceType::Boolean, Kind::Boolean)
            | (SourceType::Ordered, Kind::Rank) => Some(self.name.clone()),
            (SourceType::Category, Kind::OneHot(word)) => {
                let word = self.words.get(usize::try_from(word).ok()?)?;
                Some(format!("{}={word}", self.name))
            }
            (SourceType::Category, Kind::OneHotMissing) => Some(format!("{}=missing", self.name)),
            _ => None,
        }
    }
}

impl From<Recipe> for Document {
    fn from(recipe: Recipe) -> Document {
        Document {
            version: VERSION,
            unseen: recipe.unseen,
            sources: recipe.sources,
            columns: recipe.columns,
        }
    }
}

impl TryFrom<Document> for Recipe {
    type Error = FeatureError;

    fn try_from(document: Document) -> Result<Recipe, FeatureError> {
        let fills = document.columns.iter().any(|column| column.fill.is_some());
        match document.version {
            1 if fills => return Err(invalid("version 1 has no `fill`".into())),
            1 | VERSION => {}
            other => {
                return Err(invalid(format!(
                    "its version is {other}, this program reads 1 to {VERSION}"
                )));
            }
        }
        if document.columns.is_empty() {
            return Err(invalid("it has no columns".into()));
        }
        check_sources(&document.sources)?;
        let mut names = BTreeSet::new();
        let mut source_of = Vec::with_capacity(document.columns.len());
        for column in &document.columns {
            if !names.insert(column.name.as_str()) {
                return Err(FeatureError::FeatureNameClash {
                    name: column.name.clone(),
                });
            }
            source_of.push(check_column(column, &document.sources)?);
        }
        let used: BTreeSet<_> = source_of.iter().collect();
        if used.len() < document.sources.len() {
            return Err(invalid("it lists a source that no column uses".into()));
        }
        Ok(Recipe {
            sources: document.sources,
            columns: document.columns,
            unseen: document.unseen,
            source_of,
        })
    }
}

fn check_sources(sources: &[Source]) -> Result<(), FeatureError> {
    let mut names = BTreeSet::new();
    for source in sources {
        let worded = matches!(
            source.source_type,
            SourceType::Category | SourceType::Ordered
        );
        if !names.insert(source.name.as_str()) {
            return Err(invalid(format!("source `{}` is listed twice", source.name)));
        }
        if worded == source.words.is_empty() || i32::try_from(source.words.len()).is_err() {
            return Err(invalid(format!(
                "the words of source `{}` do not fit its type",
                source.name
            )));
        }
        let distinct: BTreeSet<_> = source.words.iter().collect();
        if distinct.len() < source.words.len() {
            return Err(invalid(format!(
                "source `{}` lists a word twice",
                source.name
            )));
        }
    }
    Ok(())
}

/// Checks one column and finds its source.
fn check_column(column: &EncodedColumn, sources: &[Source]) -> Result<usize, FeatureError> {
    let refuse = |detail: &str| Err(invalid(format!("column `{}` {detail}", column.name)));
    let Some(position) = sources.iter().position(|s| s.name == column.source) else {
        return refuse("has no source");
    };
    if sources[position].feature_name(column.kind).as_deref() != Some(&column.name) {
        return refuse("does not fit its source");
    }
    if !column.mean.is_finite() || !column.scale.is_finite() || column.scale <= 0.0 {
        return refuse("has a mean or a scale that is not usable");
    }
    if column.fill.is_some_and(|fill| !fill.is_finite()) {
        return refuse("fills in what is no finite number");
    }
    Ok(position)
}

pub(crate) fn invalid(detail: String) -> FeatureError {
    FeatureError::InvalidRecipe { detail }
}
