//! One tree.

use millrace_forest::{Node, Tree};

use crate::RandomForestError;
use crate::bins::{Column, MISSING};
use crate::chance::Chance;
use crate::settings::Settings;
use crate::split::{Histogram, Split, Sums};

/// A split must explain more than rounding does.
const ROUNDING: f64 = 1e-12;

/// Rows and targets that all trees share.
pub(crate) struct Ground<'a> {
    pub(crate) columns: &'a [Column],
    /// For each row one number for each output.
    pub(crate) targets: &'a [f64],
    pub(crate) outputs: usize,
    pub(crate) weights: Option<&'a [f64]>,
    pub(crate) settings: &'a Settings,
}

/// Rows that are still to be divided, and the node that stands for them.
struct Open {
    from: usize,
    to: usize,
    depth: usize,
    node: usize,
}

struct Growing<'a> {
    ground: &'a Ground<'a>,
    chance: Chance,
    weights: Vec<f64>,
    rows: Vec<u32>,
    order: Vec<usize>,
    /// Of the node that is being divided, row by row: copied once, read for each column.
    own_weights: Vec<f64>,
    own_targets: Vec<f64>,
    histogram: Histogram,
    nodes: Vec<Node>,
    cover: Vec<f32>,
    /// For each node the means of all outputs.
    means: Vec<f64>,
}

/// Grows the tree of that number: for each output one with the same splits, its leaves divided by the number of trees.
pub(crate) fn grow(ground: &Ground<'_>, number: usize) -> Result<Vec<Tree>, RandomForestError> {
    let mut chance = Chance::new(ground.settings.seed, number);
    let weights = ground.draw(&mut chance);
    let rows: Vec<u32> = (0..weights.len() as u32)
        .filter(|row| weights[*row as usize] > 0.0)
        .collect();
    let mut growing = Growing {
        ground,
        chance,
        order: (0..ground.columns.len()).collect(),
        own_weights: Vec::new(),
        own_targets: Vec::new(),
        histogram: Histogram::new(ground.outputs),
        nodes: Vec::new(),
        cover: Vec::new(),
        means: Vec::new(),
        weights,
        rows,
    };
    growing.run();
    growing.trees()
}

impl Ground<'_> {
    fn rows(&self) -> usize {
        self.targets.len() / self.outputs
    }

    /// How much each row counts in one tree.
    fn draw(&self, chance: &mut Chance) -> Vec<f64> {
        let rows = self.rows();
        let mut counts = vec![if self.settings.draws_rows { 0.0 } else { 1.0 }; rows];
        if self.settings.draws_rows {
            (0..rows).for_each(|_| counts[chance.below(rows)] += 1.0);
        }
        if let Some(weights) = self.weights {
            counts
                .iter_mut()
                .zip(weights)
                .for_each(|(count, weight)| *count *= weight);
        }
        counts
    }
}

impl Growing<'_> {
    fn run(&mut self) {
        let mut open = vec![self.open(0, self.rows.len(), 0)];
        while let Some(next) = open.pop() {
            let all = self.sums(next.from, next.to);
            self.describe(next.node, &all);
            let Some(split) = self.best_split(&next, &all) else {
                continue;
            };
            let middle = self.divide(&next, split);
            let left = self.open(next.from, middle, next.depth + 1);
            let right = self.open(middle, next.to, next.depth + 1);
            let column = &self.ground.columns[split.column];
            self.nodes[next.node] = Node::Split {
                feature: split.column as u32,
                // Behind the last value only what is missing goes right.
                threshold: column
                    .bounds
                    .get(split.bound)
                    .copied()
                    .unwrap_or(f32::INFINITY),
                missing_left: split.missing_left,
                left: left.node as u32,
                right: right.node as u32,
            };
            open.extend([right, left]);
        }
    }

    fn open(&mut self, from: usize, to: usize, depth: usize) -> Open {
        self.nodes.push(Node::Leaf { value: 0.0 });
        self.cover.push(0.0);
        self.means
            .extend(std::iter::repeat_n(0.0, self.ground.outputs));
        Open {
            from,
            to,
            depth,
            node: self.nodes.len() - 1,
        }
    }

    /// Gathers the node's rows and adds them up.
    fn sums(&mut self, from: usize, to: usize) -> Sums {
        let outputs = self.ground.outputs;
        let mut all = Sums::zero(outputs);
        self.own_weights.clear();
        self.own_targets.clear();
        for row in &self.rows[from..to] {
            let row = *row as usize;
            let (weight, first) = (self.weights[row], self.own_targets.len());
            let targets = &self.ground.targets[row * outputs..(row + 1) * outputs];
            self.own_weights.push(weight);
            self.own_targets
                .extend(targets.iter().map(|target| weight * target));
            all.add_row(weight, &self.own_targets[first..]);
        }
        all
    }

    fn describe(&mut self, node: usize, all: &Sums) {
        self.cover[node] = all.weight as f32;
        let outputs = self.ground.outputs;
        for (mean, sum) in self.means[node * outputs..].iter_mut().zip(&all.targets) {
            *mean = if all.weight > 0.0 {
                sum / all.weight
            } else {
                0.0
            };
        }
    }

    fn best_split(&mut self, node: &Open, all: &Sums) -> Option<Split> {
        let settings = self.ground.settings;
        let rows = &self.rows[node.from..node.to];
        if rows.len() < 2 * settings.leaf_rows || node.depth == settings.depth || self.is_pure(rows)
        {
            return None;
        }
        let (mut best, mut looked_at) = (None::<Split>, 0);
        let drawn = settings.drawn(self.order.len());
        for place in 0..self.order.len() {
            if looked_at == drawn {
                break;
            }
            // Columns are drawn until enough of them differ within the node.
            let other = place + self.chance.below(self.order.len() - place);
            self.order.swap(place, other);
            let number = self.order[place];
            let column = &self.ground.columns[number];
            if !self
                .histogram
                .fill(column, rows, &self.own_weights, &self.own_targets)
            {
                self.histogram.empty();
                continue;
            }
            looked_at += 1;
            let found = self.histogram.best(number, all, settings.leaf_rows);
            if let Some(split) = found
                && best.is_none_or(|best| split.explained > best.explained)
            {
                best = Some(split);
            }
        }
        best.filter(|split| split.explained > all.explained() * (1.0 + ROUNDING))
    }

    fn is_pure(&self, rows: &[u32]) -> bool {
        let outputs = self.ground.outputs;
        let of =
            |row: u32| &self.ground.targets[row as usize * outputs..(row as usize + 1) * outputs];
        rows.first()
            .is_none_or(|first| rows.iter().all(|row| of(*row) == of(*first)))
    }

    /// Puts the rows that go left before the others, both in their order; gives where the others begin.
    fn divide(&mut self, node: &Open, split: Split) -> usize {
        let bins = &self.ground.columns[split.column].bins;
        let goes_left = |row: &u32| match bins[*row as usize] {
            MISSING => split.missing_left,
            bin => bin as usize <= split.bound,
        };
        let rows = &mut self.rows[node.from..node.to];
        let (left, right): (Vec<u32>, Vec<u32>) = rows.iter().partition(|row| goes_left(row));
        rows[..left.len()].copy_from_slice(&left);
        rows[left.len()..].copy_from_slice(&right);
        node.from + left.len()
    }

    fn trees(self) -> Result<Vec<Tree>, RandomForestError> {
        let outputs = self.ground.outputs;
        let share = 1.0 / self.ground.settings.trees as f64;
        let of_output = |output: usize| {
            let with_value = |(index, node): (usize, &Node)| match node {
                Node::Leaf { .. } => Node::Leaf {
                    value: (self.means[index * outputs + output] * share) as f32,
                },
                split => *split,
            };
            let nodes = self.nodes.iter().enumerate().map(with_value).collect();
            Ok(Tree::new(nodes, self.cover.clone())?)
        };
        (0..outputs).map(of_output).collect()
    }
}
