//! The scores so far: who has which folds, who is out and why, who leads.

use millrace_contract::Params;
use millrace_contract::metadata::{CandidateReport, Dropped, RoundsEnded};
use millrace_contract::spec::ParameterSpace;

use crate::paired::RowErrors;
use crate::space::{Group, groups};

/// Every candidate with its scores.
pub(crate) struct Standings {
    candidates: Vec<Params>,
    groups: Vec<Group>,
    folds: usize,
    scores: Vec<Vec<Option<f64>>>,
    /// The errors of the rows of each fold, of those who are not out.
    errors: Vec<Vec<RowErrors>>,
    dropped: Vec<Option<Dropped>>,
    ended: Vec<Option<RoundsEnded>>,
}

impl Standings {
    pub(crate) fn new(candidates: Vec<Params>, folds: usize, space: &ParameterSpace) -> Standings {
        Standings {
            groups: groups(&candidates, space.budget),
            folds,
            scores: vec![vec![None; folds]; candidates.len()],
            errors: vec![vec![RowErrors::new(); folds]; candidates.len()],
            dropped: vec![None; candidates.len()],
            ended: vec![None; candidates.len()],
            candidates,
        }
    }

    pub(crate) fn groups(&self) -> &[Group] {
        &self.groups
    }

    pub(crate) fn len(&self) -> usize {
        self.candidates.len()
    }

    pub(crate) fn candidate(&self, candidate: usize) -> &Params {
        &self.candidates[candidate]
    }

    pub(crate) fn record(&mut self, candidate: usize, fold: usize, score: f64, errors: RowErrors) {
        self.scores[candidate][fold] = Some(score);
        self.errors[candidate][fold] = errors;
    }

    /// Notes where the rounds of a trial ended.
    pub(crate) fn rounds_ended(&mut self, candidate: usize, ended: RoundsEnded) {
        self.ended[candidate] = Some(ended);
    }

    /// The errors of all rows so far, fold after fold.
    pub(crate) fn errors(&self, candidate: usize) -> RowErrors {
        self.errors[candidate].concat()
    }

    pub(crate) fn drop_out(&mut self, candidate: usize, why: Dropped) {
        self.dropped[candidate] = Some(why);
        self.errors[candidate].fill(RowErrors::new());
    }

    pub(crate) fn is_dropped(&self, candidate: usize) -> bool {
        self.dropped[candidate].is_some()
    }

    /// The candidates still in the race.
    pub(crate) fn alive(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.len()).filter(|candidate| !self.is_dropped(*candidate))
    }

    pub(crate) fn dropped_count(&self) -> usize {
        self.dropped.iter().flatten().count()
    }

    /// Candidates with a score on every fold.
    pub(crate) fn finished_count(&self) -> usize {
        let finished = |scores: &&Vec<Option<f64>>| scores.iter().all(Option::is_some);
        self.scores.iter().filter(finished).count()
    }

    pub(crate) fn fold_scores(&self, candidate: usize) -> Vec<f64> {
        self.scores[candidate].iter().flatten().copied().collect()
    }

    pub(crate) fn mean(&self, candidate: usize) -> Option<f64> {
        let scores = self.fold_scores(candidate);
        (!scores.is_empty()).then(|| scores.iter().sum::<f64>() / scores.len() as f64)
    }

    /// The best of those with the most folds; of equals the first in the order of the space.
    pub(crate) fn leader(&self) -> Option<usize> {
        let rank = |candidate: usize| {
            let mean = self.mean(candidate).unwrap_or(f64::NEG_INFINITY);
            let mean = if mean.is_nan() {
                f64::NEG_INFINITY
            } else {
                mean
            };
            (self.fold_scores(candidate).len(), mean)
        };
        self.alive()
            .filter(|candidate| !self.fold_scores(*candidate).is_empty())
            .min_by(|a, b| {
                let ((folds_a, mean_a), (folds_b, mean_b)) = (rank(*a), rank(*b));
                folds_b
                    .cmp(&folds_a)
                    .then(mean_b.total_cmp(&mean_a))
                    .then(a.cmp(b))
            })
    }

    /// Every candidate for the metadata: the finished by their mean, then the dropped by how far
    /// they came and by their mean.
    pub(crate) fn reports(&self) -> Vec<CandidateReport> {
        let mut order: Vec<usize> = (0..self.len()).collect();
        order.sort_by(|a, b| {
            let folds = |candidate: usize| self.fold_scores(candidate).len();
            let mean = |candidate: usize| self.mean(candidate).unwrap_or(f64::NEG_INFINITY);
            self.is_dropped(*a)
                .cmp(&self.is_dropped(*b))
                .then(folds(*b).cmp(&folds(*a)))
                .then(mean(*b).total_cmp(&mean(*a)))
                .then(a.cmp(b))
        });
        order.into_iter().map(|c| self.report(c)).collect()
    }

    fn report(&self, candidate: usize) -> CandidateReport {
        let fold_scores = self.fold_scores(candidate);
        let mean = self.mean(candidate);
        let deviation = mean.map(|mean| {
            let squares: f64 = fold_scores.iter().map(|s| (s - mean) * (s - mean)).sum();
            (squares / fold_scores.len() as f64).sqrt()
        });
        CandidateReport {
            hyperparameters: self.candidates[candidate].clone(),
            fold_scores,
            mean,
            deviation,
            dropped: self.dropped[candidate].clone(),
            ended: self.ended[candidate],
        }
    }

    pub(crate) fn folds(&self) -> usize {
        self.folds
    }
}
