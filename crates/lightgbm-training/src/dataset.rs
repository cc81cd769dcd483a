//! Rows to learn from.

use crate::TrainingError;
use crate::library::DatasetHandle;
use crate::settings::Settings;

/// A table with its target.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    pub names: &'a [&'a str],
    /// Row after row; NaN is missing. A word is its number, from 0 on.
    pub values: &'a [f64],
    /// Numbers, or classes counted from 0.
    pub target: &'a [f32],
    pub weights: Option<&'a [f32]>,
    /// Which columns hold words.
    pub categories: &'a [usize],
}

/// Rows sorted into LightGBM's bins, for as many models as are wanted.
#[derive(Debug)]
pub struct Dataset {
    pub(crate) handle: DatasetHandle,
}

impl Dataset {
    /// The settings say how rows are binned (`max_bin`, `min_data_in_bin`, ...).
    pub fn new(rows: &Rows<'_>, settings: &Settings) -> Result<Dataset, TrainingError> {
        let (count, width) = (rows.target.len(), rows.names.len());
        same("values", count.saturating_mul(width), rows.values.len())?;
        if let Some(weights) = rows.weights {
            same("weights", count, weights.len())?;
        }
        let refused = |name: &&&str| {
            name.is_empty() || name.contains(|c: char| c.is_whitespace() || ",:\"[]{}=".contains(c))
        };
        if let Some(name) = rows.names.iter().find(refused) {
            return Err(TrainingError::NameInvalid {
                name: (*name).to_owned(),
            });
        }
        let mut text = settings.text();
        if !rows.categories.is_empty() {
            let places: Vec<String> = rows.categories.iter().map(usize::to_string).collect();
            text.push_str(&format!(" categorical_feature={}", places.join(",")));
        }
        let mut handle = DatasetHandle::new(rows.values, count, width, &text)?;
        handle.set("label", rows.target)?;
        if let Some(weights) = rows.weights {
            handle.set("weight", weights)?;
        }
        handle.set_names(rows.names)?;
        Ok(Dataset { handle })
    }
}

fn same(what: &'static str, expected: usize, found: usize) -> Result<(), TrainingError> {
    match expected == found {
        true => Ok(()),
        false => Err(TrainingError::LengthMismatch {
            what,
            expected,
            found,
        }),
    }
}
