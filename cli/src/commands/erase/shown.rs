//! What is printed of an erasure: what was found, what was done, and what is left.

use millrace_erasure::{Influence, Influenced, Looked, MayHold, NotCleaned, Receipt};
use serde::Serialize;

use crate::text;

/// What was found of a customer, and what was done.
#[derive(Debug, Serialize)]
pub struct Shown<'a> {
    event: &'static str,
    /// The name of the receipt, when something was to be erased.
    erasure: Option<&'a str>,
    erased: bool,
    complete: bool,
    signed: bool,
    rows: u64,
    objects_read: usize,
    /// Those that changed, or would.
    objects: Vec<&'a Looked>,
    removed: &'a [String],
    not_cleaned: &'a [NotCleaned],
    models: Vec<&'a Influenced>,
    may_still_hold: &'a [MayHold],
    /// Shows whose the receipt is, together with it; it is kept nowhere.
    proof: Option<String>,
}

impl<'a> Shown<'a> {
    pub fn of(
        receipt: &'a Receipt,
        was_asked: bool,
        has_key: bool,
        proof: Option<String>,
    ) -> Shown<'a> {
        let objects: Vec<&Looked> = receipt
            .objects
            .iter()
            .filter(|object| object.before != object.after)
            .collect();
        Shown {
            event: "erasure",
            erasure: was_asked.then_some(receipt.erasure.as_str()),
            erased: was_asked && !objects.is_empty(),
            complete: receipt.is_complete(),
            signed: was_asked && has_key,
            rows: receipt.rows_erased,
            objects_read: receipt.objects.len(),
            objects,
            removed: &receipt.removed,
            not_cleaned: &receipt.not_cleaned,
            models: receipt
                .models
                .iter()
                .filter(|model| model.influence != Influence::None)
                .collect(),
            may_still_hold: &receipt.may_still_hold,
            proof: proof.filter(|_| was_asked),
        }
    }

    pub fn text(&self) -> String {
        let mut said = self.found();
        for uri in self.removed {
            said.push_str(&format!("removed what a dead writer had left: {uri}\n"));
        }
        match self.erasure {
            Some(name) => said.push_str(&format!(
                "recorded as erasures/{name}.json, without the id{}\n",
                if self.signed { ", and signed" } else { "" }
            )),
            None if !self.objects.is_empty() => {
                said.push_str("nothing was changed: give --yes to do it\n");
            }
            None => {}
        }
        if let Some(proof) = &self.proof {
            said.push_str(&format!(
                "proof {proof}: with it and the id the receipt can be shown to be theirs; it is kept nowhere\n"
            ));
        }
        let failed = self.not_cleaned.iter();
        said.push_str(&table(
            "could not be cleaned",
            &["name", "where", "why"],
            failed.map(|one| vec![one.error.clone(), one.uri.clone(), one.detail.clone()]),
        ));
        let models = self.models.iter();
        said.push_str(&table(
            "models that their rows had to do with",
            &["influence", "model", "why"],
            models.map(|one| {
                let influence = match one.influence {
                    Influence::Trained => "trained",
                    Influence::HeldOut => "held out",
                    Influence::Unknown | Influence::None => "unknown",
                };
                vec![influence.to_owned(), one.place.clone(), one.why.clone()]
            }),
        ));
        let held = self.may_still_hold.iter();
        said.push_str(&table(
            "may still hold them",
            &["what", "where", "until", "remedy"],
            held.map(|one| {
                let until = one
                    .until
                    .map_or("removed".to_owned(), |until| until.to_string());
                vec![
                    one.what.clone(),
                    one.place.clone(),
                    until,
                    one.remedy.clone(),
                ]
            }),
        ));
        said
    }

    fn found(&self) -> String {
        let read = text::count(self.objects_read as u64);
        let with_rows: Vec<&&Looked> = self
            .objects
            .iter()
            .filter(|object| object.rows_erased > 0)
            .collect();
        if with_rows.is_empty() {
            return format!("nothing found: {read} files of rows were read\n");
        }
        let mut lines: Vec<Vec<String>> = vec![["rows", "file"].map(str::to_owned).to_vec()];
        let line = |object: &&&Looked| vec![text::count(object.rows_erased), object.uri.clone()];
        lines.extend(with_rows.iter().map(line));
        let verb = match self.erased {
            true => "erased",
            false => "would be erased",
        };
        format!(
            "{}{} rows {verb} in {} of {read} files of rows\n",
            text::table(&lines),
            text::count(self.rows),
            text::count(with_rows.len() as u64),
        )
    }
}

fn table(title: &str, columns: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut lines = vec![columns.iter().map(|name| (*name).to_owned()).collect()];
    lines.extend(rows);
    match lines.len() {
        1 => String::new(),
        _ => format!("\n{title}:\n{}", text::table(&lines)),
    }
}
