//! `millrace predictions`: whose scores readers see, and how to show an earlier run again.

use millrace_contract::ModelName;
use millrace_contract::tables::{ServedDay, ServedRun};
use millrace_registry::Registry;
use millrace_served::{Serving, TurnedDay};

use crate::arguments::{Of, Predictions, PredictionsCommand, Shared};
use crate::failure::Outcome;
use crate::say::say;
use crate::text;

pub fn run(shared: &Shared, options: &Predictions) -> Outcome {
    let context = shared.context()?;
    let model = &options.model;
    let registry = Registry::open(&context, model.clone());
    let serving = Serving::of(&registry);
    match &options.command {
        PredictionsCommand::List => {
            let days = millrace_served::read(&context.store, model)?;
            say(shared, &days, || list(model, &days))
        }
        PredictionsCommand::Restore { of, run, dry_run } => {
            let of = of.into();
            let turned = match dry_run {
                true => serving.plan_restore(&of, run)?,
                false => serving.restore(&of, run)?,
            };
            told(shared, turned, *dry_run)
        }
        PredictionsCommand::Withdraw { of, dry_run } => {
            let turned = match dry_run {
                true => serving.plan_withdraw(&of.into())?,
                false => serving.withdraw(&of.into())?,
            };
            told(shared, turned, *dry_run)
        }
    }
}

impl<'a> From<&'a Of> for millrace_served::Of<'a> {
    fn from(of: &'a Of) -> Self {
        millrace_served::Of {
            table: &of.table,
            scored_on: of.day,
        }
    }
}

fn told(shared: &Shared, turned: TurnedDay, dry_run: bool) -> Outcome {
    let note = if dry_run {
        "\nnothing was changed: this was a dry run"
    } else {
        ""
    };
    say(shared, &turned, || {
        format!("{}{note}", describe(std::slice::from_ref(&turned)))
    })
}

/// A line for each day; nothing for no days.
pub fn describe(turned: &[TurnedDay]) -> String {
    let line = |day: &TurnedDay| {
        format!(
            "\n{} {}: {} -> {}",
            day.table,
            day.scored_on,
            run_text(day.before.as_ref()),
            run_text(day.after.as_ref())
        )
    };
    turned.iter().map(line).collect()
}

fn run_text(run: Option<&ServedRun>) -> String {
    match run {
        Some(run) => format!("{} by {}", run.run.run_id, run.version),
        None => "nothing".into(),
    }
}

fn list(model: &ModelName, days: &[ServedDay]) -> String {
    if days.is_empty() {
        return format!("nothing of {model} was ever published here");
    }
    let line = |day: &ServedDay| {
        let shown = match &day.shown {
            Some(shown) => format!(
                "{} by {}, {} rows",
                shown.run.run_id,
                shown.version,
                text::count(shown.rows)
            ),
            None => "nothing".into(),
        };
        let before: Vec<String> = day.replaced.iter().map(|run| run_text(Some(run))).collect();
        match before.is_empty() {
            true => format!("{} {}  {shown}", day.table, day.scored_on),
            false => format!(
                "{} {}  {shown}; before: {}",
                day.table,
                day.scored_on,
                before.join(", ")
            ),
        }
    };
    let lines: Vec<String> = days.iter().map(line).collect();
    lines.join("\n")
}
