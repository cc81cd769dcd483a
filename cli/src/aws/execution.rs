//! An execution on AWS from its start to its end.

use std::time::Duration;

use aws_sdk_sfn::types::ExecutionStatus;
use millrace_contract::RunId;
use millrace_flow::Observer;
use serde_json::Value;

use super::events::Translator;
use super::{Aws, failed};
use crate::failure::Failure;

/// How often it is asked how far the execution is.
const LOOK: Duration = Duration::from_secs(1);
/// How often one run can be started: names of executions are used once.
const MOST_STARTS: u32 = 50;
const EVENTS_PER_PAGE: i32 = 1_000;

/// An execution that began.
#[derive(Debug)]
pub struct Started {
    pub arn: String,
}

/// How an execution ended.
#[derive(Debug)]
pub enum Ended {
    Succeeded {
        output: Value,
    },
    Failed {
        error: String,
        cause: String,
        /// The last container that was started, where there was one.
        task: Option<super::events::Task>,
    },
}

impl Aws {
    /// Starts an execution named after the run; one of that name that has ended does not stand in the way.
    pub fn start(&self, machine: &str, run_id: &RunId, input: &Value) -> Result<Started, Failure> {
        for time in 1..=MOST_STARTS {
            let name = match time {
                1 => run_id.to_string(),
                _ => format!("{run_id}-{time}"),
            };
            let call = self
                .states
                .start_execution()
                .state_machine_arn(machine)
                .name(name)
                .input(input.to_string());
            match self.wait(call.send()) {
                Ok(begun) => {
                    return Ok(Started {
                        arn: begun.execution_arn().to_owned(),
                    });
                }
                Err(error)
                    if error
                        .as_service_error()
                        .is_some_and(|error| error.is_execution_already_exists()) => {}
                Err(error) => return Err(failed("the run cannot be started", &error)),
            }
        }
        Err(Failure::new(
            "ExecutionAlreadyExists",
            format!("run `{run_id}` was started {MOST_STARTS} times: give another --run-id"),
        ))
    }

    /// Tells `observer` everything until the execution has ended.
    pub fn follow(&self, started: &Started, observer: &dyn Observer) -> Result<Ended, Failure> {
        let mut translator = Translator::default();
        loop {
            // Asked before the events, so that none is missing when it has ended.
            let described = self.wait(
                self.states
                    .describe_execution()
                    .execution_arn(&started.arn)
                    .send(),
            );
            let described =
                described.map_err(|error| failed("the run cannot be followed", &error))?;
            self.tell(started, &mut translator, observer)?;
            let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
            let error = match described.status() {
                ExecutionStatus::Running => {
                    std::thread::sleep(LOOK);
                    continue;
                }
                ExecutionStatus::Succeeded => {
                    let output = serde_json::from_str(described.output().unwrap_or("null"));
                    return Ok(Ended::Succeeded {
                        output: output.unwrap_or(Value::Null),
                    });
                }
                ExecutionStatus::TimedOut => "States.Timeout".to_owned(),
                ExecutionStatus::Aborted => "Stopped".to_owned(),
                _ => text(described.error()),
            };
            return Ok(Ended::Failed {
                error,
                cause: text(described.cause()),
                task: translator.last_task(),
            });
        }
    }

    fn tell(
        &self,
        started: &Started,
        translator: &mut Translator,
        observer: &dyn Observer,
    ) -> Result<(), Failure> {
        let pages = self
            .states
            .get_execution_history()
            .execution_arn(&started.arn)
            .max_results(EVENTS_PER_PAGE)
            .into_paginator();
        let mut events = pages.items().send();
        self.wait(async {
            while let Some(event) = events.next().await {
                let event =
                    event.map_err(|error| failed("the run's history cannot be read", &error))?;
                if let Some(event) = translator.translate(&event) {
                    observer.event(&event);
                }
            }
            Ok(())
        })
    }
}
