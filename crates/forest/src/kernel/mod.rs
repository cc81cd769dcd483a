//! How many rows are scored at once, without a branch on any row's values.
//!
//! Each value is placed once among its column's thresholds: its *bin*, one byte (`ruler`). From the
//! bins follows for every distinct comparison of the forest on which rows it holds: a *line* of one
//! bit (or byte) per row, shared by all the nodes that ask the same (`layout`). A tree is then nothing
//! but selections between lines: from the lowest nodes up, each node's line picks for every row the
//! left or the right half of the index of its leaf (`lanes`). What is left is one table look-up per
//! row and tree, and one addition, in the order of the trees.
//!
//! `portable` is plain Rust that compilers turn into vector instructions, `avx512` does the same for
//! 512 rows at once. Both give the same bits.

#[cfg(target_arch = "x86_64")]
mod avx512;
mod lanes;
mod layout;
mod portable;
mod ruler;
mod walk;

pub(crate) use layout::{Program, Question};

/// 64 bytes: the answers to one comparison for a whole block of rows.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(64))]
pub(crate) struct Line([u64; 8]);

/// What a block needs besides the program; made once for many blocks.
#[derive(Debug)]
struct Scratch {
    /// `block_rows` bins for each plane of the program.
    bins: Vec<u8>,
    lines: Vec<Line>,
}

impl Scratch {
    fn new(program: &Program, block_rows: usize) -> Scratch {
        Scratch {
            bins: program.empty_bins(block_rows),
            lines: vec![Line([0; 8]); program.lines],
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
