//! Columns of a frame as attributes and features.

use millrace_contract::Contract;
use millrace_contract::spec::FairnessGate;
use millrace_dataset::{Frame, Values};
use millrace_fairness::{Attribute, Bands, FairnessError, Feature, FeatureValues};

/// The attributes that the gate judges. One that the rows do not have is missing in every row.
pub fn attributes(
    rows: &Frame,
    contract: &Contract,
    gate: &FairnessGate,
) -> Result<Vec<Attribute>, FairnessError> {
    let attribute = |name: &String| -> Result<Attribute, FairnessError> {
        match rows.get(name) {
            Some(Values::Number(numbers)) => {
                let bands = Bands::new(gate.bands.get(name).cloned().unwrap_or_default())?;
                let known = |number: &f64| number.is_finite().then_some(*number);
                let values = numbers.iter().map(known).collect();
                Ok(Attribute::numbers(name, values, bands))
            }
            Some(values) => Ok(Attribute::categories(name, words(contract, name, values))),
            None => Ok(Attribute::categories(name, vec![None; rows.rows()])),
        }
    };
    gate.attributes.iter().map(attribute).collect()
}

/// The named columns as they were recorded, unscaled.
pub fn features<'a>(
    rows: &Frame,
    contract: &Contract,
    names: impl IntoIterator<Item = &'a str>,
) -> Vec<Feature> {
    let feature = |name: &str| {
        let values = match rows.get(name)? {
            Values::Number(numbers) => FeatureValues::Numbers(numbers.clone()),
            other => FeatureValues::Categories(words(contract, name, other)),
        };
        Some(Feature {
            name: name.to_owned(),
            values,
        })
    };
    names.into_iter().filter_map(feature).collect()
}

/// The words of a column; `None` where it is missing or not in the contract's list.
fn words(contract: &Contract, name: &str, values: &Values) -> Vec<Option<String>> {
    let column = contract.columns.get(name);
    let listed = column.map_or(&[][..], |column| column.values.as_slice());
    match values {
        Values::Code(codes) => {
            let word = |code: &i32| listed.get(usize::try_from(*code).ok()?).cloned();
            codes.iter().map(word).collect()
        }
        Values::Text(texts) => texts.clone(),
        Values::Number(numbers) => {
            let word = |number: &f64| (!number.is_nan()).then(|| number.to_string());
            numbers.iter().map(word).collect()
        }
        Values::Day(days) => days
            .iter()
            .map(|day| day.map(|day| day.to_string()))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use millrace_fairness::AttributeValues;

    const CONTRACT: &str = r#"
name = "people"
version = 1
[columns]
id = { role = "id", type = "text" }
age = { role = "protected", type = "integer" }
gender = { role = "protected", type = "category", values = ["woman", "man"] }
place = { role = "protected", type = "category", values = ["north", "south"] }
visits = { role = "feature", type = "integer", nullable = true }
"#;

    fn rows() -> Frame {
        let mut rows = Frame::new(3);
        for (name, values) in [
            ("age", Values::Number(vec![20.0, f64::NAN, 60.0])),
            ("gender", Values::Code(vec![1, -1, -2])),
            ("visits", Values::Number(vec![1.0, 2.0, f64::NAN])),
        ] {
            rows.insert(name, values).unwrap();
        }
        rows
    }

    #[test]
    fn what_is_missing_unlisted_or_absent_is_nobodys_group() {
        let contract = Contract::parse(CONTRACT, "c").unwrap();
        let mut gate = FairnessGate {
            attributes: ["age", "gender", "place"].map(str::to_owned).to_vec(),
            ..FairnessGate::default()
        };
        let unbanded = attributes(&rows(), &contract, &gate).unwrap_err();
        assert_eq!(unbanded.name(), "BandsUnordered");
        gate.bands.insert("age".into(), vec![40.0]);
        let found = attributes(&rows(), &contract, &gate).unwrap();
        let AttributeValues::Numbers { values, .. } = &found[0].values else {
            panic!("{:?}", found[0]);
        };
        assert_eq!(values, &[Some(20.0), None, Some(60.0)]);
        let words = |index: usize| match &found[index].values {
            AttributeValues::Categories(words) => words.clone(),
            other => panic!("{other:?}"),
        };
        assert_eq!(words(1), [Some("man".to_owned()), None, None]);
        assert_eq!(words(2), [None, None, None]);
    }

    #[test]
    fn features_are_those_that_the_rows_have() {
        let contract = Contract::parse(CONTRACT, "c").unwrap();
        let found = features(&rows(), &contract, ["gender", "visits", "gone"]);
        let names: Vec<&str> = found.iter().map(|feature| feature.name.as_str()).collect();
        assert_eq!(names, ["gender", "visits"]);
        assert!(matches!(found[0].values, FeatureValues::Categories(_)));
    }
}
