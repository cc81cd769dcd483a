//! The two passes through a tree, for 16 rows at once.

use super::plan::Plan;
use crate::kernel::{Instructions, Program};

/// Rows side by side.
const LANES: usize = 16;

/// Rows whose values are placed together.
const BLOCK_ROWS: usize = 64;

type Lane = [f32; LANES];

/// What a tree needs, made once for all trees.
#[derive(Default)]
struct Workspace {
    /// For each edge whether the row satisfies all that its column was asked on the way: 1 or 0.
    satisfied: Vec<Lane>,
    /// For the root and each edge, for each point: the product on the way down, then the sum of
    /// what came back from the leaves.
    products: Vec<Lane>,
    /// For each column.
    contributions: Vec<Lane>,
}

pub(super) fn fill(
    program: &Program,
    plans: &[Plan],
    instructions: Instructions,
    columns: &[&[f64]],
    start: usize,
    out: &mut [f32],
) {
    match instructions {
        #[cfg(target_arch = "x86_64")]
        Instructions::Avx512 | Instructions::Avx2 => {
            wide::fill(program, plans, columns, start, out)
        }
        _ => fill_here(program, plans, columns, start, out),
    }
}

/// The same code, compiled for AVX2.
#[cfg(target_arch = "x86_64")]
mod wide {
    // A function for AVX2 may only be called where it is known to be there.
    #![allow(unsafe_code)]
    use super::*;

    #[target_feature(enable = "avx2,fma")]
    fn compiled(
        program: &Program,
        plans: &[Plan],
        columns: &[&[f64]],
        start: usize,
        out: &mut [f32],
    ) {
        fill_here(program, plans, columns, start, out);
    }

    pub fn fill(
        program: &Program,
        plans: &[Plan],
        columns: &[&[f64]],
        start: usize,
        out: &mut [f32],
    ) {
        use std::arch::is_x86_feature_detected as has;
        if !has!("avx2") || !has!("fma") {
            return fill_here(program, plans, columns, start, out);
        }
        // SAFETY: both were found just above.
        unsafe { compiled(program, plans, columns, start, out) }
    }
}

#[inline(always)]
fn fill_here(program: &Program, plans: &[Plan], columns: &[&[f64]], start: usize, out: &mut [f32]) {
    let width = columns.len();
    let mut workspace = Workspace::default();
    let mut bins = program.empty_bins(BLOCK_ROWS);
    for (block, out) in out.chunks_mut(BLOCK_ROWS * width).enumerate() {
        let rows = out.len() / width;
        program.bin(
            columns,
            start + block * BLOCK_ROWS,
            rows,
            BLOCK_ROWS,
            &mut bins,
        );
        for (group, out) in out.chunks_mut(LANES * width).enumerate() {
            workspace.contributions.clear();
            workspace.contributions.resize(width, [0.0; LANES]);
            for plan in plans {
                workspace.explain(plan, &bins, group * LANES);
            }
            for (lane, row) in out.chunks_mut(width).enumerate() {
                for (cell, sum) in row.iter_mut().zip(&workspace.contributions) {
                    *cell = sum[lane];
                }
            }
        }
    }
}

impl Workspace {
    #[inline(always)]
    fn explain(&mut self, plan: &Plan, bins: &[u8], first_row: usize) {
        match plan.weights.len() {
            2 => self.explain_with::<2>(plan, bins, first_row),
            3 => self.explain_with::<3>(plan, bins, first_row),
            5 => self.explain_with::<5>(plan, bins, first_row),
            8 => self.explain_with::<8>(plan, bins, first_row),
            _ => self.explain_with::<32>(plan, bins, first_row),
        }
    }

    #[inline(always)]
    fn explain_with<const POINTS: usize>(&mut self, plan: &Plan, bins: &[u8], first_row: usize) {
        let places = plan.edges.len() + 1;
        if self.satisfied.len() < places {
            self.satisfied.resize(places, [0.0; LANES]);
        }
        if self.products.len() < places * POINTS {
            self.products.resize(places * POINTS, [0.0; LANES]);
        }
        self.go_down::<POINTS>(plan, bins, first_row);
        self.come_up::<POINTS>(plan);
    }

    #[inline(always)]
    fn go_down<const POINTS: usize>(&mut self, plan: &Plan, bins: &[u8], first_row: usize) {
        let (products, _) = self.products.as_chunks_mut::<POINTS>();
        for (product, weight) in products[0].iter_mut().zip(&plan.weights) {
            *product = [*weight; LANES];
        }
        for (index, edge) in plan.edges.iter().enumerate() {
            let first = edge.plane * BLOCK_ROWS + first_row;
            let bins = &bins[first..first + LANES];
            let mut satisfied = [0.0; LANES];
            for (satisfied, bin) in satisfied.iter_mut().zip(bins) {
                *satisfied = f32::from(u8::from((*bin > edge.above) == edge.right));
            }
            let at_points = &plan.at_points[edge.first..edge.first + POINTS];
            let (before, here) = products.split_at_mut(index + 1);
            let (above, here) = (&before[edge.parent], &mut here[0]);
            match edge.older {
                None => {
                    for point in 0..POINTS {
                        let at = at_points[point];
                        for lane in 0..LANES {
                            let factor = at.plain + satisfied[lane] * at.if_satisfied;
                            here[point][lane] = above[point][lane] * factor;
                        }
                    }
                }
                Some(older) => {
                    let older = self.satisfied[older];
                    for lane in 0..LANES {
                        satisfied[lane] *= older[lane];
                    }
                    for point in 0..POINTS {
                        let at = at_points[point];
                        for lane in 0..LANES {
                            let factor = at.plain
                                + satisfied[lane] * at.if_satisfied
                                + older[lane] * at.if_older;
                            here[point][lane] = above[point][lane] * factor;
                        }
                    }
                }
            }
            self.satisfied[index] = satisfied;
        }
    }

    /// From the last edge to the first: a right child comes before its left sibling, so that the
    /// parent's products, which are not needed any more, are overwritten by the right child's sums.
    #[inline(always)]
    fn come_up<const POINTS: usize>(&mut self, plan: &Plan) {
        let (products, _) = self.products.as_chunks_mut::<POINTS>();
        for (index, edge) in plan.edges.iter().enumerate().rev() {
            let (before, here) = products.split_at_mut(index + 1);
            let (above, here) = (&mut before[edge.parent], &mut here[0]);
            if let Some(value) = edge.leaf {
                for product in here.iter_mut() {
                    for product in product.iter_mut() {
                        *product *= value;
                    }
                }
            }
            let satisfied = &self.satisfied[index];
            let mut sum = weigh(plan, edge.first, here, satisfied);
            if let Some(older) = edge.older {
                let first = plan.edges[older].first;
                let taken_back = weigh(plan, first, here, &self.satisfied[older]);
                for (sum, taken_back) in sum.iter_mut().zip(taken_back) {
                    *sum -= taken_back;
                }
            }
            for (total, sum) in self.contributions[edge.column].iter_mut().zip(sum) {
                *total += sum;
            }
            for (above, here) in above.iter_mut().zip(here.iter()) {
                for (above, here) in above.iter_mut().zip(here) {
                    *above = if edge.right { *here } else { *above + *here };
                }
            }
        }
    }
}

/// What comes of an edge for its column, given the sums of all leaves beyond it.
#[inline(always)]
fn weigh<const POINTS: usize>(
    plan: &Plan,
    first: usize,
    sums: &[Lane; POINTS],
    satisfied: &Lane,
) -> Lane {
    let mut total = [0.0; LANES];
    let at_points = &plan.at_points[first..first + POINTS];
    for ((sums, loss), at) in sums.iter().zip(&plan.losses).zip(at_points) {
        for lane in 0..LANES {
            total[lane] += sums[lane] * (loss + satisfied[lane] * at.gain);
        }
    }
    total
}
