//! A table that grows and drifts, trained week after week by the real machine, gates and registry.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeSet;
use std::fmt::Write;

use millrace_contract::ModelName;
use millrace_keys::Context;
use millrace_registry::{Decision, Registry, State};
use millrace_store::Store;
use serde_json::Value;
use support::Workshop;
use support::random::Chance;
use support::rows::decoded;

const CONTRACT: &str = r#"
name = "visits"
version = 1
[limits]
maximum_bad_row_share = 0.05
[columns]
id      = { role = "id", type = "text" }
opens   = { role = "feature", type = "float" }
orders  = { role = "feature", type = "float" }
calls   = { role = "feature", type = "float" }
waiting = { role = "feature", type = "float" }
spent   = { role = "target", type = "float" }
"#;

const SPEC: &str = r#"
name = "visits"
contract = "visits.toml"
target = "spent"
[features]
exclude = []
[split]
stratify_bins = 4
[search]
strategy = "exhaustive"
folds = 3
[search.space]
n_estimators = [60]
max_depth = [3, 4]
learning_rate = [0.2]
subsample = [1.0]
colsample_bytree = [1.0]
[scores]
table = "predictions"
column = "spent_predicted"
decimals = 4
[quality]
minimum_r2 = 0.5
attempts = 1
"#;

/// The rows that are there at first, and how many come each week.
const FIRST: u64 = 2_400;
const MORE: u64 = 160;

/// What a customer of the table does; what that leads to drifts a little every week, for everybody. So
/// targets of old rows change too, and each week some customers are gone.
fn table(week: u64, rows: u64, damaged: bool) -> String {
    let mut text = "id,opens,orders,calls,waiting,spent\n".to_owned();
    for row in 0..rows {
        let mut chance = Chance::of(&[3, row]);
        let mut share = || chance.below(10_000) as f64 / 10_000.0;
        let [opens, orders, calls, waiting] = [share(), share(), share(), share()];
        let noise = share() + share() + share() - 1.5;
        let drift = week as f64 * 0.02;
        let spent = 2.0 * opens + orders * orders * (1.0 + drift) + 0.5 * calls * waiting
            - drift * waiting
            + 0.25 * noise;
        if (row + 37 * week).is_multiple_of(50) {
            continue;
        }
        // Damage: what a row says of its customer belongs to another one.
        let opens = match damaged {
            true => Chance::of(&[5, row]).below(10_000) as f64 / 10_000.0,
            false => opens,
        };
        let name = row * 7_919 % 1_000_003;
        writeln!(
            text,
            "C{name:07},{opens},{orders},{calls},{waiting},{spent:.5}"
        )
        .unwrap();
    }
    text
}

fn rows_of(week: u64) -> u64 {
    FIRST + MORE * week
}

struct House {
    workshop: Workshop,
    store: Store,
}

impl House {
    fn new() -> House {
        let workshop = Workshop::default();
        workshop.write("visits.toml", CONTRACT);
        let store = Store::open(&workshop.text("store")).unwrap();
        House { workshop, store }
    }

    fn run(&self, spec: &str, data: String, name: &str) -> support::Answer {
        let data = self.workshop.write(&format!("{name}.csv"), data);
        let spec = self.workshop.write(&format!("{name}.toml"), spec);
        let run = [
            "run", "--data", &data, "--spec", &spec, "--run-id", name, "--quiet",
        ];
        self.workshop.millrace(&run)
    }

    fn registry(&self) -> Registry {
        let context = Context::unsigned(&self.store);
        Registry::open(&context, ModelName::new("visits").unwrap())
    }

    /// The run that made the live version.
    fn live_run(&self) -> String {
        let document = self.registry().document().unwrap();
        let live = document.live().unwrap();
        document.versions[&live].run_id.to_string()
    }

    fn of_run(&self, run: &str) -> (State, Option<Decision>) {
        let document = self.registry().document().unwrap();
        let mut versions = document.versions.values();
        let version = versions.find(|version| version.run_id.as_str() == run);
        let version = version.unwrap();
        (version.state, version.verdicts.quality)
    }

    fn held_out(&self, run: &str) -> BTreeSet<String> {
        let file = format!("store/runs/{run}-training/train-1/holdout.parquet");
        ids_of(&decoded(&self.workshop.path(&file)).join("\n"))
    }

    /// What the quality gate found of the comparison with the live model.
    fn against_live(&self, run: &str) -> Value {
        let file = format!("store/runs/{run}-training/quality-gate-1/verdict.json");
        let text = std::fs::read_to_string(self.workshop.path(&file)).unwrap();
        let verdict: Value = serde_json::from_str(&text).unwrap();
        let findings = verdict["findings"].as_array().unwrap();
        let subject = |finding: &&Value| finding["subject"] == "r2 against the live model";
        findings.iter().find(subject).unwrap().clone()
    }
}

fn ids_of(table: &str) -> BTreeSet<String> {
    let lines = table.lines().skip(1);
    lines
        .map(|line| line.split(',').next().unwrap().to_owned())
        .collect()
}

/// Fewer trees by far, or a column less.
fn crippled(week: u64) -> String {
    match week % 2 {
        0 => SPEC.replace("n_estimators = [60]", "n_estimators = [5]"),
        _ => SPEC.replace("exclude = []", "exclude = [\"orders\"]"),
    }
}

#[test]
fn for_ten_weeks_a_model_that_is_no_worse_goes_live_and_one_that_is_truly_worse_does_not() {
    let house = House::new();
    let mut before: Option<(String, BTreeSet<String>)> = None;
    for week in 0..10 {
        let data = table(week, rows_of(week), false);
        let (ids, name) = (ids_of(&data), format!("week{week}"));
        if week > 0 && week % 3 == 0 {
            let (live, worse) = (house.live_run(), format!("worse{week}"));
            let answer = house.run(&crippled(week), data.clone(), &worse);
            answer.failed_with("QualityRejected");
            let found = house.against_live(&worse);
            assert_eq!(found["outcome"], "fail", "{found}");
            assert!(found["value"].as_f64().unwrap() < -0.01, "{found}");
            assert_eq!(house.live_run(), live);
            let damaged = table(week, rows_of(week), true);
            let answer = house.run(SPEC, damaged, &format!("damaged{week}"));
            answer.failed_with("QualityRejected");
            assert_eq!(house.live_run(), live);
        }
        house.run(SPEC, data, &name).succeeded();
        assert_eq!(house.live_run(), format!("{name}-training"));

        let held = house.held_out(&name);
        let share = held.len() as f64 / ids.len() as f64;
        assert!((share - 0.2).abs() < 0.03, "week {week}: {share}");
        let found = house.against_live(&name);
        if let Some((previous, known)) = before {
            // No row that the model before has learned from is held out now.
            let held_before = house.held_out(&previous);
            let seen: Vec<&String> = held
                .iter()
                .filter(|id| known.contains(*id) && !held_before.contains(*id))
                .collect();
            assert!(seen.is_empty(), "week {week}: {} rows", seen.len());
            let said = found["detail"].as_str().unwrap();
            let rows = format!("on {} rows that neither has learned from", held.len());
            assert!(said.contains(&rows), "{said}");
            assert!(said.contains("95 % interval"), "{said}");
        }
        before = Some((name, ids));
    }
}

/// Nobody knows what a model learned from whose rows were parted in another way, but for the rows that it
/// held out itself. When these are too few, a person decides, and the history keeps why.
#[test]
fn after_a_change_of_the_split_too_few_rows_are_left_and_a_person_decides() {
    let house = House::new();
    let other = SPEC.replace("[split]\n", "[split]\nmethod = \"scikit_learn\"\n");
    let data = table(0, FIRST, false);
    house.run(&other, data.clone(), "old").succeeded();
    house.run(&other, data.clone(), "same").succeeded();
    let found = house.against_live("same");
    let all = format!("on {} rows", house.held_out("old").len());
    assert!(found["detail"].as_str().unwrap().contains(&all), "{found}");

    let strict = SPEC.replace(
        "[quality]\n",
        "[quality]\nminimum_rows_against_live = 250\n",
    );
    let said = house
        .run(&strict, data.clone(), "strict")
        .failed_with("EvidenceInsufficient");
    let both = house.held_out("strict");
    let both = both.intersection(&house.held_out("same")).count();
    assert!((30..250).contains(&both), "{both}");
    let expected = format!("there are {both} rows that neither has learned from, 250 are wanted");
    assert!(said.contains(&expected), "{said}");
    assert_eq!(house.live_run(), "same-training");
    let state = house.of_run("strict-training");
    assert_eq!(
        state,
        (State::Candidate, Some(Decision::InsufficientEvidence))
    );

    let document = house.registry().document().unwrap();
    let waiting = |run: &str| run == "strict-training";
    let mut versions = document.versions.iter();
    let found = versions.find(|(_, version)| waiting(version.run_id.as_str()));
    let version = found.unwrap().0.to_string();
    let promote = ["models", "--model", "visits", "promote", &version];
    house
        .workshop
        .millrace(&promote)
        .failed_with("ReasonNeeded");
    let why = "the split changed, both were looked at side by side";
    let promote = [&promote[..], &["--why", why]].concat();
    house.workshop.millrace(&promote).succeeded();
    assert_eq!(house.live_run(), "strict-training");
    let history = ["models", "--model", "visits", "history"];
    let history = house.workshop.millrace(&history).succeeded();
    assert!(history.contains(why), "{history}");
    assert!(
        history.contains("quality insufficient evidence"),
        "{history}"
    );
    // From here on both are parted by their ids, and every held-out row counts.
    house
        .run(SPEC, table(1, rows_of(1), false), "next")
        .succeeded();
    assert_eq!(house.live_run(), "next-training");
}

/// Another seed holds out other rows: the live model's own rule says which of them it does not know.
#[test]
fn after_the_seed_changed_only_rows_that_both_hold_out_are_compared() {
    let house = House::new();
    let data = table(0, FIRST, false);
    house.run(SPEC, data.clone(), "first").succeeded();
    let seed = "[split]\nseed = 43\n";
    let other = SPEC
        .replace("[split]\n", seed)
        .replace("[quality]\n", "[quality]\nminimum_rows_against_live = 30\n");
    // Whatever comes of so few rows, it is said of how many.
    let _ = house.run(&other, data, "reseeded");
    let both = house.held_out("reseeded");
    let both = both.intersection(&house.held_out("first")).count();
    let found = house.against_live("reseeded");
    let rows = format!("on {both} rows that neither has learned from");
    assert!(found["detail"].as_str().unwrap().contains(&rows), "{found}");
}

/// The spec may allow by name what it would otherwise take a person for.
#[test]
fn a_live_model_that_cannot_be_read_or_compared_blocks_unless_the_spec_allows_it() {
    let house = House::new();
    let data = table(0, FIRST, false);
    house.run(SPEC, data.clone(), "first").succeeded();
    let without = CONTRACT
        .replace("version = 1", "version = 2")
        .replace("orders  = { role = \"feature\", type = \"float\" }\n", "");
    house.workshop.write("visits.toml", &without);
    let fewer = data
        .lines()
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            [cells[0], cells[1], cells[3], cells[4], cells[5]].join(",") + "\n"
        })
        .collect::<String>();
    let lower = SPEC.replace("minimum_r2 = 0.5", "minimum_r2 = 0.3");
    let said = house
        .run(&lower, fewer.clone(), "other-contract")
        .failed_with("EvidenceInsufficient");
    assert!(
        said.contains("the spec does not allow `live_incomparable`"),
        "{said}"
    );
    assert_eq!(house.live_run(), "first-training");
    let allowing = |word: &str| {
        let key = format!("[quality]\nallow_insufficient_evidence = [\"{word}\"]\n");
        lower.replace("[quality]\n", &key)
    };
    house
        .run(&allowing("live_unreadable"), fewer.clone(), "other-word")
        .failed_with("EvidenceInsufficient");
    house
        .run(&allowing("live_incomparable"), fewer.clone(), "allowed")
        .succeeded();
    assert_eq!(house.live_run(), "allowed-training");

    let live = house.registry().document().unwrap().live().unwrap();
    let recipe = format!("store/models/visits/{live}/recipe.json");
    house.workshop.write(&recipe, "{}");
    let said = house
        .run(&lower, fewer.clone(), "unreadable")
        .failed_with("EvidenceInsufficient");
    for part in [
        "cannot be read (ModelFilesAltered",
        "does not allow `live_unreadable`",
    ] {
        assert!(said.contains(part), "{said}");
    }
    assert_eq!(house.live_run(), "allowed-training");
    house
        .run(&allowing("live_unreadable"), fewer, "allowed-again")
        .succeeded();
    assert_eq!(house.live_run(), "allowed-again-training");
}
