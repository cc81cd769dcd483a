//! Athena's three calls over embedded SQL: a query is answered when it is started.

use std::sync::{Mutex, PoisonError};

use millrace_flow::TaskError;
use serde_json::{Value, json};

use crate::Platform;

/// The queries of one execution; a query's id is its place in the list.
#[derive(Debug, Default)]
pub struct Queries {
    answers: Mutex<Vec<Result<Vec<String>, TaskError>>>,
}

impl Queries {
    pub fn call(
        &self,
        action: &str,
        arguments: &Value,
        platform: &dyn Platform,
    ) -> Result<Value, TaskError> {
        match action {
            "startQueryExecution" => {
                let sql = arguments["QueryString"].as_str().unwrap_or_default();
                Ok(self.start(platform.query(sql)))
            }
            "getQueryExecution" => self.status(&self.answer(arguments)?),
            "getQueryResults" => self.answer(arguments)?.map(|row| result(&row)),
            other => Err(TaskError::new(
                "Athena.InvalidRequestException",
                format!("`{other}` is not done on this machine"),
            )),
        }
    }

    fn start(&self, answer: Result<Vec<String>, TaskError>) -> Value {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.push(answer);
        json!({ "QueryExecutionId": format!("local-{}", answers.len()) })
    }

    fn answer(&self, arguments: &Value) -> Result<Result<Vec<String>, TaskError>, TaskError> {
        let id = arguments["QueryExecutionId"].as_str().unwrap_or_default();
        let place: Option<usize> = id.strip_prefix("local-").and_then(|n| n.parse().ok());
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let found = place.and_then(|place| answers.get(place.checked_sub(1)?));
        found.cloned().ok_or_else(|| {
            TaskError::new(
                "Athena.InvalidRequestException",
                format!("there is no query `{id}`"),
            )
        })
    }

    fn status(&self, answer: &Result<Vec<String>, TaskError>) -> Result<Value, TaskError> {
        let status = match answer {
            Ok(_) => json!({ "State": "SUCCEEDED" }),
            Err(error) => json!({ "State": "FAILED", "StateChangeReason": error.to_string() }),
        };
        Ok(json!({ "QueryExecution": { "Status": status } }))
    }
}

/// A row of names and a row of values, as Athena gives them. The names are not asked for.
fn result(row: &[String]) -> Value {
    let data = |texts: Vec<&str>| -> Value {
        let cells: Vec<Value> = texts
            .iter()
            .map(|text| json!({ "VarCharValue": text }))
            .collect();
        json!({ "Data": cells })
    };
    let names = vec![""; row.len()];
    let values = row.iter().map(String::as_str).collect();
    json!({ "ResultSet": { "Rows": [data(names), data(values)] } })
}
