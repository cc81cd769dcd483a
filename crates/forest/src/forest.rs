//! The model as XGBoost describes it, and the plain way to score a row.

use crate::ForestError;

/// Deeper trees than this are not made by any search space that is allowed.
const DEEPEST: usize = 64;

/// What the model was trained to do; decides how a margin becomes a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Objective {
    /// The margin is the score.
    Identity,
    /// The score is the logistic function of the margin.
    Logistic,
}

/// A node of a tree.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Node {
    Leaf {
        value: f32,
    },
    /// A value below the threshold goes left; a missing one goes its default way.
    Split {
        feature: u32,
        threshold: f32,
        missing_left: bool,
        left: u32,
        right: u32,
    },
}

/// A tree whose node 0 is the root and whose children come after their parents.
#[derive(Debug, Clone, PartialEq)]
pub struct Tree {
    pub(crate) nodes: Vec<Node>,
    /// For each node how much of the training data came by (the sum of its hessians).
    pub(crate) cover: Vec<f32>,
    pub(crate) depth: usize,
}

impl Tree {
    /// A tree of these nodes, the root first. `cover` says for each node how much of the training
    /// data came by; contributions are weighted by it.
    pub fn new(nodes: Vec<Node>, cover: Vec<f32>) -> Result<Tree, ForestError> {
        if nodes.is_empty() || nodes.len() != cover.len() {
            return Err(corrupt(format!(
                "there are {} nodes and {} covers",
                nodes.len(),
                cover.len()
            )));
        }
        if let Some(index) = cover
            .iter()
            .position(|cover| !cover.is_finite() || *cover < 0.0)
        {
            return Err(corrupt(format!(
                "the cover of node {index} is {}",
                cover[index]
            )));
        }
        for (index, node) in nodes.iter().enumerate() {
            check_node(index, node, nodes.len())?;
        }
        let depth = depth(&nodes)?;
        Ok(Tree {
            nodes,
            cover,
            depth,
        })
    }

    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// For each node how much of the training data came by.
    pub fn cover(&self) -> &[f32] {
        &self.cover
    }

    /// The number of splits on the longest way from the root to a leaf.
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// The value of the leaf that a row falls into; NaN is missing.
    pub fn leaf(&self, row: &[f32]) -> f32 {
        let mut position = 0;
        loop {
            match self.nodes[position] {
                Node::Leaf { value } => return value,
                Node::Split {
                    feature,
                    threshold,
                    missing_left,
                    left,
                    right,
                } => {
                    let value = row[feature as usize];
                    let goes_left = if value.is_nan() {
                        missing_left
                    } else {
                        value < threshold
                    };
                    position = if goes_left { left } else { right } as usize;
                }
            }
        }
    }
}

/// A trained ensemble. Whatever made it, it is sound: every child and every column exists.
#[derive(Debug, Clone, PartialEq)]
pub struct Forest {
    pub(crate) feature_names: Vec<String>,
    pub(crate) feature_count: usize,
    pub(crate) base_margin: f32,
    pub(crate) objective: Objective,
    pub(crate) trees: Vec<Tree>,
}

impl Forest {
    /// A forest of these trees. `feature_names` may be empty.
    pub fn new(
        feature_count: usize,
        feature_names: Vec<String>,
        objective: Objective,
        base_margin: f32,
        trees: Vec<Tree>,
    ) -> Result<Forest, ForestError> {
        if !feature_names.is_empty() && feature_names.len() != feature_count {
            return Err(corrupt(format!(
                "it names {} of {feature_count} columns",
                feature_names.len()
            )));
        }
        if !base_margin.is_finite() {
            return Err(corrupt(format!("its base margin is {base_margin}")));
        }
        let asked = trees.iter().flat_map(|tree| &tree.nodes);
        for node in asked {
            if let Node::Split { feature, .. } = node
                && *feature as usize >= feature_count
            {
                return Err(corrupt(format!(
                    "it names the column {feature} of {feature_count}"
                )));
            }
        }
        Ok(Forest {
            feature_names,
            feature_count,
            base_margin,
            objective,
            trees,
        })
    }

    /// The names of the columns in model order; empty when the model was saved without them.
    pub fn feature_names(&self) -> &[String] {
        &self.feature_names
    }

    pub fn feature_count(&self) -> usize {
        self.feature_count
    }

    pub fn objective(&self) -> Objective {
        self.objective
    }

    pub fn trees(&self) -> &[Tree] {
        &self.trees
    }

    /// The distinct thresholds of a column, rising.
    pub fn thresholds(&self, column: usize) -> Vec<f32> {
        let mut thresholds: Vec<f32> = self
            .trees
            .iter()
            .flat_map(|tree| &tree.nodes)
            .filter_map(|node| match node {
                Node::Split {
                    feature, threshold, ..
                } if *feature as usize == column => Some(*threshold),
                _ => None,
            })
            .collect();
        thresholds.sort_by(f32::total_cmp);
        thresholds.dedup();
        thresholds
    }

    /// What every row begins with, before the first tree.
    pub fn base_margin(&self) -> f32 {
        self.base_margin
    }

    /// The margin of one row: the leaves added in the order of the trees, in `f32`, as XGBoost does.
    /// The row must have `feature_count` values.
    pub fn margin(&self, row: &[f32]) -> f32 {
        self.trees
            .iter()
            .fold(self.base_margin, |sum, tree| sum + tree.leaf(row))
    }
}

fn check_node(index: usize, node: &Node, count: usize) -> Result<(), ForestError> {
    match *node {
        Node::Leaf { value } if !value.is_finite() => {
            Err(corrupt(format!("leaf {index} is not a number")))
        }
        Node::Leaf { .. } => Ok(()),
        Node::Split { threshold, .. } if threshold.is_nan() => Err(corrupt(format!(
            "the threshold of node {index} is not a number"
        ))),
        Node::Split { left, right, .. } => {
            match [left, right].iter().find(|child| **child as usize >= count) {
                None => Ok(()),
                Some(child) => Err(corrupt(format!("it names the child {child} of {count}"))),
            }
        }
    }
}

/// The depth of the tree; a node with two parents, or one that leads back, is refused.
fn depth(nodes: &[Node]) -> Result<usize, ForestError> {
    let mut visited = vec![false; nodes.len()];
    let mut stack = vec![(0u32, 0usize)];
    let mut deepest = 0;
    while let Some((position, level)) = stack.pop() {
        let seen = std::mem::replace(&mut visited[position as usize], true);
        if seen {
            return Err(corrupt(format!("node {position} has two parents")));
        }
        if level > DEEPEST {
            return Err(ForestError::Unsupported {
                what: format!("a tree of more than {DEEPEST} levels"),
            });
        }
        deepest = deepest.max(level);
        if let Node::Split { left, right, .. } = nodes[position as usize] {
            stack.push((left, level + 1));
            stack.push((right, level + 1));
        }
    }
    Ok(deepest)
}

fn corrupt(detail: impl Into<String>) -> ForestError {
    ForestError::Corrupt {
        detail: detail.into(),
    }
}
