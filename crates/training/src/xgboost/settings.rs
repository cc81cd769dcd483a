//! From a candidate to what XGBoost is told.

use millrace_contract::spec::Task;

use super::{TreeParams, Xgboost};

pub(crate) type Setting = (&'static str, String);

/// The name and value of every setting of one fit, on one thread.
pub(crate) fn settings(
    candidate: &TreeParams,
    learner: &Xgboost,
    max_bin: u32,
    base_score: f32,
) -> Vec<Setting> {
    let fixed = &learner.fixed;
    vec![
        // What is not a setting of this version any more would be warned about.
        ("verbosity", "0".to_owned()),
        ("objective", objective(learner.task).to_owned()),
        ("tree_method", "hist".to_owned()),
        ("max_bin", max_bin.to_string()),
        ("max_depth", candidate.max_depth.to_string()),
        ("eta", candidate.learning_rate.to_string()),
        ("subsample", candidate.subsample.to_string()),
        ("colsample_bytree", candidate.colsample_bytree.to_string()),
        ("min_child_weight", fixed.min_child_weight.to_string()),
        ("lambda", fixed.reg_lambda.to_string()),
        ("alpha", fixed.reg_alpha.to_string()),
        ("gamma", fixed.gamma.to_string()),
        ("seed", learner.seed.to_string()),
        // The order of additions within a histogram depends on the number of threads: keep one.
        ("nthread", "1".to_owned()),
        ("base_score", base_score.to_string()),
    ]
}

/// The word that XGBoost knows.
fn objective(task: Task) -> &'static str {
    match task {
        Task::Regression => "reg:squarederror",
        Task::Binary | Task::Multiclass => "binary:logistic",
    }
}

/// The mean of the labels, added up as XGBoost itself does on one thread.
pub(crate) fn base_score(labels: &[f32]) -> f32 {
    let count = labels.len() as f64;
    labels.iter().map(|y| f64::from(*y) / count).sum::<f64>() as f32
}
