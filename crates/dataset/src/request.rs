//! What is wanted of a data set.

pub use millrace_contract::stages::Purpose;
use millrace_contract::{Column, Contract, Role};

use crate::DatasetError;
use crate::exclusions::Exclusions;
use crate::nearest::nearest;

/// Which columns are wanted, in which order, and which rows are not.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    pub contract: &'a Contract,
    pub columns: Vec<String>,
    /// For scoring, a target that is asked for but absent is missing in all rows.
    pub purpose: Purpose,
    /// Rows that were put into quarantine.
    pub exclude: Option<&'a Exclusions>,
}

/// What data is validated for.
#[derive(Debug, Clone, Copy)]
pub struct Intent<'a> {
    pub purpose: Purpose,
    /// The target that is to be learned; when it is not said which, whatever targets are there are checked.
    pub target: Option<&'a str>,
}

impl From<Purpose> for Intent<'_> {
    fn from(purpose: Purpose) -> Self {
        Intent {
            purpose,
            target: None,
        }
    }
}

impl Intent<'_> {
    /// Whether a column is checked, given whether it is there.
    pub(crate) fn looks_at(&self, name: &str, column: &Column, is_there: bool) -> bool {
        match (column.role, self.purpose, self.target) {
            (Role::Unused, ..) | (Role::Target, Purpose::Scoring, _) => false,
            (Role::Target, Purpose::Training, Some(target)) => name == target,
            (Role::Target, Purpose::Training, None) => is_there,
            _ => true,
        }
    }
}

impl<'a> Request<'a> {
    pub fn new<T: Into<String>>(
        contract: &'a Contract,
        columns: impl IntoIterator<Item = T>,
        purpose: Purpose,
    ) -> Request<'a> {
        Request {
            contract,
            columns: columns.into_iter().map(Into::into).collect(),
            purpose,
            exclude: None,
        }
    }

    /// All columns of the contract that are of use, in its order.
    pub fn all(contract: &'a Contract, purpose: Purpose) -> Request<'a> {
        let used = contract.columns.iter();
        let used = used.filter(|(_, column)| column.role != Role::Unused);
        Request::new(contract, used.map(|(name, _)| name), purpose)
    }

    pub fn without(mut self, exclude: &'a Exclusions) -> Request<'a> {
        self.exclude = Some(exclude);
        self
    }

    /// The contract's columns that are asked for.
    pub(crate) fn wanted(&self) -> Result<Vec<Wanted<'a>>, DatasetError> {
        let find = |name: &String| match self.contract.columns.get_key_value(name) {
            Some((name, column)) => Ok(Wanted {
                name,
                column,
                optional: self.purpose == Purpose::Scoring && column.role == Role::Target,
            }),
            None => Err(DatasetError::NotInContract {
                column: name.clone(),
                nearest: nearest(name, self.contract.columns.keys().map(String::as_str)),
            }),
        };
        self.columns.iter().map(find).collect()
    }
}

/// A column that is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    pub name: &'a str,
    pub column: &'a Column,
    pub optional: bool,
}
