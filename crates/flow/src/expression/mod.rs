//! JSONata in state machines: compiled once when the machine is loaded, evaluated with `$states` and the
//! variables of the flow. The crate `seuil` parses and evaluates; what Step Functions adds is in
//! `functions`, and what `seuil` does not do as the reference does is refused or mended in `analysis`.

mod analysis;
mod environment;
mod functions;
mod numbers;
pub(crate) mod room;
mod template;
mod value;
mod walk;

pub(crate) use environment::Environment;
pub(crate) use functions::is_function;
pub(crate) use template::{Template, is_expression};

use bumpalo::Bump;
use serde_json::{Map, Value};
use seuil::evaluator::engine::Evaluator;
use seuil::parser::ast::Ast;
use std::collections::BTreeSet;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// How deep an evaluation may go. It keeps recursion within a thread's usual stack of 2 MiB.
const DEPTH_LIMIT: usize = 300;
/// The time that AWS allows for one expression.
const TIME_LIMIT_MILLISECONDS: u64 = 1000;

/// Which fields of `$states` an expression may read, besides `input` and `context`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Before or without a result.
    Input,
    /// Output and Assign of Task, Parallel and Map.
    Result,
    /// Output and Assign of a Catch.
    ErrorOutput,
}

/// A compiled expression.
#[derive(Clone)]
pub(crate) struct Expression {
    source: String,
    ast: Ast,
    reads: BTreeSet<String>,
}

/// What an expression sees.
#[derive(Clone, Copy)]
pub(crate) struct Bindings<'run> {
    pub states: &'run Value,
    pub variables: &'run Map<String, Value>,
    pub environment: &'run Environment<'run>,
}

impl fmt::Debug for Expression {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{{% {} %}}", self.source)
    }
}

impl Expression {
    /// Compiles the text between `{%` and `%}`.
    pub fn compile(source: &str, reach: Reach) -> Result<Self, String> {
        let source = source.trim();
        let (ast, reads) = analysis::parse(source, reach)
            .map_err(|problem| format!("the expression `{source}` {problem}"))?;
        Ok(Self {
            source: source.to_owned(),
            ast,
            reads,
        })
    }

    /// The variables that the expression reads, without `$states`.
    pub fn reads(&self) -> &BTreeSet<String> {
        &self.reads
    }

    /// Evaluates. An expression that gives nothing is an error, as on AWS: JSON has no `undefined`.
    pub fn evaluate(&self, bindings: Bindings<'_>) -> Result<Value, String> {
        // The evaluator has a few internal panics. None is known to be reachable; none may end a run.
        let outcome = catch_unwind(AssertUnwindSafe(|| self.evaluate_unguarded(bindings)))
            .unwrap_or_else(|_| Err("made the evaluator panic".to_owned()));
        outcome.map_err(|problem| format!("the expression `{}` {problem}", self.source))
    }

    fn evaluate_unguarded(&self, bindings: Bindings<'_>) -> Result<Value, String> {
        let arena = Bump::new();
        let chain = analysis::composition();
        let evaluator = Evaluator::new(
            &arena,
            bindings.environment,
            chain,
            DEPTH_LIMIT,
            Some(TIME_LIMIT_MILLISECONDS),
        );
        evaluator.bind_natives();
        functions::bind(&evaluator, &arena);
        evaluator.bind("states", value::from_json(&arena, bindings.states)?);
        for (name, variable) in bindings.variables {
            // Only what is read: the rest costs time for nothing.
            if self.reads.contains(name) {
                evaluator.bind(arena.alloc_str(name), value::from_json(&arena, variable)?);
            }
        }
        let nothing = seuil::evaluator::Value::undefined(&arena);
        let result = evaluator
            .evaluate(&self.ast, nothing)
            .map_err(|error| format!("failed: {error}"))?;
        value::to_json(result)
    }
}

#[cfg(test)]
mod tests;
