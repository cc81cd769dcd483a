//! One process of a run: both machines from their beginning, over stores that heed a fate.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use millrace_adapter::container::perform;
use millrace_adapter::function::{Function, call};
use millrace_contract::spec::ExtraColumns;
use millrace_contract::stages::{Listener, Silent as Deaf, ValidateInput, ValidateOutput};
use millrace_contract::{NamedError, RunId};
use millrace_flow::{
    Execution, Outcome, Resource, Settings, Silent, Stop, TaskCall, TaskControl, TaskError,
};
use millrace_keys::Context;
use millrace_orchestra::{
    Container, InferenceRequest, LocalTasks, Platform, TrainingRequest, run_inference, run_training,
};
use millrace_stage_registry::run_at;
use millrace_stage_validate::ValidateError;
use millrace_store::Store;
use millrace_trail::{Text, freeze_documents};
use serde_json::{Value, json};

use crate::fate::{Door, Fate};
use crate::people::{CONTRACT, SPEC};
use crate::reader;

/// What a process is asked to do.
#[derive(Debug, Clone)]
pub enum Asked {
    Training {
        run: String,
        data: usize,
    },
    Inference {
        run: String,
        at: &'static str,
    },
    /// As `millrace run` does: training, then inference with what is live by then.
    Both {
        run: String,
        data: usize,
        at: &'static str,
    },
}

/// Where a process works: what its stores are called, and what lies in them.
#[derive(Clone)]
pub struct Place {
    /// No two places of one test may share it.
    pub name: String,
    pub store: Store,
    /// Data to learn from.
    pub lessons: Arc<Vec<Store>>,
    /// Data to score.
    pub people: Store,
}

impl Place {
    fn lesson_name(&self, index: usize) -> String {
        format!("{}-lesson-{index}", self.name)
    }

    fn people_name(&self) -> String {
        format!("{}-people", self.name)
    }
}

/// Runs until the end, or until the process dies.
pub fn run(place: &Place, asked: &Asked, fate: &Fate) -> Result<(), String> {
    let outside = Outside {
        place,
        fate,
        store: faulty(place.store.clone(), &place.name, fate, Door::Store),
        data: Mutex::default(),
    };
    outside.open_data();
    match asked {
        Asked::Training { run, data } => outside.train(run, *data),
        Asked::Inference { run, at } => outside.infer(run, at),
        Asked::Both { run, data, at } => {
            outside.train(&format!("{run}-training"), *data)?;
            outside.infer(&format!("{run}-inference"), at)
        }
    }
}

fn faulty(store: Store, name: &str, fate: &Fate, door: Door) -> Store {
    let fate = fate.clone();
    store.with_faults_as(name, move |operation| fate.decide(door, operation))
}

/// The world outside of the machines: containers in this process, SQL by reading what is visible.
struct Outside<'a> {
    place: &'a Place,
    fate: &'a Fate,
    store: Store,
    /// Held so that the data is found by its URI.
    data: Mutex<Vec<Store>>,
}

impl Outside<'_> {
    /// Anew for every task, for another process may have used the names meanwhile.
    fn open_data(&self) {
        let place = self.place;
        let mut data = vec![faulty(
            place.people.clone(),
            &place.people_name(),
            self.fate,
            Door::Data,
        )];
        for (index, lesson) in place.lessons.iter().enumerate() {
            let name = place.lesson_name(index);
            data.push(faulty(lesson.clone(), &name, self.fate, Door::Data));
        }
        *self.data.lock().unwrap_or_else(PoisonError::into_inner) = data;
    }

    fn train(&self, run: &str, data: usize) -> Result<(), String> {
        let run_id = RunId::new(run).unwrap();
        let text = |origin: &str, text: &str| Text {
            origin: origin.into(),
            text: text.into(),
        };
        self.fate.enters("Freeze".into());
        let (spec, contract) = (text("spec.toml", SPEC), text("contract.toml", CONTRACT));
        freeze_documents(&self.store, &run_id, &spec, &contract).map_err(|e| named(&e))?;
        let request = TrainingRequest {
            run_id,
            allow_other_clock: true,
            started_at: Some("2026-11-01T08:00:00Z".parse().unwrap()),
            spec: None,
            data: Some(format!("memory:{}", self.place.lesson_name(data))),
            strategy: None,
        };
        let hook = self.hook();
        let tasks = self.tasks(&hook);
        let ended = run_training(&tasks, &request, &Silent, self.fate.clock(), &Stop::new());
        succeeded(ended.map_err(|e| named(&e))?)
    }

    fn infer(&self, run: &str, at: &str) -> Result<(), String> {
        let request = InferenceRequest {
            run_id: RunId::new(run).unwrap(),
            allow_other_clock: true,
            started_at: Some(at.parse().unwrap()),
            model: Some("small".parse().unwrap()),
            version: None,
            extra: ExtraColumns::default(),
            trial: false,
            data: Some(format!("memory:{}", self.place.people_name())),
        };
        let hook = self.hook();
        let tasks = self.tasks(&hook);
        let ended = run_inference(&tasks, &request, &Silent, self.fate.clock(), &Stop::new());
        succeeded(ended.map_err(|e| named(&e))?)
    }

    fn tasks<'a>(
        &'a self,
        hook: &'a (dyn Fn(&TaskCall) -> Option<Result<Value, TaskError>> + Sync + 'a),
    ) -> LocalTasks<'a> {
        LocalTasks::new(Context::unsigned(&self.store), self)
            .with_hook(hook)
            .with_settings(Settings {
                map_concurrency_limit: 1,
                parallel_concurrency_limit: 1,
                seed: Some(1),
                ..Settings::default()
            })
    }

    /// Notes where the process is, and gives the registry a time that every repetition shares.
    fn hook(&self) -> impl Fn(&TaskCall) -> Option<Result<Value, TaskError>> + Sync + '_ {
        |task: &TaskCall| {
            self.fate.enters(task.state.clone());
            self.open_data();
            let is_registry = task.resource == Resource::LambdaInvoke
                && task.arguments["FunctionName"] == "registry";
            is_registry.then(|| self.registry(task.arguments["Payload"].clone()))
        }
    }

    fn registry(&self, payload: Value) -> Result<Value, TaskError> {
        let function = Function {
            context: Context::unsigned(&self.store),
            memory_bytes: None,
        };
        let answer = call(&function, payload, |function, input| {
            let now: Timestamp = "2026-11-02T00:00:00Z".parse().unwrap();
            run_at(&function.context, input, now)
        });
        match answer {
            Ok(payload) => Ok(json!({ "Payload": payload, "StatusCode": 200 })),
            Err(error) => {
                let cause = json!({ "errorType": error.name, "errorMessage": error.message });
                Err(TaskError::new(error.name, cause.to_string()))
            }
        }
    }
}

impl Platform for Outside<'_> {
    fn run_container(
        &self,
        container: Container,
        input_uri: &str,
        _: &TaskControl<'_>,
    ) -> Result<(), TaskError> {
        // A container opens the store itself, so it must find this process's.
        let name = format!("{}-container", self.place.name);
        let _store = faulty(self.place.store.clone(), &name, self.fate, Door::Store);
        let (_, inside) = input_uri.rsplit_once("/runs/").unwrap();
        let uri = format!("memory:{name}/runs/{inside}");
        let ended = match container {
            Container::Validation => perform(&uri, validate, |_, _| Deaf),
            Container::Training => perform(&uri, millrace_stage_training::run, |_, _| Deaf),
            Container::Inference => perform(&uri, millrace_stage_inference::run, |_, _| Deaf),
        };
        ended.map_err(|error| TaskError::new("States.TaskFailed", error.message))
    }

    fn query(&self, sql: &str) -> Result<Vec<String>, TaskError> {
        reader::answer(&self.store, sql).map_err(|error| TaskError::new("QueryFailed", error))
    }
}

/// The validation as a container does it.
pub fn validate(
    context: &Context,
    input: ValidateInput,
    _: &dyn Listener,
) -> Result<ValidateOutput, ValidateError> {
    millrace_stage_validate::run_aside(context, input, None)
}

fn succeeded(execution: Execution) -> Result<(), String> {
    match execution.outcome {
        Outcome::Succeeded { .. } => Ok(()),
        Outcome::Failed { error, cause } => Err(format!("{error}: {cause}")),
        other => Err(format!("{other:?}")),
    }
}

fn named(error: &(impl NamedError + std::fmt::Display)) -> String {
    format!("{}: {error}", error.name())
}
