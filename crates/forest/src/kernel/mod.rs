//! How many rows are scored at once, without a branch on any row's values.
//!
//! Each value is placed once among its column's thresholds: its *bin*, one byte, kept as eight bits
//! of 512 rows each (`ruler`). From the bits follows for every distinct comparison of the forest on
//! which rows it holds: a *line* of one bit per row, shared by all the nodes that ask the same
//! (`compare`). A tree is then nothing but selections between lines: from the lowest nodes up, each
//! node's line picks for every row the left or the right half of the index of its leaf (`lanes`).
//! What is left is one table look-up per row and tree, and one addition, in the order of the trees.
//!
//! `portable` is plain Rust on words of 64 rows, which compilers turn into vector instructions;
//! `avx512` places values, selects and looks up in registers. Both give the same bits.

#[cfg(target_arch = "x86_64")]
mod avx512;
mod compare;
mod group;
mod lanes;
mod layout;
mod portable;
mod ruler;
mod walk;

pub(crate) use layout::{Program, Question};

/// Rows that go through a program together: the bits of a line.
const BLOCK_ROWS: usize = 512;

/// The answers to one comparison for a whole block of rows, one bit for each.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(64))]
pub(crate) struct Line([u64; 8]);

const NOWHERE: Line = Line([0; 8]);

/// The bins of a block on one ruler, the lowest bit first, and where values are missing, which is
/// only known when something asks for missing values on the right. Their bins are 0.
#[derive(Debug, Clone)]
struct Places {
    bits: [Line; 8],
    missing: Line,
}

/// What a block needs besides the program; made once for many blocks.
#[derive(Debug)]
struct Scratch {
    /// For each ruler.
    places: Vec<Places>,
    lines: Vec<Line>,
    /// For each plane, if there are trees that are walked.
    bins: Vec<u8>,
}

impl Scratch {
    fn new(program: &Program) -> Scratch {
        let nowhere = Places {
            bits: [NOWHERE; 8],
            missing: NOWHERE,
        };
        Scratch {
            places: vec![nowhere; program.rulers.len()],
            lines: vec![NOWHERE; program.lines],
            bins: match program.walks {
                true => program.empty_bins(BLOCK_ROWS),
                false => Vec::new(),
            },
        }
    }
}

/// The kinds of processors that there is a path for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Instructions {
    /// Whatever the compiler may use on every processor of this architecture.
    Portable,
    Avx2,
    Avx512,
}

impl Instructions {
    /// What this processor can do, the slowest first.
    pub fn available() -> Vec<Instructions> {
        #[allow(unused_mut)]
        let mut available = vec![Instructions::Portable];
        #[cfg(target_arch = "x86_64")]
        {
            if std::arch::is_x86_feature_detected!("avx2") {
                available.push(Instructions::Avx2);
            }
            if avx512::is_available() {
                available.push(Instructions::Avx512);
            }
        }
        available
    }

    pub(crate) fn fastest() -> Instructions {
        Self::available().pop().unwrap_or(Instructions::Portable)
    }
}

/// Scores the rows from `start` on into `margins`. The columns have been checked to be long enough.
pub(crate) fn score(
    program: &Program,
    instructions: Instructions,
    columns: &[&[f64]],
    start: usize,
    margins: &mut [f32],
) {
    match instructions {
        #[cfg(target_arch = "x86_64")]
        Instructions::Avx512 if avx512::is_available() => {
            avx512::score(program, columns, start, margins)
        }
        #[cfg(target_arch = "x86_64")]
        Instructions::Avx2 if std::arch::is_x86_feature_detected!("avx2") => {
            portable::score_with_avx2(program, columns, start, margins)
        }
        _ => portable::score(program, columns, start, margins),
    }
}
