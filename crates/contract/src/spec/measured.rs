//! The names of all measures, and for which tasks each means something. `crates/measures` has the measures themselves,
//! and a test that these are their names.

use super::Task;

const NUMBERS: &[Task] = &[Task::Regression];
const TWO: &[Task] = &[Task::Binary];
const CLASSES: &[Task] = &[Task::Binary, Task::Multiclass];

pub const MEASURES: &[(&str, &[Task])] = &[
    ("r2", NUMBERS),
    ("rmse", NUMBERS),
    ("mae", NUMBERS),
    ("rmsle", NUMBERS),
    ("mape", NUMBERS),
    ("quantile_loss_5", NUMBERS),
    ("quantile_loss_10", NUMBERS),
    ("quantile_loss_20", NUMBERS),
    ("quantile_loss_25", NUMBERS),
    ("quantile_loss_50", NUMBERS),
    ("quantile_loss_75", NUMBERS),
    ("quantile_loss_80", NUMBERS),
    ("quantile_loss_90", NUMBERS),
    ("quantile_loss_95", NUMBERS),
    ("gini", NUMBERS),
    ("decile_lift", NUMBERS),
    ("log_loss", CLASSES),
    ("brier", CLASSES),
    ("auc_roc", CLASSES),
    ("auc_pr", CLASSES),
    ("accuracy", CLASSES),
    ("balanced_accuracy", CLASSES),
    ("precision", TWO),
    ("recall", TWO),
    ("f1", TWO),
    ("precision_macro", CLASSES),
    ("recall_macro", CLASSES),
    ("f1_macro", CLASSES),
    ("precision_weighted", CLASSES),
    ("recall_weighted", CLASSES),
    ("f1_weighted", CLASSES),
    ("mcc", CLASSES),
    ("ks", TWO),
    ("lift_at_1_percent", TWO),
    ("lift_at_5_percent", TWO),
    ("lift_at_10_percent", TWO),
    ("calibration_error", CLASSES),
];

/// What is wrong with asking for a measure.
pub(super) fn check(name: &str, task: Task) -> Result<(), String> {
    let known = MEASURES.iter().find(|(known, _)| *known == name);
    match known {
        Some((_, tasks)) if tasks.contains(&task) => Ok(()),
        Some(_) => Err(format!(
            "`{name}` means nothing for `task = \"{}\"`: there are {}",
            task.as_str(),
            of(task)
        )),
        None => Err(format!(
            "no measure is called `{name}`: there are {}",
            of(task)
        )),
    }
}

fn of(task: Task) -> String {
    let fitting = MEASURES.iter().filter(|(_, tasks)| tasks.contains(&task));
    let names: Vec<&str> = fitting.map(|(name, _)| *name).collect();
    names.join(", ")
}
