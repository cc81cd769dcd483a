//! One walk through the sorted values of a column: all that a profile says of their order.

use super::pile::Counts;
use super::profile::{HISTOGRAM_BINS, Histogram, QUANTILES, Quantile, TOP_VALUES};
use crate::DatasetError;

/// The most frequent values, the most frequent first; of equal counts the one that came first.
#[derive(Debug, Default)]
pub(crate) struct Top(pub Vec<(f64, u64)>);

impl Top {
    /// To be called once for each value, from the smallest to the largest.
    pub(crate) fn add(&mut self, value: f64, count: u64) {
        let least = match self.0.len() < TOP_VALUES {
            true => 1,
            false => self.0.last().map_or(1, |(_, count)| *count),
        };
        if count > least {
            let place = self.0.partition_point(|(_, other)| *other >= count);
            self.0.insert(place, (value + 0.0, count));
            self.0.truncate(TOP_VALUES);
        }
    }
}

/// What was met on the way.
#[derive(Debug, Default)]
pub(super) struct Walk {
    pub distinct: u64,
    pub top: Top,
    /// The values at the places that are asked for, by place.
    met: Vec<(u64, f64)>,
    /// The first different values, each with how many values are not above it.
    few: Vec<(f64, u64)>,
    /// The edges of bins of equal counts, likewise.
    edges: Vec<(f64, u64)>,
}

/// Values that are equal: zeros have two forms.
struct Equal {
    first: f64,
    count: u64,
    /// The first of them that is the edge of a bin.
    edge: Option<f64>,
}

impl Walk {
    pub(super) fn through(mut counts: Counts<'_, f64>, count: u64) -> Result<Walk, DatasetError> {
        let places = places(count);
        let edges: Vec<u64> = bins(count).collect();
        let (mut next_place, mut next_edge) = (0, 0);
        let mut walk = Walk::default();
        let mut end = 0;
        let mut equal: Option<Equal> = None;
        while let Some((value, times)) = counts.next()? {
            let begin = end;
            if let Some(before) = equal.take_if(|equal| equal.first != value) {
                walk.leave(&before, begin);
            }
            end += times;
            let here = equal.get_or_insert(Equal {
                first: value,
                count: 0,
                edge: None,
            });
            here.count += times;
            while let Some(place) = places.get(next_place).filter(|place| **place < end) {
                walk.met.push((*place, value));
                next_place += 1;
            }
            while edges.get(next_edge).is_some_and(|edge| *edge < end) {
                here.edge = here.edge.or(Some(value));
                next_edge += 1;
            }
        }
        if let Some(last) = equal {
            walk.leave(&last, end);
        }
        Ok(walk)
    }

    fn leave(&mut self, equal: &Equal, end: u64) {
        self.distinct += 1;
        self.top.add(equal.first, equal.count);
        if self.few.len() <= HISTOGRAM_BINS {
            self.few.push((equal.first, end));
        }
        if let Some(edge) = equal.edge {
            self.edges.push((edge, end));
        }
    }

    /// The value at one of the places that the walk knew.
    pub(super) fn at(&self, place: u64) -> f64 {
        let found = self.met.binary_search_by_key(&place, |(place, _)| *place);
        let found = found.ok().and_then(|index| self.met.get(index));
        found.map_or(f64::NAN, |(_, value)| *value)
    }

    /// Linear between neighbours, with numpy's own order of operations.
    pub(super) fn quantile(&self, share: f64, count: u64) -> Quantile {
        let (low, high, part) = neighbours(share, count);
        let (low, high) = (self.at(low), self.at(high));
        let step = high - low;
        let value = if !step.is_finite() {
            low * (1.0 - part) + high * part
        } else if part >= 0.5 {
            high - step * (1.0 - part)
        } else {
            low + step * part
        };
        Quantile { share, value }
    }

    pub(super) fn histogram(&self) -> Histogram {
        let edges = match self.few.len() <= HISTOGRAM_BINS {
            true => &self.few,
            false => &self.edges,
        };
        let mut below = 0;
        let counts = edges
            .iter()
            .map(|(_, up_to)| up_to - std::mem::replace(&mut below, *up_to));
        Histogram {
            counts: counts.collect(),
            upper_edges: edges.iter().map(|(edge, _)| *edge).collect(),
        }
    }
}

/// Between which places a quantile lies, and how far from the lower.
fn neighbours(share: f64, count: u64) -> (u64, u64, f64) {
    let position = share * (count - 1) as f64;
    let low = position.floor();
    let high = (low as u64 + 1).min(count - 1);
    (low as u64, high, position - low)
}

/// The places whose values are asked for, in order.
fn places(count: u64) -> Vec<u64> {
    let quantiles = QUANTILES.into_iter().flat_map(|share| {
        let (low, high, _) = neighbours(share, count);
        [low, high]
    });
    let mut places: Vec<u64> = [0, count - 1].into_iter().chain(quantiles).collect();
    places.sort_unstable();
    places.dedup();
    places
}

/// The places of the last values of bins of about equal counts.
fn bins(count: u64) -> impl Iterator<Item = u64> {
    let bins = HISTOGRAM_BINS as u64;
    (1..=bins).map(move |bin| (bin * count).div_ceil(bins) - 1)
}
