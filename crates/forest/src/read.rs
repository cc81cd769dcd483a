//! From XGBoost's document to a forest: everything is checked here, so that scoring needs no checks.

use std::collections::BTreeMap;

use crate::ForestError;
use crate::forest::{Forest, Node, Objective, Tree};
use crate::ubjson::{self, Value};

/// Deeper trees than this are not made by any search space that is allowed.
const DEEPEST: usize = 64;

type Object = BTreeMap<String, Value>;

impl Forest {
    /// Reads a model that XGBoost saved as UBJSON.
    pub fn from_ubj(bytes: &[u8]) -> Result<Forest, ForestError> {
        let Value::Object(document) = ubjson::parse(bytes)? else {
            return Err(foreign("it is not an object"));
        };
        let learner = object(&document, "learner")?;
        let parameters = object(learner, "learner_model_param")?;
        let feature_count = count(parameters, "num_feature")?;
        require_one(parameters, "num_target")?;
        require_one(parameters, "num_class")?;
        let objective = objective(text(object(learner, "objective")?, "name")?)?;
        let feature_names = names(learner, feature_count)?;
        let booster = object(learner, "gradient_booster")?;
        let kind = text(booster, "name")?;
        if kind != "gbtree" {
            return Err(ForestError::Unsupported {
                what: format!("the booster `{kind}`"),
            });
        }
        let Some(Value::List(trees)) = object(booster, "model")?.get("trees") else {
            return Err(foreign("it has no trees"));
        };
        Ok(Forest {
            feature_names,
            feature_count,
            base_margin: base_margin(text(parameters, "base_score")?, objective)?,
            objective,
            trees: trees
                .iter()
                .enumerate()
                .map(|(index, tree)| {
                    read_tree(tree, feature_count).map_err(|error| placed(error, index))
                })
                .collect::<Result<_, _>>()?,
        })
    }
}

fn placed(error: ForestError, tree: usize) -> ForestError {
    match error {
        ForestError::Corrupt { detail } => ForestError::Corrupt {
            detail: format!("tree {tree}: {detail}"),
        },
        other => other,
    }
}

fn foreign(detail: &str) -> ForestError {
    ForestError::NotXgboost {
        detail: detail.to_owned(),
    }
}

fn corrupt(detail: impl Into<String>) -> ForestError {
    ForestError::Corrupt {
        detail: detail.into(),
    }
}

fn object<'a>(parent: &'a Object, name: &str) -> Result<&'a Object, ForestError> {
    match parent.get(name) {
        Some(Value::Object(fields)) => Ok(fields),
        _ => Err(foreign(&format!("it has no `{name}`"))),
    }
}

fn text<'a>(parent: &'a Object, name: &str) -> Result<&'a str, ForestError> {
    match parent.get(name) {
        Some(Value::Text(text)) => Ok(text),
        _ => Err(foreign(&format!("it has no `{name}`"))),
    }
}

/// XGBoost writes its parameters as text.
fn count(parent: &Object, name: &str) -> Result<usize, ForestError> {
    let text = text(parent, name)?;
    text.parse()
        .ok()
        .filter(|count| *count <= 1 << 20)
        .ok_or_else(|| corrupt(format!("`{name}` is `{text}`")))
}

fn require_one(parameters: &Object, name: &str) -> Result<(), ForestError> {
    if !parameters.contains_key(name) || count(parameters, name)? <= 1 {
        return Ok(());
    }
    Err(ForestError::Unsupported {
        what: format!("a model with several outputs (`{name}`)"),
    })
}

fn objective(name: &str) -> Result<Objective, ForestError> {
    match name {
        "reg:squarederror" | "reg:absoluteerror" | "reg:pseudohubererror" => {
            Ok(Objective::Identity)
        }
        "reg:logistic" | "binary:logistic" => Ok(Objective::Logistic),
        other => Err(ForestError::Unsupported {
            what: format!("the objective `{other}`"),
        }),
    }
}

/// `5E-1`, or `[5E-1]` as newer versions write it.
fn base_margin(text: &str, objective: Objective) -> Result<f32, ForestError> {
    let number = text.trim_start_matches('[').trim_end_matches(']');
    let score: f32 = number
        .parse()
        .map_err(|_| corrupt(format!("`base_score` is `{text}`")))?;
    let margin = match objective {
        Objective::Identity => score,
        Objective::Logistic => -(1.0 / score - 1.0).ln(),
    };
    if margin.is_finite() {
        Ok(margin)
    } else {
        Err(corrupt(format!("`base_score` is `{text}`")))
    }
}

fn names(learner: &Object, feature_count: usize) -> Result<Vec<String>, ForestError> {
    let Some(Value::List(list)) = learner.get("feature_names") else {
        return Ok(Vec::new());
    };
    let names: Option<Vec<String>> = list
        .iter()
        .map(|value| match value {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        })
        .collect();
    let names = names.ok_or_else(|| corrupt("a column's name is not a text"))?;
    if !names.is_empty() && names.len() != feature_count {
        return Err(corrupt(format!(
            "it names {} of {feature_count} columns",
            names.len()
        )));
    }
    Ok(names)
}

/// A tree's columns, all of one length.
struct Columns<'a> {
    left: &'a [i64],
    right: &'a [i64],
    feature: &'a [i64],
    condition: &'a [f32],
    missing_left: &'a [i64],
}

fn read_tree(tree: &Value, feature_count: usize) -> Result<Tree, ForestError> {
    let Value::Object(tree) = tree else {
        return Err(corrupt("it is not an object"));
    };
    if let Some(Value::Integers(kinds)) = tree.get("split_type")
        && kinds.iter().any(|kind| *kind != 0)
    {
        return Err(ForestError::Unsupported {
            what: "a categorical split".into(),
        });
    }
    let columns = Columns {
        left: integers(tree, "left_children")?,
        right: integers(tree, "right_children")?,
        feature: integers(tree, "split_indices")?,
        condition: floats(tree, "split_conditions")?,
        missing_left: integers(tree, "default_left")?,
    };
    let length = columns.left.len();
    let lengths = [
        columns.right.len(),
        columns.feature.len(),
        columns.condition.len(),
        columns.missing_left.len(),
    ];
    if length == 0 || lengths.iter().any(|other| *other != length) {
        return Err(corrupt("its columns have different lengths"));
    }
    let nodes: Vec<Node> = (0..length)
        .map(|index| columns.node(index, feature_count))
        .collect::<Result<_, _>>()?;
    let depth = depth(&nodes)?;
    Ok(Tree { nodes, depth })
}

impl Columns<'_> {
    fn node(&self, index: usize, feature_count: usize) -> Result<Node, ForestError> {
        let condition = self.condition[index];
        if condition.is_nan() {
            return Err(corrupt(format!("node {index} has no number")));
        }
        if self.left[index] == -1 && self.right[index] == -1 {
            return match condition.is_finite() {
                true => Ok(Node::Leaf { value: condition }),
                false => Err(corrupt(format!("leaf {index} is infinite"))),
            };
        }
        Ok(Node::Split {
            feature: below(self.feature[index], feature_count, "column")?,
            threshold: condition,
            missing_left: self.missing_left[index] != 0,
            left: below(self.left[index], self.left.len(), "child")?,
            right: below(self.right[index], self.left.len(), "child")?,
        })
    }
}

fn below(value: i64, limit: usize, what: &str) -> Result<u32, ForestError> {
    u32::try_from(value)
        .ok()
        .filter(|value| (*value as usize) < limit)
        .ok_or_else(|| corrupt(format!("it names the {what} {value} of {limit}")))
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

/// XGBoost writes short lists of numbers without a type.
fn integers<'a>(tree: &'a Object, name: &str) -> Result<&'a [i64], ForestError> {
    match tree.get(name) {
        Some(Value::Integers(values)) => Ok(values),
        Some(Value::List(values)) if values.is_empty() => Ok(&[]),
        _ => Err(corrupt(format!("it has no `{name}`"))),
    }
}

fn floats<'a>(tree: &'a Object, name: &str) -> Result<&'a [f32], ForestError> {
    match tree.get(name) {
        Some(Value::Floats(values)) => Ok(values),
        _ => Err(corrupt(format!("it has no `{name}`"))),
    }
}
