//! Answers a checked condition for many rows at once.

use super::Truth;
use super::check::{Amount, Comparison, Condition, Operation};

pub(super) fn condition(condition: &Condition, columns: &[&[f64]], rows: usize) -> Vec<Truth> {
    match condition {
        Condition::Constant(value) => vec![truth(*value); rows],
        Condition::Column(index) => column(*index, columns, rows)
            .into_iter()
            .map(|value| {
                if value.is_nan() {
                    Truth::Unknown
                } else {
                    truth(value != 0.0)
                }
            })
            .collect(),
        Condition::Compare(comparison, left, right) => {
            let left = amount(left, columns, rows);
            let right = amount(right, columns, rows);
            compare(*comparison, &left, &right)
        }
        Condition::Not(inner) => {
            let mut answers = self::condition(inner, columns, rows);
            answers
                .iter_mut()
                .for_each(|answer| *answer = answer.opposite());
            answers
        }
        Condition::Same(left, right) => join(left, right, columns, rows, Truth::same),
        Condition::And(left, right) => join(left, right, columns, rows, Truth::and),
        Condition::Or(left, right) => join(left, right, columns, rows, Truth::or),
    }
}

fn join(
    left: &Condition,
    right: &Condition,
    columns: &[&[f64]],
    rows: usize,
    operation: fn(Truth, Truth) -> Truth,
) -> Vec<Truth> {
    let mut answers = condition(left, columns, rows);
    let others = condition(right, columns, rows);
    for (answer, other) in answers.iter_mut().zip(others) {
        *answer = operation(*answer, other);
    }
    answers
}

fn compare(comparison: Comparison, left: &[f64], right: &[f64]) -> Vec<Truth> {
    let holds: fn(f64, f64) -> bool = match comparison {
        Comparison::Less => |a, b| a < b,
        Comparison::LessOrEqual => |a, b| a <= b,
        Comparison::Greater => |a, b| a > b,
        Comparison::GreaterOrEqual => |a, b| a >= b,
        Comparison::Equal => |a, b| a == b,
        Comparison::Different => |a, b| a != b,
    };
    let answer = |(a, b): (&f64, &f64)| {
        if a.is_nan() || b.is_nan() {
            return Truth::Unknown;
        }
        truth(holds(*a, *b))
    };
    left.iter().zip(right).map(answer).collect()
}

fn amount(of: &Amount, columns: &[&[f64]], rows: usize) -> Vec<f64> {
    match of {
        Amount::Constant(value) => vec![*value; rows],
        Amount::Column(index) => column(*index, columns, rows),
        Amount::Negative(inner) => {
            let values = amount(inner, columns, rows);
            values.into_iter().map(|value| -value).collect()
        }
        Amount::Absolute(inner) => {
            let values = amount(inner, columns, rows);
            values.into_iter().map(f64::abs).collect()
        }
        Amount::Binary(operation, left, right) => {
            let mut values = amount(left, columns, rows);
            let others = amount(right, columns, rows);
            let apply = operation.function();
            for (value, other) in values.iter_mut().zip(others) {
                *value = apply(*value, other);
            }
            values
        }
    }
}

fn column(index: usize, columns: &[&[f64]], rows: usize) -> Vec<f64> {
    let values = columns.get(index).copied().unwrap_or(&[]);
    let mut values = values[..values.len().min(rows)].to_vec();
    values.resize(rows, f64::NAN);
    values
}

impl Operation {
    fn function(self) -> fn(f64, f64) -> f64 {
        match self {
            Operation::Add => |a, b| a + b,
            Operation::Subtract => |a, b| a - b,
            Operation::Multiply => |a, b| a * b,
            // What a division by zero gives is not known.
            Operation::Divide => |a, b| if b == 0.0 { f64::NAN } else { a / b },
            // Unlike f64::min, a missing number stays missing.
            Operation::Minimum => |a, b| {
                if a.is_nan() || b.is_nan() {
                    f64::NAN
                } else {
                    a.min(b)
                }
            },
            Operation::Maximum => |a, b| {
                if a.is_nan() || b.is_nan() {
                    f64::NAN
                } else {
                    a.max(b)
                }
            },
        }
    }
}

fn truth(value: bool) -> Truth {
    if value { Truth::True } else { Truth::False }
}

impl Truth {
    fn opposite(self) -> Truth {
        match self {
            Truth::True => Truth::False,
            Truth::False => Truth::True,
            Truth::Unknown => Truth::Unknown,
        }
    }

    fn and(self, other: Truth) -> Truth {
        match (self, other) {
            (Truth::False, _) | (_, Truth::False) => Truth::False,
            (Truth::True, Truth::True) => Truth::True,
            _ => Truth::Unknown,
        }
    }

    fn same(self, other: Truth) -> Truth {
        match (self, other) {
            (Truth::Unknown, _) | (_, Truth::Unknown) => Truth::Unknown,
            (a, b) => truth(a == b),
        }
    }

    fn or(self, other: Truth) -> Truth {
        self.opposite().and(other.opposite()).opposite()
    }
}
