//! The columns of the file: each of the contract's finds where its values come from.

use millrace_contract::{Column, ColumnType, Contract, Role};

use crate::population::{ColumnPlan, Kind, Population};
use crate::prepare::Source;

/// Pairs the contract's columns with those that are drawn; every one of both must find the other.
pub(crate) fn sources(
    contract: &Contract,
    population: &dyn Population,
    plans: &[ColumnPlan],
) -> Result<Vec<(String, ColumnType, bool, Source)>, String> {
    let mut sources = Vec::new();
    for (name, column) in &contract.columns {
        let source = match column.role {
            Role::Date | Role::Unused => continue,
            Role::Id => Source::Id,
            Role::Target => {
                let targets = population.targets();
                let index = targets.iter().position(|target| target.name == name);
                Source::Target(index.ok_or_else(|| {
                    let names: Vec<&str> = targets.iter().map(|target| target.name).collect();
                    format!("the target is called `{}`", names.join("` or `"))
                })?)
            }
            Role::Feature | Role::Protected => {
                let index = plans.iter().position(|plan| plan.name == name);
                let index = index.ok_or_else(|| format!("the column `{name}` is unknown"))?;
                check_kind(name, column, &plans[index].kind)?;
                Source::Plan(index)
            }
        };
        sources.push((name.clone(), column.column_type, column.nullable, source));
    }
    let features = plans.iter().map(|plan| plan.name);
    let targets = population.targets().iter().map(|target| target.name);
    let left_out = features
        .chain(targets)
        .find(|name| !contract.columns.contains_key(*name));
    if let Some(name) = left_out {
        return Err(format!("it lacks the column `{name}`"));
    }
    Ok(sources)
}

fn check_kind(name: &str, column: &Column, kind: &Kind) -> Result<(), String> {
    let fits = match kind {
        Kind::Number { decimals: 0 } => column.column_type.is_numeric(),
        Kind::Number { .. } => column.column_type == ColumnType::Float,
        Kind::Flag => column.column_type == ColumnType::Boolean,
        Kind::Words(_) => column.column_type.has_values(),
    };
    if !fits {
        return Err(format!("the column `{name}` has another type"));
    }
    match kind {
        Kind::Words(words) if column.values != *words => Err(format!(
            "the words of the column `{name}` are {}",
            words.join(", ")
        )),
        _ => Ok(()),
    }
}
