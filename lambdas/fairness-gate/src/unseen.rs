//! Which rows neither the candidate nor the live model has learned from.
//!
//! The candidate's held-out rows are there; what the live model learned from is not, for nobody keeps the ids of
//! training rows. What can be proven without them:
//!
//! - A model whose rows were parted by their ids never learned from a row that its own rule holds out,
//!   whether that row was there when it was trained or not.
//! - A model whose rows were parted as scikit-learn does it did not learn from the rows that it held out itself.
//!   Of any other row, a newer one included, it cannot be said.

use std::collections::HashSet;

use millrace_contract::metadata::SplitRecord;
use millrace_contract::place::Place;
use millrace_contract::spec::SplitMethod;
use millrace_contract::stages::ModelFiles;
use millrace_model::Model;
use millrace_registry::Finding;
use millrace_store::Store;

use crate::GateError;
use crate::findings::outcome;
use crate::held_out::{self, HeldOut, ids_of};

/// Positions among the candidate's held-out rows, or why nobody can tell.
pub type Unseen = Result<Vec<usize>, String>;

pub fn by_live(
    store: &Store,
    candidate: (&Model, &ModelFiles, &HeldOut),
    live: (&Model, &ModelFiles),
) -> Result<Unseen, GateError> {
    let (ours, our_files, held_out) = candidate;
    let (theirs, their_files) = live;
    if our_files.holdout_rows.sha256 == their_files.holdout_rows.sha256 {
        return Ok(Ok((0..held_out.truth.len()).collect()));
    }
    let (Some(ids), Some(id)) = (&held_out.ids, theirs.contract.id()) else {
        return Ok(Err(
            "without ids nobody can say which rows it has learned from".into(),
        ));
    };
    if ours.contract.id() != Some(id) {
        return Ok(Err(format!("its rows are named by another id, `{id}`")));
    }
    let split = theirs.metadata.split;
    if let Some(rule) = split.filter(|split| split.method == SplitMethod::ById) {
        return Ok(Ok(positions(ids, |id| holds_out(&rule, id))));
    }
    let rows = held_out::read(
        store,
        &their_files.holdout,
        &theirs.contract,
        vec![id.to_owned()],
    )?;
    let Some(known) = ids_of(&rows, id) else {
        return Ok(Err("its held-out rows lack ids".into()));
    };
    let known: HashSet<String> = known.into_iter().collect();
    Ok(Ok(positions(ids, |id| known.contains(id))))
}

/// A candidate that says that ids decide must hold out by them: otherwise it is judged on rows that it knows.
pub fn as_declared(model: &Model, held_out: &HeldOut) -> Option<Finding> {
    let rule = model.metadata.split?;
    let ids = held_out.ids.as_ref()?;
    if rule.method != SplitMethod::ById {
        return None;
    }
    let strange = positions(ids, |id| !holds_out(&rule, id)).len();
    Some(Finding {
        subject: "held-out rows".into(),
        outcome: outcome(strange == 0),
        value: Some(strange as f64),
        limit: Some(0.0),
        detail: format!(
            "{strange} of {} rows belong to the training part by their ids",
            ids.len()
        ),
    })
}

fn holds_out(rule: &SplitRecord, id: &str) -> bool {
    Place::of(rule.seed, id).is_held_out(rule.holdout_share)
}

fn positions(ids: &[String], wanted: impl Fn(&str) -> bool) -> Vec<usize> {
    let all = ids.iter().enumerate();
    all.filter(|(_, id)| wanted(id))
        .map(|(position, _)| position)
        .collect()
}
