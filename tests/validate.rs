//! `millrace validate`: what is refused, what is put aside, and what is only reported.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use millrace_contract::Contract;
use millrace_dataset::{Purpose, Request, Source};
use serde_json::Value;
use support::{Answer, Workshop};

const CONTRACT: &str = r#"
name = "visits"
version = 1
[limits]
maximum_bad_row_share = 0.2
maximum_age_days = 10
[columns]
id     = { role = "id", type = "text", pattern = "V[0-9]+" }
day    = { role = "date", type = "date" }
age    = { role = "protected", type = "integer", range = [18, 100] }
visits = { role = "feature", type = "integer", range = [0, 1000], nullable = true }
plan   = { role = "feature", type = "category", values = ["free", "pro"] }
score  = { role = "target", type = "float", range = [0, 1] }
[[rules]]
name = "who pays comes"
expression = "plan == 'free' or visits > 0"
"#;

/// How quarantined rows are read: texts have only one role, so one text at a time.
fn quarantine(column: &str) -> Contract {
    let text = format!(
        "name = \"quarantine\"\nversion = 1\n[columns]\n\
         {column} = {{ role = \"id\", type = \"text\" }}\n\
         quarantine_row = {{ role = \"feature\", type = \"integer\" }}\n"
    );
    Contract::parse(&text, "quarantine").unwrap()
}

const HEADER: &str = "id,day,age,visits,plan,score";
const TODAY: &str = "2026-11-05T00:00:00Z";

/// Twenty good rows with more after them.
fn rows(more: &[&str]) -> String {
    let good = (0..20).map(|n| format!("V{n},2026-11-01,{},{n},free,0.{n:02}", 20 + n));
    let lines = std::iter::once(HEADER.to_owned()).chain(good);
    lines
        .chain(more.iter().map(|line| (*line).to_owned()))
        .collect::<Vec<_>>()
        .join("\n")
}

struct Desk {
    workshop: Workshop,
    contract: String,
}

impl Desk {
    fn new(contract: &str) -> Desk {
        let workshop = Workshop::default();
        let contract = workshop.write("visits.toml", contract);
        Desk { workshop, contract }
    }

    fn validate(&self, rows: &str, more: &[&str]) -> Answer {
        let data = self.workshop.write("visits.csv", rows);
        let asked = ["validate", "--contract", &self.contract, "--data", &data];
        let mut arguments = asked.to_vec();
        if !more.contains(&"--at") {
            arguments.extend(["--at", TODAY]);
        }
        arguments.extend(more);
        self.workshop.millrace(&arguments)
    }

    fn json(&self, name: &str) -> Value {
        let text = std::fs::read_to_string(self.workshop.path(name)).unwrap();
        serde_json::from_str(&text).unwrap()
    }
}

fn report(answer: Answer) -> Value {
    serde_json::from_str(&answer.out).unwrap()
}

#[test]
fn good_data_is_accepted_and_profiled() {
    let desk = Desk::new(CONTRACT);
    let out = desk.workshop.text("checked");
    let said = desk.validate(&rows(&[]), &["--out", &out]).succeeded();
    assert!(said.contains("Data accepted"), "{said}");
    let printed = report(desk.validate(&rows(&[]), &["--json"]));
    assert_eq!(printed, desk.json("checked/report.json"));
    assert_eq!(printed["quality_score"], 1.0);
    assert!(!desk.workshop.path("checked/quarantine").exists());
    let profile = desk.json("checked/profile.json");
    let visits = &profile["columns"]["visits"];
    assert_eq!(
        (&visits["count"], &visits["missing"], &visits["distinct"]),
        (&20.into(), &0.into(), &20.into())
    );
    let numbers = &visits["numbers"];
    assert_eq!(
        [&numbers["minimum"], &numbers["maximum"], &numbers["mean"]],
        [0.0, 19.0, 9.5]
    );
    assert!((numbers["deviation"].as_f64().unwrap() - 5.766_281_297).abs() < 1e-6);
    let quantiles = numbers["quantiles"].as_array().unwrap();
    assert!(quantiles.iter().any(|quantile| quantile["value"] == 9.5));
    assert_eq!(
        profile["columns"]["plan"]["top_values"][0],
        serde_json::json!({"value": "free", "count": 20})
    );
}

#[test]
fn bad_rows_are_put_aside_with_their_reasons_and_counted() {
    let desk = Desk::new(CONTRACT);
    let out = desk.workshop.text("checked");
    let bad = [
        "V20,2026-11-01,7,1,free,0.5",
        "X21,2026-11-01,30,0,pro,2.0",
        "V3,2026-11-01,31,1,free,0.5",
    ];
    let said = desk.validate(&rows(&bad), &["--out", &out]).succeeded();
    assert!(
        said.contains("23 read = 20 accepted + 3 in quarantine"),
        "{said}"
    );
    let place = desk.workshop.text("checked/quarantine/rows.parquet");
    let read = |column: &str| {
        let contract = quarantine(column);
        let request = Request::all(&contract, Purpose::Scoring);
        Source::open(&place).unwrap().read(&request).unwrap()
    };
    let texts = |name: &str| -> Vec<String> {
        let found = read(name);
        let texts = found.texts(name).unwrap().iter();
        texts.map(|text| text.clone().unwrap()).collect()
    };
    assert_eq!(texts("id"), ["V20", "X21", "V3"]);
    assert_eq!(
        texts("quarantine_reasons"),
        [
            "age: outside 18 to 100",
            "id: not of the agreed pattern; score: outside 0 to 1; rule `who pays comes` is broken",
            "id: repeats that of an earlier row",
        ]
    );
    assert_eq!(texts("quarantine_file"), ["visits.csv"; 3]);
    assert_eq!(
        read("id").numbers("quarantine_row").unwrap(),
        [21.0, 22.0, 23.0]
    );
}

#[test]
fn each_refusal_has_its_name_and_exit_code() {
    let bad_rows: Vec<String> = (20..40)
        .map(|n| format!("V{n},2026-11-01,7,1,free,0.5"))
        .collect();
    let bad_rows: Vec<&str> = bad_rows.iter().map(String::as_str).collect();
    let sparse: Vec<String> = (20..40)
        .map(|n| format!("V{n},2026-11-01,30,,free,0.5"))
        .collect();
    let sparse: Vec<&str> = sparse.iter().map(String::as_str).collect();
    let strict = CONTRACT.replace("[limits]", "[limits]\nminimum_quality = 1.0");
    let good = rows(&[]);
    let cases = [
        ("TooManyBadRows", CONTRACT, rows(&bad_rows), TODAY),
        ("TooMuchMissing", CONTRACT, rows(&sparse), TODAY),
        (
            "Stale: 99.0% of the rows are of 2026-11-01 or earlier, 30 days ago",
            CONTRACT,
            good.clone(),
            "2026-12-01T00:00:00Z",
        ),
        (
            "LowQuality",
            strict.as_str(),
            rows(&["V20,2026-11-01,7,1,free,0.5"]),
            TODAY,
        ),
        (
            "visits.csv (the nearest is `visit`)",
            CONTRACT,
            good.replace("visits", "visit"),
            TODAY,
        ),
    ];
    for (name, contract, rows, at) in cases {
        let desk = Desk::new(contract);
        let said = desk
            .validate(&rows, &["--at", at])
            .failed_with("ContractViolated");
        assert!(said.contains(name), "{name} is not in {said}");
    }
}

#[test]
fn a_reference_shows_what_moved() {
    let desk = Desk::new(CONTRACT);
    let out = desk.workshop.text("checked");
    desk.validate(&rows(&[]), &["--out", &out]).succeeded();
    let moved = rows(&[]).replace(",free,0.", ",free,0.9");
    let profile = desk.workshop.text("checked/profile.json");
    let report = report(desk.validate(&moved, &["--reference", &profile, "--json"]));
    let shift = &report["comparison"]["shifts"][0];
    assert_eq!(shift["column"], "score");
    assert!(shift["deviations"].as_f64().unwrap() > 5.0, "{shift}");
    let spoilt = desk.workshop.write("spoilt.json", "{");
    desk.validate(&moved, &["--reference", &spoilt])
        .failed_with("ProfileUnreadable");
}

/// Scoring data lacks the target and may have more columns; these are reported, not used.
#[test]
fn scoring_data_is_held_to_less() {
    let desk = Desk::new(CONTRACT);
    let unlabelled: Vec<String> = rows(&[])
        .lines()
        .map(|line| match line.rsplit_once(',').unwrap() {
            (rest, "score") => format!("{rest},colour"),
            (rest, _) => format!("{rest},red"),
        })
        .collect();
    let unlabelled = unlabelled.join("\n");
    let refused = desk
        .validate(&unlabelled, &[])
        .failed_with("ContractViolated");
    for name in ["MissingColumn: `score`", "UnexpectedColumn", "colour"] {
        assert!(refused.contains(name), "{refused}");
    }
    let accepted = desk.validate(&unlabelled, &["--purpose", "scoring", "--json"]);
    assert!(accepted.success, "{}", accepted.error);
    let report = report(accepted);
    assert_eq!(report["extra_columns"], serde_json::json!(["colour"]));
    assert_eq!(report["rows_accepted"], 20);
}

#[test]
fn what_cannot_be_checked_is_an_error_of_its_own() {
    let desk = Desk::new(CONTRACT);
    let data = desk.workshop.write("visits.csv", rows(&[]));
    let ask = |contract: &str, data: &str| {
        desk.workshop
            .millrace(&["validate", "--contract", contract, "--data", data])
    };
    let nowhere = desk.workshop.text("nowhere.toml");
    let said = ask(&nowhere, &data).failed_with("StoreObjectNotFound");
    assert!(said.contains("nowhere.toml"), "{said}");
    let misspelt = CONTRACT.replace("role = \"id\"", "rolle = \"id\"");
    let misspelt = desk.workshop.write("misspelt.toml", misspelt);
    let said = ask(&misspelt, &data).failed_with("InvalidContract");
    assert!(said.contains("rolle"), "{said}");
    let unknown = CONTRACT.replace("visits > 0", "visitors > 0");
    let unknown = desk.workshop.write("unknown.toml", unknown);
    let said = ask(&unknown, &data).failed_with("InvalidContract");
    assert!(said.contains("visitors"), "{said}");
    ask(&desk.contract, &nowhere).failed_with("DataNotFound");
    let empty = desk.workshop.write("empty.csv", HEADER);
    ask(&desk.contract, &empty).failed_with("EmptyTable");
}
