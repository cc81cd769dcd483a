//! Metrics in CloudWatch's embedded format: a log line that CloudWatch turns into numbers by itself.

use serde_json::{Value, json};

/// The namespace of every metric.
pub const NAMESPACE: &str = "Millrace";

/// The line for one call of a stage.
pub fn line(stage: &str, milliseconds: f64, failed: Option<&str>, at: jiff::Timestamp) -> Value {
    let mut line = json!({
        "_aws": {
            "Timestamp": at.as_millisecond(),
            "CloudWatchMetrics": [{
                "Namespace": NAMESPACE,
                "Dimensions": [["stage"]],
                "Metrics": [
                    {"Name": "duration_milliseconds", "Unit": "Milliseconds"},
                    {"Name": "failures", "Unit": "Count"},
                ],
            }],
        },
        "stage": stage,
        "duration_milliseconds": milliseconds,
        "failures": u8::from(failed.is_some()),
    });
    if let (Some(name), Some(fields)) = (failed, line.as_object_mut()) {
        fields.insert("error".into(), name.into());
    }
    line
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_declared_metric_is_in_the_line() {
        let line = line(
            "validate",
            12.5,
            Some("ContractViolated"),
            "2026-11-01T00:00:00Z".parse().unwrap(),
        );
        let directive = &line["_aws"]["CloudWatchMetrics"][0];
        for metric in directive["Metrics"].as_array().unwrap() {
            assert!(line[metric["Name"].as_str().unwrap()].is_number());
        }
        assert!(line[directive["Dimensions"][0][0].as_str().unwrap()].is_string());
        assert_eq!(line["error"], "ContractViolated");
    }
}
