//! Gives every part of a tree its type, and refuses what does not fit the columns.

use indexmap::{IndexMap, IndexSet};
use jiff::civil::Date;

use super::parser::{Node, Tree};
use super::{Expression, Problem, problem};
use crate::{Column, ColumnType};

/// A checked condition.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Condition {
    Constant(bool),
    /// A boolean column.
    Column(usize),
    Compare(Comparison, Amount, Amount),
    /// Both hold or neither does.
    Same(Box<Condition>, Box<Condition>),
    Not(Box<Condition>),
    And(Box<Condition>, Box<Condition>),
    Or(Box<Condition>, Box<Condition>),
}

/// A checked number: also a word's position, or a day.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Amount {
    Constant(f64),
    Column(usize),
    Negative(Box<Amount>),
    Binary(Operation, Box<Amount>, Box<Amount>),
    Absolute(Box<Amount>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    Different,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    Add,
    Subtract,
    Multiply,
    Divide,
    Minimum,
    Maximum,
}

/// A part of the tree with its type.
enum Typed<'a> {
    Truth(Condition),
    Number(Amount),
    /// A category, with its words and whether they have an order.
    Word(Amount, &'a [String], bool),
    Day(Amount),
    /// Text in quotes: what it is depends on what it is compared with.
    Text(&'a str),
}

struct Checker<'a> {
    known: &'a IndexMap<String, Column>,
    used: IndexSet<&'a str>,
}

pub(super) fn check(
    tree: &Tree,
    columns: &IndexMap<String, Column>,
) -> Result<Expression, Problem> {
    let mut checker = Checker {
        known: columns,
        used: IndexSet::new(),
    };
    let condition = checker.condition(tree)?;
    Ok(Expression {
        columns: checker.used.into_iter().map(str::to_owned).collect(),
        condition,
    })
}

impl<'a> Checker<'a> {
    fn condition(&mut self, tree: &'a Tree) -> Result<Condition, Problem> {
        match self.typed(tree)? {
            Typed::Truth(condition) => Ok(condition),
            other => problem(
                tree.position,
                format!(
                    "a condition is needed here, and this is {}: compare it with something",
                    other.kind()
                ),
            ),
        }
    }

    fn number(&mut self, tree: &'a Tree) -> Result<Amount, Problem> {
        match self.typed(tree)? {
            Typed::Number(amount) => Ok(amount),
            other => problem(
                tree.position,
                format!("a number is needed here, and this is {}", other.kind()),
            ),
        }
    }

    fn typed(&mut self, tree: &'a Tree) -> Result<Typed<'a>, Problem> {
        Ok(match &tree.node {
            Node::Number(value) => Typed::Number(Amount::Constant(*value)),
            Node::Text(text) => Typed::Text(text),
            Node::Truth(value) => Typed::Truth(Condition::Constant(*value)),
            Node::Column(name) => return self.column(tree.position, name),
            Node::Negative(inner) => Typed::Number(Amount::Negative(Box::new(self.number(inner)?))),
            Node::Not(inner) => Typed::Truth(Condition::Not(Box::new(self.condition(inner)?))),
            Node::Call(name, arguments) => {
                Typed::Number(self.call(tree.position, name, arguments)?)
            }
            Node::Binary(operator, left, right) => {
                return self.binary(tree.position, operator, left, right);
            }
        })
    }

    fn column(&mut self, position: usize, name: &'a str) -> Result<Typed<'a>, Problem> {
        let Some(column) = self.known.get(name) else {
            return problem(
                position,
                format!("there is no column `{name}` in this contract"),
            );
        };
        let (index, _) = self.used.insert_full(name);
        let amount = Amount::Column(index);
        Ok(match column.column_type {
            ColumnType::Float | ColumnType::Integer => Typed::Number(amount),
            ColumnType::Boolean => Typed::Truth(Condition::Column(index)),
            ColumnType::Category => Typed::Word(amount, &column.values, false),
            ColumnType::Ordered => Typed::Word(amount, &column.values, true),
            ColumnType::Date => Typed::Day(amount),
            ColumnType::Text => {
                return problem(
                    position,
                    format!(
                        "`{name}` holds any text, which rules cannot compare: use its `pattern`"
                    ),
                );
            }
        })
    }

    fn call(
        &mut self,
        position: usize,
        name: &str,
        arguments: &'a [Tree],
    ) -> Result<Amount, Problem> {
        let operation = match (name, arguments) {
            ("abs", [only]) => return Ok(Amount::Absolute(Box::new(self.number(only)?))),
            ("abs", _) => return problem(position, "`abs` takes one number"),
            ("min", _) => Operation::Minimum,
            ("max", _) => Operation::Maximum,
            _ => {
                let message = format!("there is no function `{name}`, only abs, min and max");
                return problem(position, message);
            }
        };
        let mut amounts = Vec::new();
        for argument in arguments {
            amounts.push(self.number(argument)?);
        }
        let joined = amounts
            .into_iter()
            .reduce(|a, b| Amount::Binary(operation, Box::new(a), Box::new(b)));
        joined.map_or_else(|| problem(position, format!("`{name}` needs numbers")), Ok)
    }

    fn binary(
        &mut self,
        position: usize,
        operator: &str,
        left: &'a Tree,
        right: &'a Tree,
    ) -> Result<Typed<'a>, Problem> {
        let operation = match operator {
            "and" | "or" => {
                let left = Box::new(self.condition(left)?);
                let right = Box::new(self.condition(right)?);
                return Ok(Typed::Truth(match operator {
                    "and" => Condition::And(left, right),
                    _ => Condition::Or(left, right),
                }));
            }
            "+" => Operation::Add,
            "-" => Operation::Subtract,
            "*" => Operation::Multiply,
            "/" => Operation::Divide,
            _ => return self.compared(position, operator, left, right),
        };
        // The difference of two days is a number of days.
        let left_value = self.typed(left)?;
        if let (Operation::Subtract, Typed::Day(from)) = (operation, &left_value) {
            return match self.typed(right)? {
                Typed::Day(to) => Ok(Typed::Number(Amount::Binary(
                    operation,
                    Box::new(from.clone()),
                    Box::new(to),
                ))),
                other => problem(
                    right.position,
                    format!(
                        "only a day can be taken from a day, and this is {}",
                        other.kind()
                    ),
                ),
            };
        }
        let Typed::Number(left_value) = left_value else {
            return problem(
                left.position,
                format!("a number is needed here, and this is {}", left_value.kind()),
            );
        };
        let right = Box::new(self.number(right)?);
        Ok(Typed::Number(Amount::Binary(
            operation,
            Box::new(left_value),
            right,
        )))
    }

    fn compared(
        &mut self,
        position: usize,
        operator: &str,
        left: &'a Tree,
        right: &'a Tree,
    ) -> Result<Typed<'a>, Problem> {
        let comparison = comparison(operator);
        let equality = matches!(comparison, Comparison::Equal | Comparison::Different);
        let (a, b) = match (self.typed(left)?, self.typed(right)?) {
            (Typed::Number(a), Typed::Number(b)) | (Typed::Day(a), Typed::Day(b)) => (a, b),
            (Typed::Word(_, _, false), _) | (_, Typed::Word(_, _, false)) if !equality => {
                let message =
                    "a category has no order: compare it with = or !=, or make it `ordered`";
                return problem(position, message);
            }
            (Typed::Word(a, words, _), Typed::Text(text)) => (a, word(right, text, words)?),
            (Typed::Text(text), Typed::Word(b, words, _)) => (word(left, text, words)?, b),
            (Typed::Word(a, words, _), Typed::Word(b, others, _)) if words == others => (a, b),
            (Typed::Day(a), Typed::Text(text)) => (a, day(right, text)?),
            (Typed::Text(text), Typed::Day(b)) => (day(left, text)?, b),
            (Typed::Truth(a), Typed::Truth(b)) if equality => {
                return Ok(Typed::Truth(same(comparison, a, b)));
            }
            (left, right) => {
                let message = format!("{} cannot be compared with {}", left.kind(), right.kind());
                return problem(position, message);
            }
        };
        Ok(Typed::Truth(Condition::Compare(comparison, a, b)))
    }
}

impl Typed<'_> {
    fn kind(&self) -> &'static str {
        match self {
            Typed::Truth(_) => "a condition",
            Typed::Number(_) => "a number",
            Typed::Word(..) => "a category of its own words",
            Typed::Day(_) => "a day",
            Typed::Text(_) => "text",
        }
    }
}

fn comparison(operator: &str) -> Comparison {
    match operator {
        "<" => Comparison::Less,
        "<=" => Comparison::LessOrEqual,
        ">" => Comparison::Greater,
        ">=" => Comparison::GreaterOrEqual,
        "!=" | "<>" => Comparison::Different,
        _ => Comparison::Equal,
    }
}

fn same(comparison: Comparison, a: Condition, b: Condition) -> Condition {
    let same = Condition::Same(Box::new(a), Box::new(b));
    match comparison {
        Comparison::Different => Condition::Not(Box::new(same)),
        _ => same,
    }
}

fn word(tree: &Tree, text: &str, words: &[String]) -> Result<Amount, Problem> {
    match words.iter().position(|word| word == text) {
        Some(position) => Ok(Amount::Constant(position as f64)),
        None => problem(
            tree.position,
            format!("'{text}' is not one of the column's words"),
        ),
    }
}

fn day(tree: &Tree, text: &str) -> Result<Amount, Problem> {
    let Ok(date) = text.parse::<Date>() else {
        return problem(
            tree.position,
            format!("'{text}' is not a day like '2026-11-01'"),
        );
    };
    let days = date.duration_since(Date::constant(1970, 1, 1)).as_hours() / 24;
    Ok(Amount::Constant(days as f64))
}
