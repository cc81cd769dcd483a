//! `millrace fairness`: judges any file of predictions by its groups.

use indexmap::IndexMap;
use millrace_contract::spec::FairnessGate;
use millrace_contract::{Column, ColumnType, Contract, Limits, Role, Spec};
use millrace_dataset::{Frame, Purpose, Request, Source, Values};
use millrace_fairness::{Attribute, Bands, Evidence, Outcome as Judged, Report, Verdict, assess};
use millrace_stage_fairness_gate::policy;
use millrace_trail::read_text;

use crate::arguments::{Fairness, Shared};
use crate::failure::{Failure, Outcome};

pub fn run(shared: &Shared, options: &Fairness) -> Outcome {
    let gate = gate(options)?;
    let rows = read(options, &gate)?;
    let report = report(options, &gate, &rows)?;
    if shared.json {
        let text = serde_json::to_string_pretty(&report)
            .map_err(|error| Failure::new("OutputUnwritable", error.to_string()))?;
        println!("{text}");
    } else if !shared.quiet {
        print!("{}", report.render_text());
    }
    match report.verdict {
        Verdict::Pass => Ok(()),
        _ => Err(Failure::new(
            "FairnessRejected",
            report.sentences().join(" "),
        )),
    }
}

/// The spec's gate when one is named, with the flags above it; the usual limits otherwise.
fn gate(options: &Fairness) -> Result<FairnessGate, Failure> {
    let mut gate = match &options.spec {
        None => FairnessGate::default(),
        Some(spec) => {
            let document = read_text(spec)?;
            Spec::parse(&document.text, &document.origin)?.fairness
        }
    };
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
    Ok(gate)
}

/// The named columns. Numeric attributes are those that have bands; `age` has the usual ones.
fn read(options: &Fairness, gate: &FairnessGate) -> Result<Frame, Failure> {
    let mut columns = IndexMap::new();
    for name in [&options.truth, &options.score] {
        columns.insert(name.clone(), column(ColumnType::Float));
    }
    for name in &gate.attributes {
        let numeric = gate.bands.contains_key(name) || name == "age";
        columns.insert(
            name.clone(),
            column(if numeric {
                ColumnType::Float
            } else {
                ColumnType::Text
            }),
        );
    }
    let contract = Contract {
        name: "predictions".into(),
        version: 1,
        description: String::new(),
        limits: Limits::default(),
        columns,
        rules: Vec::new(),
    };
    Ok(Source::open(&options.predictions)?.read(&Request::all(&contract, Purpose::Training))?)
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

fn report(options: &Fairness, gate: &FairnessGate, rows: &Frame) -> Result<Report, Failure> {
    let mut attributes = Vec::new();
    for name in &gate.attributes {
        attributes.push(match rows.get(name) {
            Some(Values::Number(numbers)) => {
                let bands = match gate.bands.get(name) {
                    Some(edges) => Bands::new(edges.clone())?,
                    None => Bands::ages(),
                };
                let known = numbers
                    .iter()
                    .map(|number| number.is_finite().then_some(*number))
                    .collect();
                Attribute::numbers(name, known, bands)
            }
            _ => Attribute::categories(name, rows.texts(name).unwrap_or_default().to_vec()),
        });
    }
    let judged = |name: &str| Judged::Scores {
        values: rows.numbers(name).unwrap_or_default().to_vec(),
        threshold: gate.threshold,
    };
    let evidence = Evidence {
        truth: judged(&options.truth),
        prediction: judged(&options.score),
        attributes,
        weights: None,
    };
    let names: Vec<&str> = gate.attributes.iter().map(String::as_str).collect();
    Ok(assess(&evidence, &names, &policy(gate))?)
}
