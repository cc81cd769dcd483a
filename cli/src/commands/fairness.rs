//! `millrace fairness`: judges any file of predictions by its groups.

use indexmap::IndexMap;
use millrace_contract::spec::FairnessGate;
use millrace_contract::{Column, ColumnType, Contract, Limits, Role, Spec};
use millrace_dataset::{Purpose, Request, Source};
use millrace_fairness::{Bands, Evidence, Outcome as Judged, Report, Verdict, assess};
use millrace_people::{attributes, policy};
use millrace_trail::read_toml;

use crate::arguments::{Fairness, Shared};
use crate::failure::{Failure, Outcome};
use crate::out;
use crate::say::json;

/// The attribute that has bands even when no spec gives them.
const AGE: &str = "age";

pub fn run(shared: &Shared, options: &Fairness) -> Outcome {
    let spec = spec(options)?;
    let range = spec.as_ref().and_then(|spec| spec.scores.range);
    let gate = gate(options, spec)?;
    let report = report(options, &gate, range)?;
    if shared.json {
        out::line(json(&report)?);
    } else if !shared.quiet {
        out::text(report.render_text());
    }
    match report.verdict {
        Verdict::Pass => Ok(()),
        _ => Err(Failure::new(
            "FairnessRejected",
            report.sentences().join(" "),
        )),
    }
}

fn spec(options: &Fairness) -> Result<Option<Spec>, Failure> {
    let Some(spec) = &options.spec else {
        return Ok(None);
    };
    let document = read_toml(spec, millrace_contract::problem::INVALID_SPEC)?;
    Ok(Some(Spec::parse(&document.text, &document.origin)?))
}

/// The spec's gate when one is named, with the flags above it; the usual limits otherwise.
fn gate(options: &Fairness, spec: Option<Spec>) -> Result<FairnessGate, Failure> {
    let mut gate = spec.map(|spec| spec.fairness).unwrap_or_default();
    if let Some(threshold) = options.threshold {
        if !(0.0..=1.0).contains(&threshold) {
            return Err(Failure::new(
                "ThresholdOutOfRange",
                format!("--threshold is {threshold}, it must lie in 0 to 1"),
            ));
        }
        gate.threshold = threshold;
    }
    if let Some(attributes) = &options.attributes {
        gate.attributes = attributes.clone();
    }
    if gate.attributes.is_empty() {
        return Err(Failure::new(
            "NoAttributes",
            "name the protected attributes: --attributes age,gender",
        ));
    }
    if gate.attributes.iter().any(|name| name == AGE) && !gate.bands.contains_key(AGE) {
        gate.bands.insert(AGE.into(), Bands::ages().into());
    }
    Ok(gate)
}

/// The named columns. Numeric attributes are those that have bands.
fn contract(options: &Fairness, gate: &FairnessGate) -> Contract {
    let mut columns = IndexMap::new();
    for name in [&options.truth, &options.score] {
        columns.insert(name.clone(), column(ColumnType::Float));
    }
    for name in &gate.attributes {
        let column_type = match gate.bands.contains_key(name) {
            true => ColumnType::Float,
            false => ColumnType::Text,
        };
        columns.insert(name.clone(), column(column_type));
    }
    Contract {
        name: "predictions".into(),
        version: 1,
        description: String::new(),
        limits: Limits::default(),
        columns,
        rules: Vec::new(),
    }
}

fn column(column_type: ColumnType) -> Column {
    Column {
        role: Role::Feature,
        column_type,
        unit: None,
        range: None,
        values: Vec::new(),
        pattern: None,
        nullable: true,
        description: String::new(),
    }
}

/// Predictions are judged as they would be written: a spec's range moves those just outside to its ends.
fn report(
    options: &Fairness,
    gate: &FairnessGate,
    range: Option<[f64; 2]>,
) -> Result<Report, Failure> {
    let contract = contract(options, gate);
    let request = Request::all(&contract, Purpose::Training);
    let rows = Source::open(&options.predictions)?.read(&request)?;
    let column = |name: &str| rows.numbers(name).unwrap_or_default().to_vec();
    let judged = |values: Vec<f64>| Judged::Scores {
        values,
        threshold: gate.threshold,
    };
    let mut predictions = column(&options.score);
    if let Some([low, high]) = range {
        let finite = predictions.iter_mut().filter(|value| value.is_finite());
        finite.for_each(|value| *value = value.clamp(low, high));
    }
    let evidence = Evidence {
        truth: judged(column(&options.truth)),
        prediction: judged(predictions),
        attributes: attributes(&rows, &contract, gate)?,
        weights: None,
    };
    let names: Vec<&str> = gate.attributes.iter().map(String::as_str).collect();
    Ok(assess(&evidence, &names, &policy(gate))?)
}
