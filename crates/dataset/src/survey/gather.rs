//! One column, value by value: what all of them could be.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasherDefault, Hash, Hasher};

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::DataType;

use crate::convert::day_of;

/// A column with more words than this is text.
const MOST_WORDS: usize = 200;
/// More different values than this are not told apart.
const MOST_DISTINCT: usize = 4_000_000;
/// So many numbers of a column are kept.
const MOST_KEPT: usize = 8_192;
/// From here on a floating point number does not hold every whole number.
const WHOLE: f64 = 9_007_199_254_740_992.0;
/// What people and programs write where nothing is known; compared without regard to case.
const MARKS: [&str; 7] = ["na", "n/a", "#n/a", "<na>", "null", "?", "."];

/// A column as it was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    pub name: String,
    pub form: Form,
    /// All values that are missing, however that is written.
    pub missing: u64,
    /// Those of them that are written in a way that a contract does not know, such as `NA` or `?`.
    pub marked: u64,
    /// How many different values there are; unknown where there are very many.
    pub distinct: Option<u64>,
}

/// What all values of a column are.
#[derive(Debug, Clone, PartialEq)]
pub enum Form {
    /// Nothing is there.
    Empty,
    Number(Numbers),
    Boolean,
    /// Days since 1970-01-01, the first and the last.
    Day {
        first: i32,
        last: i32,
    },
    /// Few enough words to list, each with its count.
    Words(BTreeMap<String, u64>),
    Text {
        /// Dates that are written in another way than `2026-11-01`.
        dates: bool,
    },
    /// Lists and the like, which no contract describes.
    Nested,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Numbers {
    pub low: f64,
    pub high: f64,
    pub whole: bool,
    /// Whether each is written in the only way to write it, as a whole number that is an id must be.
    pub as_written: bool,
    /// Some of them, sorted.
    pub kept: Vec<f64>,
}

impl Numbers {
    /// The value below which this share of the numbers lies, about.
    pub fn quantile(&self, share: f64) -> f64 {
        let place = (self.kept.len().saturating_sub(1) as f64 * share).round();
        self.kept.get(place as usize).copied().unwrap_or(self.low)
    }
}

/// What is known of the values so far.
#[derive(Debug)]
pub(super) struct Gather {
    rows: u64,
    /// Nothing, or an empty text.
    absent: u64,
    /// White space, or the word for what is not a number: a number may be missing like that.
    blank: u64,
    marked: u64,
    numbers: Option<Numbers>,
    every: u64,
    booleans: bool,
    days: Option<(i32, i32)>,
    days_possible: bool,
    other_dates: bool,
    words: Option<BTreeMap<String, u64>>,
    hashes: Option<HashSet<u64, BuildHasherDefault<DefaultHasher>>>,
    nested: bool,
}

impl Default for Gather {
    fn default() -> Self {
        Gather {
            rows: 0,
            absent: 0,
            blank: 0,
            marked: 0,
            numbers: Some(Numbers {
                low: f64::INFINITY,
                high: f64::NEG_INFINITY,
                whole: true,
                as_written: true,
                kept: Vec::new(),
            }),
            every: 1,
            booleans: true,
            days: None,
            days_possible: true,
            other_dates: true,
            words: Some(BTreeMap::new()),
            hashes: Some(HashSet::default()),
            nested: false,
        }
    }
}

impl Gather {
    /// `from_text`: a text may stand for a number, as all of CSV does.
    pub fn take(&mut self, array: &ArrayRef, from_text: bool) {
        let Ok(texts) = arrow::compute::cast(array, &DataType::Utf8) else {
            self.nested = true;
            self.rows += array.len() as u64;
            return;
        };
        let is_text = matches!(
            array.data_type(),
            DataType::Utf8 | DataType::Dictionary(..) | DataType::LargeUtf8 | DataType::Utf8View
        );
        if is_text && !from_text && texts.null_count() < texts.len() {
            self.numbers = None;
            self.booleans = false;
        }
        for text in texts.as_string::<i32>() {
            self.add(text, is_text);
        }
    }

    pub fn repeat(&mut self, text: Option<&str>, times: usize) {
        (0..times).for_each(|_| self.add(text, true));
    }

    fn add(&mut self, text: Option<&str>, is_text: bool) {
        self.rows += 1;
        let Some(text) = text.filter(|text| !text.is_empty()) else {
            self.absent += 1;
            return;
        };
        let trimmed = text.trim();
        match is_mark(text) {
            true if is_blank(trimmed) => self.blank += 1,
            true => self.marked += 1,
            false => self.add_value(text, trimmed, is_text),
        }
    }

    fn add_value(&mut self, text: &str, trimmed: &str, is_text: bool) {
        self.add_number(trimmed, is_text);
        self.booleans &= ["true", "false"]
            .iter()
            .any(|b| trimmed.eq_ignore_ascii_case(b));
        self.add_day(trimmed);
        self.other_dates = self.other_dates && looks_like_a_date(trimmed);
        self.add_word(text);
    }

    fn add_number(&mut self, text: &str, is_text: bool) {
        let Some(numbers) = &mut self.numbers else {
            return;
        };
        let code = text.len() > 1 && text.starts_with('0') && text.as_bytes()[1].is_ascii_digit();
        let value: f64 = match text.parse() {
            Ok(value) if !code && f64::is_finite(value) => value,
            _ => {
                self.numbers = None;
                return;
            }
        };
        let whole = value.fract() == 0.0 && value.abs() < WHOLE;
        numbers.low = numbers.low.min(value);
        numbers.high = numbers.high.max(value);
        numbers.whole &= whole;
        let same = |number: i128| number.to_string() == text;
        numbers.as_written &= match is_text {
            true => text.parse().is_ok_and(same),
            false => whole,
        };
        let place = self.rows - 1;
        if place.is_multiple_of(self.every) {
            numbers.kept.push(value);
            if numbers.kept.len() == MOST_KEPT {
                let mut place = 0;
                numbers.kept.retain(|_| {
                    place += 1;
                    place % 2 == 1
                });
                self.every *= 2;
            }
        }
    }

    fn add_day(&mut self, text: &str) {
        if !self.days_possible {
            return;
        }
        match day_of(text) {
            None => self.days_possible = false,
            Some(day) => {
                let (first, last) = self.days.unwrap_or((day, day));
                self.days = Some((first.min(day), last.max(day)));
            }
        }
    }

    fn add_word(&mut self, text: &str) {
        if let Some(hashes) = &mut self.hashes {
            let mut hasher = DefaultHasher::new();
            text.hash(&mut hasher);
            hashes.insert(hasher.finish());
            if hashes.len() > MOST_DISTINCT {
                self.hashes = None;
            }
        }
        let Some(words) = &mut self.words else {
            return;
        };
        match words.get_mut(text) {
            Some(count) => *count += 1,
            None => {
                words.insert(text.to_owned(), 1);
            }
        }
        if words.len() > MOST_WORDS {
            self.words = None;
        }
    }

    pub fn seen(mut self, name: String) -> Seen {
        let missing = self.absent + self.blank + self.marked;
        let distinct = self.hashes.as_ref().map(|hashes| hashes.len() as u64);
        let form = self.form(missing == self.rows);
        let blank_is_unknown = matches!(form, Form::Words(_) | Form::Text { .. });
        Seen {
            name,
            missing,
            marked: match blank_is_unknown {
                true => self.marked + self.blank,
                false => self.marked,
            },
            distinct,
            form,
        }
    }

    fn form(&mut self, is_empty: bool) -> Form {
        if self.nested {
            return Form::Nested;
        }
        if is_empty {
            return Form::Empty;
        }
        if self.booleans {
            return Form::Boolean;
        }
        if let Some(mut numbers) = self.numbers.take() {
            numbers.kept.sort_by(f64::total_cmp);
            return Form::Number(numbers);
        }
        if let Some((first, last)) = self.days.filter(|_| self.days_possible) {
            return Form::Day { first, last };
        }
        match self.words.take() {
            Some(words) if !self.other_dates => Form::Words(words),
            _ => Form::Text {
                dates: self.other_dates,
            },
        }
    }
}

fn is_blank(trimmed: &str) -> bool {
    trimmed.is_empty() || trimmed.eq_ignore_ascii_case("nan")
}

/// Whether a text stands for nothing.
pub(super) fn is_mark(text: &str) -> bool {
    let trimmed = text.trim();
    is_blank(trimmed) || MARKS.iter().any(|mark| trimmed.eq_ignore_ascii_case(mark))
}

/// `31.12.2026`, `12/31/26`, `2026/12/31`, with or without a time behind it.
fn looks_like_a_date(text: &str) -> bool {
    let day = text.split([' ', 'T']).next().unwrap_or_default();
    let Some(separator) = day.chars().find(|c| !c.is_ascii_digit()) else {
        return false;
    };
    let parts: Vec<&str> = day.split(separator).collect();
    let digits =
        |part: &&str| (1..=4).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    matches!(separator, '/' | '.' | '-') && parts.len() == 3 && parts.iter().all(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(values: &[&str]) -> Seen {
        let mut gather = Gather::default();
        values
            .iter()
            .for_each(|value| gather.add(Some(value), true));
        gather.seen("c".into())
    }

    #[test]
    fn a_column_is_what_all_of_its_values_are() {
        let number = |values: &[&str]| match seen(values).form {
            Form::Number(numbers) => (numbers.low, numbers.high, numbers.whole, numbers.as_written),
            other => panic!("{other:?}"),
        };
        assert_eq!(number(&["3", "-1", "20"]), (-1.0, 20.0, true, true));
        assert_eq!(number(&["3.0", "4", ""]), (3.0, 4.0, true, false));
        assert_eq!(
            number(&["1e-3", " 2.5", "nan", "NA"]),
            (0.001, 2.5, false, false)
        );
        assert_eq!(seen(&["true", "FALSE", ""]).form, Form::Boolean);
        assert_eq!(
            seen(&["1970-01-02", "1970-01-01T08:00:00Z"]).form,
            Form::Day { first: 0, last: 1 }
        );
        assert_eq!(seen(&["", "NA", " ", "?"]).form, Form::Empty);
        for dates in [
            ["31.12.2026", "1.1.2027"],
            ["12/31/26", "1/2/27 08:00"],
            ["2026/12/31", "2027/01/01"],
        ] {
            assert_eq!(seen(&dates).form, Form::Text { dates: true }, "{dates:?}");
        }
        for words in [
            ["a", "b"],
            ["007", "12"],
            ["1", "many"],
            ["1.2.3.4", "x"],
            ["inf", "2"],
        ] {
            assert!(matches!(seen(&words).form, Form::Words(_)), "{words:?}");
        }
        let many: Vec<String> = (0..=MOST_WORDS).map(|n| format!("w{n}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(seen(&many).form, Form::Text { dates: false });
    }

    #[test]
    fn what_is_missing_is_counted_however_it_is_written() {
        let numbers = seen(&["1", "", " ", "NaN", "NA", "?"]);
        assert_eq!(
            (numbers.missing, numbers.marked, numbers.distinct),
            (5, 2, Some(1))
        );
        let words = seen(&["a", "b", "", " ", "nan", "N/A"]);
        assert_eq!(
            (words.missing, words.marked, words.distinct),
            (4, 3, Some(2))
        );
    }

    #[test]
    fn quantiles_are_those_of_all_numbers_however_many_there_are() {
        let mut gather = Gather::default();
        for number in 0..100_000 {
            gather.add(Some(&number.to_string()), true);
        }
        let Form::Number(numbers) = gather.seen("c".into()).form else {
            panic!("not a number")
        };
        assert!(numbers.kept.len() <= MOST_KEPT);
        assert!((numbers.quantile(0.5) - 50_000.0).abs() < 100.0);
        assert_eq!((numbers.low, numbers.high), (0.0, 99_999.0));
    }
}
