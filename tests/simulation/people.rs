//! A small table of people, in the two forms that data comes in, with a few bad rows.

use std::fmt::Write;

use millrace_contract::{OutputColumn, OutputType};
use millrace_dataset::{OutputValues, ParquetTable};
use millrace_store::{Key, Store};

pub const SPEC: &str = r#"
name = "small"
contract = "contract.toml"
target = "score"
[search]
strategy = "exhaustive"
folds = 2
[search.space]
n_estimators = [8]
max_depth = [2, 3]
learning_rate = [0.3]
subsample = [1.0]
colsample_bytree = [1.0]
[scores]
table = "predictions"
column = "predicted"
decimals = 4
[quality]
minimum_r2 = 0.3
must_not_be_worse_than_live_by = 0.5
allow_insufficient_evidence = ["live_too_few_rows"]
attempts = 1
[fairness]
attributes = ["side"]
maximum_demographic_parity_difference = 0.9
minimum_rows_per_group = 5
minimum_positives_per_group = 1
minimum_negatives_per_group = 1
bootstrap_draws = 1000
allow_insufficient_evidence = ["side"]
"#;

pub const CONTRACT: &str = r#"
name = "people"
version = 1
[limits]
minimum_quality = 0.5
maximum_bad_row_share = 0.2
[columns]
id = { role = "id", type = "text" }
side = { role = "protected", type = "category", values = ["left", "right"] }
age = { role = "feature", type = "integer", range = [0, 120] }
height = { role = "feature", type = "float", range = [0, 3] }
score = { role = "target", type = "float" }
"#;

const ROWS: u64 = 160;
/// Every so many rows one has an impossible age.
const BAD: u64 = 40;

struct Person {
    id: String,
    side: &'static str,
    age: i64,
    height: f64,
    score: f64,
}

/// The same people for the same salt.
fn people(salt: u64) -> impl Iterator<Item = Person> {
    (0..ROWS).map(move |row| {
        let mut chance = support::random::Chance::of(&[salt, row]);
        let (age, height) = (chance.below(100), chance.below(1000));
        let share = age as f64 / 200.0 + height as f64 / 2000.0;
        Person {
            id: format!("p{row:04}"),
            side: if chance.below(2) == 0 {
                "left"
            } else {
                "right"
            },
            age: if row % BAD == BAD - 1 { -1 } else { age as i64 },
            height: 1.0 + height as f64 / 1000.0,
            score: share,
        }
    })
}

/// To learn from, as CSV.
pub fn to_learn_from(salt: u64) -> Store {
    let mut text = String::from("id,side,age,height,score\n");
    for person in people(salt) {
        let Person {
            id,
            side,
            age,
            height,
            score,
        } = person;
        writeln!(text, "{id},{side},{age},{height},{score}").unwrap();
    }
    one_file("people.csv", text.into_bytes())
}

/// Whether some of the people have an impossible age.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    Sound,
    SomeBad,
}

/// To score, as Parquet.
pub fn to_score(salt: u64, rows: Rows) -> Store {
    let column = |name: &str, output_type| OutputColumn {
        name: name.to_owned(),
        output_type,
    };
    let columns = [
        column("id", OutputType::Text),
        column("side", OutputType::Text),
        column("age", OutputType::Integer),
        column("height", OutputType::Double),
    ];
    let people = people(salt).filter(|person| rows == Rows::SomeBad || person.age >= 0);
    let people: Vec<Person> = people.collect();
    let mut table = ParquetTable::in_memory(&columns).unwrap();
    let values = vec![
        OutputValues::Text(
            people
                .iter()
                .map(|person| Some(person.id.clone()))
                .collect(),
        ),
        OutputValues::Text(
            people
                .iter()
                .map(|person| Some(person.side.to_owned()))
                .collect(),
        ),
        OutputValues::Integer(people.iter().map(|person| Some(person.age)).collect()),
        OutputValues::Double(people.iter().map(|person| person.height).collect()),
    ];
    table.write(values).unwrap();
    one_file("people.parquet", table.finish().unwrap())
}

fn one_file(name: &str, bytes: Vec<u8>) -> Store {
    let store = Store::memory();
    store.put(&Key::new(name).unwrap(), bytes).unwrap();
    store
}
