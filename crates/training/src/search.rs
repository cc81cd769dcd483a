//! The search for the best candidate, by the strategy that the spec names.

use millrace_contract::metadata::{Hyperparameters, SearchReport};
use millrace_contract::spec::{Search, Strategy};

use crate::data::{FoldedData, SearchRows};
use crate::error::TrainingError;
use crate::exhaustive::exhaustive;
use crate::pool::{Effort, with_pool};
use crate::progress::Progress;
use crate::race::race;
use crate::space::{candidates, widened};
use crate::standings::Standings;
use crate::tpe::{of_attempt, tpe};

/// What to search on.
#[derive(Debug, Clone, Copy)]
pub struct SearchRequest<'a> {
    pub rows: SearchRows<'a>,
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
    /// The winner's mean score over the folds, each of which fitted its own recipe. It is the best of
    /// all candidates' means, and so a little too good for one of them: rows that are held out judge.
    pub score: f64,
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
                let mut standings = begun(request, progress)?;
                let groups = standings.groups().to_vec();
                exhaustive(pool, &mut standings, &groups, progress)?;
                standings
            }
            Strategy::Race => {
                let mut standings = begun(request, progress)?;
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
    outcome(search, request.attempt, &standings, effort)
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
    search: &Search,
    attempt: u32,
    standings: &Standings,
    effort: Effort,
) -> Result<SearchOutcome, TrainingError> {
    let leader = standings.leader().ok_or(TrainingError::NoCandidates)?;
    Ok(SearchOutcome {
        best: *standings.candidate(leader),
        score: standings.mean(leader).unwrap_or(f64::NAN),
        report: SearchReport {
            strategy: search.strategy,
            folds: standings.folds(),
            attempt,
            candidates: standings.reports(),
        },
        effort,
    })
}

/// The rows of a search in their folds.
pub(crate) fn folded<'a>(request: &SearchRequest<'a>) -> Result<FoldedData<'a>, TrainingError> {
    FoldedData::new(
        request.rows,
        request.search.folds,
        request.search.fixed.max_bin,
    )
}

/// Every candidate of the grid, all of whom will be looked at.
fn begun(request: &SearchRequest<'_>, progress: &dyn Progress) -> Result<Standings, TrainingError> {
    let standings = grid(request.search, request.attempt)?;
    progress.started(standings.len(), standings.folds());
    Ok(standings)
}

/// Every candidate of the grid, none scored yet.
pub(crate) fn grid(search: &Search, attempt: u32) -> Result<Standings, TrainingError> {
    let all = candidates(&widened(&search.space, attempt));
    match all.is_empty() {
        true => Err(TrainingError::NoCandidates),
        false => Ok(Standings::new(all, search.folds)),
    }
}

/// As many workers as there are cores.
pub const EVERY_CORE: usize = 0;

/// How many there are when so many are wanted.
pub fn workers(wanted: usize) -> usize {
    match wanted {
        EVERY_CORE => std::thread::available_parallelism().map_or(1, |cores| cores.get()),
        given => given,
    }
}
