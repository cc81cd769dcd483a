//! The rows to learn from: everything that is learnable, the id and the protected attributes.

use std::collections::HashSet;

use millrace_adapter::memory;
use millrace_contract::spec::Task;
use millrace_contract::stages::{DataFiles, TrainInput};
use millrace_contract::{Contract, Digest, Role, Spec};
use millrace_dataset::{Exclusions, Frame, Purpose, Request, Source};
use millrace_features::check_target;
use millrace_store::Store;
use millrace_trail::fetch_json;
use millrace_training::{EVERY_CORE, workers};

use crate::TrainError;
use crate::sample::Sample;

/// The accepted rows and their target.
#[derive(Debug)]
pub struct TrainingData {
    pub frame: Frame,
    pub target: Vec<f64>,
    pub digest: Digest,
    pub quarantined: u64,
    /// Where the spec asks for fewer rows than there may be.
    pub sample: Option<Sample>,
}

impl TrainingData {
    /// The id of each row, where the table has one; `read` has made sure that none is missing.
    pub fn ids(&self, contract: &Contract) -> Vec<&str> {
        let ids = contract.id().and_then(|id| self.frame.texts(id));
        let ids = ids.unwrap_or_default();
        ids.iter().flatten().map(String::as_str).collect()
    }

    pub fn target_of(&self, rows: &[usize]) -> Vec<f64> {
        rows.iter()
            .filter_map(|row| self.target.get(*row).copied())
            .collect()
    }
}

pub fn read(
    store: &Store,
    input: &TrainInput,
    spec: &Spec,
    contract: &Contract,
    memory_bytes: Option<u64>,
) -> Result<TrainingData, TrainError> {
    let files: DataFiles = fetch_json(store, &input.data_files, "a list of data files")?;
    let source = Source::fixed(&files)?;
    let exclusions: Option<Exclusions> = input
        .exclusions
        .as_ref()
        .map(|object| fetch_json(store, object, "a list of excluded rows"))
        .transpose()?;
    let mut request = Request::new(contract, columns(spec, contract), Purpose::Training);
    if let Some(exclusions) = &exclusions {
        request = request.without(exclusions);
    }
    check_memory(&source, spec, request.columns.len(), memory_bytes)?;
    let (frame, sample) = match contract.id().filter(|_| !spec.rows.are_all()) {
        None => (source.read(&request)?, None),
        Some(id) => {
            let sample = Sample::draw(&source, &request, id, spec)?;
            let frame = sample.read(&source, &request, id, &spec.split)?;
            (frame, Some(sample))
        }
    };
    let target = frame.numbers(&spec.target).unwrap_or_default().to_vec();
    check_target(&target)?;
    if spec.task != Task::Regression {
        check_classes(&target, &spec.target)?;
    }
    if let Some(id) = contract.id() {
        check_ids(&frame, id)?;
    }
    Ok(TrainingData {
        target,
        digest: files.digest(),
        quarantined: exclusions.as_ref().map_or(0, Exclusions::rows),
        sample,
        frame,
    })
}

/// Refuses, before it is read, what this container could not hold.
fn check_memory(
    source: &Source,
    spec: &Spec,
    columns: usize,
    memory_bytes: Option<u64>,
) -> Result<(), TrainError> {
    if memory_bytes.is_none() {
        return Ok(());
    }
    let used = spec
        .rows
        .training_most()
        .saturating_add(spec.rows.hold_out_most(&spec.split));
    let need = memory::Need {
        container: "training",
        amount: source.estimated_rows()?.min(used),
        unit: "rows to learn from and to judge by",
        bytes_for_each: memory::training_bytes_per_row(columns, workers(EVERY_CORE)),
        advice: "use fewer rows: `most` in the spec's table [rows]",
    };
    Ok(need.check(source.uri(), memory_bytes)?)
}

/// Everything of the contract but dates, targets that are not predicted and what is of no use.
fn columns(spec: &Spec, contract: &Contract) -> Vec<String> {
    let wanted = |(name, column): &(&String, &millrace_contract::Column)| match column.role {
        Role::Id | Role::Feature | Role::Protected => true,
        Role::Target => **name == spec.target,
        Role::Date | Role::Unused => false,
    };
    contract
        .columns
        .iter()
        .filter(wanted)
        .map(|(name, _)| name.clone())
        .collect()
}

/// A class is 0 or 1; boolean columns are read as these.
fn check_classes(target: &[f64], column: &str) -> Result<(), TrainError> {
    match target.iter().position(|y| *y != 0.0 && *y != 1.0) {
        None => Ok(()),
        Some(row) => Err(TrainError::TargetUnusable {
            column: column.to_owned(),
            row,
            value: target[row],
        }),
    }
}

/// A customer who is there twice could be learned from and held out at once.
fn check_ids(frame: &Frame, id: &str) -> Result<(), TrainError> {
    let ids = frame.texts(id).unwrap_or_default();
    let mut seen = HashSet::with_capacity(ids.len());
    for (row, value) in ids.iter().enumerate() {
        let Some(value) = value else {
            return Err(TrainError::MissingId {
                column: id.to_owned(),
                row,
            });
        };
        if !seen.insert(value.as_str()) {
            return Err(TrainError::DuplicateId {
                column: id.to_owned(),
                row,
            });
        }
    }
    Ok(())
}
