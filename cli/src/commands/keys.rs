//! `millrace keys make`: three files, two of them secret. Nothing of them is printed but what is public.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use millrace_keys::{PSEUDONYM_KEY, Pseudonyms, SIGNING_KEY, SigningKey, VERIFY_KEYS};
use serde_json::json;

use crate::arguments::{Keys, KeysCommand, Shared};
use crate::failure::{Failure, Outcome};
use crate::say::say;

/// For the owner alone.
const SECRET: u32 = 0o600;
const PUBLIC: u32 = 0o644;

pub fn run(shared: &Shared, options: &Keys) -> Outcome {
    let KeysCommand::Make { out } = &options.command;
    let signing = SigningKey::make()?;
    let pseudonym = Pseudonyms::make_key()?;
    fs::create_dir_all(out).map_err(|error| unwritable(out, &error))?;
    for (name, content, mode) in [
        ("signing.key", &signing.secret, SECRET),
        ("verify.key", &signing.public, PUBLIC),
        ("pseudonym.key", &pseudonym, SECRET),
    ] {
        write(&out.join(name), content, mode)?;
    }
    let folder = out.display().to_string();
    let document = json!({ "event": "keys_made", "folder": folder, "public": signing.public });
    say(shared, &document, || {
        format!(
            "wrote signing.key, verify.key and pseudonym.key to {folder}\n\
             keep signing.key and pseudonym.key secret; use them with\n  \
             export {SIGNING_KEY}={folder}/signing.key\n  \
             export {VERIFY_KEYS}={}\n  \
             export {PSEUDONYM_KEY}=$(cat {folder}/pseudonym.key)",
            signing.public
        )
    })
}

fn write(path: &Path, content: &str, mode: u32) -> Outcome {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(mode);
    let written = options
        .open(path)
        .and_then(|mut file| writeln!(file, "{content}"));
    written.map_err(|error| unwritable(path, &error))
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(
        "KeysNotWritten",
        format!(
            "{} cannot be written ({error}): give a folder without keys",
            path.display()
        ),
    )
}
