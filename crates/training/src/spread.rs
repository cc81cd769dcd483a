//! An exhaustive search spread over containers: each scores its share of the candidates, and one joins them.
//!
//! Candidates that one fit answers for stay together, so that nothing is trained twice, and shares are
//! made of about the same cost. What comes of it is what one container would have found, to the last bit.

use millrace_contract::Params;
use millrace_contract::spec::Strategy;
use millrace_contract::stages::Share;
use serde::{Deserialize, Serialize};

use crate::data::View;
use crate::error::TrainingError;
use crate::exhaustive::{exhaustive, run_of};
use crate::paired::RowErrors;
use crate::pool::Runs;
use crate::progress::Progress;
use crate::search::{
    SearchOutcome, SearchRequest, Setup, grid, outcome, tell_of_slow_fits, with_learner,
};
use crate::space::Group;
use crate::standings::Standings;

/// What a part found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartStandings {
    /// Empty when there were more parts than fits.
    pub scored: Vec<Scored>,
}

/// A candidate, by its position in the grid, with its score on every fold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scored {
    pub candidate: usize,
    pub hyperparameters: Params,
    pub fold_scores: Vec<f64>,
}

/// Scores one part of the candidates on every fold.
pub fn search_part(
    request: &SearchRequest<'_>,
    share: Share,
    progress: &dyn Progress,
) -> Result<PartStandings, TrainingError> {
    check(request.setup)?;
    let mut standings = grid(request.setup, request.attempt)?;
    with_learner(request, |pool| {
        let groups = groups_of(pool, &standings, share);
        let candidates = groups.iter().map(|group| group.members.len()).sum();
        progress.started(candidates, standings.folds());
        exhaustive(pool, &mut standings, &groups, progress)?;
        tell_of_slow_fits(pool.effort(), progress);
        Ok(())
    })?;
    Ok(part_of(&standings))
}

/// What the whole search would have found, out of all its parts.
pub fn join(
    setup: Setup<'_>,
    attempt: u32,
    parts: &[PartStandings],
) -> Result<SearchOutcome, TrainingError> {
    check(setup)?;
    let mut standings = grid(setup, attempt)?;
    for scored in parts.iter().flat_map(|part| &part.scored) {
        take(&mut standings, scored)?;
    }
    if standings.finished_count() < standings.len() {
        let (found, all) = (standings.finished_count(), standings.len());
        return Err(unfit(format!("{found} of {all} candidates are there")));
    }
    outcome(setup, attempt, &standings, Default::default())
}

fn check(setup: Setup<'_>) -> Result<(), TrainingError> {
    match setup.search.strategy {
        Strategy::Exhaustive => Ok(()),
        strategy => Err(TrainingError::NotSpreadable { strategy }),
    }
}

/// The groups of one share: the costliest first, each to the share that has least so far.
fn groups_of(pool: &dyn Runs, standings: &Standings, share: Share) -> Vec<Group> {
    let cost = |group: &Group| pool.cost(&run_of(group, View::Fold(0)));
    let groups = standings.groups();
    let costs: Vec<f64> = groups.iter().map(cost).collect();
    let mine = shares(&costs, share.count as usize);
    let numbered = groups.iter().zip(mine);
    numbered
        .filter(|(_, owner)| *owner == share.index as usize)
        .map(|(group, _)| group.clone())
        .collect()
}

/// Who gets each of the costs, so that all get about the same.
fn shares(costs: &[f64], count: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..costs.len()).collect();
    order.sort_by(|a, b| costs[*b].total_cmp(&costs[*a]).then(a.cmp(b)));
    let mut loads = vec![0.0f64; count.max(1)];
    let mut owners = vec![0; costs.len()];
    for place in order {
        let lightest = (0..loads.len())
            .min_by(|a, b| loads[*a].total_cmp(&loads[*b]))
            .unwrap_or(0);
        loads[lightest] += costs[place];
        owners[place] = lightest;
    }
    owners
}

fn part_of(standings: &Standings) -> PartStandings {
    let scored = (0..standings.len())
        .filter(|candidate| standings.mean(*candidate).is_some())
        .map(|candidate| Scored {
            candidate,
            hyperparameters: standings.candidate(candidate).clone(),
            fold_scores: standings.fold_scores(candidate),
        });
    PartStandings {
        scored: scored.collect(),
    }
}

/// Takes over what a part says of a candidate: one of this grid, scored on each fold, by one part alone.
fn take(standings: &mut Standings, scored: &Scored) -> Result<(), TrainingError> {
    let candidate = scored.candidate;
    if candidate >= standings.len() || *standings.candidate(candidate) != scored.hyperparameters {
        return Err(unfit(format!("candidate {candidate} is of another grid")));
    }
    if standings.mean(candidate).is_some() {
        return Err(unfit(format!("candidate {candidate} is there twice")));
    }
    if scored.fold_scores.len() != standings.folds() {
        let folds = scored.fold_scores.len();
        return Err(unfit(format!("candidate {candidate} has {folds} folds")));
    }
    for (fold, score) in scored.fold_scores.iter().enumerate() {
        standings.record(candidate, fold, *score, RowErrors::new());
    }
    Ok(())
}

fn unfit(detail: String) -> TrainingError {
    TrainingError::PartsDoNotFit { detail }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_are_shared_evenly_and_each_goes_to_one() {
        let costs = [1.0, 9.0, 3.0, 9.0, 3.0, 1.0, 9.0, 1.0];
        let owners = shares(&costs, 3);
        let load = |owner: usize| -> f64 {
            let mine = costs.iter().zip(&owners).filter(|(_, o)| **o == owner);
            mine.map(|(cost, _)| cost).sum()
        };
        assert_eq!([load(0), load(1), load(2)], [12.0, 12.0, 12.0]);
        assert_eq!(shares(&costs, 1), [0; 8]);
        let lonely = shares(&[1.0, 2.0], 4);
        assert_eq!(lonely, [1, 0]);
    }
}
