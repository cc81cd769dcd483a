//! Validation: what each family finds, what is refused, where the bad rows go, and what never changes.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::{CONTRACT, contract, folder, parquet};
use millrace_dataset::validate::{RefusalName, Validation};
use millrace_dataset::{DatasetError, Frame, Purpose, Request, Source, validate};
use proptest::prelude::*;

const HEADER: &str = "visit_id,day,minutes,visits,member,plan,score";
const NOW: &str = "2026-11-03T12:00:00Z";

/// Twenty good rows with more after them.
fn table(more: &[&str]) -> String {
    let good = (0..20).map(|n| format!("V{n},2026-11-01,{n}.5,{n},true,free,0.{n}"));
    let lines = std::iter::once(HEADER.to_owned()).chain(good);
    lines
        .chain(more.iter().map(|line| (*line).to_owned()))
        .collect::<Vec<_>>()
        .join("\n")
}

fn checked(csv: &str, text: &str, purpose: Purpose) -> (Validation, Source, tempfile::TempDir) {
    let folder = folder();
    let path = folder.path().join("visits.csv");
    std::fs::write(&path, csv).unwrap();
    let source = Source::open(path.to_str().unwrap()).unwrap();
    let now = NOW.parse().unwrap();
    let validation = validate(&source, &contract(text), purpose, now, None).unwrap();
    let report = &validation.report;
    assert_eq!(
        report.rows_read,
        report.rows_accepted + report.rows_quarantined
    );
    assert_eq!(report.rows_quarantined, validation.exclusions.rows());
    assert_eq!(validation.quarantine.is_some(), report.rows_quarantined > 0);
    (validation, source, folder)
}

/// The bad rows with their reasons.
fn quarantined(validation: &Validation) -> Vec<(u64, String)> {
    let Some(rows) = validation.quarantine.clone() else {
        return Vec::new();
    };
    let bytes = bytes::Bytes::from(rows);
    let reader =
        ::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(bytes).unwrap();
    let mut found = Vec::new();
    for batch in reader.build().unwrap() {
        let batch = batch.unwrap();
        use arrow::array::AsArray;
        let reasons = batch
            .column_by_name("quarantine_reasons")
            .unwrap()
            .as_string::<i32>()
            .clone();
        let rows = batch.column_by_name("quarantine_row").unwrap();
        let rows = rows.as_primitive::<arrow::datatypes::UInt64Type>().clone();
        assert!(batch.column_by_name("quarantine_file").is_some());
        assert!(batch.column_by_name("visit_id").is_some());
        found.extend(
            rows.values()
                .iter()
                .zip(reasons.iter())
                .map(|(row, text)| (*row, text.unwrap().to_owned())),
        );
    }
    found
}

fn refusals(validation: &Validation) -> Vec<RefusalName> {
    validation
        .report
        .refusals
        .iter()
        .map(|refusal| refusal.name)
        .collect()
}

/// Room for bad rows, so that a test sees what it is about.
fn lenient() -> String {
    CONTRACT.replace("[columns]", "[limits]\nmaximum_bad_row_share = 0.5\nminimum_quality = 0.5\nmaximum_age_days = 5\n[columns]")
}

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
fn a_reference_shows_what_moved_and_what_came_and_went() {
    let (before, ..) = checked(&table(&[]), CONTRACT, Purpose::Training);
    let mut reference = before.profile.clone();
    let minutes = reference.columns.shift_remove("minutes").unwrap();
    reference.columns.insert("gone".to_owned(), minutes);
    reference.columns["visits"].numbers.as_mut().unwrap().mean -= 10.0;
    let folder = folder();
    let path = folder.path().join("visits.csv");
    std::fs::write(&path, table(&[])).unwrap();
    let source = Source::open(path.to_str().unwrap()).unwrap();
    let now = NOW.parse().unwrap();
    let validation = validate(
        &source,
        &contract(CONTRACT),
        Purpose::Training,
        now,
        Some(&reference),
    )
    .unwrap();
    let comparison = validation.report.comparison.as_ref().unwrap();
    assert_eq!(comparison.missing_columns, ["gone"]);
    assert_eq!(comparison.new_columns, ["minutes"]);
    let first = &comparison.shifts[0];
    let deviation = reference.columns["visits"]
        .numbers
        .as_ref()
        .unwrap()
        .deviation;
    assert_eq!(first.column, "visits");
    assert!((first.deviations.unwrap() - 10.0 / deviation).abs() < 1e-12);
    assert!(
        validation
            .report
            .render_text()
            .contains("The mean of visits moved by +1.73 deviations")
    );
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

#[test]
fn documents_read_back_as_they_were() {
    let (validation, ..) = checked(
        &table(&["V20,2026-11-01,1,1,true,gold,0.1"]),
        &lenient(),
        Purpose::Training,
    );
    fn again<T: serde::Serialize + serde::de::DeserializeOwned + PartialEq + std::fmt::Debug>(
        value: &T,
    ) {
        let text = serde_json::to_string(value).unwrap();
        assert_eq!(&serde_json::from_str::<T>(&text).unwrap(), value);
    }
    again(&validation.report);
    again(&validation.profile);
    again(&validation.exclusions);
}

/// Rows over several files and row groups, some of them repeated and some bad.
#[test]
fn nothing_depends_on_the_number_of_threads() {
    let folder = folder();
    let mut first = 0;
    for (file, rows) in [150_000, 10, 20_000].into_iter().enumerate() {
        let place = folder.path().join(format!("day=2026-11-0{}", file + 1));
        std::fs::create_dir_all(&place).unwrap();
        std::fs::write(place.join("part.parquet"), parquet(first, rows)).unwrap();
        // The next file repeats the last five ids of this one.
        first += rows - 5;
    }
    let source = Source::open(folder.path().to_str().unwrap()).unwrap();
    let contract = contract(&CONTRACT.replace("range = [0, 100000]", "range = [0, 990]"));
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        let now = NOW.parse().unwrap();
        pool.install(|| {
            let validation = validate(&source, &contract, Purpose::Training, now, None).unwrap();
            let profile = serde_json::to_string(&validation.profile).unwrap();
            (validation, profile, source.digest().unwrap())
        })
    };
    let one = run(1);
    assert_eq!(one, run(2));
    assert_eq!(one, run(7));
    let report = &one.0.report;
    assert_eq!(report.uniqueness.repeated_ids, 10);
    assert_eq!(report.uniqueness.repeated_rows, 0);
    let frame = source
        .read(
            &Request::new(&contract, ["visits", "visit_id"], Purpose::Training)
                .without(&one.0.exclusions),
        )
        .unwrap();
    assert_eq!(frame.rows() as u64, report.rows_accepted);
    assert!(
        frame
            .numbers("visits")
            .unwrap()
            .iter()
            .all(|visits| *visits <= 990.0)
    );
    let ids: std::collections::HashSet<_> = frame.texts("visit_id").unwrap().iter().collect();
    assert_eq!(ids.len(), frame.rows());
}

#[derive(serde::Deserialize)]
struct Golden {
    count: u64,
    missing: u64,
    distinct: u64,
    largest_count: u64,
    numbers: Option<GoldenNumbers>,
}

#[derive(serde::Deserialize)]
struct GoldenNumbers {
    minimum: f64,
    maximum: f64,
    mean: f64,
    deviation: f64,
    quantiles: Vec<f64>,
}

#[test]
fn profiles_are_what_pandas_says() {
    let golden: std::collections::BTreeMap<String, Golden> =
        serde_json::from_str(include_str!("golden/profile.json")).unwrap();
    let (validation, ..) = checked(
        include_str!("golden/profile.csv"),
        CONTRACT,
        Purpose::Training,
    );
    assert_eq!(golden.len(), 7);
    let near = |own: f64, wanted: f64| (own - wanted).abs() <= 1e-12 * wanted.abs().max(1.0);
    for (name, golden) in golden {
        let own = &validation.profile.columns[&name];
        assert_eq!(
            (own.count, own.missing, own.distinct),
            (golden.count, golden.missing, golden.distinct),
            "{name}"
        );
        let largest = own.top_values.first().map_or(1, |top| top.count);
        assert_eq!(largest, golden.largest_count, "{name}");
        let Some(wanted) = golden.numbers else {
            continue;
        };
        let numbers = own.numbers.as_ref().unwrap();
        assert_eq!(
            (numbers.minimum, numbers.maximum),
            (wanted.minimum, wanted.maximum),
            "{name}"
        );
        assert!(
            near(numbers.mean, wanted.mean) && near(numbers.deviation, wanted.deviation),
            "{name}"
        );
        for (quantile, wanted) in numbers.quantiles.iter().zip(&wanted.quantiles) {
            assert!(
                near(quantile.value, *wanted),
                "{name}: {quantile:?} is not {wanted}"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    /// Whatever the rows are, each is counted once, and those that are accepted are good ones.
    #[test]
    fn every_row_is_accepted_or_in_quarantine(rows in proptest::collection::vec(("V[0-9]{1,2}|", "-?[0-9]{1,4}|x|", "[0-9]{1,3}|", "true|0|no", "free|pro|gold|", "0\\.[0-9]|2|inf|"), 1..60)) {
        let lines: Vec<String> = rows.iter().map(|(id, minutes, visits, member, plan, score)| format!("{id},2026-11-01,{minutes},{visits},{member},{plan},{score}")).collect();
        let csv = format!("{HEADER}\n{}\n", lines.join("\n"));
        let (validation, source, _folder) = checked(&csv, &lenient(), Purpose::Training);
        let report = &validation.report;
        prop_assert_eq!(report.rows_read as usize, rows.len());
        prop_assert!((0.0..=1.0).contains(&report.quality_score));
        prop_assert_eq!(quarantined(&validation).len() as u64, report.rows_quarantined);
        let contract = contract(&lenient());
        let request = Request::all(&contract, Purpose::Training).without(&validation.exclusions);
        let frame = match source.read(&request) {
            Ok(frame) => frame,
            Err(error) => {
                prop_assert_eq!(error.name(), "EmptyTable");
                Frame::new(0)
            }
        };
        prop_assert_eq!(frame.rows() as u64, report.rows_accepted);
        prop_assert!(frame.numbers("score").unwrap_or(&[]).iter().all(|score| (0.0..=1.0).contains(score)));
        prop_assert!(frame.codes("plan").unwrap_or(&[]).iter().all(|code| *code >= -1));
    }
}
