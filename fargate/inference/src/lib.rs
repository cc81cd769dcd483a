//! Applying a model: rows in, one file of scores out, in memory that does not grow with the rows.
//!
//! The way through: load the model (every digest checked), read the rows in blocks, score, clip, round
//! and sort each score into its tier, and write while the next block is being read. The file lies where
//! publishing will make it visible; until then nothing refers to it.

mod error;
mod tally;
mod write;

use jiff::tz::TimeZone;
use millrace_adapter::memory;
use millrace_contract::stages::{DataFiles, Listener, Progress, ScoreInput, ScoreOutput};
use millrace_contract::tables::run_folder;
use millrace_contract::{Contract, output};
use millrace_dataset::{
    DatasetError, Exclusions, Frame, ParquetTable, Purpose, Request, Source, check_written,
};
use millrace_keys::Context;
use millrace_model::{Cores, Model};
use millrace_store::{Key, Scratch};
use millrace_trail::{Begun, Work, begin, fetch_json};

pub use error::ScoreError;

use tally::Tally;

/// Scores a shard, unless this run has done so already.
pub fn run(
    context: &Context,
    input: ScoreInput,
    listener: &dyn Listener,
) -> Result<ScoreOutput, ScoreError> {
    run_within(context, input, None, listener)
}

/// The same where memory is limited: row groups that cannot fit are refused before they are read.
pub fn run_within(
    context: &Context,
    input: ScoreInput,
    memory_bytes: Option<u64>,
    listener: &dyn Listener,
) -> Result<ScoreOutput, ScoreError> {
    let stage = stage_name(input.shard.index);
    match begin(&context.store, &input.run.run_id, &stage, &input)? {
        Begun::Finished(record) => Ok(record.output),
        Begun::Fresh(work) => score(context, work, &input, memory_bytes, listener),
    }
}

/// The folder of a shard's stage.
pub fn stage_name(shard: u32) -> String {
    format!("score-{shard:05}")
}

fn score(
    context: &Context,
    mut work: Work,
    input: &ScoreInput,
    memory_bytes: Option<u64>,
    listener: &dyn Listener,
) -> Result<ScoreOutput, ScoreError> {
    let store = &context.store;
    let model = Model::load_for_use(context, &input.model.files, &input.extra)?;
    let pseudonyms = context.keys.pseudonyms_of(&model.spec)?;
    let post = model.post_process()?;
    let exclusions: Option<Exclusions> = input
        .exclusions
        .as_ref()
        .map(|object| fetch_json(store, object, "a list of excluded rows"))
        .transpose()?;
    let files: DataFiles = fetch_json(store, &input.data_files, "a list of data files")?;
    let source = Source::shard(&files, input.shard)?;
    let exclusions = exclusions
        .map(|exclusions| exclusions.of_shard(&files, &source))
        .transpose()?;
    let extent = source.extent()?;
    let need = memory::Need {
        container: "inference",
        amount: extent.largest_group_bytes,
        unit: "bytes in its largest row group",
        bytes_for_each: memory::SCORE_BYTES_PER_BYTE,
        advice: "write the data in smaller row groups",
    };
    need.check(source.uri(), memory_bytes)?;
    let total = extent.rows;

    let aside = Scratch::new().map_err(|error| ScoreError::NoScratch {
        detail: error.to_string(),
    })?;
    let columns = output::score_columns(&model.spec, &model.contract);
    let mut table = ParquetTable::create(aside.path(), &columns)?;
    let mut tally = Tally::new(&model.spec.scores);
    let mut request = Request::new(
        &model.contract,
        wanted(&model, &model.contract),
        Purpose::Scoring,
    );
    if let Some(exclusions) = &exclusions {
        request = request.without(exclusions);
    }
    // A shard of many may have no row: its files are empty, or all of its rows are in quarantine. One beyond the last has no
    // file.
    let may_be_empty = input.shard.count > 1 && !source.files().is_empty();
    let read = source.for_each_block(&request, |rows: Frame| -> Result<(), ScoreError> {
        tally.unseen_words += model.unseen_words(&rows)?;
        let scores = model.score(&rows, Cores::All)?;
        table.write(write::columns(
            &model,
            &post,
            input,
            rows,
            &scores,
            pseudonyms.as_ref(),
            &mut tally,
        )?)?;
        listener.hear(Progress::Rows {
            done: tally.rows,
            total,
        });
        Ok(())
    });
    match read {
        Err(ScoreError::Data(DatasetError::EmptyTable { .. })) if may_be_empty => {}
        read => drop(read?),
    }
    table.finish()?;
    check_written(aside.path(), &columns, tally.rows)?;

    let name = format!("part-{:05}.parquet", input.shard.index);
    let written = match input.trial {
        true => (work.put_file(&name, aside.path())?, None),
        false => {
            let table = &model.spec.scores.table;
            let day = input.run.started_at.to_zoned(TimeZone::UTC).date();
            let folder = run_folder(table, &input.model.name, day, &input.run.run_id);
            let key = Key::new(format!("{folder}/{name}"))?;
            let (file, etag) = work.put_file_marked(&key, aside.path())?;
            (file, Some(etag.as_str().to_owned()))
        }
    };
    let output = tally.output(&model.spec.scores, written, total);
    tracing::info!(run_id = %input.run.run_id, rows = output.rows_scored, "scored");
    Ok(work.finish(output)?)
}

/// The id and what the model needs; an id that is also learned from is read once.
fn wanted(model: &Model, contract: &Contract) -> Vec<String> {
    let id = contract.id().into_iter();
    id.chain(model.columns()).map(str::to_owned).collect()
}
