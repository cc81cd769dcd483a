//! What earlier steps taught about the curvature (L-BFGS): it corrects what the estimate by some rows lacks.

use crate::cholesky::{Cholesky, dot};

/// How many steps are remembered.
const STEPS: usize = 20;

struct Step {
    moved: Vec<f64>,
    bent: Vec<f64>,
    /// Their product.
    along: f64,
}

#[derive(Default)]
pub(super) struct Memory {
    steps: std::collections::VecDeque<Step>,
}

impl Memory {
    /// The step moved by so much, and the slope changed by so much.
    pub(super) fn learn(&mut self, moved: Vec<f64>, bent: Vec<f64>) {
        let along = dot(&moved, &bent);
        let lengths = dot(&moved, &moved).sqrt() * dot(&bent, &bent).sqrt();
        if along <= 1e-12 * lengths {
            return;
        }
        if self.steps.len() == STEPS {
            self.steps.pop_front();
        }
        self.steps.push_back(Step { moved, bent, along });
    }

    pub(super) fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    pub(super) fn forget(&mut self) {
        self.steps.clear();
    }

    /// Downhill, by the factors of the estimated curvature and what was learnt.
    pub(super) fn direction(&self, factors: &[Cholesky], slope: &[f64]) -> Vec<f64> {
        let mut direction: Vec<f64> = slope.iter().map(|slope| -slope).collect();
        let mut parts = Vec::with_capacity(self.steps.len());
        for step in self.steps.iter().rev() {
            let part = dot(&step.moved, &direction) / step.along;
            add(&mut direction, -part, &step.bent);
            parts.push(part);
        }
        let width = slope.len() / factors.len();
        for (factor, part) in factors.iter().zip(direction.chunks_exact_mut(width)) {
            factor.solve(part);
        }
        for (step, part) in self.steps.iter().zip(parts.into_iter().rev()) {
            let other = dot(&step.bent, &direction) / step.along;
            add(&mut direction, part - other, &step.moved);
        }
        direction
    }
}

fn add(to: &mut [f64], factor: f64, other: &[f64]) {
    for (to, other) in to.iter_mut().zip(other) {
        *to += factor * other;
    }
}
