//! Predictions equal to LightGBM's own to the last bit. The golden files are made by `golden/make.py`.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use millrace_lightgbm::{LightGbm, Scorer};

const COLUMNS: usize = 8;
const MODELS: [&str; 16] = [
    "regression",
    "l1",
    "quantile",
    "square_root",
    "binary",
    "ten_classes",
    "one_by_one",
    "categories",
    "forest",
    "tweedie",
    "poisson",
    "gamma",
    "zero_is_missing",
    "nothing_is_missing",
    "dropout",
    "no_split",
];

fn file(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name)
}

fn numbers(name: &str) -> Vec<f64> {
    let bytes = std::fs::read(file(name)).unwrap();
    let words = bytes.chunks_exact(8);
    words
        .map(|word| f64::from_le_bytes(word.try_into().unwrap()))
        .collect()
}

fn text(name: &str) -> String {
    std::fs::read_to_string(file(&format!("{name}.txt"))).unwrap()
}

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| value.to_bits()).collect()
}

#[test]
fn predictions_are_lightgbms_to_the_last_bit() {
    let table = numbers("table.f64");
    let columns: Vec<Vec<f64>> = (0..COLUMNS)
        .map(|column| {
            table
                .iter()
                .skip(column)
                .step_by(COLUMNS)
                .copied()
                .collect()
        })
        .collect();
    let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    for name in MODELS {
        let model = LightGbm::from_text(&text(name)).unwrap();
        let theirs = numbers(&format!("{name}.predictions"));
        assert_eq!(
            theirs.len(),
            table.len() / COLUMNS * model.outputs(),
            "{name}"
        );
        let plain: Vec<f64> = table
            .chunks(COLUMNS)
            .flat_map(|row| model.predict_row(row))
            .collect();
        let apart = plain
            .iter()
            .zip(&theirs)
            .position(|(a, b)| a.to_bits() != b.to_bits());
        assert_eq!(
            apart,
            None,
            "{name}: {:?}",
            apart.map(|row| (plain[row], theirs[row]))
        );
        let scorer = Scorer::new(&model);
        assert_eq!(
            bits(&scorer.predict(&slices).unwrap()),
            bits(&theirs),
            "{name}"
        );
        assert_eq!(
            bits(&scorer.predict_on_one_thread(&slices).unwrap()),
            bits(&theirs),
            "{name}"
        );
        let walked = Scorer::walking(&model).predict(&slices).unwrap();
        assert_eq!(bits(&walked), bits(&theirs), "{name}");
        let few: Vec<&[f64]> = slices.iter().map(|column| &column[..13]).collect();
        let outputs = model.outputs();
        assert_eq!(
            bits(&scorer.predict(&few).unwrap()),
            bits(&theirs[..13 * outputs]),
            "{name}"
        );
    }
}

#[test]
fn columns_that_do_not_fit_are_refused() {
    let scorer = Scorer::new(&LightGbm::from_text(&text("regression")).unwrap());
    assert_eq!(scorer.model().feature_names().len(), COLUMNS);
    assert_eq!(
        scorer.predict(&[&[1.0]]).unwrap_err().name(),
        "ColumnsDiffer"
    );
    let mut columns: Vec<&[f64]> = vec![&[1.0, 2.0]; COLUMNS];
    columns[3] = &[1.0];
    assert_eq!(scorer.predict(&columns).unwrap_err().name(), "RowsDiffer");
}

/// One change each to the model `categories`, and how the result is called.
const BROKEN: [(&str, &str, &str); 14] = [
    ("tree\nversion", "forest\nversion", "NotLightgbm"),
    ("version=v4", "version=v9", "ModelUnsupported"),
    (
        "objective=regression",
        "objective=lambdarank",
        "ModelUnsupported",
    ),
    ("is_linear=0", "is_linear=1", "ModelUnsupported"),
    ("max_feature_idx=7", "max_feature_idx=8", "ModelCorrupt"),
    (
        "max_feature_idx=7",
        "max_feature_idx=99999999999",
        "ModelCorrupt",
    ),
    ("Tree=1\n", "Tree=2\n", "ModelCorrupt"),
    ("num_leaves=12", "num_leaves=13", "ModelCorrupt"),
    ("split_feature=0 2", "split_feature=8 2", "ModelCorrupt"),
    ("left_child=1 9", "left_child=0 9", "ModelCorrupt"),
    ("left_child=1 9", "left_child=99 9", "ModelCorrupt"),
    ("left_child=1 9", "left_child=-99 9", "ModelCorrupt"),
    ("threshold=0.5306", "threshold=nan 0.5306", "ModelCorrupt"),
    ("end of trees", "start of trees", "ModelCorrupt"),
];

#[test]
fn a_broken_file_is_refused_by_name() {
    let whole = text("categories");
    for (from, to, name) in BROKEN {
        assert!(whole.contains(from), "{from}");
        let error = LightGbm::from_text(&whole.replacen(from, to, 1)).unwrap_err();
        assert_eq!(error.name(), name, "{from} -> {to}: {error}");
    }
    let linear = LightGbm::from_text(&text("refused_linear")).unwrap_err();
    assert!(linear.to_string().contains("a linear tree"), "{linear}");
    for end in (0..whole.find("end of trees").unwrap()).step_by(97) {
        assert!(LightGbm::from_text(&whole[..end]).is_err(), "{end}");
    }
    assert_eq!(LightGbm::from_text("").unwrap_err().name(), "NotLightgbm");
}
