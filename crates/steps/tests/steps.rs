//! Fills are scikit-learn's, quartiles numpy's. The golden file is made by `golden/make.py`.
#![allow(clippy::unwrap_used)]

use millrace_steps::{Cap, ColumnSteps, Fill, Steps, Wanted};
use proptest::prelude::*;
use serde_json::Value;

fn values(case: &Value) -> Vec<f64> {
    let values = case["values"].as_array().unwrap().iter();
    values
        .map(|value| value.as_f64().unwrap_or(f64::NAN))
        .collect()
}

fn fit(values: &[f64], fill: Fill, cap: Cap) -> ColumnSteps {
    ColumnSteps::fit("age", values, Wanted { fill, cap }).unwrap()
}

fn near(ours: f64, theirs: &Value) {
    let theirs = theirs.as_f64().unwrap();
    assert!((ours - theirs).abs() < 1e-12, "{ours} {theirs}");
}

#[test]
fn fills_and_caps_are_those_of_the_peers() {
    let cases: Vec<Value> = serde_json::from_str(include_str!("golden/steps.json")).unwrap();
    for case in cases {
        let values = values(&case);
        near(
            fit(&values, Fill::Median, Cap::None).fill.unwrap(),
            &case["median"],
        );
        near(
            fit(&values, Fill::Mode, Cap::None).fill.unwrap(),
            &case["mode"],
        );
        let both = fit(&values, Fill::Median, Cap::Iqr(1.5));
        near(both.fill.unwrap(), &case["median_of_capped"]);
        match (both.range, case["range"].as_array()) {
            (Some([low, high]), Some(theirs)) => {
                near(low, &theirs[0]);
                near(high, &theirs[1]);
            }
            (ours, theirs) => assert!(ours.is_none() && theirs.is_none()),
        }
    }
}

#[test]
fn far_values_are_moved_and_missing_ones_filled() {
    let rows = [1.0, 2.0, 3.0, 4.0, 5.0, f64::NAN];
    let steps = fit(&rows, Fill::Median, Cap::Iqr(1.0));
    assert_eq!(steps.range, Some([0.0, 6.0]));
    assert_eq!(
        [-9.0, 2.5, 1e9, f64::NAN].map(|x| steps.apply(x)),
        [0.0, 2.5, 6.0, 3.0]
    );
    let none = fit(&rows, Fill::None, Cap::None);
    assert!(none.apply(f64::NAN).is_nan() && none.apply(1e9) == 1e9);
    // Most values are 0: what lies beside them is no outlier, it is all that there is to learn from.
    let mostly_zero = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 7.0];
    assert_eq!(fit(&mostly_zero, Fill::None, Cap::Iqr(1.5)).range, None);
}

#[test]
fn what_is_stored_is_what_was_fitted() {
    let wanted = [
        Wanted {
            fill: Fill::Median,
            cap: Cap::Iqr(1.5),
        },
        Wanted {
            fill: Fill::None,
            cap: Cap::None,
        },
    ];
    let columns: [&[f64]; 2] = [&[1.0, 2.5, f64::NAN, 9.0], &[0.1, 0.2, 0.3, f64::NAN]];
    let steps = Steps::fit(&["a", "b"], &columns, &wanted).unwrap();
    let bytes = steps.to_json().unwrap();
    assert_eq!(Steps::from_json(&bytes).unwrap(), steps);
    let mut changed: Vec<Vec<f64>> = columns.iter().map(|column| column.to_vec()).collect();
    steps.apply(&mut changed).unwrap();
    assert_eq!(changed[0][2], 2.5);
    assert!(changed[1][3].is_nan());
    let text = String::from_utf8(bytes).unwrap();
    for other in [
        text.replace("steps/1", "steps/7"),
        text.replace("\"fill\"", "\"filled\""),
    ] {
        assert_eq!(
            Steps::from_json(other.as_bytes()).unwrap_err().name(),
            "DocumentInvalid"
        );
    }
}

#[test]
fn what_cannot_be_fitted_has_a_name() {
    let refused = |values: &[f64], fill, cap| {
        ColumnSteps::fit("age", values, Wanted { fill, cap })
            .unwrap_err()
            .name()
    };
    assert_eq!(
        refused(&[f64::NAN], Fill::Median, Cap::None),
        "NothingKnown"
    );
    assert_eq!(refused(&[], Fill::Mode, Cap::None), "NothingKnown");
    assert_eq!(
        refused(&[1.0, f64::INFINITY], Fill::None, Cap::None),
        "ValueInfinite"
    );
    for reach in [0.0, -1.0, f64::NAN] {
        assert_eq!(refused(&[1.0], Fill::None, Cap::Iqr(reach)), "CapInvalid");
    }
    let steps = Steps::fit(&[], &[], &[]).unwrap();
    assert_eq!(
        steps.apply(&mut [vec![1.0]]).unwrap_err().name(),
        "ColumnsDiffer"
    );
}

proptest! {
    #[test]
    fn nothing_is_missing_or_far_afterwards(column in prop::collection::vec(prop::option::of(-1e6..1e6_f64), 1..60)) {
        prop_assume!(column.iter().any(Option::is_some));
        let values: Vec<f64> = column.iter().map(|value| value.unwrap_or(f64::NAN)).collect();
        let steps = fit(&values, Fill::Median, Cap::Iqr(1.5));
        for value in values {
            let seen = steps.apply(value);
            prop_assert!(seen.is_finite());
            prop_assert_eq!(steps.apply(seen), seen);
            if let Some([low, high]) = steps.range {
                prop_assert!((low..=high).contains(&seen));
            }
        }
    }
}
