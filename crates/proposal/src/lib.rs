//! A contract and a spec for a table that nobody has described yet.
//!
//! `guess` says what the columns seem to be, and why. Somebody chooses. `propose` writes both documents, and says
//! what the table must be freed of before they fit it.

mod columns;
mod contract;
mod error;
mod guess;
mod mend;
mod names;
mod numbers;
mod orders;
mod spec;

pub use columns::{Described, Kind};
pub use error::ProposalError;
pub use guess::{Guess, Guesses, guess};
pub use mend::Mend;
pub use names::slug;

use std::collections::BTreeMap;

use millrace_contract::{Contract, ModelName, Role, Spec};
use millrace_dataset::Survey;

/// What the columns are for, as somebody has decided.
#[derive(Debug, Clone, PartialEq)]
pub struct Choices {
    /// Of the contract and of the model.
    pub name: ModelName,
    /// Where the rows came from, for the reader of the documents.
    pub source: String,
    /// Without one the rows of a copy are numbered.
    pub id: Option<String>,
    pub date: Option<String>,
    pub target: String,
    pub protected: Vec<String>,
    /// Columns whose words have an order, from low to high.
    pub ordered: BTreeMap<String, Vec<String>>,
}

/// Two documents that fit each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    pub contract: String,
    pub spec: String,
    /// All of them. A copy leaves out those that are unused.
    pub columns: Vec<Described>,
    /// Why the table cannot be used as it is, if it cannot, and what a copy of it must be like.
    pub mend: Option<Mend>,
}

/// Writes both documents. They are read again before they are given away.
pub fn propose(survey: &Survey, choices: &Choices) -> Result<Proposal, ProposalError> {
    let columns = columns::describe(survey, choices)?;
    let mend = mend::needed(survey, choices, &columns);
    let columns = columns::numbered(columns, mend.as_ref(), choices);
    let mut listed = columns.clone();
    if mend.is_some() {
        listed.retain(|column| column.role != Role::Unused);
    }
    let contract = contract::write(survey, choices, &listed);
    let spec = spec::write(survey, choices, &listed);
    let unfit = |error: &dyn std::fmt::Display| ProposalError::Unfit {
        detail: error.to_string(),
    };
    let read =
        Contract::parse(&contract, "the proposed contract").map_err(|error| unfit(&error))?;
    Spec::parse(&spec, "the proposed spec")
        .and_then(|spec| spec.check_against(&read, "the proposed spec"))
        .map_err(|error| unfit(&error))?;
    Ok(Proposal {
        contract,
        spec,
        columns,
        mend,
    })
}
