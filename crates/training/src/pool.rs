//! Worker threads that train side by side, each with its own copy of the rows it works on.
//!
//! What a learner prepared stays on the thread that made it. A worker therefore prefers runs on rows
//! that it already holds, then rows that nobody holds yet, and only when nothing else is left does
//! it make a second copy of rows that another worker is busy with. Expensive runs go first, so
//! that no core is left with a long run at the end.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use millrace_contract::Params;
use millrace_contract::spec::{ParameterSpace, Scoring};

use crate::data::{FoldedData, View};
use crate::error::TrainingError;
use crate::learner::{Fit, Learn};
use crate::paired::judge;
use crate::watch::{Seen, Until, Watch};

/// One fit, judged after some of its rounds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Run {
    pub(crate) view: View,
    /// With the rounds of the last stop.
    pub(crate) hyperparameters: Params,
    /// After how many rounds to score, rising.
    pub(crate) stops: Vec<u32>,
    pub(crate) until: Until,
}

/// What one run gave, and what it took.
pub(crate) struct RunResult {
    pub(crate) seen: Seen,
    trees: u64,
    by_xgboost: bool,
    busy: Duration,
}

/// What a search took.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Effort {
    pub fits: usize,
    /// Of these, how many XGBoost did itself: those that could not be shown to give its bits in less time.
    pub fits_by_xgboost: usize,
    pub trees: u64,
    /// How often rows were prepared for the learner.
    pub matrices: usize,
    /// The time that all workers together spent training.
    pub busy: Duration,
}

type Answer = (usize, Result<RunResult, TrainingError>);

struct Job {
    index: usize,
    run: Run,
    cost: f64,
    answer: Sender<Answer>,
}

#[derive(Default)]
struct State {
    jobs: Vec<Job>,
    holders: BTreeMap<View, usize>,
    effort: Effort,
    closed: bool,
}

/// What a strategy asks for: runs, and what they cost. It knows no learner.
pub(crate) trait Runs {
    /// The parameters of whatever learns.
    fn space(&self) -> &'static ParameterSpace;

    /// What a score is, for people.
    fn score_label(&self) -> &'static str;

    /// What has been done so far.
    fn effort(&self) -> Effort;

    /// How many rows a view learns from.
    fn training_rows(&self, view: View) -> usize;

    /// What a run costs, in units that compare runs with each other.
    fn cost(&self, run: &Run) -> f64;

    /// Does all the runs and gives their scores in the order of the runs; `heard` is told of each
    /// as it comes in, and may take from it.
    fn run(
        &self,
        runs: Vec<Run>,
        heard: &mut dyn FnMut(usize, &mut RunResult),
    ) -> Result<Vec<RunResult>, TrainingError>;
}

struct Pool<'a, L> {
    data: &'a FoldedData<'a>,
    learner: &'a L,
    space: &'static ParameterSpace,
    state: Mutex<State>,
    wake: Condvar,
}

/// Runs `body` with workers that wait for its runs.
pub(crate) fn with_pool<L: Learn, T>(
    data: &FoldedData<'_>,
    (learner, space): (&L, &'static ParameterSpace),
    workers: usize,
    body: impl FnOnce(&dyn Runs) -> T,
) -> T {
    let pool = Pool {
        data,
        learner,
        space,
        state: Mutex::default(),
        wake: Condvar::new(),
    };
    std::thread::scope(|scope| {
        let _close = CloseAtEnd(&pool);
        for _ in 0..workers.max(1) {
            scope.spawn(|| pool.work());
        }
        body(&pool)
    })
}

/// Lets the workers go however the body ends.
struct CloseAtEnd<'a, L>(&'a Pool<'a, L>);

impl<L> Drop for CloseAtEnd<'_, L> {
    fn drop(&mut self) {
        lock(&self.0.state).closed = true;
        self.0.wake.notify_all();
    }
}

impl<L: Learn> Runs for Pool<'_, L> {
    fn space(&self) -> &'static ParameterSpace {
        self.space
    }

    fn score_label(&self) -> &'static str {
        self.data.scoring().label()
    }

    fn effort(&self) -> Effort {
        lock(&self.state).effort
    }

    fn training_rows(&self, view: View) -> usize {
        self.data.training_rows(view)
    }

    fn cost(&self, run: &Run) -> f64 {
        let work = self.data.work(run.view);
        self.learner.cost(work, &run.hyperparameters)
    }

    fn run(
        &self,
        runs: Vec<Run>,
        heard: &mut dyn FnMut(usize, &mut RunResult),
    ) -> Result<Vec<RunResult>, TrainingError> {
        let mut results: Vec<Option<RunResult>> = runs.iter().map(|_| None).collect();
        let (sender, receiver) = channel();
        let jobs: Vec<Job> = runs
            .into_iter()
            .enumerate()
            .map(|(index, run)| Job {
                index,
                cost: self.cost(&run),
                run,
                answer: sender.clone(),
            })
            .collect();
        drop(sender);
        lock(&self.state).jobs.extend(jobs);
        self.wake.notify_all();
        let mut failure: Option<TrainingError> = None;
        // The channel ends when every job has been answered or taken back.
        while let Ok((index, answer)) = receiver.recv() {
            match answer {
                Ok(mut result) => {
                    heard(index, &mut result);
                    results[index] = Some(result);
                }
                Err(error) => {
                    lock(&self.state).jobs.clear();
                    failure.get_or_insert(error);
                }
            }
        }
        if let Some(error) = failure {
            return Err(error);
        }
        let complete: Option<Vec<RunResult>> = results.into_iter().collect();
        complete.ok_or(TrainingError::WorkerStopped)
    }
}

impl<L: Learn> Pool<'_, L> {
    fn work(&self) {
        let mut held: BTreeMap<View, Held<L::Rows>> = BTreeMap::new();
        while let Some(job) = self.next(&mut held) {
            let attempt = AssertUnwindSafe(|| self.train(&job.run, &mut held));
            // The binding panics when XGBoost answers what it does not expect.
            let answer = catch_unwind(attempt).unwrap_or(Err(TrainingError::WorkerStopped));
            if let Ok(result) = &answer {
                let effort = &mut lock(&self.state).effort;
                effort.fits += 1;
                effort.fits_by_xgboost += usize::from(result.by_xgboost);
                effort.trees += result.trees;
                effort.busy += result.busy;
            }
            // Nobody listens any more only when the search has already failed.
            let _ = job.answer.send((job.index, answer));
        }
    }

    /// Waits for the next job; `None` when there will be no more. Before other rows are taken up,
    /// those that nobody waits for are let go.
    fn next(&self, held: &mut BTreeMap<View, Held<L::Rows>>) -> Option<Job> {
        let mut state = lock(&self.state);
        loop {
            if state.closed {
                return None;
            }
            if let Some(position) = state.choose(held) {
                let job = state.jobs.swap_remove(position);
                if !held.contains_key(&job.run.view) {
                    held.retain(|view, _| state.is_waited_for(*view));
                    *state.holders.entry(job.run.view).or_default() += 1;
                    state.effort.matrices += 1;
                }
                return Some(job);
            }
            state = self
                .wake
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn train(
        &self,
        run: &Run,
        held: &mut BTreeMap<View, Held<L::Rows>>,
    ) -> Result<RunResult, TrainingError> {
        let start = Instant::now();
        let rows = match held.entry(run.view) {
            Entry::Occupied(rows) => rows.into_mut(),
            Entry::Vacant(place) => {
                let loaded = self.data.load(run.view)?;
                place.insert(Held {
                    rows: self.learner.prepare(loaded.rows)?,
                    truth: loaded.truth,
                })
            }
        };
        let mut fit = self.learner.begin(&rows.rows, &run.hyperparameters)?;
        let seen = watch(run, &mut fit, &rows.truth, self.data.scoring())?;
        let rounds = seen
            .scores
            .len()
            .checked_sub(1)
            .and_then(|last| run.stops.get(last));
        Ok(RunResult {
            seen,
            trees: rounds.map_or(0, |rounds| u64::from(*rounds)),
            by_xgboost: fit.is_of_library(),
            busy: start.elapsed(),
        })
    }
}

/// Rows as the learner prepared them, with the truth of those to be judged on.
struct Held<R> {
    rows: R,
    truth: Vec<f64>,
}

/// A lock survives a panic elsewhere: what it guards is always whole.
fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    fn is_waited_for(&self, view: View) -> bool {
        self.jobs.iter().any(|job| job.run.view == view)
    }

    /// The position of the job to do next.
    fn choose<R>(&self, held: &BTreeMap<View, R>) -> Option<usize> {
        let mut left: BTreeMap<View, f64> = BTreeMap::new();
        for job in &self.jobs {
            *left.entry(job.run.view).or_default() += job.cost;
        }
        let preference = |view: &View| match (held.contains_key(view), self.holders.get(view)) {
            (true, _) => 0,
            (false, None) => 1,
            (false, Some(_)) => 2,
        };
        let (view, _) = left.iter().min_by(|(a, x), (b, y)| {
            preference(a)
                .cmp(&preference(b))
                .then(y.total_cmp(x))
                .then(a.cmp(b))
        })?;
        let candidates = self.jobs.iter().enumerate();
        candidates
            .filter(|(_, job)| job.run.view == *view)
            .max_by(|(_, a), (_, b)| a.cost.total_cmp(&b.cost).then(b.index.cmp(&a.index)))
            .map(|(position, _)| position)
    }
}

/// Scores a fit at every stop.
fn watch(
    run: &Run,
    fit: &mut impl Fit,
    truth: &[f64],
    scoring: Scoring,
) -> Result<Seen, TrainingError> {
    let mut watch = Watch::new(run.until, &run.stops);
    for stop in &run.stops {
        fit.advance_to(*stop)?;
        let (score, errors) = judge(scoring, truth, &fit.predict()?)?;
        if !watch.goes_on(score, errors) {
            break;
        }
    }
    Ok(watch.seen())
}
