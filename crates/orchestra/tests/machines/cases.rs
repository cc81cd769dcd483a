//! The cases of `tests/cases/`: what each task answers, and what must come of it.

use std::collections::BTreeMap;
use std::sync::Mutex;

use millrace_flow::{
    Execution, Machine, Resource, Silent, SimulatedClock, TaskCall, TaskControl, TaskError, Tasks,
};
use millrace_orchestra::local_substitutions;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cases {
    input: Value,
    tasks: Answers,
    pub cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    pub name: String,
    tasks: Answers,
    pub outcome: Value,
    pub states: Option<Vec<String>>,
    pub top_level_states: Option<Vec<String>>,
    #[serde(default)]
    substitutions: BTreeMap<String, String>,
    #[serde(rename = "not_in_emulator")]
    _not_in_emulator: Option<String>,
}

/// By state: one answer for each attempt, the last one again and again.
pub type Answers = BTreeMap<String, Vec<Answer>>;

#[derive(Deserialize, Clone)]
#[serde(untagged, deny_unknown_fields)]
pub enum Answer {
    Return { r#return: Value },
    Error { error: String, cause: String },
}

struct Scripted {
    answers: Answers,
    calls: Mutex<BTreeMap<String, usize>>,
}

impl Tasks for Scripted {
    fn write_result(&self, _: &str, _: &str, _: Vec<u8>) -> Result<(), TaskError> {
        Ok(())
    }

    fn call(&self, task: &TaskCall, _: &TaskControl<'_>) -> Result<Value, TaskError> {
        let answers = &self.answers[&task.state];
        let mut calls = self.calls.lock().unwrap();
        let call = calls.entry(task.state.clone()).or_default();
        let answer = answers[(*call).min(answers.len() - 1)].clone();
        *call += 1;
        let function = task.resource == Resource::LambdaInvoke;
        match answer {
            Answer::Return { r#return } if function => {
                Ok(json!({ "StatusCode": 200, "Payload": r#return }))
            }
            Answer::Return { r#return } => Ok(r#return),
            Answer::Error { error, cause } if function => {
                let document = json!({ "errorType": error, "errorMessage": cause });
                Err(TaskError::new(error, document.to_string()))
            }
            Answer::Error { error, cause } => Err(TaskError::new(error, cause)),
        }
    }
}

impl Cases {
    /// What the tasks answer in a case.
    pub fn answers(&self, case: &Case) -> Answers {
        let mut answers = self.tasks.clone();
        answers.extend(case.tasks.clone());
        answers
    }

    pub fn run(&self, text: &str, case: &Case) -> Execution {
        self.run_with(text, case, self.answers(case))
    }

    pub fn run_with(&self, text: &str, case: &Case, answers: Answers) -> Execution {
        let mut substitutions = local_substitutions();
        substitutions.extend(case.substitutions.clone());
        let machine = Machine::load(text, &substitutions).unwrap();
        let tasks = Scripted {
            answers,
            calls: Mutex::default(),
        };
        let clock = SimulatedClock::starting_at("2026-11-01T00:00:00Z".parse().unwrap());
        machine.run("r1", self.input.clone(), &tasks, &Silent, &clock)
    }
}
