//! What can be asked for.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;

use crate::error::GenerateError;

/// The tables that can be generated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Table {
    /// Customers of a social and dating app, with an engagement score in 0 to 1.
    #[default]
    Customers,
    /// Cut stones with their prices.
    Gemstones,
}

impl Table {
    pub const ALL: [Table; 2] = [Table::Customers, Table::Gemstones];

    pub fn as_str(self) -> &'static str {
        match self {
            Table::Customers => "customers",
            Table::Gemstones => "gemstones",
        }
    }

    /// The contract that the table keeps, as TOML: the file of the same name in `contracts/`.
    pub fn contract_toml(self) -> &'static str {
        match self {
            Table::Customers => include_str!("../../../contracts/customers.toml"),
            Table::Gemstones => include_str!("../../../contracts/gemstones.toml"),
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for Table {
    type Err = GenerateError;
    fn from_str(text: &str) -> Result<Self, GenerateError> {
        Table::ALL
            .into_iter()
            .find(|table| table.as_str() == text)
            .ok_or_else(|| GenerateError::UnknownTable {
                given: text.to_owned(),
            })
    }
}

/// A column or attribute with a number, written `NAME=NUMBER`.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    pub name: String,
    pub amount: f64,
}

impl FromStr for Setting {
    type Err = GenerateError;
    fn from_str(text: &str) -> Result<Self, GenerateError> {
        let invalid = || GenerateError::InvalidSetting {
            given: text.to_owned(),
        };
        let (name, amount) = text.split_once('=').ok_or_else(invalid)?;
        let amount: f64 = amount.trim().parse().map_err(|_| invalid())?;
        let name = name.trim();
        if name.is_empty() || !amount.is_finite() {
            return Err(invalid());
        }
        Ok(Setting {
            name: name.to_owned(),
            amount,
        })
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}={}", self.name, self.amount)
    }
}

/// What to generate. The default is the data that the documentation's figures come from.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    pub table: Table,
    /// The rows of each day. Absent: 100,000 for a single day, and 800 to 1,300 drawn for each of several.
    pub rows: Option<u64>,
    pub seed: u64,
    /// The first day.
    pub date: Date,
    /// Daily arrivals from `date` on; one day when absent.
    pub days: Option<u32>,
    /// The share of values that are missing in every nullable feature.
    pub missing: f64,
    /// The share of values that are extreme in every numeric feature.
    pub outliers: f64,
    /// How noisy the target is: 1 is the usual noise, 0 none.
    pub noise: f64,
    /// Planted unfairness: by how much the mean target of one group of an attribute is lowered.
    pub bias: Vec<Setting>,
    /// Planted drift: by how many of its own deviations a numeric column is moved.
    pub shift: Vec<Setting>,
    /// The number in the first row's id; ids then rise by one.
    pub first_id: u64,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            table: Table::Customers,
            rows: None,
            seed: 42,
            date: Date::constant(2026, 11, 1),
            days: None,
            missing: 0.05,
            outliers: 0.02,
            noise: 1.0,
            bias: Vec::new(),
            shift: Vec::new(),
            first_id: 1,
        }
    }
}
