//! The search for the best candidate, by the strategy that the spec names.

use millrace_contract::Params;
use millrace_contract::metadata::SearchReport;
use millrace_contract::spec::{Learner, Scoring, Search, Strategy, Task};

use crate::data::{FoldedData, SearchRows, View};
use crate::error::TrainingError;
use crate::exhaustive::exhaustive;
use crate::learner::{Fit, Learn};
use crate::linear::Linear;
use crate::pool::{Effort, Runs, with_pool};
use crate::progress::Progress;
use crate::race::race;
use crate::space::rounds;
use crate::standings::Standings;
use crate::tpe::tpe;
use crate::xgboost::Xgboost;

/// What learns, and how its parameters are searched.
#[derive(Debug, Clone, Copy)]
pub struct Setup<'a> {
    pub task: Task,
    pub learner: Learner,
    pub search: &'a Search,
}

impl<'a> Setup<'a> {
    /// By what the search decides.
    pub fn scoring(&self) -> Scoring {
        self.search.scoring.unwrap_or(self.task.scoring())
    }

    pub fn xgboost(search: &'a Search) -> Setup<'a> {
        Setup {
            task: Task::Regression,
            learner: Learner::Xgboost,
            search,
        }
    }
}

/// What to search on.
#[derive(Debug, Clone, Copy)]
pub struct SearchRequest<'a> {
    pub rows: SearchRows<'a>,
    pub setup: Setup<'a>,
    /// From 1; later attempts search wider, see [`millrace_contract::spec::Grid::widened`].
    pub attempt: u32,
    /// How many fits run side by side; 0 means one per core. Results do not depend on it.
    pub workers: usize,
}

/// The winner, and everything that was looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchOutcome {
    pub best: Params,
    /// The winner's mean score over the folds, each of which fitted its own recipe. It is the best of
    /// all candidates' means, and so a little too good for one of them: rows that are held out judge.
    pub score: f64,
    pub report: SearchReport,
    pub effort: Effort,
}

/// Finds the candidate with the best mean score over the folds.
pub fn search(
    request: &SearchRequest<'_>,
    progress: &dyn Progress,
) -> Result<SearchOutcome, TrainingError> {
    let (setup, attempt) = (request.setup, request.attempt);
    let mut effort = Effort::default();
    let standings = with_learner(request, |pool| {
        let standings = match setup.search.strategy {
            Strategy::Exhaustive => {
                let mut standings = begun(request, progress)?;
                let groups = standings.groups().to_vec();
                exhaustive(pool, &mut standings, &groups, progress)?;
                standings
            }
            Strategy::Race => {
                let mut standings = begun(request, progress)?;
                race(pool, &mut standings, attempt, progress)?;
                standings
            }
            Strategy::Tpe => {
                let settings = setup.search.tpe.of_attempt(pool.space(), attempt);
                let search = setup.search;
                tpe(pool, &settings, search.seed, search.folds, progress)?
            }
        };
        effort = pool.effort();
        Ok(standings)
    })?;
    tell_of_slow_fits(effort, progress);
    outcome(setup, attempt, &standings, effort)
}

/// Lets `body` ask for fits of the learner that the request names: the only place where learners are told apart.
pub(crate) fn with_learner<T>(
    request: &SearchRequest<'_>,
    body: impl FnOnce(&dyn Runs) -> Result<T, TrainingError>,
) -> Result<T, TrainingError> {
    let setup = request.setup;
    let data = FoldedData::new(request.rows, setup)?;
    let (space, workers) = (setup.learner.space(), workers(request.workers));
    match setup.learner {
        Learner::Xgboost => with_pool(&data, (&Xgboost::new(setup), space), workers, body),
        Learner::Linear => with_pool(&data, (&Linear { task: setup.task }, space), workers, body),
    }
}

/// What one candidate predicts of each row by a fit that has not learned from it, in the order of the rows.
pub fn out_of_fold(
    request: &SearchRequest<'_>,
    candidate: &Params,
) -> Result<Vec<f32>, TrainingError> {
    let setup = request.setup;
    let data = FoldedData::new(request.rows, setup)?;
    let budget = rounds(candidate, setup.learner.space().budget);
    match setup.learner {
        Learner::Xgboost => predicted(&Xgboost::new(setup), &data, candidate, budget),
        Learner::Linear => predicted(&Linear { task: setup.task }, &data, candidate, budget),
    }
}

fn predicted<L: Learn>(
    learner: &L,
    data: &FoldedData<'_>,
    candidate: &Params,
    budget: u32,
) -> Result<Vec<f32>, TrainingError> {
    let mut all = Vec::new();
    for fold in 0..data.folds().len() {
        let rows = learner.prepare(data.load(View::Fold(fold))?.rows)?;
        let mut fit = learner.begin(&rows, candidate)?;
        fit.advance_to(budget)?;
        all.extend_from_slice(&fit.predict()?);
    }
    Ok(all)
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
    setup: Setup<'_>,
    attempt: u32,
    standings: &Standings,
    effort: Effort,
) -> Result<SearchOutcome, TrainingError> {
    let leader = standings.leader().ok_or(TrainingError::NoCandidates)?;
    Ok(SearchOutcome {
        best: standings.candidate(leader).clone(),
        score: standings.mean(leader).unwrap_or(f64::NAN),
        report: SearchReport {
            strategy: setup.search.strategy,
            scoring: setup.scoring(),
            folds: standings.folds(),
            attempt,
            candidates: standings.reports(),
        },
        effort,
    })
}

/// Every candidate of the grid, all of whom will be looked at.
fn begun(request: &SearchRequest<'_>, progress: &dyn Progress) -> Result<Standings, TrainingError> {
    let standings = grid(request.setup, request.attempt)?;
    progress.started(standings.len(), standings.folds());
    Ok(standings)
}

/// Every candidate of the grid, none scored yet.
pub(crate) fn grid(setup: Setup<'_>, attempt: u32) -> Result<Standings, TrainingError> {
    let space = setup.learner.space();
    let grid = space.grid(&setup.search.space).widened(attempt);
    let all = grid.candidates();
    match all.is_empty() {
        true => Err(TrainingError::NoCandidates),
        false => Ok(Standings::new(all, setup.search.folds, space)),
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
