//! Numbers and booleans of all kinds as `f64`; missing is NaN.

use arrow::array::{Array, ArrayRef, AsArray, PrimitiveArray};
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type,
    Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};

use super::{Faults, Mismatch, mismatch};
use crate::error::ValueProblem;

/// From here on not every whole number is an `f64`.
pub(super) const WHOLE_IN_F64: f64 = 9_007_199_254_740_992.0;

pub(super) fn append(
    array: &ArrayRef,
    whole: bool,
    from_text: bool,
    values: &mut Vec<f64>,
    faults: &mut Faults,
) -> Result<(), Mismatch> {
    let before = values.len();
    if from_text && is_text(array.data_type()) {
        append_parsed(array, whole, values, faults)?;
    } else if !append_plain(array, values) {
        let decimal = array.data_type().is_decimal() || array.data_type() == &DataType::Float16;
        let cast = decimal
            .then(|| arrow::compute::cast(array, &DataType::Float64).ok())
            .flatten();
        let cast = cast.ok_or_else(|| mismatch(array))?;
        append_primitive::<Float64Type>(&cast, values, |value| value);
    }
    if array.data_type().is_integer() {
        refuse_lost_digits(array, &mut values[before..], before, faults)?;
    } else if whole {
        refuse_fractions(&mut values[before..], before, faults);
    }
    Ok(())
}

fn append_plain(array: &ArrayRef, values: &mut Vec<f64>) -> bool {
    match array.data_type() {
        DataType::Float64 => append_primitive::<Float64Type>(array, values, |value| value),
        DataType::Float32 => append_primitive::<Float32Type>(array, values, f64::from),
        DataType::Int8 => append_primitive::<Int8Type>(array, values, f64::from),
        DataType::Int16 => append_primitive::<Int16Type>(array, values, f64::from),
        DataType::Int32 => append_primitive::<Int32Type>(array, values, f64::from),
        DataType::Int64 => append_primitive::<Int64Type>(array, values, |value| value as f64),
        DataType::UInt8 => append_primitive::<UInt8Type>(array, values, f64::from),
        DataType::UInt16 => append_primitive::<UInt16Type>(array, values, f64::from),
        DataType::UInt32 => append_primitive::<UInt32Type>(array, values, f64::from),
        DataType::UInt64 => append_primitive::<UInt64Type>(array, values, |value| value as f64),
        _ => return false,
    }
    true
}

fn append_primitive<T: ArrowPrimitiveType>(
    array: &ArrayRef,
    values: &mut Vec<f64>,
    widen: impl Fn(T::Native) -> f64,
) {
    let array: &PrimitiveArray<T> = array.as_primitive();
    let before = values.len();
    values.extend(array.values().iter().map(|value| widen(*value)));
    let Some(nulls) = array.nulls().filter(|nulls| nulls.null_count() > 0) else {
        return;
    };
    for (value, valid) in values[before..].iter_mut().zip(nulls.iter()) {
        if !valid {
            *value = f64::NAN;
        }
    }
}

fn append_parsed(
    array: &ArrayRef,
    whole: bool,
    values: &mut Vec<f64>,
    faults: &mut Faults,
) -> Result<(), Mismatch> {
    for text in texts(array)? {
        let text = text.map(str::trim).filter(|text| !text.is_empty());
        let value = text.map_or(Ok(f64::NAN), |text| parsed(text, whole));
        values.push(value.unwrap_or_else(|problem| {
            let text = || text.unwrap_or_default().to_owned();
            faults.add(problem, values.len(), text);
            f64::NAN
        }));
    }
    Ok(())
}

fn parsed(text: &str, whole: bool) -> Result<f64, ValueProblem> {
    let value: f64 = text.parse().map_err(|_| ValueProblem::NotANumber)?;
    let is_large = whole && value.is_finite() && value.abs() >= WHOLE_IN_F64;
    // Whether all digits arrived can only be said of a text that is nothing but digits.
    match is_large && text.parse::<i64>().ok().and_then(exact) != Some(value) {
        true => Err(ValueProblem::TooManyDigits),
        false => Ok(value),
    }
}

/// The number, if a floating point number holds all of its digits.
fn exact(whole: i64) -> Option<f64> {
    let value = whole as f64;
    (value as i128 == i128::from(whole)).then_some(value)
}

/// Whole numbers of 64 bits may have digits that were lost on the way.
fn refuse_lost_digits(
    array: &ArrayRef,
    values: &mut [f64],
    before: usize,
    faults: &mut Faults,
) -> Result<(), Mismatch> {
    let is_large = |value: &f64| value.abs() >= WHOLE_IN_F64;
    if !values.iter().any(is_large) {
        return Ok(());
    }
    let wide = DataType::Decimal128(20, 0);
    let exact = arrow::compute::cast(array, &wide).map_err(|_| mismatch(array))?;
    let exact = exact.as_primitive::<Decimal128Type>();
    for (row, value) in values.iter_mut().enumerate() {
        if is_large(value) && *value as i128 != exact.value(row) {
            let text = || exact.value(row).to_string();
            faults.add(ValueProblem::TooManyDigits, before + row, text);
            *value = f64::NAN;
        }
    }
    Ok(())
}

fn refuse_fractions(values: &mut [f64], before: usize, faults: &mut Faults) {
    for (row, value) in values.iter_mut().enumerate() {
        if value.is_finite() && value.fract() != 0.0 {
            faults.add(ValueProblem::NotWhole, before + row, || value.to_string());
            *value = f64::NAN;
        }
    }
}

pub(super) fn append_booleans(
    array: &ArrayRef,
    from_text: bool,
    values: &mut Vec<f64>,
    faults: &mut Faults,
) -> Result<(), Mismatch> {
    if let Some(booleans) = array.as_boolean_opt() {
        let number =
            |value: Option<bool>| value.map_or(f64::NAN, |value| f64::from(u8::from(value)));
        values.extend(booleans.iter().map(number));
        return Ok(());
    }
    if from_text && is_text(array.data_type()) {
        return append_parsed_booleans(array, values, faults);
    }
    // Numbers stand for booleans where they are 0 and 1.
    let before = values.len();
    if !append_plain(array, values) {
        return Err(mismatch(array));
    }
    for (row, value) in values[before..].iter_mut().enumerate() {
        if !value.is_nan() && *value != 0.0 && *value != 1.0 {
            faults.add(ValueProblem::NotABoolean, before + row, || {
                value.to_string()
            });
            *value = f64::NAN;
        }
    }
    Ok(())
}

fn append_parsed_booleans(
    array: &ArrayRef,
    values: &mut Vec<f64>,
    faults: &mut Faults,
) -> Result<(), Mismatch> {
    for text in texts(array)? {
        let text = text.map_or("", str::trim);
        let value = match text {
            "" => f64::NAN,
            "1" | "1.0" => 1.0,
            "0" | "0.0" => 0.0,
            text if text.eq_ignore_ascii_case("true") => 1.0,
            text if text.eq_ignore_ascii_case("false") => 0.0,
            text => {
                faults.add(ValueProblem::NotABoolean, values.len(), || text.to_owned());
                f64::NAN
            }
        };
        values.push(value);
    }
    Ok(())
}

pub(super) fn is_text(data_type: &DataType) -> bool {
    match data_type {
        DataType::Utf8 => true,
        DataType::Dictionary(_, values) => values.as_ref() == &DataType::Utf8,
        _ => false,
    }
}

/// The texts of a text array, plain or by dictionary.
pub(super) fn texts<'a>(
    array: &'a ArrayRef,
) -> Result<Box<dyn Iterator<Item = Option<&'a str>> + 'a>, Mismatch> {
    if let Some(texts) = array.as_string_opt::<i32>() {
        return Ok(Box::new(texts.iter()));
    }
    let dictionary = array.as_dictionary_opt::<Int32Type>();
    let words = dictionary.and_then(|dictionary| dictionary.values().as_string_opt::<i32>());
    let (Some(dictionary), Some(words)) = (dictionary, words) else {
        return Err(mismatch(array));
    };
    Ok(Box::new(dictionary.keys().iter().map(move |key| {
        let index = key.and_then(|key| usize::try_from(key).ok())?;
        (index < words.len() && words.is_valid(index)).then(|| words.value(index))
    })))
}
