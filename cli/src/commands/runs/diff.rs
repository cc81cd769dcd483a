//! What differs between two runs: every fact of one beside the same fact of the other.

use millrace_contract::RunId;
use millrace_keys::Context;
use serde::Serialize;
use serde_json::Value;

use super::facts;
use crate::failure::Failure;
use crate::text;

#[derive(Debug, Serialize)]
pub struct Diff {
    pub before: RunId,
    pub after: RunId,
    pub differences: Vec<Difference>,
    /// How many facts are the same.
    pub same: usize,
}

/// A fact that differs; null where a run has none.
#[derive(Debug, PartialEq, Serialize)]
pub struct Difference {
    pub name: String,
    pub before: Value,
    pub after: Value,
    /// Of numbers, `after` minus `before`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change: Option<f64>,
}

pub fn diff(context: &Context, before: &RunId, after: &RunId) -> Result<Diff, Failure> {
    let (mut differences, mut same) = (Vec::new(), 0);
    compare(
        "",
        &facts::of(context, before)?,
        &facts::of(context, after)?,
        &mut differences,
        &mut same,
    );
    Ok(Diff {
        before: before.clone(),
        after: after.clone(),
        differences,
        same,
    })
}

fn compare(
    name: &str,
    before: &Value,
    after: &Value,
    differences: &mut Vec<Difference>,
    same: &mut usize,
) {
    if let (Value::Object(left), Value::Object(right)) = (before, after) {
        let only_right = right.keys().filter(|key| !left.contains_key(*key));
        for key in left.keys().chain(only_right) {
            let inner = match name {
                "" => key.clone(),
                _ => format!("{name}.{key}"),
            };
            let (left, right) = (&before[key.as_str()], &after[key.as_str()]);
            compare(&inner, left, right, differences, same);
        }
        return;
    }
    if before == after {
        *same += 1;
        return;
    }
    let numbers = before.as_f64().zip(after.as_f64());
    differences.push(Difference {
        name: name.to_owned(),
        before: before.clone(),
        after: after.clone(),
        change: numbers.map(|(before, after)| after - before),
    });
}

pub fn text(diff: &Diff) -> String {
    let mut out = format!(
        "before: {}\nafter:  {}\n{} differ, {} are the same\n",
        diff.before,
        diff.after,
        diff.differences.len(),
        diff.same
    );
    if diff.differences.is_empty() {
        return out;
    }
    let mut rows = vec![
        ["", "BEFORE", "AFTER", "CHANGE"]
            .map(str::to_owned)
            .to_vec(),
    ];
    rows.extend(diff.differences.iter().map(|difference| {
        vec![
            difference.name.clone(),
            short(&difference.before),
            short(&difference.after),
            difference
                .change
                .map_or(String::new(), |change| format!("{change:+.6}")),
        ]
    }));
    out += "\n";
    out += &text::table(&rows);
    out
}

/// A value in a cell of a table.
fn short(value: &Value) -> String {
    const MOST: usize = 48;
    let text = match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    #[test]
    fn every_fact_is_compared_also_one_that_only_one_run_has() {
        let before = json!({"metrics": {"r2": 0.5, "mae": 0.1}, "verdicts": {}, "same": [1]});
        let after = json!({"metrics": {"r2": 0.75, "mae": 0.1}, "verdicts": {"quality": "passed"}, "same": [1]});
        let (mut differences, mut same) = (Vec::new(), 0);
        compare("", &before, &after, &mut differences, &mut same);
        assert_eq!(same, 2);
        let told: Vec<(&str, Option<f64>)> = differences
            .iter()
            .map(|difference| (difference.name.as_str(), difference.change))
            .collect();
        assert_eq!(
            told,
            [("metrics.r2", Some(0.25)), ("verdicts.quality", None)]
        );
    }

    #[test]
    fn long_values_are_cut_between_letters() {
        assert_eq!(
            short(&json!("é".repeat(60))),
            format!("{}...", "é".repeat(48))
        );
        assert_eq!(short(&Value::Null), "-");
    }
}
