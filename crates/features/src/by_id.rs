//! Which rows are held out by their id alone: a row stays in its part for life.

use millrace_contract::place::Place;
use millrace_contract::spec::Split;

use crate::error::FeatureError;
use crate::split::{Bins, Holdout};
use crate::target::check_target;

/// A row is held out when its id's place lies below the share. Neither the other rows nor its own target
/// have a say, so that it stays where it is when the table grows and when its target changes. The shares hold
/// as closely as chance has it: `sqrt(share (1 - share) / rows)` is the deviation, 0.13 % of 100,000 rows. Bins of
/// the target cannot change where a row belongs; what is asked of them is that none lies in one part by more than chance.
///
/// Both parts are ordered by the place, which shuffles them in the same way whatever the order of the table.
pub fn hold_out_by_id(
    ids: &[&str],
    target: &[f64],
    split: &Split,
) -> Result<Holdout, FeatureError> {
    hold_out_sample(ids, target, split, split.holdout_share)
}

/// The same of rows that were sampled from each part, so that another share of them is held out than of all.
pub fn hold_out_sample(
    ids: &[&str],
    target: &[f64],
    split: &Split,
    share_of_sample: f64,
) -> Result<Holdout, FeatureError> {
    check_target(target)?;
    if ids.len() != target.len() {
        return Err(FeatureError::LengthMismatch {
            rows: ids.len(),
            targets: target.len(),
        });
    }
    let mut placed: Vec<(Place, &str, usize)> = ids
        .iter()
        .enumerate()
        .map(|(row, id)| (Place::of(split.seed, id), *id, row))
        .collect();
    placed.sort_unstable();
    let mut parts = Holdout {
        training: Vec::new(),
        holdout: Vec::new(),
    };
    for (place, _, row) in placed {
        match place.is_held_out(split.holdout_share) {
            true => parts.holdout.push(row),
            false => parts.training.push(row),
        }
    }
    check_parts(&parts, target, split.stratify_bins, share_of_sample)?;
    Ok(parts)
}

/// What happens less often than this has a cause.
const RARER_THAN_CHANCE: f64 = 1e-6;

fn check_parts(
    parts: &Holdout,
    target: &[f64],
    bins: usize,
    holdout_share: f64,
) -> Result<(), FeatureError> {
    if parts.training.is_empty() || parts.holdout.is_empty() {
        let smaller = holdout_share.min(1.0 - holdout_share);
        return Err(FeatureError::TooFewRows {
            what: "a training and a held-out part",
            // With so many rows one table in a hundred has an empty part.
            needed: (0.01_f64.ln() / (1.0 - smaller).ln()).ceil() as usize,
            rows: target.len(),
        });
    }
    let count = bins.max(1);
    let bins = Bins::of(target, count);
    let rows_of = |part: &[usize]| {
        let mut rows = vec![0_usize; count];
        for value in part.iter().filter_map(|row| target.get(*row)) {
            rows[bins.index(*value)] += 1;
        }
        rows
    };
    let (training, holdout) = (rows_of(&parts.training), rows_of(&parts.holdout));
    for (bin, (training, holdout)) in training.into_iter().zip(holdout).enumerate() {
        let rows = training + holdout;
        let share = if holdout == 0 {
            1.0 - holdout_share
        } else {
            holdout_share
        };
        // A few rows of a rare kind may all fall into one part. So many cannot: their ids are not ids.
        let is_chance = share.powf(rows as f64) > RARER_THAN_CHANCE;
        if rows > 0 && (training == 0 || holdout == 0) && !is_chance {
            let part = if training == 0 {
                "training"
            } else {
                "held-out"
            };
            return Err(FeatureError::StratumTooSmall {
                detail: format!(
                    "bin {} of {count} of the target has {rows} rows, none of them in the {part} part",
                    bin + 1
                ),
            });
        }
    }
    Ok(())
}
