//! The search for the best candidate, by the strategy that the spec names.

use millrace_contract::metadata::{Hyperparameters, SearchReport};
use millrace_contract::spec::{Search, Strategy};
use millrace_features::Matrix;

use crate::data::FoldedData;
use crate::error::TrainingError;
use crate::exhaustive::exhaustive;
use crate::paired::distances;
use crate::pool::{Effort, with_pool};
use crate::progress::Progress;
use crate::race::race;
use crate::space::{candidates, widened};
use crate::standings::Standings;
use crate::tpe::{of_attempt, tpe};

/// What to search on.
#[derive(Debug, Clone, Copy)]
pub struct SearchRequest<'a> {
    /// The training rows in the order of the split; folds are contiguous parts of it.
    pub matrix: &'a Matrix,
    pub target: &'a [f64],
    pub search: &'a Search,
    /// From 1; later attempts search wider, see [`widened`].
    pub attempt: u32,
    /// How many fits run side by side; 0 means one per core. Results do not depend on it.
    pub workers: usize,
}

/// The winner, and everything that was looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchOutcome {
    pub best: Hyperparameters,
    /// The winner's mean score over the folds.
    pub score: f64,
    /// How far the winner's predictions lie from the truth of rows that it had not learned from:
    /// one distance for every training row, in their order.
    pub distances: Vec<f64>,
    pub report: SearchReport,
    pub effort: Effort,
}

/// Finds the candidate with the best mean R2 over the folds.
pub fn search(
    request: &SearchRequest<'_>,
    progress: &dyn Progress,
) -> Result<SearchOutcome, TrainingError> {
    let search = request.search;
    let data = folded(request)?;
    let (standings, effort) = with_pool(&data, search, workers(request.workers), |pool| {
        let standings = match search.strategy {
            Strategy::Exhaustive => {
                let mut standings = begun(request, data.folds(), progress)?;
                let groups = standings.groups().to_vec();
                exhaustive(pool, &mut standings, &groups, progress)?;
                standings
            }
            Strategy::Race => {
                let mut standings = begun(request, data.folds(), progress)?;
                race(pool, &mut standings, request.attempt, progress)?;
                standings
            }
            Strategy::Tpe => {
                let settings = of_attempt(&search.tpe, request.attempt);
                tpe(pool, &settings, search.seed, data.folds(), progress)?
            }
        };
        Ok::<_, TrainingError>((standings, pool.effort()))
    })?;
    tell_of_slow_fits(effort, progress);
    outcome(request, &data, &standings, effort)
}

/// Says so when fits took longer than they should.
pub(crate) fn tell_of_slow_fits(effort: Effort, progress: &dyn Progress) {
    if effort.fits_by_xgboost > 0 {
        progress.stage(&format!(
            "{} of {} fits were left to XGBoost itself, which takes longer: many columns with many bins, or another build of its library",
            effort.fits_by_xgboost, effort.fits
        ));
    }
}

/// What came of a search, by its standings.
pub(crate) fn outcome(
    request: &SearchRequest<'_>,
    data: &FoldedData<'_>,
    standings: &Standings,
    effort: Effort,
) -> Result<SearchOutcome, TrainingError> {
    let leader = standings.leader().ok_or(TrainingError::NoCandidates)?;
    Ok(SearchOutcome {
        best: *standings.candidate(leader),
        score: standings.mean(leader).unwrap_or(f64::NAN),
        distances: (0..data.folds())
            .flat_map(|fold| distances(data.truth(fold), standings.fold_errors(leader, fold)))
            .collect(),
        report: SearchReport {
            strategy: request.search.strategy,
            folds: data.folds(),
            attempt: request.attempt,
            candidates: standings.reports(),
        },
        effort,
    })
}

/// The rows of a search in their folds.
pub(crate) fn folded<'a>(request: &SearchRequest<'a>) -> Result<FoldedData<'a>, TrainingError> {
    FoldedData::new(
        request.matrix,
        request.target,
        request.search.folds,
        request.search.fixed.max_bin,
    )
}

/// Every candidate of the grid, all of whom will be looked at.
fn begun(
    request: &SearchRequest<'_>,
    folds: usize,
    progress: &dyn Progress,
) -> Result<Standings, TrainingError> {
    let standings = grid(request, folds)?;
    progress.started(standings.len(), folds);
    Ok(standings)
}

/// Every candidate of the grid, none scored yet.
pub(crate) fn grid(request: &SearchRequest<'_>, folds: usize) -> Result<Standings, TrainingError> {
    let all = candidates(&widened(&request.search.space, request.attempt));
    match all.is_empty() {
        true => Err(TrainingError::NoCandidates),
        false => Ok(Standings::new(all, folds)),
    }
}

pub(crate) fn workers(wanted: usize) -> usize {
    match wanted {
        0 => std::thread::available_parallelism().map_or(1, |cores| cores.get()),
        given => given,
    }
}
