//! From LightGBM's text to a model: everything is checked here, so that scoring needs no checks.

use crate::LightGbmError;
use crate::error::corrupt;
use crate::model::LightGbm;
use crate::objective::Objective;
use crate::text::Block;
use crate::tree::{Split, Test, Tree};

/// More than anything that is trained here: a file that says so would only fill memory.
const MOST: usize = 1 << 24;

const CATEGORICAL: u8 = 1;
const DEFAULT_LEFT: u8 = 2;

impl LightGbm {
    /// Reads a model that LightGBM saved as text.
    pub fn from_text(text: &str) -> Result<LightGbm, LightGbmError> {
        let mut lines = text.lines().map(str::trim_end);
        if lines.next() != Some("tree") {
            return Err(foreign("its first line is not `tree`"));
        }
        let mut blocks = Blocks { lines };
        let header = blocks.next().ok_or_else(|| foreign("it has no header"))?;
        let version = header
            .get("version")
            .ok_or_else(|| foreign("it has no version"))?;
        if !matches!(version, "v3" | "v4") {
            return Err(LightGbmError::Unsupported {
                what: format!("the version `{version}` of LightGBM's text"),
            });
        }
        let feature_count = bounded(header.number::<usize>("max_feature_idx")?.saturating_add(1))?;
        let outputs: usize = bounded(header.number("num_tree_per_iteration")?)?;
        let names: Vec<String> = header
            .text("feature_names")?
            .split(' ')
            .map(str::to_owned)
            .collect();
        if names.len() != feature_count || outputs == 0 {
            return Err(corrupt(format!(
                "it names {} of {feature_count} columns, and has {outputs} outputs",
                names.len()
            )));
        }
        let objective = Objective::read(header.get("objective"))?;
        let is_average = header.get("average_output").is_some();
        let trees = read_trees(&mut blocks, feature_count)?;
        let announced = header.text("tree_sizes")?.split_whitespace().count();
        if trees.len() != announced || trees.len() % outputs != 0 || trees.is_empty() {
            return Err(corrupt(format!(
                "it announces {announced} trees and holds {}, for {outputs} outputs",
                trees.len()
            )));
        }
        Ok(LightGbm {
            names,
            outputs,
            objective,
            is_average,
            trees,
        })
    }
}

/// Blocks between empty lines.
struct Blocks<'a, I: Iterator<Item = &'a str>> {
    lines: I,
}

impl<'a, I: Iterator<Item = &'a str>> Iterator for Blocks<'a, I> {
    type Item = Block<'a>;

    fn next(&mut self) -> Option<Block<'a>> {
        let first = self.lines.find(|line| !line.is_empty())?;
        let rest = self.lines.by_ref().take_while(|line| !line.is_empty());
        Some(Block::read(std::iter::once(first).chain(rest)))
    }
}

fn read_trees<'a>(
    blocks: &mut impl Iterator<Item = Block<'a>>,
    feature_count: usize,
) -> Result<Vec<Tree>, LightGbmError> {
    let mut trees = Vec::new();
    for block in blocks {
        if block.get("end of trees").is_some() {
            return Ok(trees);
        }
        let index = trees.len();
        if block.get("Tree") != Some(index.to_string().as_str()) {
            return Err(corrupt(format!("tree {index} is not where it should be")));
        }
        let tree = read_tree(&block, feature_count).map_err(|error| placed(error, index))?;
        trees.push(tree);
    }
    Err(corrupt("the file ends before its trees do"))
}

fn read_tree(block: &Block<'_>, feature_count: usize) -> Result<Tree, LightGbmError> {
    if block.get("is_linear").is_some_and(|value| value != "0") {
        return Err(LightGbmError::Unsupported {
            what: "a linear tree".to_owned(),
        });
    }
    let leaf_count: usize = bounded(block.number("num_leaves")?)?;
    let leaves = block.numbers("leaf_value", leaf_count)?;
    let count = leaf_count
        .checked_sub(1)
        .ok_or_else(|| corrupt("it has no leaf"))?;
    let categories = Categories::read(block)?;
    let features: Vec<usize> = block.numbers("split_feature", count)?;
    let thresholds: Vec<f64> = block.numbers("threshold", count)?;
    let decisions: Vec<u8> = block.numbers("decision_type", count)?;
    let left: Vec<i32> = block.numbers("left_child", count)?;
    let right: Vec<i32> = block.numbers("right_child", count)?;
    let split = |index: usize| {
        let feature = features[index];
        if feature >= feature_count {
            return Err(corrupt(format!(
                "it names the column {feature} of {feature_count}"
            )));
        }
        let (test, nan_left) = test(decisions[index], thresholds[index], &categories)?;
        Ok(Split {
            feature,
            test,
            nan_left,
            left: left[index],
            right: right[index],
        })
    };
    let splits = (0..count).map(split).collect::<Result<_, _>>()?;
    Tree::new(splits, leaves, categories.bits)
}

/// What is compared, and whether NaN goes left. It does so always or never: where NaN is not a value of its own, it
/// counts as 0.
fn test(
    decision: u8,
    threshold: f64,
    categories: &Categories,
) -> Result<(Test, bool), LightGbmError> {
    if decision & CATEGORICAL != 0 {
        return Ok((categories.test(threshold)?, false));
    }
    let default_left = decision & DEFAULT_LEFT != 0;
    match decision >> 2 & 3 {
        0 => Ok((Test::AtMost(threshold), 0.0 <= threshold)),
        1 => Ok((Test::AtMostButZero(threshold), default_left)),
        2 => Ok((Test::AtMost(threshold), default_left)),
        _ => Err(corrupt(format!("it has the decision type {decision}"))),
    }
}

/// The words of a tree's categorical splits: one bit for each.
struct Categories {
    bounds: Vec<usize>,
    bits: Vec<u32>,
}

impl Categories {
    fn read(block: &Block<'_>) -> Result<Categories, LightGbmError> {
        let count: usize = bounded(block.number("num_cat")?)?;
        if count == 0 {
            return Ok(Categories {
                bounds: Vec::new(),
                bits: Vec::new(),
            });
        }
        let bounds: Vec<usize> = block.numbers("cat_boundaries", count + 1)?;
        let words = bounded(bounds.last().copied().unwrap_or(0))?;
        let bits = block.numbers("cat_threshold", words)?;
        match bounds.is_sorted() {
            true => Ok(Categories { bounds, bits }),
            false => Err(corrupt("`cat_boundaries` falls")),
        }
    }

    /// The threshold of a categorical split is the number of its list.
    fn test(&self, threshold: f64) -> Result<Test, LightGbmError> {
        let ends = self.bounds.windows(2).nth(threshold as usize);
        let known = ends.filter(|_| threshold >= 0.0);
        let [from, to] = known.unwrap_or_default() else {
            return Err(corrupt(format!("it has no list {threshold} of words")));
        };
        Ok(Test::OneOf {
            from: *from,
            words: to - from,
        })
    }
}

fn bounded(count: usize) -> Result<usize, LightGbmError> {
    match count <= MOST {
        true => Ok(count),
        false => Err(corrupt(format!("it speaks of {count} things"))),
    }
}

fn placed(error: LightGbmError, tree: usize) -> LightGbmError {
    match error {
        LightGbmError::Corrupt { detail } => corrupt(format!("tree {tree}: {detail}")),
        other => other,
    }
}

fn foreign(detail: &str) -> LightGbmError {
    LightGbmError::NotLightgbm {
        detail: detail.to_owned(),
    }
}
