//! Which group each row belongs to, for one attribute or for the intersection of several.

use crate::attribute::{Attribute, AttributeValues};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// The value that rows of a group share. Missing values are a group of their own, never dropped; JSON writes it as null.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum GroupKey {
    Value(String),
    Missing,
}

impl std::fmt::Display for GroupKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Value(value) => formatter.write_str(value),
            Self::Missing => formatter.write_str("(missing)"),
        }
    }
}

/// Rows divided into groups. Every group has at least one row; cells of the product without rows are only counted.
#[derive(Debug, Clone)]
pub(crate) struct Partition {
    pub attributes: Vec<String>,
    pub keys: Vec<Vec<GroupKey>>,
    pub group_of_row: Vec<usize>,
    pub empty_cells: u64,
    pub missing_rows: u64,
    /// How many groups the full product of the attributes has.
    cells: u64,
}

impl Partition {
    pub fn of(attribute: &Attribute) -> Self {
        let codes = match &attribute.values {
            AttributeValues::Categories(values) => Codes::of_words(values),
            AttributeValues::Numbers { values, bands } => {
                let band = |value: f64| bands.band_of(value);
                Codes::of_bands(values, band, |band| bands.label(band))
            }
        };
        let missing = codes.keys.iter().position(|key| *key == GroupKey::Missing);
        let missing_rows = codes
            .of_row
            .iter()
            .filter(|code| Some(**code) == missing)
            .count() as u64;
        Self {
            attributes: vec![attribute.name.clone()],
            cells: codes.keys.len() as u64,
            keys: codes.keys.into_iter().map(|key| vec![key]).collect(),
            group_of_row: codes.of_row,
            empty_cells: 0,
            missing_rows,
        }
    }

    /// The product of two partitions of the same rows.
    pub fn crossed_with(&self, other: &Self) -> Self {
        let pairs = self
            .group_of_row
            .iter()
            .copied()
            .zip(other.group_of_row.iter().copied());
        let (present, group_of_row) = renumber(pairs);
        let keys: Vec<Vec<GroupKey>> = present
            .iter()
            .map(|&(left, right)| {
                [self.keys[left].as_slice(), other.keys[right].as_slice()].concat()
            })
            .collect();
        let cells = self.cells.saturating_mul(other.cells);
        let has_missing: Vec<bool> = keys
            .iter()
            .map(|key| key.contains(&GroupKey::Missing))
            .collect();
        Self {
            attributes: [self.attributes.as_slice(), other.attributes.as_slice()].concat(),
            empty_cells: cells.saturating_sub(keys.len() as u64),
            missing_rows: group_of_row
                .iter()
                .filter(|group| has_missing[**group])
                .count() as u64,
            cells,
            keys,
            group_of_row,
        }
    }

    /// The group of each row of a single attribute, `None` where it is missing.
    pub fn known_groups(&self) -> Vec<Option<usize>> {
        let known: Vec<bool> = self
            .keys
            .iter()
            .map(|key| !key.contains(&GroupKey::Missing))
            .collect();
        self.group_of_row
            .iter()
            .map(|group| known[*group].then_some(*group))
            .collect()
    }

    pub fn name(&self) -> String {
        self.attributes.join("*")
    }

    pub fn labels(&self) -> Vec<String> {
        let label = |key: &Vec<GroupKey>| {
            key.iter()
                .map(GroupKey::to_string)
                .collect::<Vec<_>>()
                .join(" & ")
        };
        self.keys.iter().map(label).collect()
    }
}

/// A number for each word, in the order of the words; `None` where the value is missing.
pub(crate) fn word_codes(values: &[Option<String>]) -> Vec<Option<usize>> {
    let (present, of_row) = renumber(values.iter().map(Option::as_deref));
    // None sorts before every word, so that it takes the first number when it is there.
    let offset = usize::from(present.first() == Some(&None));
    of_row
        .into_iter()
        .map(|code| code.checked_sub(offset))
        .collect()
}

struct Codes {
    keys: Vec<GroupKey>,
    of_row: Vec<usize>,
}

impl Codes {
    /// Groups in the order of their words, missing last.
    fn of_words(values: &[Option<String>]) -> Self {
        let (present, of_row) = renumber(
            values
                .iter()
                .map(|value| (value.is_none(), value.as_deref())),
        );
        let key = |(_, word): (bool, Option<&str>)| {
            word.map_or(GroupKey::Missing, |word| GroupKey::Value(word.into()))
        };
        Self {
            keys: present.into_iter().map(key).collect(),
            of_row,
        }
    }

    /// Groups in the order of the bands, missing last.
    fn of_bands(
        values: &[Option<f64>],
        band_of: impl Fn(f64) -> usize,
        label: impl Fn(usize) -> String,
    ) -> Self {
        let band = |value: &Option<f64>| value.filter(|number| number.is_finite()).map(&band_of);
        let (present, of_row) =
            renumber(values.iter().map(|value| band(value).unwrap_or(usize::MAX)));
        let key = |band: usize| match band {
            usize::MAX => GroupKey::Missing,
            band => GroupKey::Value(label(band)),
        };
        Self {
            keys: present.into_iter().map(key).collect(),
            of_row,
        }
    }
}

/// Numbers the distinct items in ascending order and gives each row its number.
fn renumber<Item: Ord + std::hash::Hash + Copy>(
    items: impl Iterator<Item = Item>,
) -> (Vec<Item>, Vec<usize>) {
    let mut first_seen: HashMap<Item, usize> = HashMap::new();
    let mut distinct: Vec<Item> = Vec::new();
    let mut of_row: Vec<usize> = Vec::with_capacity(items.size_hint().0);
    for item in items {
        let code = *first_seen.entry(item).or_insert_with(|| {
            distinct.push(item);
            distinct.len() - 1
        });
        of_row.push(code);
    }
    let mut order: Vec<usize> = (0..distinct.len()).collect();
    order.sort_by_key(|code| distinct[*code]);
    let mut rank = vec![0; order.len()];
    for (position, code) in order.iter().enumerate() {
        rank[*code] = position;
    }
    for code in &mut of_row {
        *code = rank[*code];
    }
    (order.iter().map(|code| distinct[*code]).collect(), of_row)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use crate::attribute::Bands;

    fn words(values: &[&str]) -> Vec<Option<String>> {
        values
            .iter()
            .map(|value| (!value.is_empty()).then(|| value.to_string()))
            .collect()
    }

    #[test]
    fn missing_values_are_a_group_of_their_own_and_come_last() {
        let attribute = Attribute::categories("gender", words(&["m", "", "f", "m", ""]));
        let partition = Partition::of(&attribute);
        assert_eq!(partition.labels(), ["f", "m", "(missing)"]);
        assert_eq!(partition.group_of_row, [1, 2, 0, 1, 2]);
        assert_eq!(partition.missing_rows, 2);
    }

    #[test]
    fn a_value_called_missing_is_not_the_missing_group() {
        let attribute = Attribute::categories("gender", words(&["(missing)", ""]));
        assert_eq!(Partition::of(&attribute).keys.len(), 2);
    }

    #[test]
    fn bands_keep_their_order_and_numbers_that_are_not_finite_are_missing() {
        let values = vec![
            Some(70.0),
            Some(5.0),
            Some(f64::NAN),
            None,
            Some(f64::INFINITY),
            Some(30.0),
        ];
        let partition = Partition::of(&Attribute::numbers("age", values, Bands::ages()));
        assert_eq!(
            partition.labels(),
            ["under 18", "25-34", "65+", "(missing)"]
        );
        assert_eq!(partition.missing_rows, 3);
    }

    #[test]
    fn empty_cells_of_a_product_are_counted() {
        let left = Partition::of(&Attribute::categories("a", words(&["x", "x", "y", ""])));
        let right = Partition::of(&Attribute::categories("b", words(&["p", "q", "p", "r"])));
        let both = left.crossed_with(&right);
        assert_eq!(both.labels(), ["x & p", "x & q", "y & p", "(missing) & r"]);
        assert_eq!((both.empty_cells, both.missing_rows), (5, 1));
    }

    #[test]
    fn keys_survive_json() {
        let keys = vec![GroupKey::Value("f".into()), GroupKey::Missing];
        let text = serde_json::to_string(&keys).unwrap();
        assert_eq!(text, r#"["f",null]"#);
        assert_eq!(serde_json::from_str::<Vec<GroupKey>>(&text).unwrap(), keys);
    }
}
