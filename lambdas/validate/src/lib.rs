//! Checks a data set against its contract before anything is learned from it or scored.
//!
//! Data that must not be used is an answer, not an error: the verdict says `refused`, and why. The
//! report, the profile, the list of excluded rows and the bad rows themselves lie in the run's folder.

mod error;
mod rows;

use millrace_adapter::memory::{self, Form};
use millrace_contract::Contract;
use millrace_contract::stages::{DataFiles, ValidateInput, ValidateOutput, pieces};
use millrace_dataset::{
    Format, Intent, Profile, QUARANTINE, Room, Source, Validation, validate_within,
};
use millrace_keys::{Context, Keys, Pseudonyms};
use millrace_trail::{Begun, Work, begin, fetch_json, load_documents};

pub use error::ValidateError;

use rows::Aside;

/// The folder of this stage in a run.
pub const STAGE: &str = "validate";
/// As many reasons as fit into a message; all of them are in the report.
const MOST_REASONS: usize = 20;

/// Validates, unless this run has done so already.
pub fn run(context: &Context, input: ValidateInput) -> Result<ValidateOutput, ValidateError> {
    run_within(context, input, None)
}

/// The same as a function: data that its memory cannot hold is refused before it is read, and the state machine
/// hands it to a container.
pub fn run_within(
    context: &Context,
    input: ValidateInput,
    memory_bytes: Option<u64>,
) -> Result<ValidateOutput, ValidateError> {
    begun(context, &input, Means::Function { memory_bytes })
}

/// The same as a container, for data of any size: what has no room in memory lies on disk.
pub fn run_aside(
    context: &Context,
    input: ValidateInput,
    memory_bytes: Option<u64>,
) -> Result<ValidateOutput, ValidateError> {
    begun(context, &input, Means::Container { memory_bytes })
}

/// What the validation is done with. Memory that is not limited is what the machine has.
#[derive(Debug, Clone, Copy)]
enum Means {
    Function { memory_bytes: Option<u64> },
    Container { memory_bytes: Option<u64> },
}

impl Means {
    /// How much of the data is held in memory; refuses what cannot be done in it.
    fn room(self, source: &Source) -> Result<Room, ValidateError> {
        match self {
            Means::Function { memory_bytes } => {
                let files = source.files().iter();
                let files: Vec<(Form, u64)> =
                    files.map(|file| (form(file.format), file.bytes)).collect();
                memory::check(source.uri(), &files, memory_bytes)?;
                Ok(Room::USUAL)
            }
            Means::Container { memory_bytes: None } => Ok(Room::USUAL),
            Means::Container {
                memory_bytes: Some(memory),
            } => {
                let need = memory::Need {
                    container: "validation",
                    amount: source.estimated_rows()?,
                    unit: "rows",
                    bytes_for_each: memory::VALIDATE_BYTES_PER_ROW,
                    advice: "validate parts of the data",
                };
                need.check(source.uri(), Some(memory))?;
                // The other half is for row groups while they are decoded.
                Ok(Room::of((memory - need.bytes()) / 2))
            }
        }
    }
}

fn begun(
    context: &Context,
    input: &ValidateInput,
    means: Means,
) -> Result<ValidateOutput, ValidateError> {
    match begin(&context.store, &input.run.run_id, STAGE, input)? {
        Begun::Finished(record) => Ok(record.output),
        Begun::Fresh(work) => check(work, input, &context.keys, means),
    }
}

fn check(
    mut work: Work,
    input: &ValidateInput,
    keys: &Keys,
    means: Means,
) -> Result<ValidateOutput, ValidateError> {
    let store = work.store().clone();
    let (spec, contract) = load_documents(&store, &input.documents)?;
    let pseudonyms = keys.pseudonyms_of(&spec)?;
    let source = Source::open(&input.data)?;
    let room = means.room(&source)?;
    // From here on these bytes are the data, for this check as for every later stage.
    let fixed = source.fix()?;
    let source = Source::fixed(&fixed)?;
    let reference: Option<Profile> = input
        .reference
        .as_ref()
        .map(|object| fetch_json(&store, object, "the profile of earlier data"))
        .transpose()?;
    let intent = Intent {
        purpose: input.purpose,
        target: Some(&spec.target),
    };
    let found = validate_within(
        &source,
        &contract,
        intent,
        input.run.started_at,
        reference.as_ref(),
        room,
    )?;
    let output = write(
        &mut work,
        &fixed,
        input,
        &contract,
        pseudonyms.as_ref(),
        found,
    )?;
    tracing::info!(
        run_id = %input.run.run_id,
        rows = output.rows_read,
        quarantined = output.rows_quarantined,
        verdict = ?output.verdict,
        "validated"
    );
    Ok(work.finish(output)?)
}

fn form(format: Format) -> Form {
    match format {
        Format::Parquet => Form::Parquet,
        Format::Csv => Form::Csv,
    }
}

fn write(
    work: &mut Work,
    fixed: &DataFiles,
    input: &ValidateInput,
    contract: &Contract,
    pseudonyms: Option<&Pseudonyms>,
    found: Validation,
) -> Result<ValidateOutput, ValidateError> {
    let report = work.put_json("report.json", &found.report)?;
    let profile = work.put_json("profile.json", &found.profile)?;
    let exclusions = match found.exclusions.is_empty() {
        true => None,
        false => Some(work.put_json("exclusions.json", &found.exclusions)?),
    };
    let quarantine = match &found.quarantine {
        Some(rows) => Some((work.put_local(QUARANTINE, rows.path())?, rows)),
        None => None,
    };
    let mut reasons = found.report.reasons();
    reasons.truncate(MOST_REASONS);
    let output = ValidateOutput {
        verdict: found.report.verdict,
        quality_score: found.report.quality_score,
        reasons,
        data_digest: fixed.digest(),
        data_files: work.put_json("data_files.json", fixed)?,
        files: u32::try_from(fixed.files.len()).unwrap_or(u32::MAX),
        bytes: fixed.bytes(),
        pieces: pieces(fixed),
        rows_read: found.report.rows_read,
        rows_accepted: found.report.rows_accepted,
        rows_quarantined: found.report.rows_quarantined,
        report,
        profile,
        exclusions,
        quarantine: quarantine.as_ref().map(|(object, _)| object.clone()),
    };
    if !work.is_overtaken()? {
        if let Some((object, rows)) = quarantine {
            let table = Aside {
                contract,
                pseudonyms,
                object: &object,
            };
            rows::put_quarantine(work.store(), input, &table, rows)?;
        }
        rows::put_quality(work.store(), input, &found.report, &output)?;
    }
    Ok(output)
}

#[cfg(test)]
mod tests;
