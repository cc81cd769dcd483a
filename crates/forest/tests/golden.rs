//! Margins against XGBoost's own, to the last bit; made by golden/make.py.
#![allow(clippy::unwrap_used)]

mod common;

use millrace_forest::{Forest, Scaling, Scorer};

use common::{FEATURES, floats, golden};

const MODELS: [&str; 7] = [
    "depth3",
    "depth6",
    "depth9",
    "depth3_missing",
    "depth6_missing",
    "depth9_missing",
    "logistic",
];

#[test]
fn every_margin_is_xgboosts_own() {
    for model in MODELS {
        let forest = Forest::from_ubj(&golden(&format!("{model}.ubj"))).unwrap();
        let scorer = Scorer::new(&forest, &[Scaling::NONE; FEATURES]).unwrap();
        for input in ["full", "missing"] {
            let rows = floats(&format!("inputs.{input}"));
            let expected: Vec<u32> = floats(&format!("{model}.{input}.margins"))
                .iter()
                .map(|m| m.to_bits())
                .collect();
            let plain: Vec<u32> = rows
                .chunks(FEATURES)
                .map(|row| forest.margin(row).to_bits())
                .collect();
            assert_eq!(plain, expected, "{model} on {input}: plain walk");
            let columns: Vec<Vec<f64>> = (0..FEATURES)
                .map(|column| {
                    rows.chunks(FEATURES)
                        .map(|row| f64::from(row[column]))
                        .collect()
                })
                .collect();
            let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
            let bits = |margins: Vec<f32>| margins.iter().map(|m| m.to_bits()).collect::<Vec<_>>();
            assert_eq!(
                bits(scorer.margins(&columns).unwrap()),
                expected,
                "{model} on {input}: blocks"
            );
            assert_eq!(
                bits(scorer.margins_on_one_thread(&columns).unwrap()),
                expected
            );
        }
    }
}

#[test]
fn what_would_be_scored_wrongly_is_refused_by_name() {
    for (model, named) in [
        ("refused_gblinear", "gblinear"),
        ("refused_dart", "dart"),
        ("refused_objective", "count:poisson"),
        ("refused_classes", "several outputs"),
        ("refused_targets", "several outputs"),
        ("refused_categorical", "categorical"),
    ] {
        let error = Forest::from_ubj(&golden(&format!("{model}.ubj"))).unwrap_err();
        assert_eq!(error.name(), "ModelUnsupported", "{model}: {error}");
        assert!(error.to_string().contains(named), "{model}: {error}");
    }
}

#[test]
fn the_names_of_the_columns_are_read() {
    let forest = Forest::from_ubj(&golden("depth3.ubj")).unwrap();
    assert_eq!(forest.feature_names().len(), FEATURES);
    assert_eq!(forest.feature_names()[3], "feature_3");
}

#[test]
fn a_model_cut_off_anywhere_is_refused() {
    let whole = golden("logistic.ubj");
    for length in 0..whole.len() {
        assert!(
            Forest::from_ubj(&whole[..length]).is_err(),
            "accepted {length} of {} bytes",
            whole.len()
        );
    }
}

#[test]
fn flipped_bytes_never_bring_it_down() {
    let whole = golden("logistic.ubj");
    let row = vec![0.5f32; FEATURES];
    for position in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[position] ^= 1 << (position % 8);
        if let Ok(forest) = Forest::from_ubj(&bytes)
            && forest.feature_count() == FEATURES
        {
            let _ = forest.margin(&row);
        }
    }
}

/// The model with one value more, or one less, in that column of its first tree.
fn with_other_length(column: &str, value_bytes: usize, more: bool) -> Vec<u8> {
    let mut bytes = golden("logistic.ubj");
    let name = column.as_bytes();
    let named = bytes.windows(name.len()).position(|part| part == name);
    // Its name, `[$` and the type, `#L`, eight bytes of the count, the values.
    let count = named.unwrap() + name.len() + 5;
    let values = count + 8;
    match more {
        true => {
            bytes[values - 1] += 1;
            bytes.splice(values..values, vec![0; value_bytes]);
        }
        false => {
            bytes[values - 1] -= 1;
            bytes.drain(values..values + value_bytes);
        }
    }
    bytes
}

#[test]
fn columns_of_a_tree_that_differ_in_length_are_refused() {
    for (column, value_bytes) in [
        ("left_children", 4),
        ("right_children", 4),
        ("split_indices", 4),
        ("split_conditions", 4),
        ("default_left", 1),
        ("sum_hessian", 4),
    ] {
        for more in [true, false] {
            let error =
                Forest::from_ubj(&with_other_length(column, value_bytes, more)).unwrap_err();
            let said = error.to_string();
            assert!(
                said.contains("different lengths"),
                "{column}, {more}: {said}"
            );
        }
    }
}

#[test]
fn other_files_are_told_apart() {
    for (bytes, name) in [
        (b"".as_slice(), "ModelTruncated"),
        (b"PAR1".as_slice(), "NotXgboost"),
        (b"{\"learner\":{}}".as_slice(), "NotXgboost"),
        (b"{}".as_slice(), "NotXgboost"),
        (
            b"{L\0\0\0\0\0\0\0\x01aL\x7f\xff\xff\xff\xff\xff\xff\xff}".as_slice(),
            "NotXgboost",
        ),
        (
            b"{L\x7f\xff\xff\xff\xff\xff\xff\xff".as_slice(),
            "ModelTruncated",
        ),
    ] {
        assert_eq!(
            Forest::from_ubj(bytes).unwrap_err().name(),
            name,
            "{bytes:?}"
        );
    }
}

#[test]
fn a_model_that_goes_on_after_its_end_is_refused() {
    let whole = golden("logistic.ubj");
    for more in [b"\0".as_slice(), b"}", b"{}", &whole] {
        let error = Forest::from_ubj(&[&whole, more].concat()).unwrap_err();
        assert!(
            error.to_string().contains("bytes follow the end"),
            "{error}"
        );
    }
}

#[test]
fn a_model_that_is_nested_too_deeply_is_refused() {
    let nested = |levels: usize| {
        let inner = b"L\0\0\0\0\0\0\0\x01a{".repeat(levels);
        [b"{", &inner[..], &b"}".repeat(levels + 1)].concat()
    };
    // As deep as a document may be, it is only no model.
    assert_eq!(
        Forest::from_ubj(&nested(8)).unwrap_err().name(),
        "NotXgboost"
    );
    for levels in [40, 100_000] {
        let error = Forest::from_ubj(&nested(levels)).unwrap_err();
        assert!(error.to_string().contains("nested too deeply"), "{error}");
    }
}
