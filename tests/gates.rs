//! Both gates on real models, alone and within a run.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use millrace_contract::stages::{GateDecision, GateInput, GateOutput};
use millrace_contract::{NamedError, ObjectRef};
use millrace_generator::{Options, Setting};
use millrace_keys::Context;
use millrace_registry::{GateVerdict, Outcome};
use millrace_stage_fairness_gate::{GateError, run};
use millrace_store::{Key, Store};
use serde_json::{Value, json};
use support::Workshop;

/// A store with the files of trained models.
struct Desk {
    workshop: Workshop,
    store: Store,
    /// How often a gate was asked; each time is a run of its own.
    asked: std::cell::Cell<u32>,
}

impl Desk {
    fn new(workshop: Workshop) -> Desk {
        let store = Store::open(&workshop.text("store")).unwrap();
        let asked = std::cell::Cell::new(0);
        Desk {
            workshop,
            store,
            asked,
        }
    }

    /// The files that the training of a run left.
    fn files(&self, run: &str) -> Value {
        let record = self.json(&format!("runs/{run}/train-1/output.json"));
        record["output"]["files"].clone()
    }

    fn bytes(&self, key: &str) -> Vec<u8> {
        let key = Key::new(key).unwrap();
        self.store.get(&key).unwrap().bytes.to_vec()
    }

    fn json(&self, key: &str) -> Value {
        serde_json::from_slice(&self.bytes(key)).unwrap()
    }

    /// The same files with another content of one of them, and its digest with it.
    fn with(&self, files: &Value, name: &str, change: impl Fn(Vec<u8>) -> Vec<u8>) -> Value {
        let old = files[name]["key"].as_str().unwrap();
        let new = change(self.bytes(old));
        let object = ObjectRef::of(format!("changed/{}/{old}", self.asked.get()), &new);
        self.store
            .put(&Key::new(&*object.key).unwrap(), new)
            .unwrap();
        let mut files = files.clone();
        files[name] = serde_json::to_value(object).unwrap();
        if name == "model" {
            // `model.json` vouches for the old one; a model without it is of the first version.
            files.as_object_mut().unwrap().remove("description");
        }
        files
    }

    fn with_spec(&self, files: &Value, from: &str, to: &str) -> Value {
        self.with(files, "spec", |spec| {
            let spec = String::from_utf8(spec).unwrap();
            assert!(spec.contains(from), "{from}");
            spec.replace(from, to).into_bytes()
        })
    }

    fn judge(&self, gate: &str, files: &Value) -> Result<(GateOutput, GateVerdict), GateError> {
        self.asked.set(self.asked.get() + 1);
        let run_id = format!("judged-{}", self.asked.get());
        let input: GateInput = serde_json::from_value(json!({
            "run": {"run_id": run_id, "started_at": "2026-11-01T08:00:00Z"},
            "gate": gate, "files": files, "attempt": 1,
        }))
        .unwrap();
        let output = run(&Context::unsigned(&self.store), input)?;
        let verdict = serde_json::from_value(self.json(&output.report.key)).unwrap();
        Ok((output, verdict))
    }

    /// The subjects of what does not pass, and the summary.
    fn quality(&self, files: &Value) -> (Vec<String>, String) {
        let (output, verdict) = self.judge("quality", files).unwrap();
        let wrong = verdict.findings.iter();
        let wrong = wrong.filter(|finding| finding.outcome != Outcome::Pass);
        let subjects: Vec<String> = wrong.map(|finding| finding.subject.clone()).collect();
        assert_eq!(
            output.decision != GateDecision::Passed,
            !subjects.is_empty()
        );
        assert_eq!(output.reasons.len(), subjects.len());
        (subjects, output.summary)
    }
}

fn unfair(workshop: &Workshop) -> String {
    let bias = vec![Setting {
        name: "gender".into(),
        amount: 0.2,
    }];
    let options = Options {
        rows: Some(6_000),
        bias,
        ..Options::default()
    };
    workshop.generate("unfair", &options)
}

#[test]
fn quality_is_judged_by_every_limit_of_the_spec() {
    let workshop = Workshop::default();
    let (data, spec) = (
        workshop.customers("customers", 2_500),
        workshop.small_spec(),
    );
    workshop.train(&data, &spec, "t");
    let desk = Desk::new(workshop);
    let files = desk.files("t");
    let (wrong, summary) = desk.quality(&files);
    assert!(wrong.is_empty(), "{wrong:?}");
    assert!(
        summary.starts_with("acceptable: R2 0.") && summary.contains(", RMSE 0."),
        "{summary}"
    );
    let good = desk.with_spec(&files, "good_r2 = 0.80", "good_r2 = 0.5");
    assert!(desk.quality(&good).1.starts_with("good: R2 0."));
    for (from, to, subject) in [
        ("minimum_r2 = 0.5", "minimum_r2 = 0.99", "r2"),
        ("maximum_rmse = 0.2", "maximum_rmse = 0.01", "rmse"),
        ("maximum_rmse = 0.2", "maximum_mae = 0.01", "mae"),
        (
            "maximum_rmse = 0.2",
            "maximum_model_bytes = 10",
            "model_bytes",
        ),
        (
            "maximum_rmse = 0.2",
            "maximum_nanoseconds_per_row = 1",
            "nanoseconds_per_row",
        ),
        (
            "maximum_rmse = 0.2",
            "minimum_tier_recall = { \"Very High\" = 1.0 }",
            "recall of tier Very High",
        ),
        (
            "range = [0.0, 1.0]",
            "range = [0.4, 0.6]",
            "predictions in range",
        ),
    ] {
        let (wrong, summary) = desk.quality(&desk.with_spec(&files, from, to));
        assert!(
            wrong.iter().any(|wrong| wrong == subject),
            "{subject}: {wrong:?}"
        );
        assert!(summary.starts_with("needs improvement: R2 0."), "{summary}");
    }
    let lower = "minimum_tier_recall = { \"Very High\" = 0.1 }";
    let lower = desk.with_spec(&files, "maximum_rmse = 0.2", lower);
    assert!(desk.quality(&lower).0.is_empty());
}

#[test]
fn quality_believes_no_file_and_no_number() {
    let workshop = Workshop::default();
    let (data, spec) = (
        workshop.customers("customers", 2_500),
        workshop.small_spec(),
    );
    workshop.train(&data, &spec, "t");
    let desk = Desk::new(workshop);
    let files = desk.files("t");
    let refused = |files: &Value| desk.judge("quality", files).unwrap_err().name().to_owned();

    let boast = desk.with(&files, "metadata", |bytes| {
        let mut metadata: Value = serde_json::from_slice(&bytes).unwrap();
        metadata["metrics"]["r2"] = json!(0.99);
        serde_json::to_vec(&metadata).unwrap()
    });
    assert_eq!(desk.quality(&boast).0, ["metrics as recorded"]);
    let boast = desk.with(&files, "metadata", |bytes| {
        let mut metadata: Value = serde_json::from_slice(&bytes).unwrap();
        metadata["metrics"]["tiers"][3]["recall"] = json!(1.0);
        serde_json::to_vec(&metadata).unwrap()
    });
    assert_eq!(desk.quality(&boast).0, ["metrics as recorded"]);
    let reseeded = desk.with(&files, "metadata", |bytes| {
        let mut metadata: Value = serde_json::from_slice(&bytes).unwrap();
        metadata["split"]["seed"] = json!(43);
        serde_json::to_vec(&metadata).unwrap()
    });
    assert_eq!(desk.quality(&reseeded).0, ["held-out rows"]);
    let swapped = desk.with(&files, "metadata", |bytes| {
        let mut metadata: Value = serde_json::from_slice(&bytes).unwrap();
        metadata["features"].as_array_mut().unwrap().swap(0, 1);
        serde_json::to_vec(&metadata).unwrap()
    });
    assert_eq!(refused(&swapped), "FeatureOrderDiffers");

    let endless = desk.with(&files, "model", |model| with_leaves(model, 3e38));
    let (wrong, summary) = desk.quality(&endless);
    assert!(
        wrong.contains(&"finite predictions".to_owned()),
        "{wrong:?}"
    );
    assert!(wrong.contains(&"r2".to_owned()), "{wrong:?}");
    assert!(summary.starts_with("needs improvement"), "{summary}");
    let unfit = desk.judge("fairness", &endless).unwrap_err();
    assert_eq!(unfit.name(), "NeitherLabelNorScore");
    let wild = desk.with(&files, "model", |model| with_leaves(model, 3.0));
    assert!(
        desk.quality(&wild)
            .0
            .contains(&"predictions in range".to_owned())
    );

    let model = files["model"]["key"].as_str().unwrap();
    let mut bytes = desk.bytes(model);
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    desk.store.put(&Key::new(model).unwrap(), bytes).unwrap();
    assert_eq!(refused(&files), "ObjectAltered");
    desk.store.delete(&Key::new(model).unwrap()).unwrap();
    assert_eq!(refused(&files), "StoreObjectNotFound");
}

/// Every leaf, and every threshold with it, becomes this number: sums of two large ones are no number.
/// A table that could be read as well lies in the place of the held-out rows: neither gate judges by it.
#[test]
fn held_out_rows_that_were_altered_are_not_judged_by() {
    let workshop = Workshop::default();
    let spec = workshop.small_spec();
    for (run, rows) in [("t", 1_500), ("other", 1_600)] {
        let data = workshop.customers(&format!("customers-{rows}"), rows);
        workshop.train(&data, &spec, run);
    }
    let desk = Desk::new(workshop);
    let files = desk.files("t");
    assert!(desk.judge("quality", &files).is_ok());
    let key = |files: &Value| files["holdout_rows"]["key"].as_str().unwrap().to_owned();
    let others = desk.bytes(&key(&desk.files("other")));
    desk.store
        .put(&Key::new(key(&files)).unwrap(), others)
        .unwrap();
    for gate in ["quality", "fairness"] {
        let error = desk.judge(gate, &files).unwrap_err();
        assert_eq!(error.name(), "ObjectAltered", "{gate}: {error}");
    }
}

fn with_leaves(mut model: Vec<u8>, value: f32) -> Vec<u8> {
    let name = b"split_conditions[$d#L";
    let starts: Vec<usize> = (0..model.len() - name.len())
        .filter(|start| model[*start..].starts_with(name))
        .map(|start| start + name.len())
        .collect();
    assert!(
        starts.len() >= 20,
        "not the form in which XGBoost writes trees"
    );
    for start in starts {
        let (count, values) = model[start..].split_at_mut(8);
        let count = u64::from_be_bytes(count.try_into().unwrap()) as usize;
        for place in values[..4 * count].chunks_exact_mut(4) {
            place.copy_from_slice(&value.to_be_bytes());
        }
    }
    model
}

/// A spec that compares no groups: few rows say too little about them.
fn unjudged(workshop: &Workshop) -> String {
    let spec = std::fs::read_to_string(workshop.small_spec()).unwrap();
    let (before, after) = spec.split_once("[fairness]").unwrap();
    let (_, after) = after.split_once("[promotion]").unwrap();
    workshop.write(
        "models/engagement.toml",
        format!("{before}[promotion]{after}"),
    )
}

#[test]
fn a_candidate_is_held_against_the_live_model_on_the_same_rows() {
    let workshop = Workshop::default();
    let (data, spec) = (workshop.customers("customers", 3_000), unjudged(&workshop));
    let run = [
        "run", "--data", &data, "--spec", &spec, "--run-id", "first", "--quiet",
    ];
    workshop.millrace(&run).succeeded();
    let weak = std::fs::read_to_string(&spec).unwrap();
    let weak = weak.replace("n_estimators = [20, 40]", "n_estimators = [3]");
    let weak = weak.replace("minimum_r2 = 0.5", "minimum_r2 = 0.0");
    let weak = workshop.write("models/weak.toml", weak);
    workshop.train(&data, &weak, "weak");
    let desk = Desk::new(workshop);

    let (output, verdict) = desk
        .judge("quality", &desk.files("first-training"))
        .unwrap();
    assert_eq!(output.decision, GateDecision::Passed, "as good as itself");
    let last = verdict.findings.last().unwrap();
    assert!(
        last.detail.contains("of the live v1.0.0 on "),
        "{}",
        last.detail
    );
    let files = desk.files("weak");
    assert_eq!(desk.quality(&files).0, ["r2 against the live model"]);
    let forgiving = "must_not_be_worse_than_live_by = 1.0";
    let forgiving = desk.with_spec(&files, "must_not_be_worse_than_live_by = 0.005", forgiving);
    assert!(desk.quality(&forgiving).0.is_empty());
    desk.workshop
        .write("store/models/engagement/v1.0.0/recipe.json", "{}");
    let (output, verdict) = desk.judge("quality", &forgiving).unwrap();
    assert_eq!(output.decision, GateDecision::InsufficientEvidence);
    let last = &verdict.findings.last().unwrap().detail;
    assert!(last.contains("cannot be read (ModelFilesAltered"), "{last}");
}

/// The machine tries again with a wider search, and what is still too weak is recorded as rejected.
#[test]
fn a_weak_model_gets_its_attempts_and_then_a_rejection() {
    let workshop = Workshop::default();
    let (data, spec) = (workshop.customers("customers", 2_000), unjudged(&workshop));
    let strict = std::fs::read_to_string(&spec).unwrap();
    std::fs::write(
        &spec,
        strict.replace("minimum_r2 = 0.5", "minimum_r2 = 0.99"),
    )
    .unwrap();
    let run = ["run", "--data", &data, "--spec", &spec, "--run-id", "w"];
    let said = workshop.millrace(&run).failed_with("QualityRejected");
    assert!(said.contains("at least 0.9900 is wanted"), "{said}");
    assert!(
        workshop
            .path("store/runs/w-training/quality-gate-2/verdict.json")
            .exists()
    );
    let shown = workshop.millrace(&["models", "show", "v1.0.0"]).succeeded();
    for part in [
        "rejected",
        "the quality gate blocked attempt 2 of 2",
        "needs improvement",
    ] {
        assert!(shown.contains(part), "{part} is not in\n{shown}");
    }
}

#[test]
fn planted_unfairness_never_goes_live_and_the_reason_is_one_sentence() {
    let workshop = Workshop::default();
    let (data, spec) = (unfair(&workshop), workshop.small_spec());
    let run = ["run", "--data", &data, "--spec", &spec, "--run-id", "u"];
    let said = workshop.millrace(&run).failed_with("FairnessRejected");
    assert!(
        said.contains("gender: selection rate of `woman` is 0."),
        "{said}"
    );
    assert!(
        said.contains("above the limit of 0.10 (95 % interval"),
        "{said}"
    );
    let listed = workshop.millrace(&["models", "list"]).succeeded();
    assert!(
        listed.contains("rejected") && listed.contains("live: none"),
        "{listed}"
    );
    workshop
        .millrace(&["score", "--data", &data])
        .failed_with("NoLiveVersion");
}

/// People with a shoe size that gives their gender away, and a score that follows from it in part.
fn shoes(rows: u32) -> String {
    let mut text = "id,gender,shoe_size,visits,score\n".to_owned();
    let mut state = 7_u32;
    let mut random = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 8) / f64::from(1 << 24)
    };
    for row in 0..rows {
        let man = row % 2;
        let shoe_size = 37.0 + 5.0 * f64::from(man) + 2.0 * random();
        let visits = 100.0 * random();
        let score = (shoe_size - 37.0) / 20.0 + visits / 200.0 + 0.1 * random();
        let gender = ["woman", "man"][man as usize];
        text += &format!("P{row},{gender},{shoe_size:.2},{visits:.1},{score:.4}\n");
    }
    text
}

const SHOES_CONTRACT: &str = r#"
name = "shoes"
version = 1
[columns]
id        = { role = "id", type = "text" }
gender    = { role = "protected", type = "category", values = ["woman", "man"] }
shoe_size = { role = "feature", type = "float", range = [30, 50] }
visits    = { role = "feature", type = "float", range = [0, 100] }
score     = { role = "target", type = "float", range = [0, 1] }
"#;

const SHOES_SPEC: &str = r#"
name = "shoes"
contract = "shoes.toml"
target = "score"
[features]
exclude = []
[search]
strategy = "exhaustive"
folds = 2
[search.space]
n_estimators = [30]
max_depth = [3]
learning_rate = [0.3]
subsample = [1.0]
colsample_bytree = [1.0]
[scores]
column = "predicted"
decimals = 3
range = [0.0, 1.0]
[fairness]
attributes = ["gender"]
maximum_demographic_parity_difference = 1.0
"#;

/// What dropping an offender costs is what a model trained without it is worth less.
#[test]
fn a_proxy_is_blocked_by_name_with_what_dropping_it_costs() {
    let workshop = Workshop::default();
    let data = workshop.write("shoes.csv", shoes(1_500));
    workshop.write("shoes.toml", SHOES_CONTRACT);
    let spec = workshop.write("spec.toml", SHOES_SPEC);
    let without = SHOES_SPEC.replace("exclude = []", "exclude = [\"shoe_size\"]");
    let without = workshop.write("without.toml", without);
    let run = ["run", "--data", &data, "--spec", &spec, "--run-id", "with"];
    let said = workshop.millrace(&run).failed_with("FairnessRejected");
    let named = "gender: given away by `shoe_size` (correlation ratio 0.9";
    assert!(said.contains(named), "{said}");
    let r2_of = |spec: &str, run: &str| {
        let train = [
            "--json", "train", "--data", &data, "--spec", spec, "--run-id", run,
        ];
        workshop.millrace(&train).json()["metrics"]["r2"]
            .as_f64()
            .unwrap()
    };
    let cost = r2_of(&spec, "again") - r2_of(&without, "without");
    assert!(cost > 0.1, "{cost}");
    assert!(
        said.contains(&format!(
            "; R2 lost when trained without each: shoe_size {cost:.4}"
        )),
        "{said}"
    );
    let desk = Desk::new(workshop);
    let report = desk.json("runs/with-training/fairness-gate-1/report.json");
    let offenders = report["proxies"]["offenders"].as_array().unwrap();
    assert_eq!(offenders.len(), 1);
    let priced = offenders[0]["cost_in_r2"].as_f64().unwrap();
    assert!((priced - cost).abs() < 1e-12, "{priced} is not {cost}");
    let kept = "models/shoes/v1.0.0/feature_costs.json";
    assert_eq!(desk.json(kept)["shoe_size"], priced);
    let innocent = desk.json("runs/without/train-1/output.json");
    assert_eq!(innocent["output"]["files"]["feature_costs"], Value::Null);
}
