//! What is said of the data: profile, drift, and that neither threads nor writing and reading change it.

use millrace_dataset::{Purpose, Request, Source, validate};

use crate::common::{CONTRACT, contract, folder, parquet};
use crate::{NOW, checked, lenient, table};

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
        serde_json::from_str(include_str!("../golden/profile.json")).unwrap();
    let (validation, ..) = checked(
        include_str!("../golden/profile.csv"),
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
