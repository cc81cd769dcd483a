//! Days that cannot be, old kinds of timestamps, and numbers whose digits do not fit.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::path::Path;
use std::sync::Arc;

use ::parquet::data_type::{ByteArrayType, Int96, Int96Type};
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::SerializedFileWriter;
use ::parquet::schema::parser::parse_message_type;
use common::{contract, folder};
use millrace_dataset::validate::{RefusalName, Validation};
use millrace_dataset::{Purpose, Source, validate};

const NOW: &str = "2026-11-03T12:00:00Z";

const DATED: &str = "
name = 'visits'
version = 1
[limits]
maximum_age_days = 7
maximum_bad_row_share = 0.5
[columns]
visit = { role = 'id', type = 'text' }
day   = { role = 'date', type = 'date' }
";

const NUMBERED: &str = "
name = 'accounts'
version = 1
[limits]
maximum_bad_row_share = 1.0
minimum_quality = 0.0
[columns]
account = { role = 'id', type = 'integer' }
cents   = { role = 'feature', type = 'integer', nullable = true }
";

fn check(path: &Path, text: &str) -> Validation {
    let source = Source::open(path.to_str().unwrap()).unwrap();
    let now = NOW.parse().unwrap();
    validate(&source, &contract(text), Purpose::Scoring, now, None).unwrap()
}

fn check_csv(csv: &str, text: &str) -> Validation {
    let folder = folder();
    let path = folder.path().join("rows.csv");
    std::fs::write(&path, csv).unwrap();
    check(&path, text)
}

/// So many rows of each day.
fn dated(days: &[(&str, usize)]) -> String {
    let mut csv = "visit,day\n".to_owned();
    let rows = days
        .iter()
        .flat_map(|(day, rows)| std::iter::repeat_n(day, *rows));
    for (row, day) in rows.enumerate() {
        csv.push_str(&format!("V{row},{day}\n"));
    }
    csv
}

/// What is wrong with a column, and in how many rows.
fn problems(validation: &Validation, name: &str) -> Vec<(String, u64)> {
    let column = validation.report.columns.iter().find(|c| c.name == name);
    let problems = column.unwrap().problems.iter();
    problems.map(|p| (p.problem.clone(), p.rows)).collect()
}

fn is_stale(validation: &Validation) -> bool {
    let mut refusals = validation.report.refusals.iter();
    refusals.any(|refusal| refusal.name == RefusalName::Stale)
}

#[test]
fn a_row_of_2099_is_bad_and_hides_no_staleness() {
    let future = check_csv(&dated(&[("2026-10-01", 200), ("2099-01-01", 1)]), DATED);
    assert_eq!(future.report.rows_quarantined, 1);
    assert_eq!(
        problems(&future, "day"),
        [("later than the run's day and the next".to_owned(), 1)]
    );
    assert!(is_stale(&future), "{}", future.report.render_text());
}

#[test]
fn tomorrow_is_a_day_and_the_day_after_is_none() {
    let tomorrow = check_csv(&dated(&[("2026-11-04", 10)]), DATED);
    assert!(
        tomorrow.report.is_accepted(),
        "{}",
        tomorrow.report.render_text()
    );
    let after = check_csv(&dated(&[("2026-11-04", 10), ("2026-11-05", 1)]), DATED);
    assert_eq!(after.report.rows_quarantined, 1);
}

#[test]
fn a_few_fresh_rows_make_no_fresh_data() {
    let mostly_old = check_csv(&dated(&[("2026-10-01", 997), ("2026-11-03", 3)]), DATED);
    assert!(is_stale(&mostly_old));
    let freshness = mostly_old.report.freshness.unwrap();
    assert_eq!(freshness.newest_day, "2026-11-03");
    assert_eq!(
        (freshness.bulk_day.as_str(), freshness.age_days),
        ("2026-10-01", 33)
    );
    // A table that grows holds old rows too: its newest hundredth is fresh.
    let growing = check_csv(&dated(&[("2026-10-01", 970), ("2026-11-03", 30)]), DATED);
    assert!(!is_stale(&growing));
    let newest_decides = DATED.replace("[columns]", "freshness_quantile = 1.0\n[columns]");
    let asked = check_csv(
        &dated(&[("2026-10-01", 997), ("2026-11-03", 3)]),
        &newest_decides,
    );
    assert!(!is_stale(&asked));
}

#[test]
fn a_date_is_read_whole_or_refused() {
    let csv = dated(&[
        ("2026-11-01", 20),
        ("2026-11-01T08:00:00Z", 1),
        ("2026-11-01 08:00:00.5", 1),
        ("2026-11-01Tomorrow", 1),
        ("2026-11-01 or so", 1),
    ]);
    let found = check_csv(&csv, DATED);
    assert_eq!(
        problems(&found, "day"),
        [("not a date like 2026-11-01".to_owned(), 2)]
    );
}

/// A file as Spark wrote it for years: times as a day of the Julian calendar and nanoseconds.
fn int96(path: &Path, days: &[u32]) {
    let schema = "message rows { required binary visit (UTF8); required int96 day; }";
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let file = std::fs::File::create(path).unwrap();
    let properties = Arc::new(WriterProperties::builder().build());
    let mut writer = SerializedFileWriter::new(file, schema, properties).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    let names: Vec<_> = (0..days.len())
        .map(|row| format!("V{row}").as_str().into())
        .collect();
    column
        .typed::<ByteArrayType>()
        .write_batch(&names, None, None)
        .unwrap();
    column.close().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    let time = |day: &u32| {
        let mut time = Int96::new();
        time.set_data(0, 0, *day);
        time
    };
    let times: Vec<Int96> = days.iter().map(time).collect();
    column
        .typed::<Int96Type>()
        .write_batch(&times, None, None)
        .unwrap();
    column.close().unwrap();
    group.close().unwrap();
    writer.close().unwrap();
}

#[test]
fn old_timestamps_never_wrap_into_another_day() {
    // 2026-11-01, the last day of 9999, and 300 years after 2026.
    let days = [2_461_346, 5_373_484, 2_570_919];
    let folder = folder();
    let path = folder.path().join("rows.parquet");
    int96(&path, &days);
    let lenient = DATED
        .replace("0.5", "1.0")
        .replace("[columns]", "minimum_quality = 0.0\n[columns]");
    let found = check(&path, &lenient);
    let day = found.profile.columns["day"].days.clone().unwrap();
    assert_eq!(day, ["2026-11-01", "9999-12-31"]);
    assert_eq!(
        problems(&found, "day"),
        [("later than the run's day and the next".to_owned(), 2)]
    );
}

#[test]
fn two_ids_never_become_one() {
    let found = check_csv(
        "account,cents\n7,1\n007,1\n+7,1\n-7,1\n0,1\n-0,1\n",
        NUMBERED,
    );
    assert_eq!(found.report.rows_accepted, 3, "7, -7 and 0");
    let [(problem, rows)] = &problems(&found, "account")[..] else {
        panic!("one problem: {:?}", problems(&found, "account"));
    };
    assert!(problem.contains("leading zeros"), "{problem}");
    assert_eq!(*rows, 3);
    assert_eq!(found.report.uniqueness.repeated_ids, 0);
    // As texts they are three.
    let text = NUMBERED.replace("'id', type = 'integer'", "'id', type = 'text'");
    let found = check_csv("account,cents\n7,1\n007,1\n+7,1\n", &text);
    assert_eq!(found.report.rows_accepted, 3);
}

#[test]
fn no_digit_is_lost_in_silence() {
    let csv = "account,cents\n1,9007199254740991\n2,9007199254740993\n3,9007199254740992\n4,-9007199254740993\n\
               5,123456789012345678901234567890\n6,12\n7,x\n9007199254740993,1\n";
    let found = check_csv(csv, NUMBERED);
    assert_eq!(
        problems(&found, "cents"),
        [
            ("not a number".to_owned(), 1),
            (
                "a whole number with more digits than can be kept".to_owned(),
                3
            ),
        ]
    );
    // An id is kept as it is written, at any length.
    assert_eq!(problems(&found, "account"), []);
}
