//! The model as XGBoost describes it, and the plain way to score a row.

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
    pub(crate) depth: usize,
}

impl Tree {
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
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
