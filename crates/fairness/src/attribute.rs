//! Protected attributes as they come in: words, or numbers that are cut into bands.

use crate::error::FairnessError;
use serde::{Deserialize, Serialize};

/// A protected attribute with one value per row. `None` is missing, and so is a number that is not finite.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribute {
    pub name: String,
    pub values: AttributeValues,
}

#[derive(Debug, Clone, PartialEq)]
pub enum AttributeValues {
    Categories(Vec<Option<String>>),
    Numbers {
        values: Vec<Option<f64>>,
        bands: Bands,
    },
}

impl Attribute {
    pub fn categories(name: impl Into<String>, values: Vec<Option<String>>) -> Self {
        Self {
            name: name.into(),
            values: AttributeValues::Categories(values),
        }
    }

    pub fn numbers(name: impl Into<String>, values: Vec<Option<f64>>, bands: Bands) -> Self {
        Self {
            name: name.into(),
            values: AttributeValues::Numbers { values, bands },
        }
    }

    pub fn rows(&self) -> usize {
        match &self.values {
            AttributeValues::Categories(values) => values.len(),
            AttributeValues::Numbers { values, .. } => values.len(),
        }
    }
}

/// Ascending edges that cut a number into bands: [18, 25, 65] gives "under 18", "18-24", "25-64", "65+".
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<f64>", into = "Vec<f64>")]
pub struct Bands {
    edges: Vec<f64>,
}

impl Bands {
    pub fn new(edges: Vec<f64>) -> Result<Self, FairnessError> {
        let ascending = edges.windows(2).all(|pair| pair[0] < pair[1]);
        let finite = edges.iter().all(|edge| edge.is_finite());
        if edges.is_empty() || !ascending || !finite {
            let words: Vec<String> = edges.iter().map(f64::to_string).collect();
            return Err(FairnessError::BandsUnordered {
                edges: words.join(", "),
            });
        }
        Ok(Self { edges })
    }

    /// The bands of the customer table: under 18, 18-24, 25-34, 35-44, 45-54, 55-64, 65+.
    pub fn ages() -> Self {
        Self {
            edges: vec![18.0, 25.0, 35.0, 45.0, 55.0, 65.0],
        }
    }

    /// One more than there are edges: below the first counts too.
    pub fn count(&self) -> usize {
        self.edges.len() + 1
    }

    /// The band that holds a finite value: 0 is below the first edge, an edge belongs to the band above it.
    pub fn band_of(&self, value: f64) -> usize {
        self.edges.partition_point(|edge| *edge <= value)
    }

    pub fn label(&self, band: usize) -> String {
        let above = band.checked_sub(1).and_then(|index| self.edges.get(index));
        match (above, self.edges.get(band)) {
            (None, Some(upper)) => format!("under {upper}"),
            (Some(lower), Some(upper)) => between(*lower, *upper),
            (Some(lower), None) => format!("{lower}+"),
            (None, None) => String::new(),
        }
    }
}

/// Whole years read as "18-24"; anything else names both edges, so that no value seems left out.
fn between(lower: f64, upper: f64) -> String {
    let whole = lower.fract() == 0.0 && upper.fract() == 0.0 && lower >= 0.0;
    if !whole {
        return format!("{lower} to under {upper}");
    }
    if upper - lower == 1.0 {
        return format!("{lower}");
    }
    format!("{lower}-{}", upper - 1.0)
}

impl TryFrom<Vec<f64>> for Bands {
    type Error = FairnessError;

    fn try_from(edges: Vec<f64>) -> Result<Self, FairnessError> {
        Self::new(edges)
    }
}

impl From<Bands> for Vec<f64> {
    fn from(bands: Bands) -> Self {
        bands.edges
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn ages_read_as_people_write_them() {
        let bands = Bands::ages();
        let labels: Vec<String> = (0..bands.count()).map(|band| bands.label(band)).collect();
        assert_eq!(
            labels,
            [
                "under 18", "18-24", "25-34", "35-44", "45-54", "55-64", "65+"
            ]
        );
        for (age, label) in [
            (17.999, "under 18"),
            (18.0, "18-24"),
            (24.5, "18-24"),
            (25.0, "25-34"),
            (99.0, "65+"),
        ] {
            assert_eq!(bands.label(bands.band_of(age)), label, "age {age}");
        }
    }

    #[test]
    fn uneven_edges_name_both_ends() {
        let bands = Bands::new(vec![-1.0, 0.0, 1.0, 2.5]).unwrap();
        let labels: Vec<String> = (0..bands.count()).map(|band| bands.label(band)).collect();
        assert_eq!(
            labels,
            ["under -1", "-1 to under 0", "0", "1 to under 2.5", "2.5+"]
        );
    }

    #[test]
    fn bad_edges_are_named() {
        for edges in [
            vec![],
            vec![25.0, 18.0],
            vec![18.0, 18.0],
            vec![f64::NAN],
            vec![1.0, f64::INFINITY],
        ] {
            let error = Bands::new(edges).unwrap_err();
            assert_eq!(error.name(), "BandsUnordered");
        }
        assert!(
            toml::from_str::<std::collections::BTreeMap<String, Bands>>("age = [25, 18]").is_err()
        );
    }
}
