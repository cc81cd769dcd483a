//! Bad rows, and what refuses a table.

use millrace_dataset::validate::RefusalName;
use millrace_dataset::{DatasetError, Purpose, Request, Source, validate};

use crate::common::{CONTRACT, contract, folder, parquet};
use crate::{HEADER, NOW, checked, lenient, quarantined, refusals, table};

#[test]
fn every_kind_of_bad_row_goes_to_quarantine_with_its_reason() {
    let (validation, source, _folder) = checked(
        &table(&[
            ",2026-11-01,1,1,true,free,0.5",
            "V21,2026-11-01,many,1,true,free,0.5",
            "V22,2026-11-01,5000,1,true,gold,0.5",
            "X23,2026-11-01,1,1.5,maybe,free,0.5",
            "V24,2026-11-01,1000,0,true,free,0.5",
            "V3,2026-11-01,1,1,true,free,0.5",
            "V4,2026-11-01,4.5,4,true,free,0.4",
            "V27,2026-11-01,,1,true,,inf",
            "V28,yesterday,1,1,true,pro,",
        ]),
        &lenient(),
        Purpose::Training,
    );
    let found = quarantined(&validation);
    let wanted = [
        (21, "visit_id: missing"),
        (22, "minutes: not a number"),
        (
            23,
            "minutes: outside 0 to 1440; plan: not one of the allowed values",
        ),
        (
            24,
            "visit_id: not of the agreed pattern; visits: not a whole number; member: neither true nor false",
        ),
        (25, "rule `few visits are short` is broken"),
        (26, "visit_id: repeats that of an earlier row"),
        (27, "the whole row repeats an earlier one"),
        (28, "score: infinite"),
        (29, "day: not a date like 2026-11-01; score: missing"),
    ];
    assert_eq!(found, wanted.map(|(row, text)| (row, text.to_owned())));
    let report = &validation.report;
    assert!(report.is_accepted(), "{}", report.render_text());
    assert_eq!((report.rows_read, report.rows_accepted), (29, 20));
    assert_eq!(
        (
            report.uniqueness.repeated_ids,
            report.uniqueness.repeated_rows
        ),
        (1, 1)
    );
    let freshness = report.freshness.as_ref().unwrap();
    assert_eq!(
        (freshness.newest_day.as_str(), freshness.age_days),
        ("2026-11-01", 2)
    );
    let text = report.render_text();
    for said in [
        "Data accepted",
        "29 read = 20 accepted + 9 in quarantine",
        "few visits are short",
    ] {
        assert!(text.contains(said), "{said} is not in\n{text}");
    }
    // Values of customers are in the report for whoever may read it, and not in what is printed; ids nowhere.
    let examples = |name: &str| {
        let column = report.columns.iter().find(|column| column.name == name);
        column.unwrap().examples.clone()
    };
    assert_eq!(examples("minutes"), ["many", "5000"]);
    assert_eq!(examples("plan"), ["gold"]);
    assert!(examples("visit_id").is_empty());
    for value in ["gold", "maybe", "5000", "X23"] {
        assert!(!text.contains(value), "{value} is in\n{text}");
        let printed = format!("{:?}", report.without_examples());
        assert!(!printed.contains(value), "{value} is in\n{printed}");
    }
    let contract = contract(&lenient());
    let request = Request::all(&contract, Purpose::Training).without(&validation.exclusions);
    assert_eq!(source.read(&request).unwrap().rows(), 20);
}

#[test]
fn each_limit_refuses_by_its_name() {
    let strict = CONTRACT.replace(
        "[columns]",
        "[limits]\nmaximum_age_days = 1\nmaximum_missing_share = 0.05\n[columns]",
    );
    let (stale, ..) = checked(&table(&[]), &strict, Purpose::Training);
    assert_eq!(refusals(&stale), [RefusalName::Stale]);
    let (bad, ..) = checked(
        &table(&["V20,2026-11-03,1,1,true,free,", "V21,2026-11-03,,1,true,,"]),
        &strict,
        Purpose::Training,
    );
    assert_eq!(refusals(&bad), [RefusalName::TooManyBadRows]);
    let (sparse, ..) = checked(
        &table(&[
            "V20,2026-11-03,,1,true,free,0",
            "V21,2026-11-03,,1,true,free,0",
        ]),
        &strict,
        Purpose::Training,
    );
    assert_eq!(refusals(&sparse), [RefusalName::TooMuchMissing]);
    assert!(sparse.report.refusals[0].detail.contains("`minutes`"));
    let (low, ..) = checked(
        &table(&[]),
        &CONTRACT
            .replace(
                "[columns]",
                "[limits]\nminimum_quality = 1.0\nmaximum_bad_row_share = 1.0\n[columns]",
            )
            .replace("1440]", "10]"),
        Purpose::Training,
    );
    assert_eq!(refusals(&low), [RefusalName::LowQuality]);
    let no_target = table(&[])
        .lines()
        .map(|line| match line.rsplit_once(',') {
            Some((rest, cell)) if cell != "score" => format!("{rest},"),
            _ => line.to_owned(),
        })
        .collect::<Vec<_>>()
        .join("\n");
    let (no_target, ..) = checked(&no_target, &lenient(), Purpose::Training);
    assert!(refusals(&no_target).contains(&RefusalName::NoTarget));
    let all_bad = CONTRACT
        .replace(
            "[columns]",
            "[limits]\nmaximum_bad_row_share = 1.0\nminimum_quality = 0.0\n[columns]",
        )
        .replace("V[0-9]+", "W.*");
    let (none_left, ..) = checked(&table(&[]), &all_bad, Purpose::Training);
    assert_eq!(refusals(&none_left), [RefusalName::TooManyBadRows]);
    assert_eq!(none_left.report.rows_accepted, 0);
}

#[test]
fn columns_that_are_absent_or_of_another_type_are_refused_in_the_report() {
    let (absent, ..) = checked(
        &table(&[]).replace("minutes", "minuts"),
        CONTRACT,
        Purpose::Training,
    );
    assert_eq!(
        refusals(&absent),
        [RefusalName::MissingColumn, RefusalName::UnexpectedColumn]
    );
    assert!(
        absent.report.refusals[0]
            .detail
            .contains("nearest is `minuts`")
    );
    let folder = folder();
    std::fs::create_dir(folder.path().join("day=2026-11-01")).unwrap();
    std::fs::write(
        folder.path().join("day=2026-11-01/a.parquet"),
        parquet(0, 100),
    )
    .unwrap();
    let source = Source::open(folder.path().to_str().unwrap()).unwrap();
    let text = CONTRACT.replace(
        "\"ordered\", values = [\"free\", \"plus\", \"pro\"]",
        "\"boolean\"",
    );
    let validation = validate(
        &source,
        &contract(&text),
        Purpose::Training,
        NOW.parse().unwrap(),
        None,
    )
    .unwrap();
    assert_eq!(refusals(&validation), [RefusalName::WrongType]);
    assert_eq!(validation.report.rows_quarantined, 0);
    assert!(validation.report.families.validity < 0.9);
}

#[test]
fn scoring_is_less_strict_than_training() {
    let csv: String = table(&[])
        .lines()
        .map(|line| {
            let (rest, cell) = line.rsplit_once(',').unwrap();
            let more = if cell == "score" { "colour" } else { "red" };
            format!("{rest},{more}\n")
        })
        .collect();
    let (scoring, ..) = checked(&csv, CONTRACT, Purpose::Scoring);
    assert!(
        scoring.report.is_accepted(),
        "{}",
        scoring.report.render_text()
    );
    assert_eq!(scoring.report.extra_columns, ["colour"]);
    assert!(
        scoring
            .report
            .render_text()
            .contains("not in the contract and not used: colour")
    );
    let (training, ..) = checked(&csv, CONTRACT, Purpose::Training);
    assert_eq!(
        refusals(&training),
        [RefusalName::MissingColumn, RefusalName::UnexpectedColumn]
    );
    // A target that is there is not looked at: infinite values in it do no harm.
    let (ignored, ..) = checked(
        &table(&["V20,2026-11-01,1,1,true,free,inf"]),
        CONTRACT,
        Purpose::Scoring,
    );
    assert_eq!(ignored.report.rows_quarantined, 0);
    assert!(!ignored.profile.columns.contains_key("score"));
}

#[test]
fn missing_operands_are_counted_and_not_held_against_a_row() {
    let (validation, ..) = checked(
        &table(&["V20,2026-11-01,,0,true,free,0.1"]),
        &lenient(),
        Purpose::Training,
    );
    let rule = &validation.report.rules[0];
    assert_eq!((rule.violated, rule.unknown), (0, 1));
    assert_eq!(validation.report.rows_quarantined, 0);
}

#[test]
fn an_empty_table_is_an_error() {
    let folder = folder();
    let path = folder.path().join("visits.csv");
    std::fs::write(&path, HEADER).unwrap();
    let source = Source::open(path.to_str().unwrap()).unwrap();
    let error = validate(
        &source,
        &contract(CONTRACT),
        Purpose::Training,
        NOW.parse().unwrap(),
        None,
    )
    .unwrap_err();
    assert!(matches!(error, DatasetError::EmptyTable { .. }), "{error}");
}
