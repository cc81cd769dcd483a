//! What becomes of customers: who leaves and what they bring. Both follow from what can be seen, and from chance.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeSet;

use common::{Rows, contract, files, mean};
use millrace_generator::{Best, Options, Setting, Summary, Table};

const LEFT: &str = "left_within_30_days";
const WORTH: &str = "lifetime_value";

fn small() -> Options {
    Options {
        rows: Some(20_000),
        ..Options::default()
    }
}

fn all(rows: &Rows, name: &str) -> Vec<f64> {
    rows.numbers(name).into_iter().map(Option::unwrap).collect()
}

fn auc(summary: &Summary) -> f64 {
    match summary.targets[1].best {
        Best::Auc(auc) => auc.unwrap(),
        Best::R2 { .. } => panic!("{summary:?}"),
    }
}

fn r2(summary: &Summary, target: usize) -> f64 {
    match summary.targets[target].best {
        Best::R2 { r2, .. } => r2,
        Best::Auc(_) => panic!("{summary:?}"),
    }
}

#[test]
fn the_default_outcomes_are_as_documented() {
    let (summary, files) = files(&Options::default()).unwrap();
    let rows = Rows::read(&files);
    let names: Vec<&str> = summary.targets.iter().map(|target| target.name).collect();
    assert_eq!(
        names,
        contract(Table::Customers).targets().collect::<Vec<_>>()
    );

    let left = all(&rows, LEFT);
    let values: BTreeSet<u64> = left.iter().map(|value| value.to_bits()).collect();
    assert_eq!(values, BTreeSet::from([0f64.to_bits(), 1f64.to_bits()]));
    assert!((mean(left.iter().copied()) - summary.targets[1].mean).abs() < 1e-12);
    assert!(
        (0.22..0.26).contains(&summary.targets[1].mean),
        "{summary:?}"
    );
    assert!((0.90..0.915).contains(&auc(&summary)), "{summary:?}");

    let worth = all(&rows, WORTH);
    assert!(worth.iter().all(|value| *value > 0.0));
    assert!((0.78..0.81).contains(&r2(&summary, 2)), "{summary:?}");
}

#[test]
fn few_customers_bring_most() {
    let mut worth = all(&Rows::of(&small()), WORTH);
    worth.sort_by(f64::total_cmp);
    let middle = worth[worth.len() / 2];
    let total: f64 = worth.iter().sum();
    let best: f64 = worth[worth.len() * 9 / 10..].iter().sum();
    let average = total / worth.len() as f64;
    assert!(average > 1.4 * middle, "mean {average}, median {middle}");
    assert!((0.35..0.7).contains(&(best / total)), "{}", best / total);
}

#[test]
fn without_noise_everything_is_known_and_with_more_less() {
    let with = |noise| files(&Options { noise, ..small() }).unwrap().0;
    let (none, usual, twice) = (with(0.0), with(1.0), with(2.0));
    assert_eq!(auc(&none), 1.0);
    assert!(r2(&none, 2) > 0.999_999, "{none:?}");
    assert!(auc(&usual) > auc(&twice) + 0.05, "{twice:?}");
    assert!(r2(&usual, 2) > r2(&twice, 2) + 0.1, "{twice:?}");
}

#[test]
fn what_is_recorded_wrongly_changes_no_outcome() {
    let plain = Rows::of(&small());
    for options in [
        Options {
            missing: 0.0,
            outliers: 0.0,
            ..small()
        },
        Options {
            shift: vec![Setting {
                name: "days_since_last_login".to_owned(),
                amount: 1.0,
            }],
            ..small()
        },
    ] {
        let other = Rows::of(&options);
        for name in [LEFT, WORTH] {
            assert_eq!(plain.numbers(name), other.numbers(name), "{name}");
        }
    }
}

/// The same bias that lowers a group's engagement makes its members leave more often and pay less, and nobody else.
#[test]
fn a_bias_works_on_every_outcome_of_its_group_alone() {
    let fair = Rows::of(&small());
    let unfair = Rows::of(&Options {
        bias: vec![Setting {
            name: "gender".to_owned(),
            amount: 0.2,
        }],
        ..small()
    });
    let women: Vec<bool> = fair
        .words("gender")
        .into_iter()
        .map(|word| word.as_deref() == Some("woman"))
        .collect();
    let of = |rows: &Rows, name: &str, wanted: bool| {
        let values = all(rows, name).into_iter().zip(&women);
        mean(
            values
                .filter(|(_, is)| **is == wanted)
                .map(|(value, _)| value),
        )
    };
    for name in [LEFT, WORTH] {
        assert_eq!(of(&fair, name, false), of(&unfair, name, false), "{name}");
    }
    let left = of(&unfair, LEFT, true) - of(&fair, LEFT, true);
    assert!(left > 0.08, "women leave more often by {left}");
    let worth = of(&unfair, WORTH, true) / of(&fair, WORTH, true);
    assert!(worth < 0.9, "women bring {worth} of what they brought");
}

#[test]
fn without_a_bias_groups_differ_little() {
    let rows = Rows::of(&Options {
        rows: Some(50_000),
        ..Options::default()
    });
    let left = all(&rows, LEFT);
    let groups = rows.words("gender");
    let rate = |word: &str| {
        let members = (0..left.len()).filter(|row| groups[*row].as_deref() == Some(word));
        mean(members.map(|row| left[row]))
    };
    let difference = (rate("woman") - rate("man")).abs();
    assert!(difference < 0.03, "{difference}");
}

/// A table of which nobody leaves has nothing to tell apart.
#[test]
fn one_row_has_no_area() {
    let summary = files(&Options {
        rows: Some(1),
        ..Options::default()
    })
    .unwrap()
    .0;
    assert_eq!(summary.targets[1].best, Best::Auc(None));
}
