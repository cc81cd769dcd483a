//! Every measure, once.

use crate::error::NoValue;
use crate::labels::{self, f1_of, macro_mean, precision_of, recall_of, weighted_mean};
use crate::measure::Direction::{HigherIsBetter, LowerIsBetter};
use crate::measure::{Direction, Measure, Of, mean_loss};
use crate::numbers::{absolute, mean, pinball, r2_of, relative, rmsle, squared, squared_log};
use crate::probability::{self, RowLoss, brier_of, log_loss_of, miss_of};
use crate::task::Task;
use crate::{Classes, ranking, shares};

/// The share of the variance that is explained: 1 is perfect, 0 is no better than the mean.
pub const R2: Measure = Measure {
    name: "r2",
    label: "R2",
    direction: HigherIsBetter,
    of: Of::Numbers {
        value: |rows| Ok(r2_of(rows)),
        loss: Some(squared),
    },
};

/// The root of the mean squared error.
pub const RMSE: Measure = Measure::mean_of(
    "rmse",
    "RMSE",
    |rows| Ok(mean(rows, squared).sqrt()),
    squared,
);

/// The mean absolute error.
pub const MAE: Measure = Measure::mean_of("mae", "MAE", |rows| mean_loss(rows, absolute), absolute);

/// What every document on a regression holds, in the order in which it is shown.
pub const MEASURES: [Measure; 3] = [R2, RMSE, MAE];

/// The measure of that name.
pub fn named(name: &str) -> Option<Measure> {
    Measure::named(name)
}

const TWO: &[Task] = &[Task::Binary];
const ANY: &[Task] = &[Task::Binary, Task::Multiclass];

const fn shares_of(
    name: &'static str,
    label: &'static str,
    value: fn(crate::Rows<'_>) -> Result<f64, NoValue>,
) -> Measure {
    Measure {
        name,
        label,
        direction: HigherIsBetter,
        of: Of::Numbers { value, loss: None },
    }
}

const fn quantile<const PERCENT: u32>(name: &'static str, label: &'static str) -> Measure {
    Measure::mean_of(
        name,
        label,
        |rows| mean_loss(rows, pinball::<PERCENT>),
        pinball::<PERCENT>,
    )
}

const fn classes(
    name: &'static str,
    label: &'static str,
    direction: Direction,
    tasks: &'static [Task],
    value: fn(Classes<'_>) -> Result<f64, NoValue>,
    loss: Option<RowLoss>,
) -> Measure {
    Measure {
        name,
        label,
        direction,
        of: Of::Classes { tasks, value, loss },
    }
}

/// A measure of classes that is no mean over rows, and better when higher.
const fn whole(
    name: &'static str,
    label: &'static str,
    tasks: &'static [Task],
    value: fn(Classes<'_>) -> Result<f64, NoValue>,
) -> Measure {
    classes(name, label, HigherIsBetter, tasks, value, None)
}

pub(crate) static ALL: &[Measure] = &[
    R2,
    RMSE,
    MAE,
    Measure::mean_of("rmsle", "RMSLE", rmsle, squared_log),
    Measure::mean_of("mape", "MAPE", |rows| mean_loss(rows, relative), relative),
    quantile::<5>("quantile_loss_5", "quantile loss at 5 %"),
    quantile::<10>("quantile_loss_10", "quantile loss at 10 %"),
    quantile::<20>("quantile_loss_20", "quantile loss at 20 %"),
    quantile::<25>("quantile_loss_25", "quantile loss at 25 %"),
    quantile::<50>("quantile_loss_50", "quantile loss at 50 %"),
    quantile::<75>("quantile_loss_75", "quantile loss at 75 %"),
    quantile::<80>("quantile_loss_80", "quantile loss at 80 %"),
    quantile::<90>("quantile_loss_90", "quantile loss at 90 %"),
    quantile::<95>("quantile_loss_95", "quantile loss at 95 %"),
    shares_of("gini", "Gini", shares::gini),
    shares_of(
        "decile_lift",
        "lift of the highest decile",
        shares::decile_lift,
    ),
    classes(
        "log_loss",
        "log loss",
        LowerIsBetter,
        ANY,
        |rows| probability::mean_loss(rows, log_loss_of),
        Some(log_loss_of),
    ),
    classes(
        "brier",
        "Brier score",
        LowerIsBetter,
        ANY,
        |rows| probability::mean_loss(rows, brier_of),
        Some(brier_of),
    ),
    whole("auc_roc", "AUC-ROC", ANY, ranking::auc_roc),
    whole("auc_pr", "AUC-PR", ANY, ranking::auc_pr),
    classes(
        "accuracy",
        "accuracy",
        HigherIsBetter,
        ANY,
        labels::accuracy,
        Some(miss_of),
    ),
    whole(
        "balanced_accuracy",
        "balanced accuracy",
        ANY,
        labels::balanced_accuracy,
    ),
    whole("precision", "precision", TWO, labels::precision),
    whole("recall", "recall", TWO, labels::recall),
    whole("f1", "F1", TWO, labels::f1),
    whole("precision_macro", "precision (macro)", ANY, |rows| {
        macro_mean(rows, precision_of)
    }),
    whole("recall_macro", "recall (macro)", ANY, |rows| {
        macro_mean(rows, recall_of)
    }),
    whole("f1_macro", "F1 (macro)", ANY, |rows| {
        macro_mean(rows, f1_of)
    }),
    whole("precision_weighted", "precision (weighted)", ANY, |rows| {
        weighted_mean(rows, precision_of)
    }),
    whole("recall_weighted", "recall (weighted)", ANY, |rows| {
        weighted_mean(rows, recall_of)
    }),
    whole("f1_weighted", "F1 (weighted)", ANY, |rows| {
        weighted_mean(rows, f1_of)
    }),
    whole("mcc", "Matthews correlation", ANY, labels::mcc),
    whole("ks", "KS", TWO, ranking::ks),
    whole("lift_at_1_percent", "lift at 1 %", TWO, ranking::lift::<1>),
    whole("lift_at_5_percent", "lift at 5 %", TWO, ranking::lift::<5>),
    whole(
        "lift_at_10_percent",
        "lift at 10 %",
        TWO,
        ranking::lift::<10>,
    ),
    classes(
        "calibration_error",
        "calibration error",
        LowerIsBetter,
        ANY,
        probability::calibration_error,
        None,
    ),
];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{Judged, Rows};
    use std::collections::BTreeSet;

    #[test]
    fn a_measure_is_found_by_its_name_and_knows_what_is_better() {
        let names: BTreeSet<&str> = ALL.iter().map(|measure| measure.name).collect();
        assert_eq!(names.len(), ALL.len());
        for measure in ALL {
            assert_eq!(named(measure.name).unwrap().label, measure.label);
            let higher = measure.direction == HigherIsBetter;
            assert_eq!(measure.keeps(0.9, 0.5), higher);
            assert_eq!(measure.keeps(0.1, 0.5), !higher);
            assert_eq!(measure.is_better(0.9, 0.5), higher);
            assert!(measure.keeps(0.5, 0.5) && !measure.is_better(0.5, 0.5));
            assert!(!measure.keeps(f64::NAN, 0.5) && !measure.is_better(f64::NAN, 0.5));
        }
        assert!(named("no_such_measure").is_none());
        assert_eq!(MAE.loss(1.0, 3.0), Some(2.0));
        assert_eq!(R2.loss(1.0, 3.0), Some(4.0));
    }

    /// A spec is refused with its line before any measure is looked up: contract has their names.
    #[test]
    fn contract_knows_the_names_and_the_tasks() {
        let ours: Vec<(&str, &[Task])> = ALL.iter().map(|m| (m.name, m.tasks())).collect();
        assert_eq!(ours, millrace_contract::spec::MEASURES);
    }

    #[test]
    fn a_measure_means_something_for_its_tasks_alone() {
        let (truth, predictions) = ([1.0, 2.0], [1.5, 2.5]);
        let (of_class, positive) = ([0, 1], [0.2, 0.8]);
        let numbers = Judged::from(Rows::new(&truth, &predictions).unwrap());
        let two = Judged::from(Classes::binary(&of_class, &positive, 0.5).unwrap());
        let third = [1.0 / 3.0; 6];
        let three = Judged::from(Classes::many(&of_class, &third, 3).unwrap());
        for measure in ALL {
            for judged in [numbers, two, three] {
                let fits = measure.tasks().contains(&judged.task());
                let value = measure.value(judged);
                let refused = value == Err(NoValue::OtherTask(judged.task()));
                assert_eq!(fits, !refused, "{} {value:?}", measure.name);
                assert_eq!(
                    measure.losses(judged).is_some(),
                    fits && measure.has_losses()
                );
            }
        }
        assert_eq!(Measure::of_task(Task::Regression).count(), 16);
        assert!(Measure::of_task(Task::Multiclass).all(|measure| measure.name != "recall"));
    }

    #[test]
    fn what_is_not_finite_has_no_value() {
        for (truth, prediction) in [
            ([1.0, 2.0], [1.0, f32::NAN]),
            ([1.0, 1.0], [1.0, f32::NAN]),
            ([1.0, 2.0], [1.0, f32::INFINITY]),
            ([f64::NAN, 2.0], [1.0, 2.0]),
        ] {
            let rows = Rows::new(&truth, &prediction).unwrap();
            assert!(R2.of(rows).is_nan(), "{truth:?} {prediction:?}");
            assert!(!R2.keeps(R2.of(rows), f64::NEG_INFINITY));
            assert!(!RMSE.of(rows).is_finite() && !MAE.of(rows).is_finite());
            for measure in Measure::of_task(Task::Regression) {
                assert_eq!(
                    measure.value(rows),
                    Err(NoValue::NotFinite),
                    "{}",
                    measure.name
                );
            }
        }
    }

    #[test]
    fn rows_that_nothing_can_be_said_of_are_refused() {
        assert_eq!(Rows::new(&[1.0], &[]).unwrap_err().name(), "LengthMismatch");
        assert_eq!(Rows::new(&[], &[]).unwrap_err().name(), "NoRows");
        let rows = Rows::new(&[1.0, 2.0], &[1.0, 2.0]).unwrap();
        for weights in [[-1.0, 1.0], [f64::NAN, 1.0], [0.0, 0.0]] {
            assert_eq!(rows.weighted(&weights).unwrap_err().name(), "WeightInvalid");
        }
        let refused = |truth: &[u32], positive: &[f64]| {
            Classes::binary(truth, positive, 0.5).unwrap_err().name()
        };
        assert_eq!(refused(&[0], &[]), "LengthMismatch");
        assert_eq!(refused(&[], &[]), "NoRows");
        assert_eq!(refused(&[2], &[0.5]), "ClassUnknown");
        assert_eq!(refused(&[1], &[1.5]), "ProbabilityInvalid");
        assert_eq!(refused(&[1], &[f64::NAN]), "ProbabilityInvalid");
        let many = |values: &[f64]| Classes::many(&[1], values, 3).unwrap_err();
        assert_eq!(many(&[0.5, 0.5, 0.5]).name(), "ProbabilitiesDoNotAdd");
        assert_eq!(many(&[0.5, 0.5]).name(), "LengthMismatch");
    }

    #[test]
    fn one_class_alone_has_a_name() {
        let positive = [0.2, 0.8];
        let value = |name: &str, truth: &[u32]| {
            let rows = Classes::binary(truth, &positive, 0.9).unwrap();
            named(name).unwrap().value(rows)
        };
        for name in [
            "auc_roc",
            "auc_pr",
            "ks",
            "lift_at_1_percent",
            "mcc",
            "balanced_accuracy",
        ] {
            assert_eq!(value(name, &[0, 0]), Err(NoValue::OneClass), "{name}");
            assert_eq!(value(name, &[1, 1]), Err(NoValue::OneClass), "{name}");
        }
        assert_eq!(value("recall", &[0, 0]), Err(NoValue::NoPositives));
        assert_eq!(value("f1", &[0, 0]), Err(NoValue::NoPositives));
        assert_eq!(value("precision", &[0, 1]), Err(NoValue::NothingPredicted));
        assert!(value("log_loss", &[0, 0]).is_ok());
    }

    #[test]
    fn shares_of_nothing_have_a_name() {
        let value = |name: &str, truth: [f64; 2]| {
            named(name)
                .unwrap()
                .value(Rows::new(&truth, &[1.0, 2.0]).unwrap())
        };
        assert_eq!(value("gini", [0.0, 0.0]), Err(NoValue::NoTotal));
        assert_eq!(value("gini", [-1.0, 5.0]), Err(NoValue::NoTotal));
        assert_eq!(value("gini", [2.0, 2.0]), Err(NoValue::Constant));
        assert_eq!(value("decile_lift", [0.0, 0.0]), Err(NoValue::NoTotal));
        assert_eq!(value("rmsle", [-1.0, 2.0]), Err(NoValue::BelowMinusOne));
    }
}
