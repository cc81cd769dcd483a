//! What was decided, and what to type next.

use std::time::Duration;

use millrace_contract::Role;
use millrace_dataset::Survey;
use millrace_proposal::{Choices, Described, Guess, Guesses, Proposal};
use serde_json::json;

use super::write::Written;
use crate::arguments::Shared;
use crate::failure::Outcome;
use crate::{out, text};

#[derive(Debug)]
pub struct Said<'a> {
    pub survey: &'a Survey,
    pub guesses: &'a Guesses,
    pub choices: &'a Choices,
    pub proposal: &'a Proposal,
    pub written: &'a Written,
    pub took: Duration,
}

impl Said<'_> {
    pub fn say(&self, shared: &Shared) -> Outcome {
        if shared.json {
            out::line(self.document());
        } else if !shared.quiet {
            out::text(self.text());
        }
        Ok(())
    }

    fn text(&self) -> String {
        let mut rows = vec![
            self.row("id", Role::Id, "none: the rows of a copy are numbered"),
            self.row("date", Role::Date, "none"),
            self.row("target", Role::Target, "none"),
            self.row("protected", Role::Protected, "none"),
            self.row("unused", Role::Unused, "none"),
        ];
        let features = self
            .proposal
            .columns
            .iter()
            .filter(|column| column.role == Role::Feature);
        rows.push(vec!["features".to_owned(), features.count().to_string()]);
        let mut text = format!(
            "{} rows x {} columns of {} in {}\n{}",
            text::count(self.survey.rows),
            self.survey.columns.len(),
            self.choices.source,
            text::duration(self.took),
            text::table(&rows),
        );
        if let Some(mend) = &self.proposal.mend {
            text.push_str(&format!("a copy was mended, {}:\n", self.written.data));
            mend.because
                .iter()
                .for_each(|because| text.push_str(&format!("  {because}\n")));
        }
        if !self.choices.protected.is_empty() {
            text.push_str("groups are compared and nothing is blocked until you set limits in [fairness] of the spec\n");
        }
        text + &format!(
            "written: {}, {}\nnext: {}\n",
            self.written.contract,
            self.written.spec,
            self.next()
        )
    }

    fn row(&self, word: &str, role: Role, otherwise: &str) -> Vec<String> {
        let columns = self
            .proposal
            .columns
            .iter()
            .filter(|column| column.role == role);
        let said: Vec<String> = columns
            .map(|column| match self.because(column).as_str() {
                "" => column.name.clone(),
                because => format!("{} ({because})", column.name),
            })
            .collect();
        let said = if said.is_empty() {
            otherwise.to_owned()
        } else {
            said.join(", ")
        };
        vec![word.to_owned(), said]
    }

    /// Why it was guessed, or what is to be known of it.
    fn because(&self, column: &Described) -> String {
        let guesses = self.guesses.id.iter().chain(&self.guesses.date);
        let mut guesses = guesses
            .chain(&self.guesses.targets)
            .chain(&self.guesses.protected);
        let is_special = !matches!(column.role, Role::Feature | Role::Unused);
        let guess = guesses.find(|guess: &&Guess| is_special && guess.column == column.source);
        let reasons = [
            guess.map(|guess| guess.because.as_str()),
            Some(column.remark.as_str()),
        ];
        let reasons = reasons
            .into_iter()
            .flatten()
            .filter(|reason| !reason.is_empty());
        let reasons = reasons.filter(|reason| !reason.starts_with("if its words"));
        reasons.collect::<Vec<_>>().join("; ")
    }

    fn next(&self) -> String {
        format!(
            "millrace run --spec {} --data {}",
            shell(&self.written.spec),
            shell(&self.written.data)
        )
    }

    fn document(&self) -> serde_json::Value {
        let column = |column: &Described| {
            json!({
                "name": column.name,
                "from": column.source,
                "role": column.role,
                "because": self.because(column),
            })
        };
        let columns: Vec<serde_json::Value> = self.proposal.columns.iter().map(column).collect();
        json!({
            "event": "proposed",
            "rows": self.survey.rows,
            "contract": self.written.contract,
            "spec": self.written.spec,
            "data": self.written.data,
            "mended": self.proposal.mend.as_ref().map(|mend| &mend.because),
            "target": self.choices.target,
            "columns": columns,
            "next": self.next(),
        })
    }
}

/// A word for a shell.
fn shell(word: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || "/._-:=+,@".contains(c);
    match !word.is_empty() && word.chars().all(safe) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}
