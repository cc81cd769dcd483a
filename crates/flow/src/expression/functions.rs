//! The functions that Step Functions adds to JSONata, and four that `seuil` does not do as the reference.

use super::value::{self, text_of};
use crate::retry::unit_fraction;
use bumpalo::Bump;
use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng, SeedableRng};
use seuil::evaluator::engine::Evaluator;
use seuil::evaluator::functions::{NativeFn, hof, numeric, object, string};
use seuil::evaluator::value::FnContext;
use seuil::evaluator::{ArrayFlags, Value};
use seuil::{Error, Result, Span};
use sha2::{Digest, Sha256, Sha384, Sha512};

/// A name that no expression can spell: the engine's own call around the operands of `&`.
pub(super) const TEXT_OF_OPERAND: &str = "text of operand";

/// As many items as AWS lets `$range` make.
const LONGEST_RANGE: f64 = 1000.0;

const FUNCTIONS: &[&str] = &[
    "abs",
    "append",
    "assert",
    "average",
    "base64decode",
    "base64encode",
    "boolean",
    "ceil",
    "contains",
    "count",
    "distinct",
    "each",
    "error",
    "exists",
    "filter",
    "floor",
    "fromMillis",
    "hash",
    "join",
    "keys",
    "length",
    "lookup",
    "lowercase",
    "map",
    "match",
    "max",
    "merge",
    "millis",
    "min",
    "not",
    "now",
    "number",
    "pad",
    "parse",
    "partition",
    "power",
    "random",
    "range",
    "reduce",
    "replace",
    "reverse",
    "round",
    "shuffle",
    "sift",
    "single",
    "sort",
    "split",
    "spread",
    "sqrt",
    "string",
    "substring",
    "substringAfter",
    "substringBefore",
    "sum",
    "toMillis",
    "trim",
    "type",
    "uppercase",
    "uuid",
    "zip",
];

type Arguments<'s, 'a> = &'s [&'a Value<'a>];

/// Whether `$name` is a function that expressions may call.
pub(crate) fn is_function(name: &str) -> bool {
    FUNCTIONS.contains(&name)
}

/// Adds to the evaluator what Step Functions adds to JSONata. Later bindings hide earlier ones.
pub(super) fn bind<'a>(evaluator: &Evaluator<'a, '_>, arena: &'a Bump) {
    // A native function's own name matters: the evaluator answers `random` itself.
    let table: [(&'a str, usize, NativeFn<'a>); 9] = [
        ("parse", 1, parse),
        ("hash", 2, hash),
        ("partition", 2, partition),
        ("range", 3, range),
        ("random", 1, random),
        ("string", 1, text),
        (TEXT_OF_OPERAND, 1, text_of_operand),
        ("map", 2, map),
        ("filter", 2, filter),
    ];
    for (name, arity, func) in table {
        bind_one(evaluator, arena, name, arity, func);
    }
    bind_one(evaluator, arena, "each", 2, each);
}

fn bind_one<'a>(
    evaluator: &Evaluator<'a, '_>,
    arena: &'a Bump,
    name: &'a str,
    arity: usize,
    func: NativeFn<'a>,
) {
    let own_name = format!("${name}");
    evaluator.bind(
        name,
        arena.alloc(Value::NativeFn {
            name: own_name,
            arity,
            func,
        }),
    );
}

fn problem(text: impl Into<String>) -> Error {
    Error::D3137Error(text.into())
}

fn given<'a>(
    context: FnContext<'a, '_>,
    arguments: Arguments<'_, 'a>,
    index: usize,
) -> &'a Value<'a> {
    arguments
        .get(index)
        .copied()
        .unwrap_or_else(|| Value::undefined(context.arena))
}

/// A whole-number argument; AWS rounds down.
fn whole(context: FnContext<'_, '_>, value: &Value<'_>) -> Result<f64> {
    match value {
        Value::Number(number) if number.is_finite() => Ok(number.floor()),
        _ => Err(problem(format!("{} wants a number", context.name))),
    }
}

fn parse<'a>(context: FnContext<'a, '_>, arguments: Arguments<'_, 'a>) -> Result<&'a Value<'a>> {
    let json = match given(context, arguments, 0) {
        undefined @ Value::Undefined => return Ok(undefined),
        Value::String(json) => json.as_str(),
        _ => return Err(problem("$parse wants a string")),
    };
    let parsed = serde_json::from_str(json)
        .map_err(|error| problem(format!("$parse was given text that is not JSON: {error}")))?;
    value::from_json(context.arena, &parsed).map_err(|error| problem(format!("$parse {error}")))
}

fn hash<'a>(context: FnContext<'a, '_>, arguments: Arguments<'_, 'a>) -> Result<&'a Value<'a>> {
    let (Value::String(data), Value::String(algorithm)) =
        (given(context, arguments, 0), given(context, arguments, 1))
    else {
        return Err(problem("$hash wants a string and the name of an algorithm"));
    };
    let data = data.as_bytes();
    let digest = match algorithm.as_str() {
        "SHA-256" => hex::encode(Sha256::digest(data)),
        "SHA-384" => hex::encode(Sha384::digest(data)),
        "SHA-512" => hex::encode(Sha512::digest(data)),
        other => {
            return Err(problem(format!(
                "$hash knows SHA-256, SHA-384 and SHA-512 here, not {other}"
            )));
        }
    };
    Ok(Value::string(context.arena, &digest))
}

fn partition<'a>(
    context: FnContext<'a, '_>,
    arguments: Arguments<'_, 'a>,
) -> Result<&'a Value<'a>> {
    let list = given(context, arguments, 0);
    if list.is_undefined() {
        return Ok(list);
    }
    let size = whole(context, given(context, arguments, 1))?;
    if size < 1.0 || !list.is_array() {
        return Err(problem(
            "$partition wants an array and a size of at least 1",
        ));
    }
    // Held at the list's length: a larger size makes one part of everything, and never a huge allocation.
    let size = (size as usize).min(list.len().max(1));
    let items: Vec<&'a Value<'a>> = (0..list.len())
        .filter_map(|index| list.get_member(index))
        .collect();
    let parts = Value::array(context.arena, ArrayFlags::empty());
    for chunk in items.chunks(size) {
        parts.push(array_of(context.arena, chunk.iter().copied()));
    }
    Ok(parts)
}

fn range<'a>(context: FnContext<'a, '_>, arguments: Arguments<'_, 'a>) -> Result<&'a Value<'a>> {
    let number = |index| whole(context, given(context, arguments, index));
    let (first, last, step) = (number(0)?, number(1)?, number(2)?);
    if step == 0.0 {
        return Err(problem("$range wants a step that is not 0"));
    }
    let count = ((last - first) / step).floor() + 1.0;
    if count > LONGEST_RANGE {
        return Err(problem(format!(
            "$range would make {count} items; {LONGEST_RANGE} are allowed"
        )));
    }
    let count = count.max(0.0) as u32;
    Ok(array_of(
        context.arena,
        (0..count).map(|index| &*Value::number(context.arena, first + f64::from(index) * step)),
    ))
}

fn random<'a>(context: FnContext<'a, '_>, arguments: Arguments<'_, 'a>) -> Result<&'a Value<'a>> {
    let seed = given(context, arguments, 0);
    if !seed.is_undefined() {
        let seed = whole(context, seed)? as i64;
        let bits = Pcg64::seed_from_u64(seed.cast_unsigned()).next_u64();
        return Ok(Value::number(context.arena, unit_fraction(bits)));
    }
    // The evaluator answers a native function of this name from the run's environment.
    let unseeded = context.arena.alloc(Value::NativeFn {
        name: "random".to_owned(),
        arity: 0,
        func: numeric::fn_random,
    });
    (context.apply_fn)(Span::at(context.char_index), context.input, unseeded, &[])
}

fn text<'a>(context: FnContext<'a, '_>, arguments: Arguments<'_, 'a>) -> Result<&'a Value<'a>> {
    let input = if arguments.is_empty() {
        context.input
    } else {
        given(context, arguments, 0)
    };
    let pretty = arguments.len() > 1;
    // What needs no care is left to the crate: the strange cases are its own.
    if pretty || input.is_undefined() || input.is_string() || input.is_function() {
        return string::fn_string(context, arguments);
    }
    if input.is_number() && !input.is_finite() {
        return Err(Error::D3001StringNotFinite(Span::at(context.char_index)));
    }
    let mut text = String::new();
    text_of(input, &mut text);
    Ok(Value::string(context.arena, &text))
}

fn text_of_operand<'a>(
    context: FnContext<'a, '_>,
    arguments: Arguments<'_, 'a>,
) -> Result<&'a Value<'a>> {
    match given(context, arguments, 0) {
        Value::Undefined => Ok(Value::string(context.arena, "")),
        operand => text(context, &[operand]),
    }
}

fn map<'a>(context: FnContext<'a, '_>, arguments: Arguments<'_, 'a>) -> Result<&'a Value<'a>> {
    hof::fn_map(context, arguments).map(|mapped| sequence(context.arena, mapped))
}

fn filter<'a>(context: FnContext<'a, '_>, arguments: Arguments<'_, 'a>) -> Result<&'a Value<'a>> {
    hof::fn_filter(context, arguments).map(|kept| sequence(context.arena, kept))
}

fn each<'a>(context: FnContext<'a, '_>, arguments: Arguments<'_, 'a>) -> Result<&'a Value<'a>> {
    object::fn_each(context, arguments).map(|mapped| sequence(context.arena, mapped))
}

/// Makes of an array a sequence: of one item it is that item, of none it is nothing.
fn sequence<'a>(arena: &'a Bump, value: &'a Value<'a>) -> &'a Value<'a> {
    match value {
        Value::Array(..) => value.clone_array_with_flags(arena, ArrayFlags::SEQUENCE),
        other => other,
    }
}

fn array_of<'a>(arena: &'a Bump, items: impl Iterator<Item = &'a Value<'a>>) -> &'a Value<'a> {
    let array = Value::array(arena, ArrayFlags::empty());
    items.for_each(|item| array.push(item));
    array
}
