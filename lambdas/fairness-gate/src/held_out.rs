//! The held-out rows, scored by a model.

use millrace_contract::stages::ModelFiles;
use millrace_contract::{ColumnType, Contract, ObjectRef};
use millrace_dataset::{DatasetError, Frame, Purpose, Request, Source};
use millrace_measures::{MeasureError, Rows, Tally};
use millrace_model::{Cores, Model};
use millrace_store::{Key, Store};
use millrace_trail::fetch;

use crate::GateError;

/// Rows that the candidate did not learn from, with their truth and its scores.
#[derive(Debug)]
pub struct HeldOut {
    pub rows: Frame,
    pub truth: Vec<f64>,
    pub scores: Vec<f32>,
    /// The id of each row; none where the table has no ids.
    pub ids: Option<Vec<String>>,
}

impl HeldOut {
    /// Reads the candidate's held-out rows and lets it score them.
    pub fn read(
        store: &Store,
        candidate: &ModelFiles,
        model: &Model,
    ) -> Result<HeldOut, GateError> {
        let mut columns: Vec<String> = model.columns().into_iter().map(str::to_owned).collect();
        let id = model.contract.id().map(str::to_owned);
        let needed = model.spec.fairness.attributes.iter();
        for name in needed.chain([&model.spec.target]).chain(&id) {
            if !columns.contains(name) {
                columns.push(name.clone());
            }
        }
        let rows = read(store, &candidate.holdout_rows, &model.contract, columns)?;
        let truth = rows
            .numbers(&model.spec.target)
            .unwrap_or_default()
            .to_vec();
        let scores = model.score(&rows, Cores::All)?;
        Ok(HeldOut {
            ids: id.and_then(|id| ids_of(&rows, &id)),
            rows,
            truth,
            scores,
        })
    }

    /// Truth and scores, to be measured.
    pub fn judged(&self) -> Result<Rows<'_>, MeasureError> {
        Rows::new(&self.truth, &self.scores)
    }

    /// What would be written of the scores.
    pub fn tally(&self, model: &Model) -> Result<Tally, MeasureError> {
        Ok(Tally::of(self.judged()?, &model.spec.scores))
    }
}

/// Some columns of a file of held-out rows. Ids were written as text, whatever they are in the table.
pub fn read(
    store: &Store,
    file: &ObjectRef,
    contract: &Contract,
    columns: Vec<String>,
) -> Result<Frame, GateError> {
    // Its digest is compared first: the gates judge the rows that training held out, or none.
    let bytes = fetch(store, file)?;
    let uri = store.object_uri(&Key::new(file.key.clone())?);
    let mut written = contract.clone();
    if let Some(id) = contract.id()
        && let Some(column) = written.columns.get_mut(id)
    {
        column.column_type = ColumnType::Text;
    }
    let request = Request::new(&written, columns, Purpose::Training);
    Ok(Source::held(&uri, bytes)?.read(&request)?)
}

/// The ids of all rows; none when one is missing.
pub fn ids_of(rows: &Frame, id: &str) -> Option<Vec<String>> {
    rows.texts(id)?.iter().cloned().collect()
}

/// Whether rows are of another contract than the one that they were read by. Rows that could not be read at
/// all say nothing about a model: then there is no verdict.
pub fn is_about_columns(error: &DatasetError) -> bool {
    matches!(
        error,
        DatasetError::MissingColumn { .. }
            | DatasetError::NotInContract { .. }
            | DatasetError::WrongType { .. }
            | DatasetError::InvalidValue { .. }
    )
}
