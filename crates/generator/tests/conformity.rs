//! What is generated keeps its contract: every value, and every rule, whatever was planted.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeSet;

use common::{Rows, contract, files};
use millrace_contract::{ColumnType, Contract, Expression, Role, Truth};
use millrace_generator::{Options, Setting, Table};
use proptest::prelude::*;

fn options(table: Table) -> Options {
    Options {
        table,
        rows: Some(12_000),
        ..Options::default()
    }
}

fn check(options: &Options) {
    let rows = Rows::of(options);
    check_values(options, &rows);
    check_rules(options, &rows);
}

fn check_values(options: &Options, rows: &Rows) {
    let contract = contract(options.table);
    let expected: Vec<String> = contract
        .columns
        .iter()
        .filter(|(_, column)| column.role != Role::Date)
        .map(|(name, _)| name.clone())
        .collect();
    assert_eq!(rows.names(), expected);
    for name in &expected {
        let column = &contract.columns[name];
        assert!(
            column.nullable || rows.missing_share(name) == 0.0,
            "{name} is missing"
        );
        match column.column_type {
            ColumnType::Category | ColumnType::Ordered => {
                let seen: BTreeSet<String> = rows.words(name).into_iter().flatten().collect();
                let allowed: BTreeSet<String> = column.values.iter().cloned().collect();
                assert!(seen.is_subset(&allowed), "{name}: {seen:?}");
            }
            ColumnType::Text => {
                assert!(
                    rows.words(name)
                        .iter()
                        .flatten()
                        .all(|id| id.len() == 10 && id.starts_with('C'))
                );
            }
            _ => {
                let [low, high] = column.range.unwrap_or([f64::MIN, f64::MAX]);
                let outside = rows
                    .numbers(name)
                    .into_iter()
                    .flatten()
                    .find(|v| !(low..=high).contains(v));
                assert_eq!(outside, None, "{name}");
            }
        }
    }
}

/// How many rows give this answer to a rule.
fn answers(rows: &Rows, contract: &Contract, expression: &str, wanted: Truth) -> usize {
    let rule = Expression::parse(expression, &contract.columns).unwrap();
    let present = |value: Option<f64>| value.unwrap_or(f64::NAN);
    let columns: Vec<Vec<f64>> = rule
        .columns()
        .iter()
        .map(|name| rows.numbers(name).into_iter().map(present).collect())
        .collect();
    let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    rule.evaluate(&columns, rows.count())
        .into_iter()
        .filter(|answer| *answer == wanted)
        .count()
}

fn check_rules(options: &Options, rows: &Rows) {
    let contract = contract(options.table);
    for rule in &contract.rules {
        assert_eq!(
            answers(rows, &contract, &rule.expression, Truth::False),
            0,
            "{}",
            rule.name
        );
    }
}

#[test]
fn every_value_is_allowed_and_every_rule_holds() {
    for table in Table::ALL {
        check(&options(table));
        check(&Options {
            missing: 0.3,
            outliers: 0.5,
            noise: 3.0,
            ..options(table)
        });
        check(&Options {
            missing: 0.0,
            ..options(table)
        });
    }
}

#[test]
fn every_word_occurs() {
    for table in Table::ALL {
        let rows = Rows::of(&options(table));
        for (name, column) in contract(table)
            .columns
            .iter()
            .filter(|(_, c)| c.column_type.has_values())
        {
            let seen: BTreeSet<String> = rows.words(name).into_iter().flatten().collect();
            assert_eq!(seen.len(), column.values.len(), "{name}");
        }
    }
}

#[test]
fn ids_are_unique_over_all_days() {
    let several = Options {
        days: Some(4),
        first_id: 77,
        ..Options::default()
    };
    let ids = Rows::of(&several).words("customer_id");
    let distinct: BTreeSet<_> = ids.iter().flatten().collect();
    assert_eq!(distinct.len(), ids.len());
    assert_eq!(ids.first().unwrap().as_deref(), Some("C000000077"));
}

/// A rule of which nothing is known in any row would hold for nothing.
#[test]
fn every_rule_is_answered_in_most_rows() {
    for table in Table::ALL {
        let (contract, rows) = (contract(table), Rows::of(&options(table)));
        for rule in &contract.rules {
            let holds = answers(&rows, &contract, &rule.expression, Truth::True);
            assert!(
                holds as f64 > 0.85 * rows.count() as f64,
                "{}: {holds}",
                rule.name
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]
    #[test]
    fn values_and_rules_hold_whatever_is_planted(
        seed in any::<u64>(),
        missing in 0.0..0.9f64,
        outliers in 0.0..0.9f64,
        noise in 0.0..10.0f64,
        amount in -10.0..10.0f64,
        column in prop::sample::select(vec!["sessions_last_7_days", "app_opens_day", "matches_per_day",
            "lifetime_value_usd", "spend_last_90_days_usd", "sessions_last_30_days", "age"]),
    ) {
        let shift = vec![Setting { name: column.to_owned(), amount }];
        let bias = vec![Setting { name: "gender".to_owned(), amount: 0.4 }];
        let options = Options { rows: Some(300), seed, missing, outliers, noise, shift, bias, ..Options::default() };
        check(&options);
    }
}

#[test]
fn the_date_is_the_partition_and_not_in_the_file() {
    let several = Options {
        days: Some(3),
        ..Options::default()
    };
    let (summary, files) = files(&several).unwrap();
    let paths: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(
        paths,
        ["01", "02", "03"].map(|day| format!("snapshot_date=2026-11-{day}/part-000.parquet"))
    );
    assert!(
        summary
            .files
            .iter()
            .all(|file| (800..=1_300).contains(&file.rows))
    );
    assert_ne!(summary.files[0].rows, summary.files[1].rows);
    assert_eq!(
        summary.rows,
        summary.files.iter().map(|file| file.rows).sum::<u64>()
    );
    assert!(files.iter().all(|(path, bytes)| {
        summary
            .files
            .iter()
            .any(|file| file.path == *path && file.bytes == bytes.len() as u64)
    }));
}
