//! One stage of the race: the candidates still there, trained on the same rows.

use std::collections::BTreeMap;

use millrace_contract::metadata::Dropped;

use super::all_rows;
use super::rules::Patience;
use crate::data::View;
use crate::error::TrainingError;
use crate::exhaustive::tell;
use crate::paired::{Behind, RowErrors};
use crate::pool::{Run, Runs};
use crate::progress::{FoldScore, Progress};
use crate::space::{Member, rounds, with_rounds};
use crate::standings::Standings;
use crate::watch::Until;

/// One candidate on the rows of a stage.
pub(super) struct RowScores {
    pub(super) score: f64,
    pub(super) errors: RowErrors,
}

/// Every candidate of a stage that got so far.
pub(super) type Scored = BTreeMap<usize, RowScores>;

/// The race as it stands, and what is needed to go on.
pub(super) struct Stages<'a> {
    pub(super) pool: &'a dyn Runs,
    pub(super) standings: &'a mut Standings,
    pub(super) progress: &'a dyn Progress,
    patience: Patience,
    work_done: f64,
    share: f64,
}

impl<'a> Stages<'a> {
    pub(super) fn new(
        pool: &'a dyn Runs,
        standings: &'a mut Standings,
        progress: &'a dyn Progress,
        patience: Patience,
    ) -> Stages<'a> {
        Stages {
            pool,
            standings,
            progress,
            patience,
            work_done: 0.0,
            share: 0.0,
        }
    }

    /// Trains everyone who is left on some rows and gives their scores.
    pub(super) fn score(&mut self, view: View, may_stop: bool) -> Result<Scored, TrainingError> {
        let (runs, members) = self.runs(view, may_stop);
        let costs: Vec<f64> = runs.iter().map(|run| self.pool.cost(run)).collect();
        let stage: f64 = costs.iter().sum();
        // A rough guess of what comes after: what the later folds would cost the same candidates,
        // of whom most will have left by then.
        let later = stage * self.folds_after(view) as f64 * 0.3;
        let mut done = 0.0;
        let (standings, progress) = (&*self.standings, self.progress);
        let (before, mut share) = (self.work_done, self.share);
        let results = self.pool.run(runs, &mut |index, result| {
            for (member, score) in members[index].iter().zip(&result.seen.scores) {
                if let View::Fold(fold) = view {
                    progress.scored(FoldScore {
                        hyperparameters: standings.candidate(member.candidate).clone(),
                        fold,
                        score: *score,
                    });
                }
            }
            done += costs[index];
            share = f64::max(share, (before + done) / (before + stage + later));
            progress.share_done(share.min(0.99));
        })?;
        self.work_done += stage;
        self.share = share.min(0.99);
        let mut scores = Scored::new();
        for (members, result) in members.iter().zip(results) {
            let each = result.seen.scores.into_iter().zip(result.seen.errors);
            for (member, (score, errors)) in members.iter().zip(each) {
                scores.insert(member.candidate, RowScores { score, errors });
            }
        }
        Ok(scores)
    }

    /// Trains everyone who is left on all rows of a fold. Who was given up because more rounds
    /// made it worse leaves.
    pub(super) fn run_fold(&mut self, fold: usize) -> Result<(), TrainingError> {
        let scores = self.score(all_rows(fold), true)?;
        let given_up: Vec<usize> = self
            .standings
            .alive()
            .filter(|candidate| !scores.contains_key(candidate))
            .collect();
        for (candidate, scored) in scores {
            self.standings
                .record(candidate, fold, scored.score, scored.errors);
        }
        for candidate in given_up {
            let reason = "fewer rounds scored better: more of them made it worse".to_owned();
            self.leave(candidate, fold, reason);
        }
        tell(self.standings, self.progress, self.share);
        Ok(())
    }

    /// How far a candidate is behind another on all rows that both have seen.
    pub(super) fn behind(&self, candidate: usize, other: usize) -> Option<Behind> {
        let (candidate, other) = (
            self.standings.errors(candidate),
            self.standings.errors(other),
        );
        (!candidate.is_empty() && candidate.len() == other.len())
            .then(|| Behind::of(&candidate, &other))
    }

    pub(super) fn leave(&mut self, candidate: usize, after_folds: usize, reason: String) {
        let dropped = Dropped {
            after_folds,
            after_rounds: rounds(
                self.standings.candidate(candidate),
                self.pool.space().budget,
            ),
            reason,
        };
        self.progress
            .dropped(self.standings.candidate(candidate), &dropped);
        self.standings.drop_out(candidate, dropped);
    }

    fn folds_after(&self, view: View) -> usize {
        match view {
            View::Fold(fold) => self.standings.folds() - fold - 1,
            View::Sample { .. } => self.standings.folds(),
        }
    }

    /// One run for every group that has a candidate left, as long as the longest of these.
    fn runs(&self, view: View, may_stop: bool) -> (Vec<Run>, Vec<Vec<Member>>) {
        let until = match may_stop {
            true => Until::SurelyWorse {
                patience: self.patience.factor(),
            },
            false => Until::LastStop,
        };
        let mut runs = Vec::new();
        let mut all_members = Vec::new();
        for group in self.standings.groups() {
            let mut members = group.members.clone();
            members.retain(|member| !self.standings.is_dropped(member.candidate));
            let Some(last) = members.last() else {
                continue;
            };
            let budget = self.pool.space().budget;
            let hyperparameters = with_rounds(&group.longest, budget, last.rounds);
            runs.push(Run {
                view,
                hyperparameters,
                stops: members.iter().map(|member| member.rounds).collect(),
                until,
            });
            all_members.push(members);
        }
        (runs, all_members)
    }
}
