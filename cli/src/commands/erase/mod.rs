//! `millrace erase`: one customer's rows are taken out of every file of rows, and nothing else changes.
//!
//! It looks everywhere first and changes nothing; then it changes what holds the customer. What cannot be looked
//! into or cleaned stops nothing: it is told, and the same command goes on with it later.

mod change;
mod find;
mod journal;
mod models;
mod person;
mod remains;
mod shown;
mod verify;

use jiff::Timestamp;
use millrace_erasure::{NotCleaned, Whom, settle};
use millrace_keys::Context;
use millrace_store::{Hidden, Key, Store};

use crate::arguments::{Erase, EraseCommand, Shared};
use crate::failure::{Failure, Outcome};
use crate::runs;
use crate::say::say;
use change::{Change, Eraser};
use find::{Document, Everything, Target, not_cleaned};
use journal::Journal;
use person::Person;
use shown::Shown;

pub fn run(shared: &Shared, options: &Erase) -> Outcome {
    match &options.command {
        Some(EraseCommand::Verify(asked)) => verify::run(shared, asked),
        None => erase(shared, options),
    }
}

fn erase(shared: &Shared, options: &Erase) -> Outcome {
    let id = options.customer_id.as_deref().unwrap_or_default();
    if id.trim().is_empty() {
        return Err(Failure::new(
            "InvalidCustomerId",
            "the id is empty: give it as the data writes it",
        ));
    }
    let context = shared.context()?;
    let pseudonyms = context.keys.pseudonyms.as_ref();
    let (mut found, objects) = find::begin(&context, options)?;
    let person = Person::new(id, pseudonyms, &found.columns);
    let mut eraser = Eraser::new(&person);
    let (whom, proof) = Whom::of(&eraser.name, id, pseudonyms)?;
    let now = runs::now();
    let mut journal = Journal::new(&context, &person, &eraser.name, whom, now);
    let hidden = journal.hidden(options.yes);
    found.fill(&context.store, objects, &hidden, &options.data, &person);

    let seen = look(&eraser, &found, &mut journal);
    let changes: Vec<Change> = seen.iter().map(|(change, _)| change.clone()).collect();
    journal.receipt.models = models::influenced(
        &context,
        &found.documents,
        &found.columns,
        &person,
        &changes,
    );
    let failed = found.not_cleaned.iter().cloned();
    journal.receipt.not_cleaned.extend(failed);
    let named = found
        .documents
        .iter()
        .filter_map(|document| names_them(&context.store, document, &person));
    journal.receipt.not_cleaned.extend(named);
    let stores = found.targets.iter().map(|target| &target.store);
    let elsewhere = remains::elsewhere(stores.chain([&context.store]), now);
    journal.receipt.may_still_hold.extend(elsewhere);
    let made = remains::made_of_rows(&context.store);
    journal.receipt.may_still_hold.extend(made);
    journal.redact();

    match options.yes {
        false => seen.iter().for_each(|(change, _)| journal.add(change)),
        true => {
            journal.open()?;
            change(&context, &mut eraser, &seen, &mut journal, now)?;
        }
    }
    journal.receipt.not_cleaned.sort();
    journal.receipt.not_cleaned.dedup();
    if options.yes {
        journal.close(runs::now())?;
    }
    let is_signed = context.keys.signing.is_some();
    let shown = Shown::of(&journal.receipt, options.yes, is_signed, proof);
    say(shared, &shown, || shown.text())?;
    incomplete(&journal.receipt.not_cleaned)
}

/// A first look that changes nothing: what each file holds of them.
fn look<'a>(
    eraser: &Eraser<'_>,
    found: &'a Everything,
    journal: &mut Journal<'_>,
) -> Vec<(Change, &'a Target)> {
    let mut seen = Vec::new();
    for target in &found.targets {
        match eraser.treat(target) {
            Ok(change) => seen.push((change, target)),
            Err(failure) => {
                let failed = not_cleaned(target.uri(), &failure);
                journal.receipt.not_cleaned.push(failed);
            }
        }
    }
    seen
}

fn change(
    context: &Context,
    eraser: &mut Eraser<'_>,
    seen: &[(Change, &Target)],
    journal: &mut Journal<'_>,
    now: Timestamp,
) -> Outcome {
    eraser.at = Some(now);
    for (found, target) in seen {
        if !found.is_one() {
            journal.take(settled(target, found), target.uri());
            continue;
        }
        // The rows come last: as long as they are there, a second call finds its way to the rest.
        if let Some(key) = report_of(&target.key)?
            && let Some(done) = eraser.treat_report(&context.store, &key).transpose()
        {
            journal.take(done, target.uri());
        }
        journal.take(eraser.treat(target), target.uri());
        journal.save()?;
    }
    Ok(())
}

/// An erasure that was cut short may have come as far as this.
fn settled(target: &Target, found: &Change) -> Result<Change, Failure> {
    if target.is_vouched_for {
        settle(&target.store, target.key.as_str(), &found.before.sha256)?;
    }
    Ok(found.clone())
}

/// The report beside a run's quarantine: its examples may be values of whoever was set aside.
fn report_of(key: &Key) -> Result<Option<Key>, Failure> {
    let Some(folder) = key.as_str().strip_suffix(millrace_dataset::QUARANTINE) else {
        return Ok(None);
    };
    let key = Key::new(format!("{folder}report.json"))?;
    Ok(millrace_erasure::is_report(key.as_str()).then_some(key))
}

/// A document that names them, or that cannot be read to see.
fn names_them(store: &Store, document: &Document, person: &Person) -> Option<NotCleaned> {
    let (uri, read) = match document {
        Document::Object(key) => {
            let read = store.get(key).map(|object| object.bytes.to_vec());
            (store.object_uri(key), read.map_err(Failure::from))
        }
        Document::File(path) => {
            let read = std::fs::read(path);
            let failed = |error: std::io::Error| Failure::new("DataUnreadable", error.to_string());
            (format!("file://{}", path.display()), read.map_err(failed))
        }
    };
    let failure = match read {
        Ok(text) if !person.is_in_text(&text) && !person.is_in_name(&uri) => return None,
        Ok(_) => Failure::new(
            "IdInDocument",
            "it is no table of rows and names the customer: remove it, or what lies around it",
        ),
        Err(failure) => failure,
    };
    Some(not_cleaned(uri, &failure))
}

fn incomplete(not_cleaned: &[NotCleaned]) -> Outcome {
    let Some(first) = not_cleaned.first() else {
        return Ok(());
    };
    let count = crate::text::count(not_cleaned.len() as u64);
    Err(Failure::new(
        "ErasureIncomplete",
        format!(
            "{count} places could not be cleaned, the first of them {} ({}); everything else was gone through: do as each of them says, then erase again",
            first.uri, first.error
        ),
    ))
}

impl Journal<'_> {
    /// What lies beside the objects of the store.
    fn hidden(&mut self, remove: bool) -> Vec<Hidden> {
        let hidden = match self.store().hidden(remove) {
            Ok(hidden) => hidden,
            Err(error) => {
                let failed = not_cleaned(self.store().uri(), &error.into());
                self.receipt.not_cleaned.push(failed);
                Vec::new()
            }
        };
        let beside = remains::beside(&hidden, remove);
        self.receipt.removed = beside.removed;
        self.receipt.not_cleaned.extend(beside.not_cleaned);
        self.receipt.may_still_hold = beside.may_hold;
        hidden
    }

    /// What became of a file.
    fn take(&mut self, done: Result<Change, Failure>, uri: String) {
        match done {
            Ok(change) => self.add(&change),
            Err(failure) => {
                let mut failed = not_cleaned(uri, &failure);
                self.hide(&mut failed);
                self.receipt.not_cleaned.push(failed);
            }
        }
    }
}
