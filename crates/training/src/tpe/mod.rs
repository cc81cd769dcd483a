//! The strategy `tpe`: points are tried on the first fold, drawn where earlier ones did well; the best few
//! are then judged on all folds.
//!
//! A trial has no number of rounds: it goes on until more rounds bring nothing, or cannot bring enough, and
//! counts with the rounds that scored best. Points are drawn in batches of a fixed size, and a batch knows of
//! the batches before it alone, so the number of workers changes nothing.

mod axis;
mod sampler;

use millrace_contract::Params;
use millrace_contract::metadata::{Dropped, RoundsEnded, WhyEnded};
use millrace_contract::spec::{ParameterSpace, Tpe};

use crate::data::View;
use crate::error::TrainingError;
use crate::exhaustive::tell;
use crate::paired::RowErrors;
use crate::pool::{Run, RunResult, Runs};
use crate::progress::{FoldScore, Progress};
use crate::space::rounds;
use crate::standings::Standings;
use crate::watch::{EarlyStopping, Until};

use sampler::{Point, Sampler};

/// Trials that are drawn before the first of them is judged, and run side by side.
const BATCH: usize = 4;
/// A trial is scored after each so many rounds.
const ROUNDS_BETWEEN_STOPS: u32 = 10;

/// One point on the first fold.
struct Trial {
    /// With the rounds that scored best.
    hyperparameters: Params,
    score: f64,
    errors: RowErrors,
    ended: RoundsEnded,
}

/// Every trial with its score on the first fold; the best few have a score on every fold.
pub(crate) fn tpe(
    pool: &dyn Runs,
    settings: &Tpe,
    seed: u32,
    folds: usize,
    progress: &dyn Progress,
) -> Result<Standings, TrainingError> {
    progress.started(settings.trials, folds);
    // In runs of about the same cost.
    let work = (settings.trials + settings.finalists * (folds - 1)) as f64;
    let mut trials: Vec<Trial> = Vec::new();
    let mut sampler = Sampler::new(settings, pool.space(), seed)?;
    loop {
        let wanted = BATCH.min(settings.trials - trials.len());
        let points: Vec<Point> = (0..wanted).map_while(|_| sampler.ask()).collect();
        if points.is_empty() {
            break;
        }
        progress.stage(&format!(
            "trials {} to {} of {} on fold 1",
            trials.len() + 1,
            trials.len() + points.len(),
            settings.trials
        ));
        for (point, trial) in points
            .iter()
            .zip(run_batch(pool, settings, &sampler, &points, &trials)?)
        {
            sampler.tell(point.clone(), trial.score);
            progress.scored(FoldScore {
                hyperparameters: trial.hyperparameters.clone(),
                fold: 0,
                score: trial.score,
            });
            trials.push(trial);
        }
        if let Some(best) = best(&trials) {
            progress.best(&best.hyperparameters, best.score, 1);
        }
        progress.share_done(trials.len() as f64 / work);
    }
    let mut standings = stand(trials, folds, pool.space());
    leave_all_but(settings.finalists, &mut standings, pool, progress);
    run_finalists(pool, &mut standings, progress)?;
    tell(&standings, progress, 1.0);
    Ok(standings)
}

/// The best so far; of equals the first.
fn best(trials: &[Trial]) -> Option<&Trial> {
    trials.iter().min_by(|a, b| b.score.total_cmp(&a.score))
}

fn run_batch(
    pool: &dyn Runs,
    settings: &Tpe,
    sampler: &Sampler,
    points: &[Point],
    before: &[Trial],
) -> Result<Vec<Trial>, TrainingError> {
    let budget = pool.space().budget;
    let most = budget.map_or(1, |_| settings.most_rounds);
    let stops = stops(most);
    let run = |point: &Point| Run {
        view: View::Fold(0),
        hyperparameters: sampler.params(point, budget, most),
        stops: stops.clone(),
        until: Until::EarlyStopping(EarlyStopping {
            patience_rounds: settings.patience_rounds,
            to_beat: best(before).map(|best| best.score),
        }),
    };
    let results = pool.run(points.iter().map(run).collect(), &mut |_, _| {})?;
    let judged = points.iter().zip(results);
    Ok(judged
        .filter_map(|(point, result)| {
            let at = |rounds| sampler.params(point, budget, rounds);
            judge(at, &stops, result)
        })
        .collect())
}

fn stops(most_rounds: u32) -> Vec<u32> {
    let mut stops: Vec<u32> = (ROUNDS_BETWEEN_STOPS..most_rounds)
        .step_by(ROUNDS_BETWEEN_STOPS as usize)
        .collect();
    stops.push(most_rounds);
    stops
}

/// A trial as its best stop shows it; every run has at least one stop.
fn judge(at: impl Fn(u32) -> Params, stops: &[u32], result: RunResult) -> Option<Trial> {
    let mut seen = result.seen;
    // What is not a number is worse than any.
    let scores = seen.scores.iter().map(|score| match score.is_nan() {
        true => f64::NEG_INFINITY,
        false => *score,
    });
    let (place, score) = scores.enumerate().min_by(|a, b| b.1.total_cmp(&a.1))?;
    let last = seen.scores.len() - 1;
    Some(Trial {
        hyperparameters: at(stops[place]),
        score,
        errors: std::mem::take(&mut seen.errors[place]),
        ended: RoundsEnded {
            after_rounds: stops[last],
            because: seen.ended.unwrap_or(WhyEnded::MostRounds),
        },
    })
}

fn stand(trials: Vec<Trial>, folds: usize, space: &ParameterSpace) -> Standings {
    let points = trials
        .iter()
        .map(|trial| trial.hyperparameters.clone())
        .collect();
    let mut standings = Standings::new(points, folds, space);
    for (candidate, trial) in trials.into_iter().enumerate() {
        standings.record(candidate, 0, trial.score, trial.errors);
        standings.rounds_ended(candidate, trial.ended);
    }
    standings
}

/// Only the best on the first fold go on.
fn leave_all_but(
    finalists: usize,
    standings: &mut Standings,
    pool: &dyn Runs,
    progress: &dyn Progress,
) {
    let budget = pool.space().budget;
    let score = |standings: &Standings, candidate| standings.mean(candidate).unwrap_or(f64::NAN);
    let mut order: Vec<usize> = standings.alive().collect();
    // A stable sort: of equals the first goes on.
    order.sort_by(|a, b| score(standings, *b).total_cmp(&score(standings, *a)));
    let Some((last, left)) = order.get(finalists - 1).zip(order.get(finalists..)) else {
        return;
    };
    let least = score(standings, *last);
    for candidate in left {
        let dropped = Dropped {
            after_folds: 1,
            after_rounds: rounds(standings.candidate(*candidate), budget),
            reason: format!(
                "{} {:.5} on fold 1, the best {finalists} have {least:.5} or more",
                pool.score_label(),
                score(standings, *candidate)
            ),
        };
        progress.dropped(standings.candidate(*candidate), &dropped);
        standings.drop_out(*candidate, dropped);
    }
}

/// Scores who is left on the other folds, with the rounds that were best on the first.
fn run_finalists(
    pool: &dyn Runs,
    standings: &mut Standings,
    progress: &dyn Progress,
) -> Result<(), TrainingError> {
    let (folds, budget) = (standings.folds(), pool.space().budget);
    let finalists: Vec<usize> = standings.alive().collect();
    let meant: Vec<(usize, usize)> = (1..folds)
        .flat_map(|fold| finalists.iter().map(move |candidate| (*candidate, fold)))
        .collect();
    progress.stage(&format!(
        "the best {} on folds 2 to {folds}",
        finalists.len()
    ));
    let run = |&(candidate, fold): &(usize, usize)| {
        let hyperparameters = standings.candidate(candidate).clone();
        Run {
            view: View::Fold(fold),
            stops: vec![rounds(&hyperparameters, budget)],
            hyperparameters,
            until: Until::LastStop,
        }
    };
    let runs: Vec<Run> = meant.iter().map(run).collect();
    let trials = standings.len();
    let all = (trials + runs.len()) as f64;
    let mut done = trials as f64;
    pool.run(runs, &mut |index, result| {
        let (candidate, fold) = meant[index];
        let seen = &mut result.seen;
        for (score, errors) in seen.scores.iter().zip(std::mem::take(&mut seen.errors)) {
            standings.record(candidate, fold, *score, errors);
            progress.scored(FoldScore {
                hyperparameters: standings.candidate(candidate).clone(),
                fold,
                score: *score,
            });
        }
        done += 1.0;
        tell(standings, progress, done / all);
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stops_end_with_the_most_rounds() {
        assert_eq!(stops(30), [10, 20, 30]);
        assert_eq!(stops(25), [10, 20, 25]);
        assert_eq!(stops(3), [3]);
    }
}
