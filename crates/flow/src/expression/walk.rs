//! Visits every node of a parsed expression, children first, with its depth (1 at the top).

use seuil::parser::ast::{Ast, AstKind, UnaryOp};

pub(super) fn walk(node: &mut Ast, visit: &mut dyn FnMut(&mut Ast, usize)) {
    walk_node(node, 1, visit);
}

fn walk_node(node: &mut Ast, depth: usize, visit: &mut dyn FnMut(&mut Ast, usize)) {
    walk_kind(&mut node.kind, depth + 1, visit);
    walk_all(
        node.predicates.as_deref_mut().unwrap_or_default(),
        depth + 1,
        visit,
    );
    walk_all(
        node.stages.as_deref_mut().unwrap_or_default(),
        depth + 1,
        visit,
    );
    if let Some((_, pairs)) = &mut node.group_by {
        walk_pairs(pairs, depth + 1, visit);
    }
    visit(node, depth);
}

fn walk_all(nodes: &mut [Ast], depth: usize, visit: &mut dyn FnMut(&mut Ast, usize)) {
    for node in nodes {
        walk_node(node, depth, visit);
    }
}

fn walk_pairs(pairs: &mut [(Ast, Ast)], depth: usize, visit: &mut dyn FnMut(&mut Ast, usize)) {
    for (key, value) in pairs {
        walk_node(key, depth, visit);
        walk_node(value, depth, visit);
    }
}

fn walk_kind(kind: &mut AstKind, depth: usize, visit: &mut dyn FnMut(&mut Ast, usize)) {
    match kind {
        AstKind::Unary(UnaryOp::Minus(operand)) | AstKind::Filter(operand) => {
            walk_node(operand, depth, visit)
        }
        AstKind::Unary(UnaryOp::ArrayConstructor(items))
        | AstKind::Block(items)
        | AstKind::Path(items) => walk_all(items, depth, visit),
        AstKind::Unary(UnaryOp::ObjectConstructor(pairs)) => walk_pairs(pairs, depth, visit),
        AstKind::Binary(_, left, right) => {
            walk_node(left, depth, visit);
            walk_node(right, depth, visit);
        }
        AstKind::GroupBy(operand, pairs) => {
            walk_node(operand, depth, visit);
            walk_pairs(pairs, depth, visit);
        }
        AstKind::OrderBy(operand, terms) => {
            walk_node(operand, depth, visit);
            terms
                .iter_mut()
                .for_each(|(term, _)| walk_node(term, depth, visit));
        }
        AstKind::Sort(terms) => terms
            .iter_mut()
            .for_each(|(term, _)| walk_node(term, depth, visit)),
        AstKind::Function { proc, args, .. } => {
            walk_node(proc, depth, visit);
            walk_all(args, depth, visit);
        }
        AstKind::Lambda { args, body, .. } => {
            walk_all(args, depth, visit);
            walk_node(body, depth, visit);
        }
        AstKind::Ternary {
            cond,
            truthy,
            falsy,
        } => {
            walk_node(cond, depth, visit);
            walk_node(truthy, depth, visit);
            if let Some(falsy) = falsy {
                walk_node(falsy, depth, visit);
            }
        }
        AstKind::Transform {
            pattern,
            update,
            delete,
        } => {
            walk_node(pattern, depth, visit);
            walk_node(update, depth, visit);
            if let Some(delete) = delete {
                walk_node(delete, depth, visit);
            }
        }
        _ => {}
    }
}
