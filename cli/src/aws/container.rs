//! What became of a container: its state as ECS knows it, and what it said last.

use aws_sdk_ecs::types::{Container, ContainerDefinition};
use serde::Serialize;

use super::events::Task;
use super::{Aws, failed};
use crate::failure::Failure;

/// A task and its containers.
#[derive(Debug, Serialize)]
pub struct Explained {
    pub task: String,
    pub state: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped_because: Option<String>,
    pub containers: Vec<ExplainedContainer>,
}

#[derive(Debug, Serialize)]
pub struct ExplainedContainer {
    pub name: String,
    pub state: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<Log>,
    /// The end of its log, or why that cannot be read.
    pub last_lines: Vec<String>,
}

/// Where CloudWatch keeps what a container said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Log {
    pub group: String,
    pub stream: String,
}

impl Aws {
    /// What ECS says of a task, also for a while after it has ended.
    pub fn explain(&self, task: &Task) -> Result<Explained, Failure> {
        let described = self.wait(
            self.containers
                .describe_tasks()
                .cluster(&task.cluster)
                .tasks(&task.arn)
                .send(),
        );
        let described =
            described.map_err(|error| failed("the container cannot be described", &error))?;
        let Some(found) = described.tasks().first() else {
            return Err(Failure::new(
                "TaskForgotten",
                format!("ECS does not know {} any more", task.arn),
            ));
        };
        let definitions = match found.task_definition_arn() {
            Some(definition) => self.definitions(definition)?,
            None => Vec::new(),
        };
        let id = task.arn.rsplit('/').next().unwrap_or(&task.arn);
        let containers = found.containers().iter();
        Ok(Explained {
            task: task.arn.clone(),
            state: found.last_status().unwrap_or("unknown").to_owned(),
            stopped_because: found.stopped_reason().map(str::to_owned),
            containers: containers
                .map(|container| self.with_log(explained(container, &definitions, id)))
                .collect(),
        })
    }

    /// A log that cannot be read is no reason to say nothing of its container.
    fn with_log(&self, mut container: ExplainedContainer) -> ExplainedContainer {
        if let Some(log) = &container.log {
            container.last_lines = self
                .last_lines(log)
                .unwrap_or_else(|failure| vec![failure.to_string()]);
        }
        container
    }

    fn definitions(&self, definition: &str) -> Result<Vec<ContainerDefinition>, Failure> {
        let described = self.wait(
            self.containers
                .describe_task_definition()
                .task_definition(definition)
                .send(),
        );
        let described =
            described.map_err(|error| failed("the task cannot be described", &error))?;
        Ok(described
            .task_definition()
            .map(|definition| definition.container_definitions().to_vec())
            .unwrap_or_default())
    }
}

fn explained(
    container: &Container,
    definitions: &[ContainerDefinition],
    task_id: &str,
) -> ExplainedContainer {
    let name = container.name().unwrap_or_default();
    let definition = definitions
        .iter()
        .find(|definition| definition.name() == Some(name));
    ExplainedContainer {
        name: name.to_owned(),
        state: container.last_status().unwrap_or("unknown").to_owned(),
        exit_code: container.exit_code(),
        reason: container.reason().map(str::to_owned),
        log: definition.and_then(|definition| log(definition, task_id)),
        last_lines: Vec::new(),
    }
}

fn log(definition: &ContainerDefinition, task_id: &str) -> Option<Log> {
    let options = definition.log_configuration()?.options()?;
    let prefix = options.get("awslogs-stream-prefix")?;
    Some(Log {
        group: options.get("awslogs-group")?.clone(),
        stream: format!("{prefix}/{}/{task_id}", definition.name()?),
    })
}

impl Explained {
    /// A few lines for a person.
    pub fn text(&self) -> String {
        let because = self.stopped_because.as_deref().unwrap_or("no reason given");
        let mut out = format!("task {}: {}, {because}\n", self.task, self.state);
        for container in &self.containers {
            let exit = container
                .exit_code
                .map_or("no exit code".into(), |code| format!("exit code {code}"));
            let reason = container.reason.as_deref().unwrap_or("no reason given");
            out += &format!(
                "container {}: {}, {exit}, {reason}\n",
                container.name, container.state
            );
            for line in &container.last_lines {
                out += &format!("  {line}\n");
            }
            if let Some(Log { group, stream }) = &container.log {
                out += &format!("all of it: aws logs tail {group} --log-stream-names {stream}\n");
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use aws_sdk_ecs::types::{LogConfiguration, LogDriver};

    #[test]
    fn a_container_that_was_killed_is_told_with_its_log() {
        let container = Container::builder()
            .name("training")
            .last_status("STOPPED")
            .exit_code(137)
            .reason("OutOfMemoryError: Container killed due to memory usage")
            .build();
        let logs = LogConfiguration::builder()
            .log_driver(LogDriver::Awslogs)
            .options("awslogs-group", "/millrace/training")
            .options("awslogs-stream-prefix", "run")
            .build()
            .unwrap();
        let definition = ContainerDefinition::builder()
            .name("training")
            .log_configuration(logs)
            .build();
        let mut container = explained(&container, &[definition], "abc");
        container.last_lines = vec!["{\"phase\":\"searching\"}".into()];
        let explained = Explained {
            task: "arn:aws:ecs:us-east-1:1:task/c/abc".into(),
            state: "STOPPED".into(),
            stopped_because: Some("Essential container in task exited".into()),
            containers: vec![container],
        };
        let text = explained.text();
        assert!(text.contains("exit code 137, OutOfMemoryError"), "{text}");
        assert!(text.contains("  {\"phase\":\"searching\"}\n"), "{text}");
        assert!(
            text.contains("tail /millrace/training --log-stream-names run/training/abc"),
            "{text}"
        );
    }
}
