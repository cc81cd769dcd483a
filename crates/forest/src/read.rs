//! From XGBoost's document to a forest: everything is checked here, so that scoring needs no checks.

use std::collections::BTreeMap;

use crate::ForestError;
use crate::forest::{Forest, Node, Objective, Tree};
use crate::ubjson::{self, Value};

/// How near to 0 and 1 a logistic base score may lie (XGBoost's own bound).
const CLOSEST_TO_CERTAIN: f32 = 1e-6;

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
        let feature_names = names(learner)?;
        let booster = object(learner, "gradient_booster")?;
        let kind = text(booster, "name")?;
        if kind != "gbtree" {
            return Err(ForestError::Unsupported {
                what: format!("the booster `{kind}`"),
            });
        }
        let model = object(booster, "model")?;
        require_plain(model)?;
        let Some(Value::List(trees)) = model.get("trees") else {
            return Err(foreign("it has no trees"));
        };
        let announced = count(object(model, "gbtree_model_param")?, "num_trees")?;
        if announced != trees.len() {
            return Err(corrupt(format!(
                "it announces {announced} trees and holds {}",
                trees.len()
            )));
        }
        let trees = trees
            .iter()
            .enumerate()
            .map(|(index, tree)| read_tree(tree).map_err(|error| placed(error, index)))
            .collect::<Result<_, _>>()?;
        let base_margin = base_margin(text(parameters, "base_score")?, objective)?;
        Forest::new(feature_count, feature_names, objective, base_margin, trees)
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

/// Refuses what would change the sum of the leaves: weights of trees (dropout), several groups of
/// trees, words that XGBoost would have to encode first.
fn require_plain(model: &Object) -> Result<(), ForestError> {
    let unsupported = |what: &str| Err(ForestError::Unsupported { what: what.into() });
    if !is_empty(model.get("weight_drop")) {
        return unsupported("the booster `dart` (trees with weights)");
    }
    if let Some(Value::Object(categories)) = model.get("cats")
        && !is_empty(categories.get("enc"))
    {
        return unsupported("a categorical column");
    }
    match model.get("tree_info") {
        Some(Value::List(groups)) if groups.iter().any(|group| *group != Value::Integer(0)) => {
            unsupported("a model with several groups of trees")
        }
        Some(Value::Integers(groups)) if groups.iter().any(|group| *group != 0) => {
            unsupported("a model with several groups of trees")
        }
        _ => Ok(()),
    }
}

fn is_empty(value: Option<&Value>) -> bool {
    match value {
        None => true,
        Some(Value::List(list)) => list.is_empty(),
        Some(Value::Floats(list)) => list.is_empty(),
        Some(Value::Integers(list)) => list.is_empty(),
        Some(_) => false,
    }
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
        Objective::Logistic if !(0.0..=1.0).contains(&score) => f32::NAN,
        // XGBoost keeps the logarithm finite with the same bounds.
        Objective::Logistic => {
            let bounded = score.clamp(CLOSEST_TO_CERTAIN, 1.0 - CLOSEST_TO_CERTAIN);
            -(1.0 / bounded - 1.0).ln()
        }
    };
    if margin.is_finite() {
        Ok(margin)
    } else {
        Err(corrupt(format!("`base_score` is `{text}`")))
    }
}

fn names(learner: &Object) -> Result<Vec<String>, ForestError> {
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
    names.ok_or_else(|| corrupt("a column's name is not a text"))
}

/// A tree's columns, all of one length.
struct Columns<'a> {
    left: &'a [i64],
    right: &'a [i64],
    feature: &'a [i64],
    condition: &'a [f32],
    missing_left: &'a [i64],
    cover: &'a [f32],
}

fn read_tree(tree: &Value) -> Result<Tree, ForestError> {
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
    let shape = object(tree, "tree_param")?;
    if shape.contains_key("size_leaf_vector") && count(shape, "size_leaf_vector")? > 1 {
        return Err(ForestError::Unsupported {
            what: "a tree with several outputs".into(),
        });
    }
    let columns = Columns {
        left: integers(tree, "left_children")?,
        right: integers(tree, "right_children")?,
        feature: integers(tree, "split_indices")?,
        condition: floats(tree, "split_conditions")?,
        missing_left: integers(tree, "default_left")?,
        cover: floats(tree, "sum_hessian")?,
    };
    let length = columns.left.len();
    let lengths = [
        columns.right.len(),
        columns.feature.len(),
        columns.condition.len(),
        columns.missing_left.len(),
        columns.cover.len(),
    ];
    if length == 0 || lengths.iter().any(|other| *other != length) {
        return Err(corrupt("its columns have different lengths"));
    }
    let nodes: Vec<Node> = (0..length)
        .map(|index| columns.node(index))
        .collect::<Result<_, _>>()?;
    Tree::new(nodes, columns.cover.to_vec())
}

impl Columns<'_> {
    fn node(&self, index: usize) -> Result<Node, ForestError> {
        let condition = self.condition[index];
        if self.left[index] == -1 && self.right[index] == -1 {
            return Ok(Node::Leaf { value: condition });
        }
        Ok(Node::Split {
            feature: whole(self.feature[index], "column")?,
            threshold: condition,
            missing_left: self.missing_left[index] != 0,
            left: whole(self.left[index], "child")?,
            right: whole(self.right[index], "child")?,
        })
    }
}

/// Whether such a column or child exists is checked when the tree is put together.
fn whole(value: i64, what: &str) -> Result<u32, ForestError> {
    u32::try_from(value).map_err(|_| corrupt(format!("it names the {what} {value}")))
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
