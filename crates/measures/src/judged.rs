//! Everything that metadata records of a model's predictions, by its task.

use millrace_contract::metadata::Metrics;
use millrace_contract::postprocess::before_rounding;
use millrace_contract::spec::{Scores, Task};

use crate::Classes;
use crate::error::MeasureError;
use crate::measure::Measure;
use crate::rows::Rows;
use crate::tally::metrics;

/// Of a regression the measures and the tiers, of classes every measure that has a value for these rows: true
/// classes are 0 and 1, predictions are probabilities, and the threshold is that of what is written.
pub fn measured(
    task: Task,
    rows: Rows<'_>,
    scores: &Scores,
    threshold: Option<f64>,
) -> Result<Metrics, MeasureError> {
    match task {
        Task::Regression => Ok(metrics(rows, scores)),
        Task::Binary | Task::Multiclass => {
            let truth: Vec<u32> = rows.truth().iter().map(|y| u32::from(*y > 0.5)).collect();
            let positive: Vec<f64> = rows.predictions().iter().map(|p| f64::from(*p)).collect();
            let threshold = before_rounding(threshold.unwrap_or(0.5), scores.decimals);
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
    }
}
