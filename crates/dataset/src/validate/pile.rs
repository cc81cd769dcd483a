//! Values that shall be sorted: in memory up to so many, and beyond that in sorted runs on disk, which are merged.
//!
//! A run holds each value once, with how often it was there, so that columns of few different values take next to
//! no room. What is asked of a pile has the same answer wherever its values lie.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::aside::Aside;
use super::sort::{key, number, sort};
use crate::DatasetError;

/// Words that are read of a run at once.
const STEP_WORDS: u64 = 1 << 13;
/// Values that are read back at once: whole blocks of those that are summed together.
const CHUNK_VALUES: u64 = 1 << 16;

/// What can be piled: values with an order that is that of whole numbers.
pub(crate) trait Piled: Copy {
    fn sort(values: &mut [Self]);
    fn key(self) -> u64;
    fn of_key(key: u64) -> Self;
}

impl Piled for f64 {
    fn sort(values: &mut [f64]) {
        sort(values);
    }
    fn key(self) -> u64 {
        key(self)
    }
    fn of_key(key: u64) -> f64 {
        number(key)
    }
}

impl Piled for u64 {
    fn sort(values: &mut [u64]) {
        values.sort_unstable();
    }
    fn key(self) -> u64 {
        self
    }
    fn of_key(key: u64) -> u64 {
        key
    }
}

#[derive(Debug)]
pub(crate) struct Pile<T> {
    held: Vec<T>,
    /// So many are held at most.
    most: usize,
    spilled: Option<Spilled>,
    /// What went wrong on disk; told when the pile is asked.
    failed: Option<DatasetError>,
}

#[derive(Debug)]
struct Spilled {
    /// All values in the order in which they came.
    order: Aside,
    /// The runs, one after the other: a key, and how often.
    runs: Aside,
    /// Where each run ends.
    ends: Vec<u64>,
}

impl<T: Piled> Pile<T> {
    pub(crate) fn new(most: usize) -> Pile<T> {
        Pile {
            held: Vec::new(),
            most,
            spilled: None,
            failed: None,
        }
    }

    pub(crate) fn push(&mut self, value: T) {
        if self.held.len() >= self.most
            && self.failed.is_none()
            && let Err(error) = self.spill()
        {
            self.failed = Some(error);
        }
        if self.failed.is_none() {
            self.held.push(value);
        }
    }

    /// How many values there are.
    pub(crate) fn len(&self) -> u64 {
        let written = self
            .spilled
            .as_ref()
            .map_or(0, |spilled| spilled.order.words());
        written + self.held.len() as u64
    }

    /// To be called once, after the last value and before the first question.
    pub(crate) fn settle(&mut self) -> Result<(), DatasetError> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        if self.spilled.is_some() {
            self.spill()?;
            self.held = Vec::new();
        }
        if let Some(spilled) = &mut self.spilled {
            spilled.order.flush()?;
            spilled.runs.flush()?;
        }
        Ok(())
    }

    fn spill(&mut self) -> Result<(), DatasetError> {
        if self.spilled.is_none() {
            self.spilled = Some(Spilled {
                order: Aside::new()?,
                runs: Aside::new()?,
                ends: Vec::new(),
            });
        }
        let Some(spilled) = &mut self.spilled else {
            return Ok(());
        };
        for value in &self.held {
            spilled.order.write(value.key())?;
        }
        T::sort(&mut self.held);
        for run in self.held.chunk_by(|a, b| a.key() == b.key()) {
            spilled.runs.write(run[0].key())?;
            spilled.runs.write(run.len() as u64)?;
        }
        spilled.ends.push(spilled.runs.words());
        self.held.clear();
        Ok(())
    }

    /// Calls `take` with all values in the order in which they came, in pieces of whole blocks of 1,024.
    pub(crate) fn for_each_in_order(&self, mut take: impl FnMut(&[T])) -> Result<(), DatasetError> {
        let Some(spilled) = &self.spilled else {
            take(&self.held);
            return Ok(());
        };
        let words = spilled.order.words();
        let mut from = 0;
        while from < words {
            let count = CHUNK_VALUES.min(words - from);
            let keys = spilled.order.read(from, count as usize)?;
            let values: Vec<T> = keys.into_iter().map(T::of_key).collect();
            take(&values);
            from += count;
        }
        Ok(())
    }

    /// Each value once, in order, with how often it is there.
    pub(crate) fn counts(&self) -> Result<Counts<'_, T>, DatasetError> {
        match &self.spilled {
            None => Ok(Counts::held(self.held.clone())),
            Some(spilled) => Counts::merged(spilled),
        }
    }

    /// The same for the last time, without a copy of what is in memory.
    pub(crate) fn last_counts(&mut self) -> Result<Counts<'_, T>, DatasetError> {
        match &self.spilled {
            None => Ok(Counts::held(std::mem::take(&mut self.held))),
            Some(spilled) => Counts::merged(spilled),
        }
    }
}

/// A walk through the sorted values.
pub(crate) enum Counts<'a, T> {
    Held { values: Vec<T>, next: usize },
    Merged(Merge<'a>),
}

impl<'a, T: Piled> Counts<'a, T> {
    fn held(mut values: Vec<T>) -> Counts<'a, T> {
        T::sort(&mut values);
        Counts::Held { values, next: 0 }
    }

    fn merged(spilled: &'a Spilled) -> Result<Counts<'a, T>, DatasetError> {
        let mut merge = Merge {
            runs: Vec::with_capacity(spilled.ends.len()),
            heads: BinaryHeap::new(),
        };
        let mut from = 0;
        for end in &spilled.ends {
            let run = Run {
                runs: &spilled.runs,
                next: std::mem::replace(&mut from, *end),
                end: *end,
                words: Vec::new(),
                at: 0,
            };
            merge.runs.push(run);
            merge.advance(merge.runs.len() - 1)?;
        }
        Ok(Counts::Merged(merge))
    }

    /// The next value and how often it is there; nothing after the last.
    pub(crate) fn next(&mut self) -> Result<Option<(T, u64)>, DatasetError> {
        match self {
            Counts::Held { values, next } => {
                let Some(first) = values.get(*next).copied() else {
                    return Ok(None);
                };
                let rest = values[*next..].iter();
                let count = rest.take_while(|value| value.key() == first.key()).count();
                *next += count;
                Ok(Some((first, count as u64)))
            }
            Counts::Merged(merge) => {
                let found = merge.next()?;
                Ok(found.map(|(key, count)| (T::of_key(key), count)))
            }
        }
    }
}

/// Several runs, the smallest key first.
pub(crate) struct Merge<'a> {
    runs: Vec<Run<'a>>,
    /// The next key of each run, its count, and which run it is.
    heads: BinaryHeap<Reverse<(u64, u64, usize)>>,
}

struct Run<'a> {
    runs: &'a Aside,
    next: u64,
    end: u64,
    words: Vec<u64>,
    at: usize,
}

impl Merge<'_> {
    fn advance(&mut self, index: usize) -> Result<(), DatasetError> {
        if let Some(run) = self.runs.get_mut(index)
            && let Some((key, count)) = run.next()?
        {
            self.heads.push(Reverse((key, count, index)));
        }
        Ok(())
    }

    fn next(&mut self) -> Result<Option<(u64, u64)>, DatasetError> {
        let mut found: Option<(u64, u64)> = None;
        while let Some(Reverse((key, count, index))) = self.heads.peek().copied() {
            match &mut found {
                Some((same, sum)) if *same == key => *sum += count,
                Some(_) => break,
                None => found = Some((key, count)),
            }
            self.heads.pop();
            self.advance(index)?;
        }
        Ok(found)
    }
}

impl Run<'_> {
    fn next(&mut self) -> Result<Option<(u64, u64)>, DatasetError> {
        if self.at >= self.words.len() {
            let count = STEP_WORDS.min(self.end - self.next);
            self.words = self.runs.read(self.next, count as usize)?;
            self.next += count;
            self.at = 0;
        }
        let found = match self.words.get(self.at..self.at + 2) {
            Some([key, count]) => Some((*key, *count)),
            _ => None,
        };
        self.at += 2;
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn piled<T: Piled>(values: &[T], most: usize) -> Pile<T> {
        let mut pile = Pile::new(most);
        values.iter().for_each(|value| pile.push(*value));
        pile.settle().unwrap();
        pile
    }

    fn told<T: Piled>(pile: &Pile<T>) -> (Vec<u64>, Vec<(u64, u64)>) {
        let mut order = Vec::new();
        let take = |values: &[T]| order.extend(values.iter().map(|value| value.key()));
        pile.for_each_in_order(take).unwrap();
        let mut counts = pile.counts().unwrap();
        let mut sorted = Vec::new();
        while let Some((value, count)) = counts.next().unwrap() {
            sorted.push((value.key(), count));
        }
        (order, sorted)
    }

    proptest! {
        #[test]
        fn where_values_lie_changes_nothing(
            values in proptest::collection::vec(prop_oneof![-3.0..3.0f64, Just(-0.0), Just(0.0), Just(1.5)], 0..300),
            most in 1..40usize,
        ) {
            let (spilled, held) = (piled(&values, most), piled(&values, 1_000));
            prop_assert_eq!(spilled.spilled.is_some(), values.len() > most);
            prop_assert_eq!(spilled.len(), values.len() as u64);
            prop_assert_eq!(told(&spilled), told(&held));
            let hashes: Vec<u64> = values.iter().map(|value| value.to_bits() % 7).collect();
            prop_assert_eq!(told(&piled(&hashes, most)), told(&piled(&hashes, 1_000)));
        }
    }

    #[test]
    fn runs_longer_than_a_step_are_read_to_their_end() {
        let values: Vec<u64> = (0..40_000).map(|n| n * 7 % 39_989).collect();
        assert_eq!(
            told(&piled(&values, 15_000)),
            told(&piled(&values, 1 << 20))
        );
    }
}
