//! The fields of each type of state.

use super::fields::Fields;
use super::load::Loader;
use super::machine::{
    Choice, ChoiceRule, Exit, Fail, Flow, Given, Kind, MapMode, MapState, Parallel, Pass,
    ResultWriter, Succeed, Task, Transition, Wait, WaitUntil,
};
use super::{Resource, policy};
use crate::error::LoadError;
use crate::expression::Reach;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

const LONGEST_SECONDS: u64 = 99_999_999;

pub(super) fn kind(fields: &mut Fields, loader: &mut Loader) -> Result<Kind, LoadError> {
    let name: String = fields.require("Type")?;
    match name.as_str() {
        "Task" => task(fields, loader),
        "Parallel" => parallel(fields, loader),
        "Map" => map(fields, loader),
        "Choice" => choice(fields, loader),
        "Pass" => Ok(Kind::Pass(Pass {
            exit: loader.exit(fields, Reach::Input)?,
        })),
        "Wait" => wait(fields, loader),
        "Succeed" => Ok(Kind::Succeed(Succeed {
            output: fields.take_template("Output", Reach::Input)?,
        })),
        "Fail" => fail(fields),
        other => Err(fields.error(
            "Type",
            format!("{other:?} is not a type of state that this engine implements"),
        )),
    }
}

fn task(fields: &mut Fields, loader: &mut Loader) -> Result<Kind, LoadError> {
    let resource: String = fields.require("Resource")?;
    let resource =
        Resource::parse(&resource).map_err(|problem| fields.error("Resource", problem))?;
    let timeout = fields.take_given("TimeoutSeconds", |value| seconds(value, 1))?;
    let heartbeat = fields.take_given("HeartbeatSeconds", |value| seconds(value, 1))?;
    if let (Some(Given::Fixed(timeout)), Some(Given::Fixed(heartbeat))) = (&timeout, &heartbeat)
        && heartbeat >= timeout
    {
        return Err(fields.error("HeartbeatSeconds", "must be less than TimeoutSeconds"));
    }
    Ok(Kind::Task(Box::new(Task {
        resource,
        arguments: fields.take_template("Arguments", Reach::Input)?,
        timeout,
        heartbeat,
        retry: policy::retriers(fields)?,
        catch: policy::catchers(fields, loader)?,
        exit: loader.exit(fields, Reach::Result)?,
    })))
}

fn parallel(fields: &mut Fields, loader: &mut Loader) -> Result<Kind, LoadError> {
    let definitions: Vec<Value> = fields.require("Branches")?;
    if definitions.is_empty() {
        return Err(fields.error("Branches", "is empty"));
    }
    let mut branches = Vec::with_capacity(definitions.len());
    for (index, definition) in definitions.into_iter().enumerate() {
        let inner = Fields::new(
            definition,
            fields.place().inside(&format!("Branches[{index}]")),
        )?;
        branches.push(loader.inner_flow(inner)?);
    }
    Ok(Kind::Parallel(Box::new(Parallel {
        branches,
        arguments: fields.take_template("Arguments", Reach::Input)?,
        retry: policy::retriers(fields)?,
        catch: policy::catchers(fields, loader)?,
        exit: loader.exit(fields, Reach::Result)?,
    })))
}

fn map(fields: &mut Fields, loader: &mut Loader) -> Result<Kind, LoadError> {
    let (processor, is_distributed) = item_processor(fields, loader)?;
    Ok(Kind::Map(Box::new(MapState {
        items: fields.take_template("Items", Reach::Input)?,
        item_selector: fields.take_template("ItemSelector", Reach::Input)?,
        concurrency: fields.take_given("MaxConcurrency", |value| seconds(value, 0))?,
        mode: match is_distributed {
            true => MapMode::Distributed(result_writer(fields)?),
            false => MapMode::Inline,
        },
        processor,
        retry: policy::retriers(fields)?,
        catch: policy::catchers(fields, loader)?,
        exit: loader.exit(fields, Reach::Result)?,
    })))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct ProcessorConfig {
    mode: Option<Mode>,
    execution_type: Option<ExecutionType>,
}

#[derive(Deserialize, PartialEq, Eq)]
#[serde(rename_all = "UPPERCASE")]
enum Mode {
    Inline,
    Distributed,
}

#[derive(Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum ExecutionType {
    /// An express execution may be started twice: tasks that wait for a container are not for it.
    Standard,
}

/// What is done with an item, and whether each has an execution of its own.
fn item_processor(fields: &mut Fields, loader: &Loader) -> Result<(Flow, bool), LoadError> {
    let definition: Value = fields.require("ItemProcessor")?;
    let mut inner = Fields::new(definition, fields.place().inside("ItemProcessor"))?;
    let config: Option<ProcessorConfig> = inner.take("ProcessorConfig")?;
    let is_distributed = config
        .as_ref()
        .is_some_and(|config| config.mode == Some(Mode::Distributed));
    let has_type = config.is_some_and(|config| config.execution_type.is_some());
    if is_distributed != has_type {
        return Err(inner.error(
            "ProcessorConfig.ExecutionType",
            "is for the mode DISTRIBUTED, which needs it: this engine implements \"STANDARD\"",
        ));
    }
    let mut flow = loader.inner_flow(inner)?;
    flow.alone = is_distributed;
    Ok((flow, is_distributed))
}

fn result_writer(fields: &mut Fields) -> Result<ResultWriter, LoadError> {
    let definition: Value = fields.take("ResultWriter")?.ok_or_else(|| {
        fields.error(
            "ResultWriter",
            "is missing: this engine writes the results of a distributed Map and passes none on",
        )
    })?;
    let mut inner = Fields::new(definition, fields.place().inside("ResultWriter"))?;
    let resource: String = inner.require("Resource")?;
    if resource != "arn:aws:states:::s3:putObject" {
        return Err(inner.error("Resource", "must be \"arn:aws:states:::s3:putObject\""));
    }
    let arguments = inner.take_template("Arguments", Reach::Input)?;
    let arguments = arguments.ok_or_else(|| inner.error("Arguments", "is missing"))?;
    fields.reads.append(&mut inner.finish()?);
    Ok(ResultWriter { arguments })
}

fn choice(fields: &mut Fields, loader: &mut Loader) -> Result<Kind, LoadError> {
    let definitions: Vec<Value> = fields.require("Choices")?;
    if definitions.is_empty() {
        return Err(fields.error("Choices", "is empty"));
    }
    let mut rules = Vec::with_capacity(definitions.len());
    for (index, definition) in definitions.into_iter().enumerate() {
        let mut inner = Fields::new(
            definition,
            fields.place().inside(&format!("Choices[{index}]")),
        )?;
        inner.take_comment()?;
        let condition = inner
            .take_given("Condition", truth)?
            .ok_or_else(|| inner.error("Condition", "is missing"))?;
        let exit = Exit {
            output: inner.take_template("Output", Reach::Input)?,
            assign: loader.assign(&mut inner, Reach::Input)?,
            next: Transition::Next(inner.require("Next")?),
        };
        fields.reads.append(&mut inner.finish()?);
        rules.push(ChoiceRule { condition, exit });
    }
    let default: Option<String> = fields.take("Default")?;
    let output = fields.take_template("Output", Reach::Input)?;
    let assign = loader.assign(fields, Reach::Input)?;
    if default.is_none() && (output.is_some() || !assign.is_empty()) {
        return Err(fields.error(
            "Default",
            "is missing, and Output and Assign of a Choice state are for its Default",
        ));
    }
    let default = default.map(|next| Exit {
        output,
        assign,
        next: Transition::Next(next),
    });
    Ok(Kind::Choice(Choice { rules, default }))
}

fn wait(fields: &mut Fields, loader: &mut Loader) -> Result<Kind, LoadError> {
    let seconds = fields.take_given("Seconds", |value| seconds(value, 0))?;
    let timestamp = fields.take_given("Timestamp", timestamp)?;
    let until = match (seconds, timestamp) {
        (Some(seconds), None) => WaitUntil::Seconds(seconds),
        (None, Some(timestamp)) => WaitUntil::Timestamp(timestamp),
        (None, None) => return Err(fields.error("Seconds", "is missing, and Timestamp too")),
        (Some(_), Some(_)) => return Err(fields.error("Timestamp", "cannot stand beside Seconds")),
    };
    Ok(Kind::Wait(Box::new(Wait {
        until,
        exit: loader.exit(fields, Reach::Input)?,
    })))
}

fn fail(fields: &mut Fields) -> Result<Kind, LoadError> {
    Ok(Kind::Fail(Box::new(Fail {
        error: fields.take_given("Error", text)?,
        cause: fields.take_given("Cause", text)?,
    })))
}

fn seconds(value: Value, least: u64) -> Result<u64, String> {
    let number = value
        .as_u64()
        .filter(|number| (least..=LONGEST_SECONDS).contains(number));
    number.ok_or_else(|| format!("must be a whole number between {least} and {LONGEST_SECONDS}, or an expression; it is {value}"))
}

fn truth(value: Value) -> Result<bool, String> {
    value
        .as_bool()
        .ok_or_else(|| format!("must be an expression, true or false; it is {value}"))
}

fn text(value: Value) -> Result<String, String> {
    value
        .as_str()
        .map(str::to_owned)
        .ok_or_else(|| format!("must be a string or an expression; it is {value}"))
}

fn timestamp(value: Value) -> Result<Timestamp, String> {
    let parsed = value.as_str().and_then(|text| text.parse().ok());
    parsed.ok_or_else(|| {
        format!("must be a time such as 2026-03-01T12:00:00Z, or an expression; it is {value}")
    })
}
