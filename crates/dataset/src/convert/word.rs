//! Words as indices into a contract's list, and texts.

use std::collections::HashMap;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Float32Type, Float64Type, Int32Type, Int64Type};

use super::number::{WHOLE_IN_F64, is_text, texts};
use super::{Faults, Mismatch, mismatch};
use crate::error::ValueProblem;
use crate::frame::{MISSING, UNSEEN};

#[derive(Debug)]
pub(super) struct Codes<'a> {
    of_word: HashMap<&'a str, i32>,
}

impl<'a> Codes<'a> {
    pub(super) fn new(words: &'a [String]) -> Codes<'a> {
        let of_word = words
            .iter()
            .enumerate()
            .map(|(code, word)| (word.as_str(), code as i32))
            .collect();
        Codes { of_word }
    }

    fn of(&self, word: Option<&str>) -> i32 {
        match word {
            None | Some("") => MISSING,
            Some(word) => self.of_word.get(word).copied().unwrap_or(UNSEEN),
        }
    }

    /// `unseen` is told each word that is not listed, and how often it was met.
    pub(super) fn append(
        &self,
        array: &ArrayRef,
        values: &mut Vec<i32>,
        mut unseen: impl FnMut(&str, u64),
    ) -> Result<(), Mismatch> {
        let dictionary = array.as_dictionary_opt::<Int32Type>();
        let words = dictionary.and_then(|dictionary| dictionary.values().as_string_opt::<i32>());
        let (Some(dictionary), Some(words)) = (dictionary, words) else {
            return self.append_plain(array, values, unseen);
        };
        // Each word of the dictionary is looked up once, each row is then an index.
        let codes: Vec<i32> = words.iter().map(|word| self.of(word)).collect();
        let mut unseen_counts = vec![0u64; codes.len()];
        for key in dictionary.keys() {
            let index = key.map_or(usize::MAX, |key| key as usize);
            let code = codes.get(index).copied().unwrap_or(MISSING);
            if code == UNSEEN {
                unseen_counts[index] += 1;
            }
            values.push(code);
        }
        for (index, count) in unseen_counts
            .iter()
            .enumerate()
            .filter(|(_, count)| **count > 0)
        {
            unseen(words.value(index), *count);
        }
        Ok(())
    }

    fn append_plain(
        &self,
        array: &ArrayRef,
        values: &mut Vec<i32>,
        mut unseen: impl FnMut(&str, u64),
    ) -> Result<(), Mismatch> {
        for word in texts(array)? {
            let code = self.of(word);
            if let Some(word) = word.filter(|_| code == UNSEEN) {
                unseen(word, 1);
            }
            values.push(code);
        }
        Ok(())
    }
}

/// Texts as they are; with `whole`, whole numbers as text, which is the form of ids.
pub(super) fn append_texts(
    array: &ArrayRef,
    whole: bool,
    from_text: bool,
    values: &mut Vec<Option<String>>,
    faults: &mut Faults,
) -> Result<(), Mismatch> {
    match (whole, is_text(array.data_type())) {
        (false, true) => {
            let text = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
            values.extend(texts(array)?.map(text));
            Ok(())
        }
        (true, true) if from_text => append_parsed(array, values, faults),
        (true, false) if array.data_type().is_integer() => append_integers(array, values),
        (true, false) if array.data_type().is_floating() => append_floats(array, values, faults),
        _ => Err(mismatch(array)),
    }
}

fn append_parsed(
    array: &ArrayRef,
    values: &mut Vec<Option<String>>,
    faults: &mut Faults,
) -> Result<(), Mismatch> {
    for text in texts(array)? {
        let text = text.map(str::trim).filter(|text| !text.is_empty());
        let id = text.map(id_of).transpose();
        values.push(id.unwrap_or_else(|problem| {
            let text = || text.unwrap_or_default().to_owned();
            faults.add(problem, values.len(), text);
            None
        }));
    }
    Ok(())
}

/// A whole number in the one way to write it, so that two ids never become one.
fn id_of(text: &str) -> Result<String, ValueProblem> {
    let number: i128 = text.parse().map_err(|_| ValueProblem::NotANumber)?;
    match number.to_string() == text {
        true => Ok(text.to_owned()),
        false => Err(ValueProblem::NotAsWritten),
    }
}

fn append_integers(array: &ArrayRef, values: &mut Vec<Option<String>>) -> Result<(), Mismatch> {
    if array.data_type() == &DataType::UInt64 {
        let text = arrow::compute::cast(array, &DataType::Utf8).map_err(|_| mismatch(array))?;
        values.extend(texts(&text)?.map(|text| text.map(str::to_owned)));
        return Ok(());
    }
    let wide = arrow::compute::cast(array, &DataType::Int64).map_err(|_| mismatch(array))?;
    let wide = wide.as_primitive::<Int64Type>();
    values.extend(
        wide.iter()
            .map(|value| value.map(|value| value.to_string())),
    );
    Ok(())
}

/// Whole numbers that were written as floats, as happens where some are missing.
fn append_floats(
    array: &ArrayRef,
    values: &mut Vec<Option<String>>,
    faults: &mut Faults,
) -> Result<(), Mismatch> {
    let numbers: Vec<Option<f64>> = match array.data_type() {
        DataType::Float64 => array.as_primitive::<Float64Type>().iter().collect(),
        DataType::Float32 => {
            let narrow = array.as_primitive::<Float32Type>();
            narrow.iter().map(|value| value.map(f64::from)).collect()
        }
        _ => return Err(mismatch(array)),
    };
    for number in numbers {
        let number = number.filter(|number| !number.is_nan());
        let whole = number.filter(|number| number.fract() == 0.0 && number.abs() < WHOLE_IN_F64);
        if let (Some(number), None) = (number, whole) {
            let problem = match number.fract() == 0.0 {
                true => ValueProblem::TooManyDigits,
                false => ValueProblem::NotWhole,
            };
            faults.add(problem, values.len(), || number.to_string());
        }
        values.push(whole.map(|whole| (whole as i64).to_string()));
    }
    Ok(())
}
