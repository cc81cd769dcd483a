//! The data contract: what a data set must look like before anything is learned from it.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::expression::Expression;
use crate::problem::{DocumentError, INVALID_CONTRACT};

/// A data set's columns, the rules between them and the limits of what is accepted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contract {
    /// The name of the table.
    pub name: String,
    /// Raised by hand when the meaning of the data changes; part of a model's lineage.
    pub version: u32,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub limits: Limits,
    /// The columns in their order.
    pub columns: IndexMap<String, Column>,
    /// What must hold between the columns of a row.
    #[serde(default)]
    pub rules: Vec<Rule>,
}

/// One column: what it means and what it may hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    pub role: Role,
    #[serde(rename = "type")]
    pub column_type: ColumnType,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The smallest and the largest number allowed, both included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<[f64; 2]>,
    /// The allowed words; of an ordered column from low to high.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
    /// A regular expression that the whole text must match.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// Whether a value may be missing.
    #[serde(default)]
    pub nullable: bool,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
}

/// What a column is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Names the row; the id columns together are unique.
    Id,
    /// The day that the row describes.
    Date,
    /// May be learned from.
    Feature,
    /// May be used to judge fairness; learned from only when a spec says so by name.
    Protected,
    /// What is to be predicted: a spec names one. It is required for training, absent or ignored when scoring; the
    /// others are never looked at.
    Target,
    /// May be there, is neither checked nor learned from.
    Unused,
}

/// How a column's values are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnType {
    /// A 64-bit floating point number.
    Float,
    /// A whole number.
    Integer,
    /// True or false; learned from as 1 and 0.
    Boolean,
    /// One of `values`, without an order.
    Category,
    /// One of `values`, from low to high.
    Ordered,
    /// Any text.
    Text,
    /// A calendar day.
    Date,
}

impl ColumnType {
    pub fn is_numeric(self) -> bool {
        matches!(self, Self::Float | Self::Integer)
    }

    pub fn has_values(self) -> bool {
        matches!(self, Self::Category | Self::Ordered)
    }
}

/// How much may be wrong with a data set before it is refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// The lowest quality score in [0, 1].
    pub minimum_quality: f64,
    /// The largest share of rows that may be put into quarantine.
    pub maximum_bad_row_share: f64,
    /// The largest share of missing values in one nullable column.
    pub maximum_missing_share: f64,
    /// The largest age of the rows at the time of the run; no limit when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum_age_days: Option<u32>,
    /// Their age is that of this quantile of the rows' days, so that a few rows of another day decide nothing.
    pub freshness_quantile: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            minimum_quality: 0.90,
            maximum_bad_row_share: 0.05,
            maximum_missing_share: 0.30,
            maximum_age_days: None,
            freshness_quantile: 0.99,
        }
    }
}

/// A condition between the columns of a row, such as `sessions <= 7 * app_opens`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub name: String,
    pub expression: String,
}

impl Contract {
    /// Reads a contract from TOML. `origin` names the file in what is said of mistakes.
    pub fn parse(text: &str, origin: &str) -> Result<Contract, DocumentError> {
        let contract: Contract = toml::from_str(text)
            .map_err(|error| DocumentError::syntax(INVALID_CONTRACT, origin, text, &error))?;
        contract.check(origin)?;
        Ok(contract)
    }

    /// The columns of one role, in the contract's order.
    pub fn with_role(&self, role: Role) -> impl Iterator<Item = (&str, &Column)> {
        self.columns
            .iter()
            .filter(move |(_, c)| c.role == role)
            .map(|(n, c)| (n.as_str(), c))
    }

    pub fn id(&self) -> Option<&str> {
        self.with_role(Role::Id).map(|(name, _)| name).next()
    }

    pub fn date(&self) -> Option<&str> {
        self.with_role(Role::Date).map(|(name, _)| name).next()
    }

    pub fn targets(&self) -> impl Iterator<Item = &str> {
        self.with_role(Role::Target).map(|(name, _)| name)
    }

    fn check(&self, origin: &str) -> Result<(), DocumentError> {
        let refuse = |place: &str, detail: String| DocumentError::Meaning {
            kind: INVALID_CONTRACT,
            origin: origin.to_owned(),
            place: place.to_owned(),
            line: None,
            detail,
        };
        for (name, column) in &self.columns {
            column
                .check(name)
                .map_err(|detail| refuse(&format!("column `{name}`"), detail))?;
        }
        for (role, word, required) in [(Role::Id, "id", true), (Role::Date, "date", false)] {
            let count = self.with_role(role).count();
            if count > 1 || (required && count == 0) {
                let wanted = if required {
                    "exactly one"
                } else {
                    "at most one"
                };
                return Err(refuse(
                    "columns",
                    format!("{count} columns have the role `{word}`, {wanted} is needed"),
                ));
            }
        }
        self.limits
            .check()
            .map_err(|detail| refuse("limits", detail))?;
        let mut seen = std::collections::BTreeSet::new();
        for rule in &self.rules {
            let place = format!("rule `{}`", rule.name);
            if rule.name.trim().is_empty() || !seen.insert(&rule.name) {
                return Err(refuse(&place, "every rule needs a name of its own".into()));
            }
            let rule = Expression::parse(&rule.expression, &self.columns)
                .map_err(|error| refuse(&place, error.to_string()))?;
            let unused = |name: &&String| self.columns[name.as_str()].role == Role::Unused;
            if let Some(name) = rule.columns().iter().find(unused) {
                return Err(refuse(
                    &place,
                    format!("`{name}` is unused: nothing is known of it"),
                ));
            }
        }
        Ok(())
    }
}

impl Limits {
    fn check(&self) -> Result<(), String> {
        for (name, value) in [
            ("minimum_quality", self.minimum_quality),
            ("maximum_bad_row_share", self.maximum_bad_row_share),
            ("maximum_missing_share", self.maximum_missing_share),
            ("freshness_quantile", self.freshness_quantile),
        ] {
            if !(0.0..=1.0).contains(&value) {
                return Err(format!("`{name}` is {value}, it must lie in 0 to 1"));
            }
        }
        Ok(())
    }
}

impl Column {
    fn check(&self, name: &str) -> Result<(), String> {
        let named = !name.is_empty() && name.len() <= 128 && !name.chars().any(char::is_control);
        if !named {
            return Err("a column name has 1 to 128 characters and no control characters".into());
        }
        self.check_values()?;
        self.check_range()?;
        if let Some(pattern) = &self.pattern {
            if self.column_type != ColumnType::Text {
                return Err("`pattern` is for columns of type text".into());
            }
            regex::Regex::new(pattern)
                .map_err(|error| format!("`pattern` is not a regular expression: {error}"))?;
        }
        self.check_role()
    }

    fn check_values(&self) -> Result<(), String> {
        if self.column_type.has_values() == self.values.is_empty() {
            return Err(match self.values.is_empty() {
                true => "list the allowed words in `values`".into(),
                false => "`values` is for columns of type category or ordered".into(),
            });
        }
        let distinct: std::collections::BTreeSet<_> = self.values.iter().collect();
        if distinct.len() < self.values.len() {
            return Err("`values` lists a word twice".into());
        }
        Ok(())
    }

    fn check_range(&self) -> Result<(), String> {
        let Some([minimum, maximum]) = self.range else {
            return Ok(());
        };
        if !self.column_type.is_numeric() {
            return Err("`range` is for columns of type float or integer".into());
        }
        if !(minimum.is_finite() && maximum.is_finite() && minimum <= maximum) {
            return Err(format!(
                "`range` [{minimum}, {maximum}] must be two finite numbers, the smaller first"
            ));
        }
        Ok(())
    }

    fn check_role(&self) -> Result<(), String> {
        let (fits, wanted) = match self.role {
            Role::Id => (
                matches!(self.column_type, ColumnType::Text | ColumnType::Integer),
                "text or integer",
            ),
            Role::Date => (self.column_type == ColumnType::Date, "date"),
            Role::Target => (
                self.column_type.is_numeric() || self.column_type == ColumnType::Boolean,
                "float, integer or boolean",
            ),
            Role::Unused => (true, "any kind"),
            Role::Feature | Role::Protected => (
                !matches!(self.column_type, ColumnType::Text | ColumnType::Date),
                "float, integer, boolean, category or ordered",
            ),
        };
        if !fits {
            return Err(format!("this role needs a column of type {wanted}"));
        }
        if matches!(self.role, Role::Id | Role::Target | Role::Date) && self.nullable {
            return Err("an id, a date and a target cannot be nullable".into());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const GOOD: &str = r#"
name = "visits"
version = 1
[columns]
visit_id = { role = "id", type = "text", pattern = "V[0-9]+" }
minutes  = { role = "feature", type = "float", range = [0, 1440], nullable = true }
plan     = { role = "feature", type = "ordered", values = ["free", "plus"] }
score    = { role = "target", type = "float", range = [0, 1] }
"#;

    #[test]
    fn a_contract_keeps_the_order_of_its_columns() {
        let contract = Contract::parse(GOOD, "visits.toml").unwrap();
        let names: Vec<_> = contract.columns.keys().map(String::as_str).collect();
        assert_eq!(names, ["visit_id", "minutes", "plan", "score"]);
        assert_eq!(contract.targets().collect::<Vec<_>>(), ["score"]);
    }

    #[test]
    fn several_columns_may_be_predicted_and_one_may_be_of_no_use() {
        let more = "left = { role = \"target\", type = \"integer\", range = [0, 1] }\n\
                    note = { role = \"unused\", type = \"float\", nullable = true }\n";
        let contract = Contract::parse(&format!("{GOOD}{more}"), "visits.toml").unwrap();
        assert_eq!(contract.targets().collect::<Vec<_>>(), ["score", "left"]);
        let rule = "[[rules]]\nname = \"r\"\nexpression = \"note <= minutes\"\n";
        let text = format!("{GOOD}{more}{rule}");
        let said = Contract::parse(&text, "visits.toml")
            .unwrap_err()
            .to_string();
        assert!(said.contains("`note` is unused"), "{said}");
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line() {
        let text = GOOD.replace("version = 1", "version = 1\nquality = 2");
        let error = Contract::parse(&text, "visits.toml").unwrap_err();
        assert_eq!(error.name(), "InvalidContract");
        let said = error.to_string();
        assert!(
            said.contains("line 4") && said.contains("quality"),
            "{said}"
        );
    }

    #[test]
    fn contradictions_are_refused() {
        for (from, to) in [
            ("[0, 1440]", "[10, 1]"),
            ("[0, 1440]", "[0, nan]"),
            (r#"["free", "plus"]"#, r#"["free", "free"]"#),
            (r#"["free", "plus"]"#, "[]"),
            ("V[0-9]+", "V[0-9"),
            (
                r#"role = "target", type = "float", range = [0, 1]"#,
                r#"role = "target", type = "text""#,
            ),
            (
                r#"role = "id", type = "text", pattern = "V[0-9]+""#,
                r#"role = "feature", type = "float""#,
            ),
        ] {
            let text = GOOD.replace(from, to);
            assert_ne!(text, GOOD);
            assert!(
                Contract::parse(&text, "visits.toml").is_err(),
                "accepted {to}"
            );
        }
    }
}
