//! Expressions against the reference implementation, and what Step Functions adds or forbids.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::*;
use crate::clock::SimulatedClock;
use proptest::prelude::*;
use serde_json::json;

const REFERENCE: &str = include_str!("../../tests/golden/expressions.json");

fn evaluate_with(
    source: &str,
    states: &Value,
    variables: &Map<String, Value>,
) -> Result<Value, String> {
    let clock = SimulatedClock::default();
    let environment = Environment::new(&clock, Some(7));
    let bindings = Bindings {
        states,
        variables,
        environment: &environment,
    };
    Expression::compile(source, Reach::Result)
        .or_else(|_| Expression::compile(source, Reach::ErrorOutput))?
        .evaluate(bindings)
}

fn evaluate(source: &str) -> Result<Value, String> {
    evaluate_with(source, &json!({ "input": { "x": 1 } }), &Map::new())
}

/// What this engine does otherwise than the reference, and says so when the machine is loaded (or, for the
/// last three, differs in a way that no state machine should lean on).
const KNOWN_DIFFERENCES: &[&str] = &[
    "$formatNumber(1234.5, '#,##0.00')",
    "$formatNumber(0.125, '0.0%')",
    "$formatBase(255, 16)",
    "$formatInteger(12, 'w')",
    "$parseInteger('twelve', 'w')",
    "$encodeUrlComponent('a b&c')",
    "$decodeUrlComponent('a%20b')",
    "$encodeUrl('https://x/a b')",
    "$states.input.rows ~> |$|{'seen': true}|",
    "$states.input.nested ~> |deep|{'added': 1}, ['deeper']|",
    "$states.input.nested.deep.%.deep.deeper[0]",
    "1 / 0",
    "$number('0x1F')",
    "5e-324",
];

#[test]
fn expressions_give_what_the_reference_gives() {
    let golden: Value = serde_json::from_str(REFERENCE).unwrap();
    let variables = golden["bindings"].as_object().unwrap();
    let mut wrong = Vec::new();
    for case in golden["cases"].as_array().unwrap() {
        let source = case["expression"].as_str().unwrap();
        let got = evaluate_with(source, &golden["bindings"]["states"], variables);
        // An expression that gives nothing is an error in Step Functions.
        let agrees = match (&got, case.get("value")) {
            (Ok(value), Some(expected)) => value == expected,
            (Err(_), None) => true,
            _ => false,
        };
        if agrees == KNOWN_DIFFERENCES.contains(&source) {
            wrong.push(format!("{source}\n  expected {case}\n  got {got:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn whole_numbers_stay_whole() {
    for (source, text) in [
        ("1", "1"),
        ("4 / 2", "2"),
        ("-0", "0"),
        ("$sum([0.5, 0.5])", "1"),
        ("[1..3]", "[1,2,3]"),
        ("1.5", "1.5"),
    ] {
        assert_eq!(evaluate(source).unwrap().to_string(), text, "{source}");
    }
}

#[test]
fn a_whole_number_that_would_be_rounded_is_an_error() {
    let states = json!({ "input": { "big": 9_007_199_254_740_993_u64 } });
    let error = evaluate_with("$states.input.big", &states, &Map::new()).unwrap_err();
    assert!(error.contains("9007199254740993"), "{error}");
}

#[test]
fn functions_of_step_functions() {
    let table = [
        (
            "$parse('{\"k\": [1, 2.5, null]}')",
            json!({ "k": [1, 2.5, null] }),
        ),
        ("$parse('{\"k\": 7}').k + 1", json!(8)),
        ("$partition([1,2,3,4,5], 2)", json!([[1, 2], [3, 4], [5]])),
        ("$partition([1..3], 100)", json!([[1, 2, 3]])),
        ("$partition([], 2)", json!([])),
        ("$range(1, 9, 2)", json!([1, 3, 5, 7, 9])),
        ("$range(0, 2, 1)", json!([0, 1, 2])),
        ("$range(3, 1, -1)", json!([3, 2, 1])),
        ("$range(1, 0, 1)", json!([])),
        (
            "$hash('abc', 'SHA-256')",
            json!("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ),
        ("$random(42) = $random(42)", json!(true)),
        ("$random(42) = $random(43)", json!(false)),
        ("$random() < 1 and $random() >= 0", json!(true)),
        ("$random() = $random()", json!(false)),
        ("$length($uuid())", json!(36)),
        ("$substring($uuid(), 14, 1)", json!("4")),
        ("$uuid() = $uuid()", json!(false)),
        ("$now()", json!("1970-01-01T00:00:00.000Z")),
        ("$millis()", json!(0)),
        ("$map([1, 2], $string)", json!(["1", "2"])),
    ];
    for (source, expected) in table {
        assert_eq!(evaluate(source), Ok(expected), "{source}");
    }
}

#[test]
fn misuse_is_an_error_when_evaluated() {
    let table = [
        "$parse('{')",
        "$parse(1)",
        "$partition([1], 0)",
        "$partition(1, 1)",
        "$range(0, 5, 0)",
        "$range(0, 1e9, 1)",
        "$hash('a', 'CRC')",
        "$hash(1, 'SHA-256')",
        "$random('x')",
        "1 / 0",
        "$states.input.missing",
        "function($x) { $x }",
        "/ab/",
        "'a' + 1",
        "$",
        "x",
        "{'f': $sum}",
        "$error('no')",
        "$range('a', 1, 1)",
    ];
    for source in table {
        assert!(
            evaluate(source).is_err(),
            "{source}: {:?}",
            evaluate(source)
        );
    }
}

#[test]
fn what_cannot_work_is_refused_when_compiled() {
    let table = [
        ("$states.input.", "not JSONata"),
        ("", "not JSONata"),
        ("$eval('1')", "$eval"),
        ("$nope(1)", "$nope"),
        ("$$.x", "$$"),
        ("$states.output", "$states.output"),
        ("$states.errorOutput", "in this field"),
        ("$x ~> |a|{}|", "transform"),
        ("($states := 1)", "reserved"),
        ("$formatNumber(1, '0')", "$formatNumber"),
    ];
    for (source, part) in table {
        let error = Expression::compile(source, Reach::Result).unwrap_err();
        assert!(
            error.contains(part) && error.contains(source),
            "{source}: {error}"
        );
    }
    assert!(Expression::compile("$states.result", Reach::Input).is_err());
    assert!(Expression::compile("$states.errorOutput.Error", Reach::ErrorOutput).is_ok());
}

#[test]
fn reads_are_the_variables_from_outside() {
    let source = "($a := $b; $map($c, function($d, $e) { $d + $e + $f }) ~> $sum; $states.input.x; $rows@$g.($g)#$h[$h > $i])";
    let expression = Expression::compile(source, Reach::Input).unwrap();
    let reads: Vec<&str> = expression.reads().iter().map(String::as_str).collect();
    assert_eq!(reads, ["b", "c", "f", "i", "rows"]);
}

#[test]
fn endless_and_enormous_expressions_end() {
    for source in [
        "($f := function($n) { 1 + $f($n + 1) }; $f(0))",
        "($f := function($n) { $f($n + 1) }; $f(0))",
    ] {
        assert!(evaluate(source).is_err(), "{source}");
    }
    for source in [
        "(".repeat(100_000),
        "(".repeat(8_000),
        "-".repeat(8_000),
        "[".repeat(4_000) + &"]".repeat(4_000),
        "1+".repeat(4_000) + "1",
        "1?1:".repeat(2_000) + "1",
    ] {
        assert!(Expression::compile(&source, Reach::Input).is_err());
    }
    let nested = "(".repeat(100) + "1" + &")".repeat(100);
    assert_eq!(evaluate(&nested), Ok(json!(1)));
    assert_eq!(evaluate(&("-".repeat(100) + "1")), Ok(json!(1)));
    assert_eq!(evaluate(&("1+".repeat(120) + "1")), Ok(json!(121)));
}

#[test]
fn every_listed_function_exists() {
    let arena = Bump::new();
    let clock = SimulatedClock::default();
    let environment = Environment::new(&clock, None);
    for name in [
        "abs",
        "each",
        "filter",
        "hash",
        "map",
        "parse",
        "partition",
        "random",
        "range",
        "uuid",
        "zip",
    ] {
        assert!(is_function(name));
        let evaluator = Evaluator::new(&arena, &environment, None, 10, None);
        evaluator.bind_natives();
        functions::bind(&evaluator, &arena);
        let ast = seuil::parser::parse(&format!("$exists(${name})")).unwrap();
        let found = evaluator
            .evaluate(&ast, seuil::evaluator::Value::undefined(&arena))
            .unwrap();
        assert!(
            matches!(found, seuil::evaluator::Value::Bool(true)),
            "{name}"
        );
    }
}

#[test]
fn half_an_expression_is_refused() {
    for text in ["{% 1", "1 %}", " {% 1 %}", "{% 1 %} ", "{%}", "%}"] {
        assert!(
            Template::compile(json!(text), Reach::Input).is_err(),
            "{text}"
        );
    }
    assert!(matches!(
        Template::compile(json!(["a", { "b": 1 }]), Reach::Input),
        Ok(Template::Literal(_))
    ));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the text, compiling and evaluating come back.
    #[test]
    fn no_text_makes_it_panic(source in "[$a-c0-9 (){}\\[\\].,:;?~>&|%^@#'\"=<>!+*/-]{0,40}") {
        let _ = evaluate(&source);
    }

    /// JSON passes through an expression unchanged.
    #[test]
    fn json_passes_through(number in -1_000_000_000_i64..1_000_000_000, fraction in -1e9..1e9_f64, text in ".{0,20}") {
        let input = json!({ "a": [number, fraction, text, null, true, [], {}], "b": { text.clone(): number } });
        let states = json!({ "input": input });
        let got = evaluate_with("$states.input", &states, &Map::new()).unwrap();
        prop_assert_eq!(&got["b"], &input["b"]);
        prop_assert_eq!(got["a"][0].as_i64(), Some(number));
        prop_assert_eq!(got["a"][1].as_f64(), Some(fraction));
    }
}
