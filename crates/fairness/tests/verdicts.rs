//! When a gate passes, fails or does not know, and the sentence that says so.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use millrace_fairness::*;

/// A group of `rows`, of which `selected` are predicted 1. The first half of each kind has truth 1.
struct Group(&'static str, usize, usize);

fn evidence(groups: &[Group]) -> Evidence {
    let (mut truth, mut score, mut words) = (Vec::new(), Vec::new(), Vec::new());
    for Group(name, rows, selected) in groups {
        for row in 0..*rows {
            let label = row < *selected;
            let within = if label { row } else { row - selected };
            score.push(if label { 1.0 } else { 0.0 });
            truth.push(if within % 2 == 0 { 1.0 } else { 0.0 });
            words.push((!name.is_empty()).then(|| name.to_string()));
        }
    }
    Evidence {
        truth: Outcome::Labels(truth),
        prediction: Outcome::Labels(score),
        attributes: vec![Attribute::categories("gender", words)],
        weights: None,
    }
}

/// Only demographic parity is judged, so that the sentence is about it.
fn parity_only() -> Policy {
    Policy {
        maximum_equalized_odds_difference: None,
        ..Policy::default()
    }
}

fn judge(groups: &[Group], policy: &Policy) -> (Verdict, String) {
    let report = assess(&evidence(groups), &["gender"], policy).unwrap();
    (report.verdict, report.attributes[0].sentence.clone())
}

#[test]
fn a_large_difference_fails_and_the_sentence_names_both_groups() {
    let (verdict, sentence) = judge(
        &[Group("female", 1000, 310), Group("male", 1000, 520)],
        &parity_only(),
    );
    assert_eq!(verdict, Verdict::Fail);
    let start = "gender: selection rate of `female` is 0.31 and of `male` 0.52: a difference of 0.21, \
                 above the limit of 0.10 (95 % interval 0.1";
    assert!(sentence.starts_with(start), "{sentence}");
}

#[test]
fn exactly_the_limit_passes_and_a_hair_more_fails_with_enough_decimals() {
    // 0.4 - 0.3 is a little more than 0.1 in binary.
    assert_eq!(
        judge(
            &[Group("a", 1000, 300), Group("b", 1000, 400)],
            &parity_only()
        )
        .0,
        Verdict::Pass
    );
    let (verdict, sentence) = judge(
        &[Group("a", 1000, 300), Group("b", 1000, 401)],
        &parity_only(),
    );
    assert_eq!(verdict, Verdict::Fail);
    assert!(
        sentence.contains("a difference of 0.101, above the limit of 0.100"),
        "{sentence}"
    );
    let hair = [Group("a", 10_000, 3_000), Group("b", 10_000, 4_001)];
    assert_eq!(judge(&hair, &parity_only()).0, Verdict::Fail);
}

#[test]
fn a_tiny_group_can_neither_fail_a_model_nor_let_it_pass() {
    let groups = [
        Group("a", 1000, 400),
        Group("b", 1000, 420),
        Group("c", 12, 12),
    ];
    let (verdict, sentence) = judge(&groups, &parity_only());
    assert_eq!(verdict, Verdict::InsufficientEvidence);
    assert!(sentence.starts_with("gender: not enough evidence: `c` has 12 rows of 100; where there is enough, selection rate"), "{sentence}");
    assert!(
        sentence.contains("a difference of 0.02, within the limit"),
        "{sentence}"
    );
    assert!(sentence.contains("over all groups"), "{sentence}");
}

#[test]
fn large_groups_that_differ_fail_whatever_tiny_group_stands_beside_them() {
    let groups = [
        Group("a", 1000, 300),
        Group("b", 1000, 520),
        Group("c", 12, 12),
    ];
    let mut policy = parity_only();
    policy.allow_insufficient_evidence = vec!["gender".into()];
    let (verdict, sentence) = judge(&groups, &policy);
    assert_eq!(verdict, Verdict::Fail);
    assert!(
        sentence.contains("of `a` is 0.30 and of `b` 0.52"),
        "{sentence}"
    );
}

#[test]
fn evidence_that_is_missing_blocks_unless_it_is_allowed_by_name() {
    let groups = [Group("a", 1000, 400), Group("", 12, 12)];
    let mut policy = parity_only();
    assert_eq!(judge(&groups, &policy).0, Verdict::InsufficientEvidence);
    policy.allow_insufficient_evidence = vec!["age".into()];
    assert_eq!(judge(&groups, &policy).0, Verdict::InsufficientEvidence);
    policy.allow_insufficient_evidence = vec!["gender".into()];
    let report = assess(&evidence(&groups), &["gender"], &policy).unwrap();
    assert_eq!(report.verdict, Verdict::Pass);
    assert_eq!(report.attributes[0].verdict, Verdict::InsufficientEvidence);
    assert_eq!(report.attributes[0].missing_rows, 12);
}

/// The difference is 0, as in fairlearn; that nobody is treated worse does not follow from it.
#[test]
fn one_group_leaves_nothing_to_compare() {
    for only in ["a", ""] {
        let evidence = evidence(&[Group(only, 1000, 400)]);
        let mut policy = parity_only();
        let report = assess(&evidence, &["gender"], &policy).unwrap();
        let gender = &report.attributes[0];
        assert_eq!(gender.between_groups.demographic_parity_difference, 0.0);
        assert_eq!(report.verdict, Verdict::InsufficientEvidence);
        assert!(
            gender
                .sentence
                .contains("there is only one group, so nothing to compare"),
            "{}",
            gender.sentence
        );
        policy.allow_insufficient_evidence = vec!["gender".into()];
        let allowed = assess(&evidence, &["gender"], &policy).unwrap();
        assert_eq!(allowed.verdict, Verdict::Pass);
    }
}

#[test]
fn a_group_without_positives_jumps_as_in_fairlearn_but_does_not_fail() {
    let mut evidence = evidence(&[Group("a", 1000, 400), Group("b", 1000, 400)]);
    if let Outcome::Labels(truth) = &mut evidence.truth {
        truth[1000..].fill(0.0);
    }
    let policy = Policy {
        maximum_demographic_parity_difference: 1.0,
        ..Policy::default()
    };
    let report = assess(&evidence, &["gender"], &policy).unwrap();
    let gender = &report.attributes[0];
    assert_eq!(gender.criteria.len(), 1);
    assert!(gender.between_groups.equal_opportunity_difference >= 0.3);
    assert_eq!(gender.verdict, Verdict::InsufficientEvidence);
    assert!(
        gender.sentence.contains("`b` has 0 positives of 20"),
        "{}",
        gender.sentence
    );
}

#[test]
fn beyond_interval_waits_until_the_interval_is_above_the_limit() {
    let mut policy = parity_only();
    policy.decision = Decision::BeyondInterval;
    let (verdict, sentence) = judge(&[Group("a", 200, 80), Group("b", 200, 104)], &policy);
    assert_eq!(verdict, Verdict::Pass);
    assert!(
        sentence.contains("above the limit of 0.10, but its interval reaches below it"),
        "{sentence}"
    );
    assert_eq!(
        judge(&[Group("a", 5000, 2000), Group("b", 5000, 2600)], &policy).0,
        Verdict::Fail
    );
}

#[test]
fn the_interval_has_the_width_that_theory_gives() {
    let report = assess(
        &evidence(&[Group("a", 4000, 1200), Group("b", 4000, 2000)]),
        &["gender"],
        &Policy::default(),
    );
    let interval = report.unwrap().attributes[0].criteria[0]
        .all_groups
        .interval;
    let deviation = (0.3_f64 * 0.7 / 4000.0 + 0.5 * 0.5 / 4000.0).sqrt();
    assert!(
        (interval.lower - (0.2 - 1.96 * deviation)).abs() < 0.004,
        "{interval:?}"
    );
    assert!(
        (interval.upper - (0.2 + 1.96 * deviation)).abs() < 0.004,
        "{interval:?}"
    );
}

#[test]
fn equal_weights_give_the_same_verdict_and_a_like_interval() {
    let mut evidence = evidence(&[Group("a", 1000, 300), Group("b", 1000, 380)]);
    let plain = assess(&evidence, &["gender"], &Policy::default()).unwrap();
    // A hair apart, so that every row is drawn by itself.
    evidence.weights = Some((0..2000).map(|row| 2.0 + f64::from(row) * 1e-9).collect());
    let weighted = assess(&evidence, &["gender"], &Policy::default()).unwrap();
    assert!(weighted.weighted);
    let interval = |report: &Report| report.attributes[0].criteria[0].all_groups.interval;
    assert!((interval(&plain).lower - interval(&weighted).lower).abs() < 0.01);
    assert!((interval(&plain).upper - interval(&weighted).upper).abs() < 0.01);
    assert_eq!(plain.verdict, weighted.verdict);
}

#[test]
fn intersections_count_only_when_the_policy_says_so() {
    // Gender alone and place alone are even; together they are not.
    let mut evidence = evidence(&[
        Group("a", 400, 280),
        Group("a", 400, 120),
        Group("b", 400, 120),
        Group("b", 400, 280),
    ]);
    let place =
        (0..1600).map(|row| Some(if row / 400 % 2 == 0 { "north" } else { "south" }.to_string()));
    evidence
        .attributes
        .push(Attribute::categories("place", place.collect()));
    let mut policy = parity_only();
    let report = assess(&evidence, &["gender", "place"], &policy).unwrap();
    assert_eq!(
        (report.verdict, report.intersections[0].verdict),
        (Verdict::Pass, Verdict::Fail)
    );
    assert_eq!(report.intersections[0].name, "gender*place");
    policy.judge_intersections = true;
    let report = assess(&evidence, &["gender", "place"], &policy).unwrap();
    assert_eq!(report.verdict, Verdict::Fail);
    assert!(
        report
            .sentences()
            .iter()
            .any(|sentence| sentence.contains("`a & south` is 0.30"))
    );
}

#[test]
fn bad_input_has_a_name_and_a_place() {
    let good = || evidence(&[Group("a", 10, 4), Group("b", 10, 4)]);
    let name = |evidence: Evidence| {
        assess(&evidence, &["gender"], &Policy::default())
            .unwrap_err()
            .name()
    };
    let with = |change: &dyn Fn(&mut Evidence)| {
        let mut evidence = good();
        change(&mut evidence);
        name(evidence)
    };
    let scores = |values: Vec<f64>, threshold: f64| Outcome::Scores { values, threshold };
    for value in [f64::NAN, f64::INFINITY, -0.1, 1.5] {
        assert_eq!(
            with(&|e| e.prediction = scores(vec![value; 20], 0.5)),
            "NeitherLabelNorScore"
        );
    }
    assert_eq!(
        with(&|e| e.truth = Outcome::Labels(vec![0.5; 20])),
        "NotALabel"
    );
    for threshold in [-0.1, 1.1, f64::NAN] {
        assert_eq!(
            with(&|e| e.truth = scores(vec![0.5; 20], threshold)),
            "ThresholdOutOfRange"
        );
    }
    assert_eq!(
        with(&|e| e.prediction = Outcome::Labels(vec![1.0; 19])),
        "LengthsDiffer"
    );
    assert_eq!(with(&|e| e.weights = Some(vec![1.0; 19])), "LengthsDiffer");
    assert_eq!(with(&|e| e.weights = Some(vec![0.0; 20])), "WeightInvalid");
    assert_eq!(with(&|e| e.weights = Some(vec![-1.0; 20])), "WeightInvalid");
    assert_eq!(with(&|e| e.attributes.clear()), "AttributeNotFound");
    assert_eq!(name(evidence(&[])), "NoRows");
    let names = |names: &[&str]| assess(&good(), names, &Policy::default()).unwrap_err();
    assert_eq!(names(&[]).name(), "NoAttributes");
    assert_eq!(names(&["gender", "gender"]).name(), "AttributeRepeated");
    assert!(
        names(&["age"])
            .to_string()
            .contains("`age` is not in the data; it has: gender")
    );
    assert_eq!(
        "worst".parse::<Aggregate>().unwrap_err().name(),
        "UnknownAggregate"
    );
    assert_eq!(
        "between".parse::<Method>().unwrap_err().name(),
        "UnknownMethod"
    );
    for policy in [
        Policy {
            bootstrap_draws: 999,
            ..Policy::default()
        },
        Policy {
            confidence_level: 1.0,
            ..Policy::default()
        },
        Policy {
            maximum_demographic_parity_difference: -0.1,
            ..Policy::default()
        },
        Policy {
            maximum_equalized_odds_difference: Some(f64::NAN),
            ..Policy::default()
        },
    ] {
        assert_eq!(
            assess(&good(), &["gender"], &policy).unwrap_err().name(),
            "PolicyInvalid"
        );
    }
}

#[test]
fn a_policy_reads_from_a_spec_and_refuses_what_it_does_not_know() {
    let policy: Policy = toml::from_str("equalized_odds_aggregate = \"mean\"\nseed = 7").unwrap();
    assert_eq!(
        (policy.equalized_odds_aggregate, policy.seed),
        (Aggregate::Mean, 7)
    );
    assert_eq!(policy.bootstrap_draws, Policy::default().bootstrap_draws);
    assert!(toml::from_str::<Policy>("sed = 7").is_err());
    let error = toml::from_str::<Policy>("equalized_odds_aggregate = \"median\"").unwrap_err();
    assert!(
        error.to_string().contains("unknown aggregate `median`"),
        "{error}"
    );
}

#[test]
fn a_report_survives_json_and_prints() {
    let groups = [
        Group("female", 1000, 310),
        Group("male", 1000, 520),
        Group("", 30, 10),
    ];
    let report = assess(&evidence(&groups), &["gender"], &Policy::default()).unwrap();
    let text = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<Report>(&text).unwrap(), report);
    let printed = report.render_text();
    assert!(
        printed.starts_with("Fairness: fail\n  gender: "),
        "{printed}"
    );
    for part in [
        "female",
        "(missing)",
        "30 rows have a missing value",
        "demographic parity difference 0.210",
    ] {
        assert!(printed.contains(part), "{part} is not in\n{printed}");
    }
}
