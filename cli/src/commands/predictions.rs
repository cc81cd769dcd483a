//! `millrace predictions`: whose scores readers see, and how to show an earlier run again.

use millrace_contract::ModelName;
use millrace_contract::tables::{ServedDay, ServedRun};
use millrace_registry::Registry;
use millrace_stage_publish::{self as publish, TurnedDay};
use millrace_store::Store;

use crate::arguments::{Of, Predictions, PredictionsCommand, Shared};
use crate::failure::{Failure, Outcome};
use crate::say::say;
use crate::text;

pub fn run(shared: &Shared, options: &Predictions) -> Outcome {
    let store = Store::open(&shared.store)?;
    let model = &options.model;
    match &options.command {
        PredictionsCommand::List => {
            let days = publish::read(&store, model)?;
            say(shared, &days, || list(model, &days))
        }
        PredictionsCommand::Restore { of, run, dry_run } => {
            let day = day_of(&store, model, of)?;
            let known = day.replaced.iter().chain(&day.shown);
            let wanted = known.into_iter().find(|known| known.run.run_id == *run);
            if let Some(wanted) = wanted {
                check_version(&store, model, wanted)?;
            }
            let turned = match (dry_run, wanted) {
                (true, Some(wanted)) => planned(&day, Some(wanted.clone())),
                _ => publish::restore(&store, model, &of.table, of.day, run)?,
            };
            told(shared, turned, *dry_run)
        }
        PredictionsCommand::Withdraw { of, dry_run } => {
            let turned = match dry_run {
                true => planned(&day_of(&store, model, of)?, None),
                false => publish::withdraw(&store, model, &of.table, of.day)?,
            };
            told(shared, turned, *dry_run)
        }
    }
}

/// What a rejected version scored is never shown again.
fn check_version(store: &Store, model: &ModelName, wanted: &ServedRun) -> Outcome {
    // A version of a training run that was never registered has no state to ask for.
    if wanted.version.starts_with("run:") {
        return Ok(());
    }
    Registry::open(store.clone(), model.clone()).resolve_for_use(&wanted.version)?;
    Ok(())
}

fn day_of(store: &Store, model: &ModelName, of: &Of) -> Result<ServedDay, Failure> {
    let days = publish::read(store, model)?;
    let found = days
        .into_iter()
        .find(|day| day.table == of.table && day.scored_on == of.day);
    found.ok_or_else(|| {
        publish::PublishError::NotServed {
            what: "anything".into(),
            model: model.clone(),
            table: of.table.clone(),
            scored_on: of.day,
        }
        .into()
    })
}

fn planned(day: &ServedDay, after: Option<ServedRun>) -> TurnedDay {
    TurnedDay {
        table: day.table.clone(),
        scored_on: day.scored_on,
        before: day.shown.clone(),
        after,
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
