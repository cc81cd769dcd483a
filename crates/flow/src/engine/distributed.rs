//! A distributed Map: each item has an execution of its own, and what comes of them is written to a store.
//!
//! A child sees its input and no variable of the flow outside, as on AWS, and its events count for itself. The first child
//! that fails ends the others.

use super::branches::Branch;
use super::visit::Visit;
use crate::asl::{MapState, ResultWriter};
use crate::failure::{Failure, Halt, TOLERATED_FAILURES_EXCEEDED};
use serde_json::{Value, json};

/// Where results go, as the arguments say.
struct Place {
    bucket: String,
    prefix: String,
}

impl Visit<'_> {
    pub(super) fn distributed(
        &self,
        map: &MapState,
        writer: &ResultWriter,
        retries: u32,
    ) -> Result<Value, Halt> {
        let place = self.place(writer, retries)?;
        let branches = self.iterations(map, retries)?;
        let outputs = self.branches(&branches, self.workers(map, retries)?, retries);
        let outputs = outputs.map_err(|halt| match halt {
            Halt::Failed(failure) => Halt::Failed(exceeded(&failure)),
            halt => halt,
        })?;
        let name = format!("{}-{}-{}", self.run.name, self.state.name, retries + 1);
        let folder = format!("{}/{name}", place.prefix);
        let map_run = format!("arn:aws:states:local:000000000000:mapRun:{name}");
        let outputs = outputs.as_array().map_or(&[][..], Vec::as_slice);
        let results = results(&name, &branches, outputs);
        let file = format!("{folder}/SUCCEEDED_0.json");
        let bytes = self.write(&place.bucket, &file, &results)?;
        let manifest = json!({
            "DestinationBucket": place.bucket,
            "MapRunArn": map_run,
            "ResultFiles": {
                "FAILED": [], "PENDING": [],
                "SUCCEEDED": [{ "Key": file, "Size": bytes }],
            },
        });
        let key = format!("{folder}/manifest.json");
        self.write(&place.bucket, &key, &manifest)?;
        Ok(json!({
            "MapRunArn": map_run,
            "ResultWriterDetails": { "Bucket": place.bucket, "Key": key },
        }))
    }

    fn place(&self, writer: &ResultWriter, retries: u32) -> Result<Place, Halt> {
        let field = "ResultWriter.Arguments";
        let given = self.evaluate(field, &writer.arguments, &self.states(retries))?;
        let text = |name: &str| {
            let found = given[name].as_str().filter(|text| !text.is_empty());
            found
                .map(str::to_owned)
                .ok_or_else(|| self.query_error(field, &format!("must give the text {name}")))
        };
        Ok(Place {
            bucket: text("Bucket")?,
            prefix: text("Prefix")?.trim_end_matches('/').to_owned(),
        })
    }

    /// Gives the size of what was written.
    fn write(&self, bucket: &str, key: &str, value: &Value) -> Result<usize, Halt> {
        let bytes = value.to_string().into_bytes();
        let size = bytes.len();
        let written = self.run.tasks.write_result(bucket, key, bytes);
        written.map_err(|error| Halt::failed(&error.error, error.cause))?;
        Ok(size)
    }
}

/// The name of what a child says stays in the cause: the state fails by a name of its own.
fn exceeded(failure: &Failure) -> Failure {
    Failure {
        error: TOLERATED_FAILURES_EXCEEDED.to_owned(),
        cause: format!(
            "an iteration failed, and none may: {}: {}",
            failure.error, failure.cause
        ),
        ..failure.clone()
    }
}

fn results(name: &str, branches: &[Branch<'_>], outputs: &[Value]) -> Value {
    let children = branches.iter().zip(outputs).enumerate();
    children
        .map(|(index, (branch, output))| {
            json!({
                "Name": format!("{name}-{index}"),
                "Status": "SUCCEEDED",
                "Input": branch.input.to_string(),
                "InputDetails": { "Included": true },
                "Output": output.to_string(),
                "OutputDetails": { "Included": true },
            })
        })
        .collect()
}
