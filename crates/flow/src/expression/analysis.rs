//! Parses an expression and looks at it before it ever runs: what it reads, and what it uses that this
//! engine (or Step Functions) does not have.

use super::functions::{self, TEXT_OF_OPERAND};
use super::{Reach, room, walk::walk};
use seuil::parser::ast::{Ast, AstKind, BinaryOp};
use std::collections::BTreeSet;
use std::panic::catch_unwind;
use std::sync::LazyLock;

/// The longest expression, and the deepest syntax tree: no expression that a person reads comes near.
const LONGEST_BYTES: usize = 8 * 1024;
const DEEPEST_NODE: usize = 150;

/// The syntax tree, and the variables that it reads.
pub(super) fn parse(source: &str, reach: Reach) -> Result<(Ast, BTreeSet<String>), String> {
    if source.len() > LONGEST_BYTES {
        return Err(format!("is longer than {LONGEST_BYTES} bytes"));
    }
    let parsed = room::with(|| catch_unwind(|| parse_with_room(source, reach)));
    parsed
        .map_err(|error| format!("cannot be parsed: no thread: {error}"))?
        .unwrap_or_else(|_| Err("makes the parser panic".to_owned()))
}

fn parse_with_room(source: &str, reach: Reach) -> Result<(Ast, BTreeSet<String>), String> {
    let mut ast =
        seuil::parser::parse(source).map_err(|error| format!("is not JSONata: {error}"))?;
    let mut notes = Notes::default();
    walk(&mut ast, &mut |node, depth| notes.take(node, depth));
    let reads = notes.judge(reach)?;
    walk(&mut ast, &mut |node, _| {
        call_in_place(node);
        write_operands_as_text(node);
    });
    Ok((ast, reads))
}

/// The function behind `$f ~> $g`, which the evaluator wants from outside.
pub(super) fn composition() -> Option<Ast> {
    static COMPOSITION: LazyLock<Option<Ast>> = LazyLock::new(|| {
        seuil::parser::parse("function($f, $g) { function($x){ $g($f($x)) } }").ok()
    });
    COMPOSITION.clone()
}

/// What is found in a syntax tree.
#[derive(Default)]
struct Notes {
    read: BTreeSet<String>,
    bound: BTreeSet<String>,
    called: BTreeSet<String>,
    states_fields: BTreeSet<String>,
    refused: Option<String>,
}

impl Notes {
    fn take(&mut self, node: &Ast, depth: usize) {
        if depth > DEEPEST_NODE {
            self.refuse("more levels than any reader could follow (split it)");
        }
        self.bound
            .extend(node.focus.iter().chain(&node.index).cloned());
        match &node.kind {
            AstKind::Var(name) => {
                self.read.insert(name.clone());
            }
            AstKind::Index(name) => {
                self.bound.insert(name.clone());
            }
            AstKind::Binary(BinaryOp::Bind, name, _)
            | AstKind::Binary(BinaryOp::FocusBind | BinaryOp::IndexBind, _, name) => {
                self.bound.extend(variable(name).map(str::to_owned));
            }
            AstKind::Lambda { args, .. } => self
                .bound
                .extend(args.iter().filter_map(variable).map(str::to_owned)),
            AstKind::Function { proc, .. } => self.called.extend(variable(proc).map(str::to_owned)),
            AstKind::Path(steps) => self.note_states_field(steps),
            AstKind::Transform { .. } => self.refuse("the transform operator |...|...|"),
            AstKind::Parent => self.refuse("the parent operator %"),
            _ => {}
        }
        if node.seeking_parent {
            self.refuse("the parent operator %");
        }
    }

    fn note_states_field(&mut self, steps: &[Ast]) {
        let [first, second, ..] = steps else { return };
        if let (Some("states"), AstKind::Name(field)) = (variable(first), &second.kind) {
            self.states_fields.insert(field.clone());
        }
    }

    fn refuse(&mut self, what: &str) {
        self.refused
            .get_or_insert_with(|| format!("uses {what}, which this engine does not implement"));
    }

    /// The variables that must come from outside, when nothing is wrong.
    fn judge(self, reach: Reach) -> Result<BTreeSet<String>, String> {
        if let Some(problem) = self.refused {
            return Err(problem);
        }
        if self.called.contains("eval") {
            return Err("calls $eval, which Step Functions does not have; use $parse".to_owned());
        }
        if self.read.contains("$") {
            return Err(
                "reads $$, which is nothing in Step Functions; use $states.input".to_owned(),
            );
        }
        if self.bound.contains("states") {
            return Err("gives a value to $states, which is reserved".to_owned());
        }
        let unknown = |name: &&String| !self.bound.contains(*name) && !functions::is_function(name);
        if let Some(name) = self.called.iter().find(unknown) {
            return Err(format!(
                "calls ${name}, which is not a function that this engine implements"
            ));
        }
        check_states_fields(&self.states_fields, reach)?;
        let outside = |name: &&String| !name.is_empty() && *name != "states" && unknown(name);
        Ok(self.read.iter().filter(outside).cloned().collect())
    }
}

fn check_states_fields(fields: &BTreeSet<String>, reach: Reach) -> Result<(), String> {
    for field in fields {
        let allowed = match field.as_str() {
            "input" | "context" => true,
            "result" => reach == Reach::Result,
            "errorOutput" => reach == Reach::ErrorOutput,
            _ => return Err(format!("reads $states.{field}, which does not exist")),
        };
        if !allowed {
            return Err(format!(
                "reads $states.{field}, which does not exist in this field"
            ));
        }
    }
    Ok(())
}

fn variable(node: &Ast) -> Option<&str> {
    match &node.kind {
        AstKind::Var(name) => Some(name),
        _ => None,
    }
}

/// A call in the last position of a function is parsed as a thunk, which the evaluator runs without counting
/// its depth, on a stack that endless recursion then overflows. As a plain call it counts.
fn call_in_place(node: &mut Ast) {
    if let AstKind::Lambda {
        thunk: true, body, ..
    } = &mut node.kind
    {
        *node = std::mem::take(body.as_mut());
    }
}

/// `a & b` becomes `text(a) & text(b)`, because the evaluator cuts long numbers where the reference
/// rounds them.
fn write_operands_as_text(node: &mut Ast) {
    if let AstKind::Binary(BinaryOp::Concat, left, right) = &mut node.kind {
        for side in [left, right] {
            let span = side.span;
            let operand = std::mem::take(side.as_mut());
            let call = AstKind::Function {
                name: TEXT_OF_OPERAND.to_owned(),
                proc: Box::new(Ast::new(AstKind::Var(TEXT_OF_OPERAND.to_owned()), span)),
                args: vec![operand],
                is_partial: false,
            };
            **side = Ast::new(call, span);
        }
    }
}
