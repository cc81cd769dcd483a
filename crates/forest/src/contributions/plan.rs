//! A tree as the list of its edges, with everything that does not depend on a row.

use super::quadrature::points;
use crate::forest::{Node, Tree};
use crate::kernel::Question;

/// Shares below this are not taken at their word (XGBoost does the same).
const SMALLEST_SHARE: f32 = 1e-12;

/// A node other than the root, and the way that leads into it. Parents come before their children,
/// and a left child's whole subtree before the right child.
#[derive(Debug, Clone)]
pub(super) struct Edge {
    /// The number of the parent's edge plus one; 0 is the root.
    pub parent: usize,
    /// Whether the rows that satisfy the comparison come here, or the others.
    pub right: bool,
    pub plane: usize,
    pub above: u8,
    pub column: usize,
    /// The last edge before on this way that asks the same column.
    pub older: Option<usize>,
    /// The value, if it is a leaf.
    pub leaf: Option<f32>,
    /// Where this edge's numbers for each point lie in the plan.
    pub first: usize,
}

/// At one point, what an edge does to the product that comes down, as
/// `plain + satisfied * if_satisfied + older_satisfied * if_older`, and what follows from being
/// satisfied for the contribution, as `-1 / (1 - t) + satisfied * gain`.
#[derive(Debug, Clone, Copy)]
pub(super) struct AtPoint {
    pub plain: f32,
    pub if_satisfied: f32,
    pub if_older: f32,
    pub gain: f32,
}

#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub edges: Vec<Edge>,
    /// For every edge one for every point.
    pub at_points: Vec<AtPoint>,
    /// The points' weights, and `-1 / (1 - t)`.
    pub weights: Vec<f32>,
    pub losses: Vec<f32>,
    /// The value of the average row.
    pub mean: f64,
}

/// Where the walk through a tree stands.
#[derive(Clone)]
struct Stop {
    node: u32,
    place: usize,
    /// The share of the training data that comes here.
    reach: f64,
    /// For each column asked so far, its last edge and the share for all its edges together.
    asked: Vec<(usize, usize, f64)>,
}

impl Plan {
    pub fn new(tree: &Tree, questions: &[Question]) -> Plan {
        let points = points(count_of_points(tree));
        let mut plan = Plan {
            edges: Vec::with_capacity(tree.nodes.len()),
            at_points: Vec::with_capacity(tree.nodes.len() * points.len()),
            weights: points.iter().map(|(_, weight)| *weight as f32).collect(),
            losses: points
                .iter()
                .map(|(t, _)| (-1.0 / (1.0 - t)) as f32)
                .collect(),
            mean: 0.0,
        };
        // The right child waits on the stack while the left one's subtree is passed through. What
        // waits still has to be given its place.
        let mut stack = vec![(
            Stop {
                node: 0,
                place: 0,
                reach: 1.0,
                asked: Vec::new(),
            },
            None,
        )];
        while let Some((mut stop, edge)) = stack.pop() {
            if let Some((parent, right)) = edge {
                plan.add_edge(tree, questions, &points, &mut stop, parent, right);
            }
            match tree.nodes[stop.node as usize] {
                Node::Leaf { value } => plan.mean += stop.reach * f64::from(value),
                Node::Split { left, right, .. } => {
                    for (child, is_right) in [(right, true), (left, false)] {
                        let below = Stop {
                            node: child,
                            ..stop.clone()
                        };
                        stack.push((below, Some((stop.node, is_right))));
                    }
                }
            }
        }
        plan
    }

    /// Adds the edge from `parent` to where `stop` stands, and moves `stop` along it.
    fn add_edge(
        &mut self,
        tree: &Tree,
        questions: &[Question],
        points: &[(f64, f64)],
        stop: &mut Stop,
        parent: u32,
        right: bool,
    ) {
        let Node::Split { feature, .. } = tree.nodes[parent as usize] else {
            return;
        };
        let column = feature as usize;
        let (plane, above) = questions[parent as usize];
        let share = share(tree.cover[stop.node as usize], tree.cover[parent as usize]);
        let known = stop.asked.iter().position(|(asked, ..)| *asked == column);
        let older = known.map(|index| (stop.asked[index].1, stop.asked[index].2));
        let together = share * older.map_or(1.0, |(_, before)| before);
        let edge = self.edges.len();
        let first = self.at_points.len();
        for (t, _) in points {
            self.at_points.push(at_point(
                *t,
                share,
                together,
                older.map(|(_, before)| before),
            ));
        }
        let leaf = match tree.nodes[stop.node as usize] {
            Node::Leaf { value } => Some(value),
            Node::Split { .. } => None,
        };
        self.edges.push(Edge {
            parent: stop.place,
            right,
            plane,
            above,
            column,
            older: older.map(|(edge, _)| edge),
            leaf,
            first,
        });
        match known {
            Some(index) => stop.asked[index] = (column, edge, together),
            None => stop.asked.push((column, edge, together)),
        }
        stop.place = edge + 1;
        stop.reach *= share;
    }
}

fn at_point(t: f64, share: f64, together: f64, before: Option<f64>) -> AtPoint {
    let satisfied = t + (1.0 - t) * together;
    let missed = (1.0 - t) * together;
    let gain = (1.0 - together) / satisfied + 1.0 / (1.0 - t);
    let (plain, if_satisfied, if_older) = match before {
        None => (missed, satisfied - missed, 0.0),
        // The column's factor so far is taken back. If that was missed, this is missed too.
        Some(before) => {
            let so_far = t + (1.0 - t) * before;
            let (satisfied, missed) = (satisfied / so_far, missed / so_far);
            (share, satisfied - missed, missed - share)
        }
    };
    AtPoint {
        plain: plain as f32,
        if_satisfied: if_satisfied as f32,
        if_older: if_older as f32,
        gain: gain as f32,
    }
}

/// The share of a parent's training data that goes on to a child.
fn share(child: f32, parent: f32) -> f64 {
    if parent <= 0.0 {
        return 0.5;
    }
    f64::from((child / parent).max(SMALLEST_SHARE))
}

/// As many points as the longest way needs: half of its columns. Only some numbers are offered,
/// because the loops are compiled for each of them.
fn count_of_points(tree: &Tree) -> usize {
    match tree.depth {
        0..=4 => 2,
        5..=6 => 3,
        7..=10 => 5,
        11..=16 => 8,
        _ => 32,
    }
}
