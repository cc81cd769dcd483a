//! Files of this process alone, for what has no room in memory.

use std::fs::File;

use millrace_store::Scratch;

use crate::DatasetError;

/// A file that is gone with the process.
pub fn scratch() -> Result<Scratch, DatasetError> {
    Scratch::new().map_err(no_scratch)
}

/// The same, opened to be written and read.
pub(crate) fn scratch_file() -> Result<(Scratch, File), DatasetError> {
    let scratch = scratch()?;
    let opened = File::options().read(true).write(true).open(scratch.path());
    Ok((scratch, opened.map_err(no_scratch)?))
}

pub(crate) fn no_scratch(error: std::io::Error) -> DatasetError {
    DatasetError::NoScratch {
        detail: error.to_string(),
    }
}
