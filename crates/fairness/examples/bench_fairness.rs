//! Seconds for a whole judgement of 20,000 rows: cargo run --release -p millrace-fairness --example bench_fairness

use millrace_fairness::{
    Attribute, Bands, Evidence, FairnessError, Feature, FeatureValues, Outcome, Policy,
    ProxyPolicy, assess, assess_proxies,
};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use std::time::Instant;

const ROWS: usize = 20_000;
const PROBED_ROWS: usize = 10_000;
const FEATURES: usize = 45;

fn words(generator: &mut Pcg64Mcg, choices: &[&str]) -> Vec<Option<String>> {
    let one = |_| Some(choices[generator.random_range(0..choices.len())].to_owned());
    (0..ROWS).map(one).collect()
}

fn shares(generator: &mut Pcg64Mcg) -> Vec<f64> {
    (0..ROWS).map(|_| generator.random::<f64>()).collect()
}

fn main() -> Result<(), FairnessError> {
    let generator = &mut Pcg64Mcg::seed_from_u64(1);
    let ages: Vec<f64> = shares(generator)
        .iter()
        .map(|share| 18.0 + 60.0 * share)
        .collect();
    let features: Vec<Feature> = (0..FEATURES)
        .map(|feature| {
            let leaning = ages.iter().map(|age| age / 60.0 * (feature % 5) as f64);
            let values = leaning
                .map(|pull| pull + 3.0 * generator.random::<f64>())
                .collect();
            Feature {
                name: format!("feature {feature}"),
                values: FeatureValues::Numbers(values),
            }
        })
        .collect();
    let bands = Bands::new(vec![25.0, 35.0, 45.0, 55.0])?;
    let mut evidence = Evidence {
        truth: Outcome::Scores {
            values: shares(generator),
            threshold: 0.5,
        },
        prediction: Outcome::Scores {
            values: shares(generator),
            threshold: 0.5,
        },
        attributes: vec![
            Attribute::numbers("age", ages.into_iter().map(Some).collect(), bands),
            Attribute::categories("gender", words(generator, &["woman", "man", "other"])),
            Attribute::categories("location", words(generator, &["a", "b", "c", "d", "e"])),
        ],
        weights: None,
    };
    let names = ["age", "gender", "location"];
    let alone = Policy {
        largest_intersection: 1,
        ..Policy::default()
    };

    let timed = |what: &str, work: &dyn Fn() -> Result<String, FairnessError>| {
        let start = Instant::now();
        let found = work()?;
        println!("{:>7.3} s  {what}: {found}", start.elapsed().as_secs_f64());
        Ok::<(), FairnessError>(())
    };
    let judged = |evidence: &Evidence, policy: &Policy| {
        assess(evidence, &names, policy).map(|report| report.verdict.to_string())
    };
    timed("3 attributes, 1,000 draws", &|| judged(&evidence, &alone))?;
    timed("3 attributes and all intersections, 1,000 draws", &|| {
        judged(&evidence, &Policy::default())
    })?;
    let policy = ProxyPolicy {
        folds: 3,
        maximum_probe_rows: PROBED_ROWS as u64,
        ..ProxyPolicy::default()
    };
    let probed = |policy: &ProxyPolicy| {
        let report = assess_proxies(&features, &evidence.attributes, policy)?;
        let areas = report.attributes.iter().filter_map(|found| found.probe.auc);
        Ok(areas
            .map(|auc| format!("AUC {auc:.3}"))
            .collect::<Vec<_>>()
            .join(", "))
    };
    timed("45 features, probe of 10,000 rows in 3 folds", &|| {
        probed(&policy)
    })?;
    timed("45 features, probe as by default", &|| {
        probed(&ProxyPolicy::default())
    })?;
    evidence.weights = Some(shares(generator));
    timed("3 attributes, 1,000 draws, every weight another", &|| {
        judged(&evidence, &alone)
    })
}
