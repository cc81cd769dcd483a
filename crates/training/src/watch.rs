//! Judges a run at each of its stops, and says when more rounds are not worth it.

use millrace_contract::metadata::WhyEnded;

use crate::paired::{Behind, RowErrors};

/// When a run ends before its last stop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Until {
    /// It does not.
    LastStop,
    /// As soon as more rounds are surely worse, with so much patience.
    SurelyWorse { patience: f64 },
    /// As soon as more rounds bring nothing, or cannot bring enough.
    EarlyStopping(EarlyStopping),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct EarlyStopping {
    /// So many rounds may bring nothing that could not be chance.
    pub(crate) patience_rounds: u32,
    /// The best score of earlier runs on the same rows.
    pub(crate) to_beat: Option<f64>,
}

/// Learning curves flatten: what the last so many stops gained is what as many more gain at most.
const STOPS_OF_A_GAIN: usize = 3;

/// The stops of one run so far.
pub(crate) struct Watch<'a> {
    until: Until,
    stops: &'a [u32],
    scores: Vec<f64>,
    errors: Vec<RowErrors>,
    /// The last stop that was better than the one before it by more than chance.
    gained: usize,
    best: usize,
    ended: Option<WhyEnded>,
}

/// What was seen of a run.
pub(crate) struct Seen {
    /// The score at each stop, up to where the run stopped.
    pub(crate) scores: Vec<f64>,
    /// The errors of the rows at each stop; with early stopping those of the best stop alone are kept.
    pub(crate) errors: Vec<RowErrors>,
    /// Why it ended, when that was before the last stop.
    pub(crate) ended: Option<WhyEnded>,
}

impl<'a> Watch<'a> {
    pub(crate) fn new(until: Until, stops: &'a [u32]) -> Watch<'a> {
        Watch {
            until,
            stops,
            scores: Vec::with_capacity(stops.len()),
            errors: Vec::with_capacity(stops.len()),
            gained: 0,
            best: 0,
            ended: None,
        }
    }

    /// Notes the next stop, and says whether the run goes on.
    pub(crate) fn goes_on(&mut self, score: f64, errors: RowErrors) -> bool {
        self.scores.push(score);
        self.errors.push(errors);
        match self.until {
            Until::LastStop => true,
            Until::SurelyWorse { patience } => !self.is_surely_worse(patience),
            Until::EarlyStopping(rule) => {
                self.keep_the_better();
                self.ended = self.is_over(rule);
                self.ended.is_none()
            }
        }
    }

    pub(crate) fn seen(mut self) -> Seen {
        if matches!(self.until, Until::EarlyStopping(_)) && self.gained != self.best {
            self.forget(self.gained);
        }
        Seen {
            scores: self.scores,
            errors: self.errors,
            ended: self.ended,
        }
    }

    fn is_surely_worse(&self, patience: f64) -> bool {
        match self.errors.as_slice() {
            [.., before, now] => Behind::of(now, before).is_sure(patience),
            _ => false,
        }
    }

    /// Moves to the stop just noted what it is ahead of, and forgets errors that nobody asks for again.
    fn keep_the_better(&mut self) {
        let now = self.scores.len() - 1;
        let (gained, best) = (self.gained, self.best);
        if Behind::of(&self.errors[gained], &self.errors[now]).is_more_than_chance() {
            self.gained = now;
        }
        if self.scores[now] > self.scores[best] {
            self.best = now;
        }
        for stop in [gained, best, now] {
            if stop != self.gained && stop != self.best {
                self.forget(stop);
            }
        }
    }

    fn forget(&mut self, stop: usize) {
        self.errors[stop] = RowErrors::new();
    }

    fn is_over(&self, rule: EarlyStopping) -> Option<WhyEnded> {
        let now = self.scores.len() - 1;
        if now + 1 == self.stops.len() {
            return None;
        }
        if self.stops[now] - self.stops[self.gained] >= rule.patience_rounds {
            return Some(WhyEnded::NothingGained);
        }
        let before = self.scores[now.checked_sub(STOPS_OF_A_GAIN)?];
        let gain = (self.scores[now] - before).max(0.0) / STOPS_OF_A_GAIN as f64;
        let to_come = gain * (self.stops.len() - 1 - now) as f64;
        (self.scores[now] + to_come < rule.to_beat?).then_some(WhyEnded::OutOfReach)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs through scores whose errors are the same in every row, so that every gain is sure.
    fn ends(scores: &[f64], patience_rounds: u32, to_beat: Option<f64>) -> (usize, Seen) {
        let stops: Vec<u32> = (1..=10).map(|stop| stop * 10).collect();
        let rule = EarlyStopping {
            patience_rounds,
            to_beat,
        };
        let mut watch = Watch::new(Until::EarlyStopping(rule), &stops);
        let mut taken = 0;
        for score in scores {
            taken += 1;
            if !watch.goes_on(*score, vec![1.0 - *score as f32; 50]) {
                break;
            }
        }
        (taken, watch.seen())
    }

    #[test]
    fn a_run_that_gains_nothing_ends_and_its_best_stop_is_kept() {
        let (taken, seen) = ends(&[0.5, 0.7, 0.6, 0.65, 0.6, 0.6, 0.6], 30, None);
        assert_eq!((taken, seen.ended), (5, Some(WhyEnded::NothingGained)));
        let kept: Vec<usize> = seen.errors.iter().map(Vec::len).collect();
        assert_eq!(kept, [0, 50, 0, 0, 0]);
    }

    #[test]
    fn a_run_that_cannot_catch_up_ends() {
        let slow = [0.50, 0.51, 0.52, 0.53, 0.54, 0.55];
        // 0.53, and six more stops of 0.01, are 0.59.
        assert_eq!(ends(&slow, 100, Some(0.58)).0, 6);
        let (taken, seen) = ends(&slow, 100, Some(0.60));
        assert_eq!((taken, seen.ended), (4, Some(WhyEnded::OutOfReach)));
        assert_eq!(ends(&slow, 100, None).0, 6);
    }

    #[test]
    fn a_run_that_only_rises_has_all_its_stops() {
        let scores: Vec<f64> = (1..=10).map(|stop| f64::from(stop) / 20.0).collect();
        let (taken, seen) = ends(&scores, 20, Some(0.49));
        assert_eq!((taken, seen.ended), (10, None));
        assert_eq!(seen.errors.last().map(Vec::len), Some(50));
    }
}
