//! All comparisons of a column at once, by the bits of its bins.
//!
//! Whether a bin is above a number follows from the two highest bits of both, and, where these are
//! equal, from whether the rest of the bin is above the rest of the number. Numbers that end alike
//! share that rest, so each comparison costs one step for 512 rows, whatever the number of bits.

use std::collections::BTreeMap;

use super::lanes::Lanes;
use super::layout::Question;
use super::ruler::Ruler;
use super::{Line, Places};

/// Three pairs of bits below the highest.
pub(super) const MOST_RESTS: usize = 64;

/// What a group asks of one ruler.
#[derive(Debug, Clone)]
pub(super) struct Comparisons {
    pub ruler: usize,
    /// Pairs of bits below the highest pair.
    pairs: usize,
    /// Where missing values go left, and where they go right.
    asked: [Asked; 2],
}

/// The numbers that bins must exceed, by their highest two bits, without these, each with a line.
#[derive(Debug, Clone, Default)]
struct Asked {
    first_line: usize,
    quarters: [Vec<u8>; 4],
}

impl Comparisons {
    /// `lines` numbers the questions in their own order.
    pub fn of(rulers: &[Ruler], lines: &BTreeMap<Question, u32>) -> Vec<Comparisons> {
        let mut all: Vec<Comparisons> = Vec::new();
        for ((plane, above), line) in lines {
            let ruler = plane / 2;
            if all.last().is_none_or(|last| last.ruler != ruler) {
                all.push(Comparisons {
                    ruler,
                    pairs: (rulers[ruler].levels.max(1) as usize).div_ceil(2) - 1,
                    asked: Default::default(),
                });
            }
            let Some(last) = all.last_mut() else { continue };
            let asked = &mut last.asked[plane % 2];
            if asked.quarters.iter().all(Vec::is_empty) {
                asked.first_line = *line as usize;
            }
            let quarter = usize::from(*above) >> (2 * last.pairs);
            asked.quarters[quarter].push(above & ((1 << (2 * last.pairs)) - 1));
        }
        all
    }

    /// Writes one part of all lines. What `rests` holds before and after does not matter.
    #[inline(always)]
    pub fn answer<L: Lanes>(
        &self,
        places: &Places,
        part: usize,
        rests: &mut [L; MOST_RESTS],
        lines: &mut [Line],
    ) {
        match self.pairs {
            0 => self.answer_with::<L, 1>(places, part, rests, lines),
            1 => self.answer_with::<L, 4>(places, part, rests, lines),
            2 => self.answer_with::<L, 16>(places, part, rests, lines),
            _ => self.answer_with::<L, 64>(places, part, rests, lines),
        }
    }

    /// `RESTS` is the number of rests: four for each pair of bits below the highest.
    #[inline(always)]
    fn answer_with<L: Lanes, const RESTS: usize>(
        &self,
        places: &Places,
        part: usize,
        rests: &mut [L; MOST_RESTS],
        lines: &mut [Line],
    ) {
        rests[0] = L::none();
        let mut pair = 0;
        while 1 << (2 * pair) < RESTS {
            let (high, low) = pair_of::<L>(places, pair, part);
            let size = 1 << (2 * pair);
            for rest in 0..size {
                let below = rests[rest];
                rests[3 * size + rest] = exceeds::<L, 3>(high, low, below);
                rests[2 * size + rest] = exceeds::<L, 2>(high, low, below);
                rests[size + rest] = exceeds::<L, 1>(high, low, below);
                rests[rest] = exceeds::<L, 0>(high, low, below);
            }
            pair += 1;
        }
        let top = pair_of::<L>(places, pair, part);
        let missing = L::load(&places.missing, part);
        let [left, right] = &self.asked;
        left.write::<L, RESTS>(rests, top, L::none(), part, lines);
        right.write::<L, RESTS>(rests, top, missing, part, lines);
    }
}

impl Asked {
    #[inline(always)]
    fn write<L: Lanes, const RESTS: usize>(
        &self,
        rests: &[L; MOST_RESTS],
        top: (L, L),
        missing: L,
        part: usize,
        lines: &mut [Line],
    ) {
        let [zero, one, two, three] = &self.quarters;
        let lines = &mut lines[self.first_line..];
        let lines = quarter::<L, RESTS, 0>(zero, rests, top, missing, part, lines);
        let lines = quarter::<L, RESTS, 1>(one, rests, top, missing, part, lines);
        let lines = quarter::<L, RESTS, 2>(two, rests, top, missing, part, lines);
        quarter::<L, RESTS, 3>(three, rests, top, missing, part, lines);
    }
}

/// Writes the lines of one quarter, and gives back those that follow.
#[inline(always)]
fn quarter<'a, L: Lanes, const RESTS: usize, const QUARTER: u8>(
    asked: &[u8],
    rests: &[L; MOST_RESTS],
    (high, low): (L, L),
    missing: L,
    part: usize,
    lines: &'a mut [Line],
) -> &'a mut [Line] {
    let (here, after) = lines.split_at_mut(asked.len());
    for (rest, line) in asked.iter().zip(here) {
        let below = rests[usize::from(*rest) % RESTS];
        exceeds::<L, QUARTER>(high, low, below)
            .or(missing)
            .store(line, part);
    }
    after
}

#[inline(always)]
fn pair_of<L: Lanes>(places: &Places, pair: usize, part: usize) -> (L, L) {
    let at = |bit: usize| L::load(&places.bits[bit % 8], part);
    (at(2 * pair + 1), at(2 * pair))
}

/// Whether two bits and the rest behind them are above `THAN` and the rest behind that.
#[inline(always)]
fn exceeds<L: Lanes, const THAN: u8>(high: L, low: L, rest: L) -> L {
    match THAN {
        0 => high.or(low).or(rest),
        1 => high.or(low.and(rest)),
        2 => high.and(low.or(rest)),
        _ => high.and(low).and(rest),
    }
}
