//! The work of Task states, done here.

use std::fmt;

use millrace_flow::{Resource, Settings, TaskCall, TaskControl, TaskError, Tasks};
use millrace_keys::Context;
use millrace_store::{Key, Store, StoreError};
use serde_json::{Value, json};

use crate::athena::Queries;
use crate::platform::{Container, Platform};
use crate::{Sizes, functions};

/// Asked before each task; what it answers is taken for the task's own result. So tests inject what
/// they want to see, by the state's name.
pub type Hook<'a> = dyn Fn(&TaskCall) -> Option<Result<Value, TaskError>> + Sync + 'a;

/// Carries out every task of both machines on this machine.
pub struct LocalTasks<'a> {
    context: Context,
    platform: &'a dyn Platform,
    hook: Option<&'a Hook<'a>>,
    queries: Queries,
    settings: Settings,
    sizes: Sizes,
}

impl fmt::Debug for LocalTasks<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("LocalTasks")
            .field("store", &self.context.store)
            .finish_non_exhaustive()
    }
}

impl<'a> LocalTasks<'a> {
    pub fn new(context: Context, platform: &'a dyn Platform) -> LocalTasks<'a> {
        LocalTasks {
            context,
            platform,
            hook: None,
            queries: Queries::default(),
            settings: Settings::default(),
            sizes: Sizes::default(),
        }
    }

    /// How the machine runs that gives these tasks.
    #[must_use]
    pub fn with_settings(self, settings: Settings) -> LocalTasks<'a> {
        LocalTasks { settings, ..self }
    }

    /// For things of other sizes than this machine's.
    #[must_use]
    pub fn with_sizes(self, sizes: Sizes) -> LocalTasks<'a> {
        LocalTasks { sizes, ..self }
    }

    pub(crate) fn sizes(&self) -> Sizes {
        self.sizes
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    #[must_use]
    pub fn with_hook(self, hook: &'a Hook<'a>) -> LocalTasks<'a> {
        LocalTasks {
            hook: Some(hook),
            ..self
        }
    }

    pub fn store(&self) -> &Store {
        &self.context.store
    }

    fn run_container(
        &self,
        arguments: &Value,
        control: &TaskControl<'_>,
    ) -> Result<Value, TaskError> {
        let task = arguments["TaskDefinition"].as_str().unwrap_or_default();
        let container = match task {
            "validation" => Container::Validation,
            "training" => Container::Training,
            "inference" => Container::Inference,
            other => {
                return Err(TaskError::new(
                    "ECS.ClientException",
                    format!("there is no task `{other}`"),
                ));
            }
        };
        let command = &arguments["Overrides"]["ContainerOverrides"][0]["Command"][0];
        let uri = command.as_str().unwrap_or_default();
        self.platform.run_container(container, uri, control)?;
        Ok(json!({ "LastStatus": "STOPPED" }))
    }

    fn notify(&self, arguments: &Value) -> Value {
        let text = |field: &str| arguments[field].as_str().unwrap_or_default();
        self.platform.notify(text("Subject"), text("Message"));
        json!({ "MessageId": "local" })
    }
}

impl Tasks for LocalTasks<'_> {
    fn call(&self, task: &TaskCall, control: &TaskControl<'_>) -> Result<Value, TaskError> {
        if let Some(answer) = self.hook.and_then(|hook| hook(task)) {
            return answer;
        }
        match &task.resource {
            Resource::LambdaInvoke => {
                let memory = self.sizes.function_memory_bytes;
                functions::invoke(&self.context, &task.arguments, memory)
            }
            Resource::EcsRunTaskSync => self.run_container(&task.arguments, control),
            Resource::SnsPublish => Ok(self.notify(&task.arguments)),
            // Here the document of what is visible is the catalogue.
            Resource::AwsSdk { service, .. } if service == "glue" => Ok(json!({})),
            Resource::AwsSdk { service, action } if service == "athena" => {
                self.queries.call(action, &task.arguments, self.platform)
            }
            other => Err(TaskError::new(
                "States.TaskFailed",
                format!("{other} is not done on this machine"),
            )),
        }
    }

    /// The one bucket here is the store.
    fn write_result(&self, _bucket: &str, key: &str, bytes: Vec<u8>) -> Result<(), TaskError> {
        let put = |key: &str| -> Result<(), StoreError> {
            self.context.store.put(&Key::new(key)?, bytes)?;
            Ok(())
        };
        put(key).map_err(|error| TaskError::new(error.name(), error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::machines;
    use millrace_contract::stages::RunKind;

    #[test]
    fn every_resource_of_the_machines_is_known_here() {
        for kind in [RunKind::Training, RunKind::Inference] {
            let machine = machines::load(kind).unwrap();
            for (state, resource) in machine.resources() {
                let known = match resource {
                    Resource::LambdaInvoke | Resource::EcsRunTaskSync | Resource::SnsPublish => {
                        true
                    }
                    Resource::AwsSdk { service, .. } => service == "glue" || service == "athena",
                    Resource::Other(_) => false,
                };
                assert!(known, "{state} calls {resource}");
            }
        }
    }
}
