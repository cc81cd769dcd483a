//! From tokens to a tree, by precedence: or, and, not, comparison, sum, product, sign.

use super::tokens::{Kind, Token, tokens};
use super::{Problem, problem};

/// Parentheses, `not`, signs and functions may be nested this deep.
const MAXIMUM_DEPTH: usize = 50;
/// Operators in one expression: a long chain is a deep tree too.
const MAXIMUM_OPERATORS: usize = 200;

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tree {
    pub position: usize,
    pub node: Node,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    Number(f64),
    Text(String),
    Truth(bool),
    Column(String),
    Negative(Box<Tree>),
    Not(Box<Tree>),
    /// `+ - * /`, a comparison, `and` or `or`.
    Binary(&'static str, Box<Tree>, Box<Tree>),
    Call(String, Vec<Tree>),
}

pub(super) fn parse(text: &str) -> Result<Tree, Problem> {
    let mut parser = Parser {
        tokens: tokens(text)?,
        next: 0,
        depth: 0,
        operators: 0,
    };
    let tree = parser.either()?;
    let token = parser.peek();
    match &token.kind {
        Kind::End => Ok(tree),
        _ => problem(token.position, "an operator such as `and` is missing here"),
    }
}

struct Parser {
    tokens: Vec<Token>,
    next: usize,
    depth: usize,
    operators: usize,
}

impl Parser {
    fn peek(&self) -> Token {
        // The last token is always the end, and it is never passed.
        let token = self.tokens.get(self.next).or(self.tokens.last());
        token.cloned().unwrap_or(Token {
            position: 0,
            kind: Kind::End,
        })
    }

    fn advance(&mut self) {
        self.next = (self.next + 1).min(self.tokens.len().saturating_sub(1));
    }

    /// Takes one of these words or symbols, if it comes next.
    fn take(&mut self, wanted: &[&'static str]) -> Option<&'static str> {
        let found = match self.peek().kind {
            Kind::Symbol(symbol) => wanted.iter().find(|w| **w == symbol),
            Kind::Name(name) => wanted.iter().find(|w| **w == name),
            _ => None,
        };
        if found.is_some() {
            self.advance();
        }
        found.copied()
    }

    fn expect(&mut self, symbol: &'static str) -> Result<(), Problem> {
        match self.take(&[symbol]) {
            Some(_) => Ok(()),
            None => problem(self.peek().position, format!("`{symbol}` is missing here")),
        }
    }

    fn either(&mut self) -> Result<Tree, Problem> {
        self.chain(&["or"], Self::both)
    }

    fn both(&mut self) -> Result<Tree, Problem> {
        self.chain(&["and"], Self::negation)
    }

    fn negation(&mut self) -> Result<Tree, Problem> {
        let position = self.peek().position;
        if self.take(&["not"]).is_none() {
            return self.comparison();
        }
        let inner = self.nested(position, Self::negation)?;
        Ok(Tree {
            position,
            node: Node::Not(Box::new(inner)),
        })
    }

    fn comparison(&mut self) -> Result<Tree, Problem> {
        const OPERATORS: [&str; 8] = ["<=", ">=", "!=", "<>", "==", "<", ">", "="];
        let left = self.sum()?;
        let position = self.peek().position;
        let Some(operator) = self.take(&OPERATORS) else {
            return Ok(left);
        };
        let right = self.sum()?;
        let after = self.peek().position;
        if self.take(&OPERATORS).is_some() {
            return problem(
                after,
                "comparisons cannot be chained: write `a < b and b < c`",
            );
        }
        self.binary(position, operator, left, right)
    }

    fn sum(&mut self) -> Result<Tree, Problem> {
        self.chain(&["+", "-"], Self::product)
    }

    fn product(&mut self) -> Result<Tree, Problem> {
        self.chain(&["*", "/"], Self::signed)
    }

    fn signed(&mut self) -> Result<Tree, Problem> {
        let position = self.peek().position;
        if self.take(&["-"]).is_none() {
            return self.value();
        }
        let inner = self.nested(position, Self::signed)?;
        Ok(Tree {
            position,
            node: Node::Negative(Box::new(inner)),
        })
    }

    fn value(&mut self) -> Result<Tree, Problem> {
        let Token { position, kind } = self.peek();
        let node = match kind {
            Kind::Number(value) => Node::Number(value),
            Kind::Text(text) => Node::Text(text),
            Kind::Quoted(name) => Node::Column(name),
            Kind::Name(name) => match name.as_str() {
                "true" => Node::Truth(true),
                "false" => Node::Truth(false),
                "and" | "or" | "not" => {
                    return problem(position, format!("a value is missing before `{name}`"));
                }
                _ => return self.column_or_call(position, name),
            },
            Kind::Symbol("(") => {
                self.advance();
                let inner = self.nested(position, Self::either)?;
                self.expect(")")?;
                return Ok(inner);
            }
            Kind::Symbol(symbol) => {
                return problem(position, format!("a value is missing before `{symbol}`"));
            }
            Kind::End => return problem(position, "a value is missing at the end"),
        };
        self.advance();
        Ok(Tree { position, node })
    }

    fn column_or_call(&mut self, position: usize, name: String) -> Result<Tree, Problem> {
        self.advance();
        if self.take(&["("]).is_none() {
            let node = Node::Column(name);
            return Ok(Tree { position, node });
        }
        let mut arguments = vec![self.nested(position, Self::either)?];
        while self.take(&[","]).is_some() {
            arguments.push(self.nested(position, Self::either)?);
        }
        self.expect(")")?;
        let node = Node::Call(name, arguments);
        Ok(Tree { position, node })
    }

    /// Operators of one rank, from left to right.
    fn chain(
        &mut self,
        operators: &[&'static str],
        operand: fn(&mut Self) -> Result<Tree, Problem>,
    ) -> Result<Tree, Problem> {
        let mut left = operand(self)?;
        loop {
            let position = self.peek().position;
            let Some(operator) = self.take(operators) else {
                return Ok(left);
            };
            let right = operand(self)?;
            left = self.binary(position, operator, left, right)?;
        }
    }

    fn binary(
        &mut self,
        position: usize,
        operator: &'static str,
        left: Tree,
        right: Tree,
    ) -> Result<Tree, Problem> {
        self.operators += 1;
        if self.operators > MAXIMUM_OPERATORS {
            let message =
                format!("more than {MAXIMUM_OPERATORS} operators: split it into several rules");
            return problem(position, message);
        }
        let node = Node::Binary(operator, Box::new(left), Box::new(right));
        Ok(Tree { position, node })
    }

    fn nested(
        &mut self,
        position: usize,
        inner: fn(&mut Self) -> Result<Tree, Problem>,
    ) -> Result<Tree, Problem> {
        if self.depth == MAXIMUM_DEPTH {
            let message =
                format!("nested more than {MAXIMUM_DEPTH} deep: split it into several rules");
            return problem(position, message);
        }
        self.depth += 1;
        let tree = inner(self);
        self.depth -= 1;
        tree
    }
}
