//! Features that give a protected attribute away are found and named; the others are left in peace.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use millrace_fairness::*;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

const ROWS: usize = 1_200;

fn table() -> (Vec<Feature>, Vec<Attribute>) {
    let generator = &mut Pcg64Mcg::seed_from_u64(5);
    let gender: Vec<usize> = (0..ROWS).map(|_| generator.random_range(0..2)).collect();
    let ages: Vec<f64> = (0..ROWS)
        .map(|_| generator.random_range(18.0..70.0))
        .collect();
    let noise: Vec<f64> = (0..ROWS)
        .map(|_| generator.random_range(-1.0..1.0))
        .collect();
    let leaning = gender
        .iter()
        .zip(&noise)
        .map(|(gender, noise)| 2.0 * *gender as f64 + noise);
    let tenure = ages
        .iter()
        .enumerate()
        .map(|(row, age)| if row % 10 == 0 { f64::NAN } else { age * 3.0 });
    let device = gender.iter().enumerate().map(|(row, gender)| {
        (row % 20 != 0)
            .then(|| ["pear", "plum"][if row % 4 == 0 { row / 4 % 2 } else { *gender }].to_string())
    });
    let number = |name: &str, values: Vec<f64>| Feature {
        name: name.into(),
        values: FeatureValues::Numbers(values),
    };
    let features = vec![
        number("noise", (0..ROWS).map(|_| generator.random()).collect()),
        number("leaning", leaning.collect()),
        number("tenure", tenure.collect()),
        Feature {
            name: "device".into(),
            values: FeatureValues::Categories(device.collect()),
        },
    ];
    let words = gender
        .iter()
        .map(|code| Some(["f", "m"][*code].to_string()))
        .collect();
    let attributes = vec![
        Attribute::categories("gender", words),
        Attribute::numbers("age", ages.into_iter().map(Some).collect(), Bands::ages()),
    ];
    (features, attributes)
}

#[test]
fn offenders_are_named_with_the_fitting_measure() {
    let (features, attributes) = table();
    let mut report = assess_proxies(&features, &attributes, &ProxyPolicy::default()).unwrap();
    assert_eq!(report.verdict, Verdict::Fail);
    let by_association: Vec<(&str, &str)> = report
        .offenders
        .iter()
        .filter(|offender| offender.reason == OffenderReason::Association)
        .map(|offender| (offender.feature.as_str(), offender.attribute.as_str()))
        .collect();
    assert_eq!(
        by_association,
        [
            ("leaning", "gender"),
            ("device", "gender"),
            ("tenure", "age")
        ]
    );

    let gender = &report.attributes[0];
    let measures: Vec<AssociationMeasure> = gender
        .associations
        .iter()
        .map(|found| found.measure)
        .collect();
    assert_eq!(
        measures[..2],
        [
            AssociationMeasure::CorrelationRatio,
            AssociationMeasure::CramersV
        ]
    );
    assert!(gender.probe.auc.unwrap() > 0.95);
    assert_eq!(gender.probe.leading_features[0].feature, "leaning");
    assert!(
        gender
            .sentence
            .contains("given away by `leaning` (correlation ratio 0.8"),
        "{}",
        gender.sentence
    );

    let tenure = &report.attributes[1].associations[0];
    assert_eq!(
        (tenure.measure, tenure.excluded_rows),
        (AssociationMeasure::Pearson, 120)
    );
    assert!((tenure.value.unwrap() - 1.0).abs() < 1e-12);

    assert!(
        report
            .offenders
            .iter()
            .all(|offender| offender.cost_in_r2.is_none())
    );
    report.set_cost_in_r2("leaning", 0.03);
    assert_eq!(report.offenders[0].cost_in_r2, Some(0.03));
    assert_eq!(report.offending_features()[0], "leaning");
    let text = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<ProxyReport>(&text).unwrap(), report);
}

#[test]
fn innocent_features_pass_and_the_probe_guesses() {
    let (mut features, attributes) = table();
    features.truncate(1);
    let report = assess_proxies(&features, &attributes, &ProxyPolicy::default()).unwrap();
    assert_eq!(report.verdict, Verdict::Pass);
    assert!(report.offenders.is_empty());
    for found in &report.attributes {
        assert!(
            (found.probe.auc.unwrap() - 0.5).abs() < 0.06,
            "{:?}",
            found.probe
        );
    }
}

#[test]
fn many_weak_features_are_caught_together() {
    let generator = &mut Pcg64Mcg::seed_from_u64(8);
    let gender: Vec<usize> = (0..ROWS).map(|_| generator.random_range(0..2)).collect();
    let weak = |generator: &mut Pcg64Mcg| {
        gender
            .iter()
            .map(|code| 0.5 * *code as f64 + generator.random_range(-1.0..1.0))
            .collect::<Vec<f64>>()
    };
    let features: Vec<Feature> = (0..12)
        .map(|position| Feature {
            name: format!("weak {position}"),
            values: FeatureValues::Numbers(weak(generator)),
        })
        .collect();
    let words = gender.iter().map(|code| Some(code.to_string())).collect();
    let report = assess_proxies(
        &features,
        &[Attribute::categories("gender", words)],
        &ProxyPolicy::default(),
    )
    .unwrap();
    let gender = &report.attributes[0];
    assert!(
        gender
            .associations
            .iter()
            .all(|found| found.verdict == Verdict::Pass)
    );
    assert_eq!(report.verdict, Verdict::Fail);
    assert_eq!(report.offenders.len(), 5);
    assert!(
        report
            .offenders
            .iter()
            .all(|offender| offender.reason == OffenderReason::Probe)
    );
    assert!(
        gender
            .sentence
            .contains("above the limit of 0.80, mostly by `weak"),
        "{}",
        gender.sentence
    );
}

#[test]
fn too_little_is_said_to_be_too_little() {
    let (features, _) = table();
    let rare = (0..ROWS)
        .map(|row| Some(if row < 5 { "rare" } else { "usual" }.to_string()))
        .collect();
    let nobody = vec![None; ROWS];
    let attributes = [
        Attribute::categories("rare", rare),
        Attribute::categories("nobody", nobody),
    ];
    let mut policy = ProxyPolicy::default();
    let report = assess_proxies(&features, &attributes, &policy).unwrap();
    assert_eq!(report.verdict, Verdict::InsufficientEvidence);
    assert_eq!(report.attributes[0].probe.groups_left_out, ["rare"]);
    assert_eq!(report.attributes[1].probe.missing_rows, ROWS as u64);
    assert!(
        report.attributes[1]
            .associations
            .iter()
            .all(|found| found.value.is_none())
    );
    policy.allow_insufficient_evidence = vec!["rare".into(), "nobody".into()];
    assert_eq!(
        assess_proxies(&features, &attributes, &policy)
            .unwrap()
            .verdict,
        Verdict::Pass
    );
}

#[test]
fn bad_input_is_named() {
    let (features, attributes) = table();
    let name = |features: &[Feature], attributes: &[Attribute], policy: &ProxyPolicy| {
        assess_proxies(features, attributes, policy)
            .unwrap_err()
            .name()
    };
    let policy = ProxyPolicy::default();
    assert_eq!(name(&[], &attributes, &policy), "NoFeatures");
    assert_eq!(name(&features, &[], &policy), "NoAttributes");
    let infinite = Feature {
        name: "x".into(),
        values: FeatureValues::Numbers(vec![f64::INFINITY; ROWS]),
    };
    assert_eq!(name(&[infinite], &attributes, &policy), "FeatureNotFinite");
    let short = Feature {
        name: "x".into(),
        values: FeatureValues::Numbers(vec![1.0]),
    };
    assert_eq!(name(&[short], &attributes, &policy), "LengthsDiffer");
    assert_eq!(
        name(
            &features,
            &attributes,
            &ProxyPolicy {
                folds: 1,
                ..policy.clone()
            }
        ),
        "PolicyInvalid"
    );
    assert_eq!(
        name(
            &features,
            &attributes,
            &ProxyPolicy {
                penalty: 0.0,
                ..policy
            }
        ),
        "PolicyInvalid"
    );
}
