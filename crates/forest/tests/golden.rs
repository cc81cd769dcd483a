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
