//! Standard output. A reader may go away, as `head` does: the work goes on, and the rest is said to nobody. What cannot be
//! written for another reason makes the command fail, once its work is done.

use std::fmt::Display;
use std::io::{Error, ErrorKind, Write, stdout};
use std::sync::OnceLock;

use crate::failure::{Failure, Outcome};

/// Why nothing is written any more.
static LOST: OnceLock<Error> = OnceLock::new();

pub fn line(said: impl Display) {
    text(format_args!("{said}\n"));
}

pub fn text(said: impl Display) {
    if LOST.get().is_none()
        && let Err(error) = write!(stdout(), "{said}")
    {
        // Whichever thread was first has said why.
        let _ = LOST.set(error);
    }
}

/// Whether all was written that somebody wanted to read.
pub fn outcome() -> Outcome {
    let error = match LOST.get() {
        Some(error) => Some(error.kind()),
        None => stdout().flush().err().map(|error| error.kind()),
    };
    match error {
        None | Some(ErrorKind::BrokenPipe) => Ok(()),
        Some(kind) => Err(Failure::new(
            "OutputUnwritable",
            format!("standard output took no more ({kind}); the work itself was done"),
        )),
    }
}
