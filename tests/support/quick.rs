//! Whole runs that end soon, and what must come out of them the same.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use millrace_contract::Digest;

use crate::Workshop;

/// One candidate, and gates that let everything through: many runs must end soon.
pub fn quick_spec(workshop: &Workshop) -> String {
    let mut spec = fs::read_to_string(workshop.small_spec()).unwrap();
    for (from, to) in [
        ("n_estimators = [20, 40]", "n_estimators = [20]"),
        ("max_depth = [3, 5]", "max_depth = [3]"),
        ("learning_rate = [0.1, 0.3]", "learning_rate = [0.3]"),
        ("folds = 5", "folds = 2"),
        ("minimum_r2 = 0.5", "minimum_r2 = 0.1"),
        ("maximum_rmse = 0.2", "maximum_rmse = 1.0"),
        ("parity_difference = 0.1", "parity_difference = 0.9"),
    ] {
        assert!(spec.contains(from), "{from}");
        spec = spec.replace(from, to);
    }
    let lenient = "allow_insufficient_evidence = [\"age\", \"gender\", \"location\"]\nminimum_rows_per_group = 1\n\
        minimum_positives_per_group = 1\nminimum_negatives_per_group = 1\n[fairness.bands]";
    workshop.write(
        "models/engagement.toml",
        spec.replace("[fairness.bands]", lenient),
    )
}

/// The digest of every model, recipe, held-out row and score that the store holds.
pub fn digests(store: &Path) -> BTreeMap<String, Digest> {
    fn collect(root: &Path, folder: &Path, found: &mut BTreeMap<String, Digest>) {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                collect(root, &path, found);
                continue;
            }
            let name = path
                .strip_prefix(root)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned();
            let ends = [
                ".parquet",
                ".ubj",
                "/recipe.json",
                "/metadata.json",
                "/profile.json",
            ];
            // Rows about runs tell when things happened; predictions do not.
            if ends.iter().any(|end| name.ends_with(end)) {
                found.insert(name, Digest::of(&fs::read(&path).unwrap()));
            }
        }
    }
    let mut found = BTreeMap::new();
    collect(store, store, &mut found);
    found
}
