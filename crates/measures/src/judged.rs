//! Everything that metadata records of a model's predictions, by its task.

use millrace_contract::Spec;
use millrace_contract::metadata::Metrics;
use millrace_contract::postprocess::before_rounding;
use millrace_contract::spec::{Scores, Task};

use crate::Classes;
use crate::error::MeasureError;
use crate::measure::Measure;
use crate::rows::Rows;
use crate::tally::metrics;

/// What is to be known of predictions.
#[derive(Debug, Clone)]
pub struct Wanted<'a> {
    task: Task,
    scores: &'a Scores,
    /// From which probability on, as it is written, a row is a yes.
    threshold: Option<f64>,
    /// What the spec sets limits for.
    demanded: Vec<&'a str>,
}

impl<'a> Wanted<'a> {
    pub fn of(spec: &'a Spec, threshold: Option<f64>) -> Wanted<'a> {
        Wanted {
            task: spec.task,
            scores: &spec.scores,
            threshold,
            demanded: spec.quality.demands().map(|(_, name, _)| name).collect(),
        }
    }

    /// What is known of every regression.
    pub fn of_numbers(scores: &'a Scores) -> Wanted<'a> {
        Wanted {
            task: Task::Regression,
            scores,
            threshold: None,
            demanded: Vec::new(),
        }
    }
}

/// Of a regression the usual measures, those that limits are set for, and the tiers; of classes every measure that has a
/// value for these rows: true classes are 0 and 1, and predictions are probabilities.
pub fn measured(wanted: &Wanted<'_>, rows: Rows<'_>) -> Result<Metrics, MeasureError> {
    match wanted.task {
        Task::Regression => Ok(of_numbers(wanted, rows)),
        Task::Binary | Task::Multiclass => of_classes(wanted, rows),
    }
}

fn of_numbers(wanted: &Wanted<'_>, rows: Rows<'_>) -> Metrics {
    let mut found = metrics(rows, wanted.scores);
    for name in &wanted.demanded {
        let value = Measure::named(name).map(|measure| measure.value(rows));
        if let Some(Ok(value)) = value {
            found.values.entry((*name).to_owned()).or_insert(value);
        }
    }
    found
}

fn of_classes(wanted: &Wanted<'_>, rows: Rows<'_>) -> Result<Metrics, MeasureError> {
    let truth: Vec<u32> = rows.truth().iter().map(|y| u32::from(*y > 0.5)).collect();
    let positive: Vec<f64> = rows.predictions().iter().map(|p| f64::from(*p)).collect();
    let threshold = before_rounding(wanted.threshold.unwrap_or(0.5), wanted.scores.decimals);
    let classes = Classes::binary(&truth, &positive, threshold)?;
    let all = Measure::of_task(Task::Binary);
    let values = all.filter_map(|measure| {
        let value = measure.value(classes).ok()?;
        Some((measure.name.to_owned(), value))
    });
    Ok(Metrics {
        values: values.collect(),
        tiers: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn spec(task: &str, quality: &str) -> Spec {
        let text = format!(
            "format = 2\nname = \"t\"\ncontract = \"t.toml\"\ntarget = \"y\"\ntask = \"{task}\"\n[quality]\n{quality}\n[scores]\ncolumn = \"p\"\ndecimals = 2\n"
        );
        Spec::parse(&text, "spec").unwrap()
    }

    #[test]
    fn a_regression_has_the_usual_measures_and_those_with_a_limit() {
        let spec = spec("regression", "minimum_gini = 0.1\nmaximum_mae = 1.0");
        let rows = Rows::new(&[1.0, 2.0, 4.0], &[1.5, 2.0, 3.0]).unwrap();
        let found = measured(&Wanted::of(&spec, None), rows).unwrap();
        let names: Vec<&String> = found.values.keys().collect();
        assert_eq!(names, ["r2", "rmse", "mae", "gini"]);
        let usual = measured(&Wanted::of_numbers(&spec.scores), rows).unwrap();
        assert_eq!(usual.values.len(), 3);
    }

    #[test]
    fn classes_are_judged_by_what_is_written() {
        let spec = spec("binary", "");
        // 0.296 is written as 0.30, which is a yes from 0.3 on.
        let rows = Rows::new(&[1.0, 0.0], &[0.296, 0.294]).unwrap();
        let of = |threshold| measured(&Wanted::of(&spec, threshold), rows).unwrap();
        assert_eq!(of(Some(0.3)).value("f1"), 1.0);
        assert_eq!(of(Some(0.29)).value("precision"), 0.5);
        // Nothing is a yes: precision has no value, and is not said to be 0.
        let none = of(None);
        assert!(none.values.contains_key("log_loss") && !none.values.contains_key("precision"));
    }
}
