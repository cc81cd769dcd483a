//! `millrace erase`: one customer's rows are taken out of every file of rows, and nothing else changes.

mod change;
mod find;
mod record;

use serde::Serialize;

use crate::arguments::{Erase, Shared};
use crate::failure::{Failure, Outcome};
use crate::say::say;
use crate::{runs, text};
use change::{Change, Eraser};
use find::Target;

/// What was found of a customer, and what was done.
#[derive(Debug, Serialize)]
struct Erasure {
    event: &'static str,
    /// The name of the record, when rows were erased.
    erasure: Option<String>,
    erased: bool,
    rows: u64,
    objects_read: usize,
    objects: Vec<Change>,
    /// What stays in S3 and how to remove it.
    remains: Option<&'static str>,
}

/// Said of S3, where a replaced object lives on as an older version.
const OLDER_VERSIONS: &str = "older versions of these objects stay in a bucket with versioning until its lifecycle \
rule removes them, oldVersions days later; docs/OPERATIONS.md says how to delete them at once";

pub fn run(shared: &Shared, options: &Erase) -> Outcome {
    if options.customer_id.trim().is_empty() {
        return Err(Failure::new(
            "InvalidCustomerId",
            "the id is empty: give it as the data writes it",
        ));
    }
    let context = shared.context()?;
    let store = &context.store;
    let targets = find::targets(&context, options)?;
    let mut ids = vec![options.customer_id.clone()];
    let pseudonyms = context.keys.pseudonyms.as_ref();
    ids.extend(pseudonyms.map(|pseudonyms| pseudonyms.of(options.customer_id.trim())));
    refuse_names(&targets, &ids)?;
    let eraser = Eraser::new(store, &ids, options.yes.then(runs::now));
    let mut objects = Vec::new();
    for target in &targets {
        objects.extend(eraser.treat(target)?);
    }
    let erased = options.yes && !objects.is_empty();
    if erased {
        record::write(store, &eraser, &objects)?;
    }
    let in_s3 = objects.iter().any(|change| change.uri.starts_with("s3://"));
    let found = Erasure {
        event: "erasure",
        erasure: erased.then(|| eraser.name.clone()),
        erased,
        rows: objects.iter().map(|change| change.rows).sum(),
        objects_read: targets.len(),
        objects,
        remains: in_s3.then_some(OLDER_VERSIONS),
    };
    say(shared, &found, || found.text())
}

/// A name cannot be rewritten without moving the file, so that is left to a person.
fn refuse_names(targets: &[Target], ids: &[String]) -> Outcome {
    let names_them = |segment: &str| {
        let value = segment.split_once('=').map(|(_, value)| value);
        value.is_some_and(|value| ids.iter().any(|id| id == value))
    };
    match targets
        .iter()
        .find(|target| target.uri().split('/').any(names_them))
    {
        None => Ok(()),
        Some(target) => Err(Failure::new(
            "IdInName",
            format!(
                "a folder of {} is named after the customer: remove the folder, then erase again",
                target.uri()
            ),
        )),
    }
}

impl Erasure {
    fn text(&self) -> String {
        let read = text::count(self.objects_read as u64);
        if self.objects.is_empty() {
            return format!("nothing found: {read} files of rows were read\n");
        }
        let mut lines: Vec<Vec<String>> = vec![["rows", "file"].map(str::to_owned).to_vec()];
        let line = |change: &Change| vec![text::count(change.rows), change.uri.clone()];
        lines.extend(self.objects.iter().map(line));
        let verb = if self.erased {
            "erased"
        } else {
            "would be erased"
        };
        let mut said = format!(
            "{}{} rows {verb} in {} of {read} files of rows\n",
            text::table(&lines),
            text::count(self.rows),
            text::count(self.objects.len() as u64),
        );
        match &self.erasure {
            Some(name) => said.push_str(&format!(
                "recorded as erasures/{name}.json, without the id\n"
            )),
            None => said.push_str("nothing was changed: give --yes to do it\n"),
        }
        said.extend(self.remains.map(|remains| format!("{remains}\n")));
        said
    }
}
