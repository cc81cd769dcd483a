//! What a run costs on AWS, estimated: seconds, requests and bytes times dated list prices.

mod prices;
#[cfg(test)]
mod tests;
mod work;

use millrace_contract::stages::RunKind;
use millrace_flow::History;
use serde::Serialize;

use crate::failure::Failure;
use crate::text;
use prices::Table;
use work::{Attempt, Work, Worker};

/// A task of Fargate is paid for at least so long.
const LEAST_TASK_SECONDS: f64 = 60.0;
/// A query of Athena is paid for at least so many bytes.
const LEAST_QUERY_BYTES: f64 = 10_000_000.0;
const GIBIBYTE: f64 = 1_073_741_824.0;
/// Reads are not counted anywhere: every object is taken to be read so often.
const READS_PER_OBJECT: f64 = 10.0;

/// What is known of a run from its folder.
#[derive(Debug)]
pub struct Known<'a> {
    pub kind: RunKind,
    pub executions: Vec<&'a History>,
    /// What the run wrote.
    pub objects: u64,
    /// The files of its scores.
    pub score_bytes: u64,
}

/// Dollars, and what they rest on.
#[derive(Debug, Serialize)]
pub struct Estimate {
    pub dollars: f64,
    pub prices_as_of: String,
    pub region: String,
    pub architecture: String,
    pub lines: Vec<Line>,
    pub assumptions: Vec<String>,
}

#[derive(Debug, PartialEq, Serialize)]
pub struct Line {
    pub what: String,
    pub quantity: f64,
    pub unit: &'static str,
    pub dollars: f64,
}

pub fn estimate(known: &Known<'_>) -> Result<Estimate, Failure> {
    let table = Table::built_in()?;
    let mut work = Work::default();
    known
        .executions
        .iter()
        .for_each(|history| work.add(history));
    let mut assumptions = vec![
        "sizes of functions and containers are those of infra/config/production.json".to_owned(),
    ];
    match known.executions.is_empty() {
        true => {
            assume(&mut work, known.kind, &table);
            assumptions.push(
                "no execution is recorded here: times and transitions are those of infra/usage.json"
                    .to_owned(),
            );
        }
        false => assumptions.push("every task takes as long on AWS as it took here".to_owned()),
    }
    assumptions.extend([
        format!("every object that the run wrote is read {READS_PER_OBJECT} times"),
        "bytes scanned are not recorded: a query scans all scores of the run, at least 10 MB"
            .to_owned(),
        "what costs by being there (keys, alarms, endpoints, storage, logs) is not part of it"
            .to_owned(),
    ]);
    let lines = lines(&work, known, &table);
    Ok(Estimate {
        dollars: lines.iter().map(|line| line.dollars).sum(),
        prices_as_of: table.prices.as_of,
        region: table.prices.region,
        architecture: table.sizes.architecture,
        lines,
        assumptions,
    })
}

/// The run as `infra/usage.json` describes one.
fn assume(work: &mut Work, kind: RunKind, table: &Table) {
    let (container, minutes) = match kind {
        RunKind::Training => ("training", table.usage.training_minutes),
        RunKind::Inference => ("inference", table.usage.scoring_minutes),
    };
    work.transitions = table.usage.state_transitions_per_run as u64;
    work.queries = u64::from(kind == RunKind::Inference);
    work.attempts = vec![
        Attempt {
            by: Worker::Container(container.to_owned()),
            seconds: minutes * 60.0,
        },
        // The largest function, as the estimate of a month takes it.
        Attempt {
            by: Worker::Function("validate".to_owned()),
            seconds: table.usage.function_seconds_per_run,
        },
    ];
}

fn lines(work: &Work, known: &Known<'_>, table: &Table) -> Vec<Line> {
    let Table { prices, sizes, .. } = table;
    let mut lines = Vec::new();
    for (name, size) in &sizes.containers {
        let is_mine = |attempt: &&Attempt| attempt.by == Worker::Container(name.clone());
        let paid = |attempt: &Attempt| attempt.seconds.max(LEAST_TASK_SECONDS);
        let seconds: f64 = work.attempts.iter().filter(is_mine).map(paid).sum();
        let price = prices.fargate.get(&sizes.architecture);
        let per_hour = price.map_or(f64::NAN, |price| {
            size.cpu / 1024.0 * price.processor_hour
                + size.memory_mib / 1024.0 * price.gibibyte_hour
        });
        lines.push(line(
            format!("container {name}"),
            seconds,
            "seconds",
            per_hour / 3600.0,
        ));
    }
    let mut calls = 0.0;
    for (name, memory) in &sizes.functions.memory_mib {
        let is_mine = |attempt: &&Attempt| attempt.by == Worker::Function(name.clone());
        let mine = || work.attempts.iter().filter(is_mine);
        let seconds: f64 = mine().map(|attempt| attempt.seconds).sum();
        calls += mine().count() as f64;
        let price = prices.lambda.get(&sizes.architecture);
        let per_second = price.map_or(f64::NAN, |price| memory / 1024.0 * price.gibibyte_second);
        lines.push(line(
            format!("function {name}"),
            seconds,
            "seconds",
            per_second,
        ));
    }
    let objects = known.objects as f64;
    let scanned = work.queries as f64 * (known.score_bytes as f64).max(LEAST_QUERY_BYTES);
    lines.extend([
        line(
            "calls of functions",
            calls,
            "calls",
            prices.function_request,
        ),
        line(
            "state transitions",
            work.transitions as f64,
            "transitions",
            prices.state_transition,
        ),
        line("writes", objects, "requests", prices.store_write),
        line(
            "reads",
            objects * READS_PER_OBJECT,
            "requests",
            prices.store_read,
        ),
        line(
            "queries",
            scanned,
            "bytes",
            prices.scanned_gibibyte / GIBIBYTE,
        ),
    ]);
    lines.retain(|line| line.quantity > 0.0);
    lines
}

fn line(what: impl Into<String>, quantity: f64, unit: &'static str, price: f64) -> Line {
    Line {
        what: what.into(),
        quantity,
        unit,
        dollars: quantity * price,
    }
}

impl Estimate {
    pub fn text(&self) -> String {
        let mut rows = vec![
            ["WHAT", "QUANTITY", "UNIT", "DOLLARS"]
                .map(str::to_owned)
                .to_vec(),
        ];
        rows.extend(self.lines.iter().map(|line| {
            let quantity = match line.unit {
                "seconds" => format!("{:.1}", line.quantity),
                _ => text::count(line.quantity as u64),
            };
            vec![
                line.what.clone(),
                quantity,
                line.unit.to_owned(),
                format!("{:.6}", line.dollars),
            ]
        }));
        let mut said = format!(
            "\non AWS this run costs about ${:.4}: list prices of {}, {}, {}\n{}",
            self.dollars,
            self.prices_as_of,
            self.region,
            self.architecture,
            text::table(&rows),
        );
        for assumption in &self.assumptions {
            said.push_str(&format!("assumed: {assumption}\n"));
        }
        said
    }
}
