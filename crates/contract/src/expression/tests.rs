#![allow(clippy::unwrap_used)]
use super::*;
use crate::Contract;
use proptest::prelude::*;

fn columns() -> IndexMap<String, Column> {
    let text = r#"
name = "t"
version = 1
[columns]
id = { role = "id", type = "text" }
a = { role = "feature", type = "float" }
b = { role = "feature", type = "integer" }
member = { role = "feature", type = "boolean" }
plan = { role = "feature", type = "ordered", values = ["free", "plus", "it's"] }
device = { role = "feature", type = "category", values = ["ios", "web"] }
day = { role = "date", type = "date" }
"odd name" = { role = "feature", type = "float" }
min = { role = "feature", type = "float" }
"#;
    Contract::parse(text, "t.toml").unwrap().columns
}

/// The answer for one row, whose columns are given by name.
fn answer(text: &str, row: &[(&str, f64)]) -> Truth {
    let expression = Expression::parse(text, &columns()).unwrap_or_else(|error| panic!("{error}"));
    let value = |name: &String| {
        row.iter()
            .find(|(given, _)| given == name)
            .map_or(f64::NAN, |(_, v)| *v)
    };
    let values: Vec<[f64; 1]> = expression
        .columns()
        .iter()
        .map(|name| [value(name)])
        .collect();
    let slices: Vec<&[f64]> = values.iter().map(|v| v.as_slice()).collect();
    expression.evaluate(&slices, 1)[0]
}

#[test]
fn operators_bind_as_everyone_expects() {
    let row = [("a", 2.0), ("b", 5.0), ("odd name", 7.0), ("min", 1.0)];
    for text in [
        "1 + 2 * 3 = 7",
        "(1 + 2) * 3 == 9",
        "10 - 3 - 2 = 5",
        "12 / 3 / 2 = 2",
        "-a * -b = 10",
        "- -a = 2",
        "a < b and b <= 5 and b >= 5 and b > a and a != b and a <> b",
        "not a > b and true",
        "not (a < b and false)",
        "a > b or a = 2 and b = 5",
        "true or false and false",
        "abs(a - b) = 3 and min(a, b, 1.5e0) = 1.5 and max(a, b) = 5",
        "`odd name` = 7 and min = 1 and .5 + 1e-1 > 0.59",
    ] {
        assert_eq!(answer(text, &row), Truth::True, "{text}");
    }
    assert_eq!(answer("(true or false) and false", &row), Truth::False);
}

#[test]
fn words_days_and_booleans_are_compared_with_their_own_kind() {
    let row = [
        ("plan", 1.0),
        ("device", 0.0),
        ("day", 20_758.0),
        ("member", 1.0),
    ];
    for text in [
        "plan = 'plus' and plan > 'free' and 'it''s' >= plan",
        "device != 'web'",
        "day = '2026-11-01' and day < '2026-11-02' and day - day = 0",
        "member and member = true and member != false",
    ] {
        assert_eq!(answer(text, &row), Truth::True, "{text}");
    }
}

#[test]
fn what_is_missing_makes_a_rule_unknown_unless_the_rest_decides() {
    for (text, wanted) in [
        ("a < 1", Truth::Unknown),
        ("a = a", Truth::Unknown),
        ("not a < 1", Truth::Unknown),
        ("a < 1 and b < 1", Truth::False),
        ("a < 1 and b > 1", Truth::Unknown),
        ("a < 1 or b > 1", Truth::True),
        ("a < 1 or b < 1", Truth::Unknown),
        ("min(a, b) < 100", Truth::Unknown),
        ("b / 0 > 1", Truth::Unknown),
        ("member", Truth::Unknown),
    ] {
        assert_eq!(answer(text, &[("b", 5.0)]), wanted, "{text}");
    }
}

#[test]
fn mistakes_are_named_at_their_place() {
    for (text, position, said) in [
        ("", 0, "a value is missing"),
        ("a <", 3, "a value is missing"),
        ("a <= 7 * ap", 9, "no column `ap`"),
        ("a < b < 3", 6, "chained"),
        ("a b", 2, "operator"),
        ("(a < 1", 6, "`)` is missing"),
        ("a < 1)", 5, "operator"),
        ("a + 1", 2, "a condition is needed"),
        ("a and b", 0, "a condition is needed"),
        ("a < 'x'", 2, "cannot be compared"),
        ("plan = 'gold'", 7, "not one of"),
        ("device > 'ios'", 7, "no order"),
        ("device = plan", 7, "cannot be compared"),
        ("day > 'soon'", 6, "not a day"),
        ("id = 'x'", 0, "any text"),
        ("a = 1x", 4, "not a number"),
        ("a = 1.2.3", 4, "not a number"),
        ("a = 'x", 4, "closing"),
        ("a = \"x\"", 4, "single quotes"),
        ("a < 1 ; b", 6, "no meaning"),
        ("sqrt(a) < 1", 0, "no function"),
        ("abs(a, b) < 1", 0, "one number"),
        ("abs() < 1", 4, "a value is missing"),
        ("plan + 1 > 2", 0, "a number is needed"),
        ("a = 1e999", 4, "not a number"),
        ("a and or b", 6, "before `or`"),
    ] {
        let error = Expression::parse(text, &columns()).unwrap_err();
        assert!(error.message.contains(said), "{text}: {error}");
        assert_eq!(error.position, position, "{text}: {error}");
        let shown = error.to_string();
        let caret = shown.lines().last().unwrap();
        assert_eq!(caret.find('^'), Some(position + 2), "{shown}");
    }
}

#[test]
fn hostile_depth_and_length_are_refused() {
    let nested = "nested more than 50 deep";
    let long = "longer than 4096 bytes";
    for (text, why) in [
        ("(".repeat(4_000), nested),
        (format!("{}a{} < 1", "(".repeat(60), ")".repeat(60)), nested),
        ("not ".repeat(1_000), nested),
        (format!("{}a < 1", "-".repeat(4_000)), nested),
        (
            format!("a < 1{}", " + 1".repeat(1_000)),
            "more than 200 operators",
        ),
        (
            format!("{}a{} < 1", "abs(".repeat(100), ")".repeat(100)),
            nested,
        ),
        ("x".repeat(100_000), long),
        ("ä".repeat(2_100), long),
        (format!("a < 1{}", " ".repeat(4_100)), long),
    ] {
        let error = Expression::parse(&text, &columns()).unwrap_err();
        assert!(error.message.contains(why), "{why}: {}", error.message);
    }
    let allowed = format!("{}a{} < 1", "(".repeat(50), ")".repeat(50));
    assert!(Expression::parse(&allowed, &columns()).is_ok());
    let nested = format!("{}member{}", "(".repeat(40), " = member)".repeat(40));
    assert_eq!(answer(&nested, &[("member", 0.0)]), Truth::False);
}

#[test]
fn a_contract_with_a_bad_rule_is_refused() {
    let text = "name = 't'\nversion = 1\n[columns]\nid = { role = 'id', type = 'text' }\n\
        [[rules]]\nname = 'r'\nexpression = 'nothing > 1'\n";
    let error = Contract::parse(text, "t.toml").unwrap_err();
    let said = error.to_string();
    assert_eq!(error.name(), "InvalidContract");
    assert!(
        said.contains("rule `r`") && said.contains("no column `nothing`"),
        "{said}"
    );
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,60}") {
        let _ = Expression::parse(&text, &columns());
    }

    #[test]
    fn no_tokens_make_it_panic(words in proptest::collection::vec(
        proptest::sample::select(vec!["a", "b", "(", ")", "+", "-", "*", "<", "=", "and", "or", "not", "'x'", "1", "abs", "min", ",", "plan", "day", "member"]), 0..30)
    ) {
        let text = words.join(" ");
        if let Ok(expression) = Expression::parse(&text, &columns()) {
            let answers = expression.evaluate(&[], 3);
            prop_assert_eq!(answers.len(), 3);
        }
    }

    #[test]
    fn sums_and_comparisons_are_those_of_numbers(a in -1e3..1e3f64, b in -1e3..1e3f64) {
        let row = [("a", a), ("b", b)];
        let holds = |text: &str| answer(text, &row) == Truth::True;
        prop_assert_eq!(holds("a + 2 * b < 7"), a + 2.0 * b < 7.0);
        prop_assert_eq!(holds("not a <= b"), a > b);
        prop_assert_eq!(holds("a < b or a > 0 and b > 0"), a < b || (a > 0.0 && b > 0.0));
    }
}
