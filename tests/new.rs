//! `millrace new`: from a stranger's table to predictions, and what is refused on the way.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use support::Workshop;

/// Houses as somebody would export them: an index without a name, quotes, missing values in three ways.
fn houses(rows: usize) -> String {
    let mut csv = ",Town,Condition,Rooms,\"Area, m2\",Listed,Remarks,Price\n".to_owned();
    for row in 0..rows {
        let town = ["Bern", "\"Biel, BE\"", "Basel", ""][row % 4];
        let condition = ["poor", "fair", "good"][row / 3 % 3];
        let area = 40 + row * 37 % 160;
        let written = if row % 50 == 7 {
            "NA".to_owned()
        } else {
            format!("{area}.5")
        };
        let price =
            1_000 * area + 40_000 * (row % 4) + 15_000 * (row / 3 % 3) + row * 7_919 % 9_000;
        csv.push_str(&format!(
            "{row},{town},{condition},{},{written},{}.{}.2025,\"a \"\"fine\"\" house, no {row}\",{price}\n",
            1 + area / 30, 1 + row % 28, 1 + row % 12,
        ));
    }
    csv
}

#[track_caller]
fn ask(workshop: &Workshop, sql: &str) -> String {
    workshop.millrace(&["query", sql, "--csv"]).succeeded()
}

#[test]
fn a_strangers_table_becomes_predictions_in_two_commands() {
    let workshop = Workshop::default();
    let data = workshop.write("My houses (final).csv", houses(1_200));
    let out = workshop.text("mine");
    let said = workshop
        .millrace(&["new", &data, "--out", &out])
        .succeeded();
    for part in [
        "1,200 rows x 8 columns of My houses (final).csv",
        "Price (its name says `price`, and it is the last that could be)",
        "dates that are not written like 2026-12-31",
        "what stands for nothing (NA, ? and the like) becomes missing in Area, m2",
        "next: millrace run --spec ",
    ] {
        assert!(said.contains(part), "{part} is not in\n{said}");
    }
    let spec = workshop.text("mine/models/my_houses_final.toml");
    let copy = workshop.text("mine/data/my_houses_final.parquet");
    assert!(
        said.contains(&format!("next: millrace run --spec {spec} --data {copy}")),
        "{said}"
    );
    workshop
        .millrace(&["run", "--spec", &spec, "--data", &copy])
        .succeeded();
    let counted = ask(
        &workshop,
        "SELECT count(*), min(price_pred) > 0 FROM my_houses_final_predictions",
    );
    assert_eq!(counted.lines().nth(1), Some("1200,true"), "{counted}");
    // The model has learned something: it is far better than the mean.
    let versions = workshop
        .millrace(&["models", "--model", "my_houses_final", "list", "--json"])
        .succeeded();
    let versions: serde_json::Value = serde_json::from_str(&versions).unwrap();
    let r2 = &versions["versions"][0]["evidence"]["metrics"]["r2"];
    assert!(r2.as_f64().is_none_or(|r2| r2 > 0.9), "{r2}");
}

#[test]
fn a_table_that_fits_is_used_where_it_lies() {
    let workshop = Workshop::default();
    let clean = houses(300)
        .replacen(",Town", "id,Town", 1)
        .replace(",NA,", ",,");
    let data = workshop.write("houses.csv", clean);
    let out = workshop.text("mine");
    let said = workshop
        .millrace(&["new", &data, "--out", &out, "--json"])
        .succeeded();
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(said["data"], data.as_str());
    assert_eq!(said["mended"], serde_json::Value::Null);
    assert_eq!(said["target"], "Price");
    assert!(!workshop.path("mine/data").exists());
    let contract = workshop.text("mine/contracts/houses.toml");
    workshop
        .millrace(&["validate", "--contract", &contract, "--data", &data])
        .succeeded();
}

#[test]
fn parquet_is_as_good_as_csv() {
    let workshop = Workshop::default();
    let data = workshop.customers("people", 400);
    let out = workshop.text("mine");
    let new = [
        "new",
        &data,
        "--out",
        &out,
        "--target",
        "left_within_30_days",
        "--protected",
        "",
    ];
    let said = workshop.millrace(&new).succeeded();
    assert!(said.contains("customer_id (its name says so"), "{said}");
    assert!(said.contains("snapshot_date"), "{said}");
    let contract = workshop.text("mine/contracts/people.toml");
    workshop
        .millrace(&["validate", "--contract", &contract, "--data", &data])
        .succeeded();
}

#[test]
fn nothing_is_overwritten_and_nothing_is_written_by_halves() {
    let workshop = Workshop::default();
    let data = workshop.write("houses.csv", houses(60));
    let out = workshop.text("mine");
    let kept = workshop.write("mine/models/houses.toml", "mine");
    let new = |more: &[&str]| workshop.millrace(&[&["new", &data, "--out", &out], more].concat());
    let said = new(&[]).failed_with("FileExists");
    assert!(said.contains("models/houses.toml"), "{said}");
    assert_eq!(std::fs::read_to_string(&kept).unwrap(), "mine");
    assert!(!workshop.path("mine/contracts").exists() && !workshop.path("mine/data").exists());
    new(&["--name", "others"]).succeeded();
    new(&["--name", "others"]).failed_with("FileExists");
}

#[test]
fn what_cannot_be_told_is_refused_by_name() {
    let workshop = Workshop::default();
    let out = workshop.text("mine");
    let refused = |csv: &str, more: &[&str], name: &str| {
        let data = workshop.write("table.csv", csv);
        let said = workshop
            .millrace(&[&["new", &data, "--out", &out], more].concat())
            .failed_with(name);
        assert!(!workshop.path("mine").exists(), "{name} left files");
        said
    };
    let measures: String = (0..30).fold("a,b,c\n".to_owned(), |csv, n| {
        csv + &format!("{},{},{}\n", n % 5, n % 7, n % 11)
    });
    let said = refused(&measures, &[], "TargetAmbiguous");
    assert!(
        said.contains("--target") && said.contains("`c` (it is the last that could be)"),
        "{said}"
    );
    refused("", &[], "EmptyTable");
    refused("a,b\n", &[], "EmptyTable");
    refused("a,b\n,\n,\n", &[], "NothingToPredict");
    refused("v\n1\n2\n1\n", &[], "NothingToLearnFrom");
    refused("a,b\n1,2\n3\n", &[], "InvalidCsv");
    refused("a,a\n1,2\n", &[], "DuplicateColumn");
    refused(&measures, &["--target", "d"], "ColumnNotFound");
    refused(&measures, &["--target", "c", "--id", "a"], "IdUnfit");
    refused(&measures, &["--target", "c", "--date", "a"], "DateUnfit");
    refused(
        &measures,
        &["--target", "c", "--protected", "c"],
        "ColumnNamedTwice",
    );
    let missing = workshop.text("nowhere.csv");
    workshop
        .millrace(&["new", &missing, "--out", &out])
        .failed_with("DataNotFound");
    let data = workshop.write("table.csv", &measures);
    workshop
        .millrace(&["new", &data, "--out", &out, "--yes"])
        .succeeded();
}
