//! Contracts with several targets, tables that lack some of them, and columns of no use.

use millrace_dataset::validate::RefusalName;
use millrace_dataset::{Intent, Purpose, Source, validate};

use super::{CONTRACT, NOW, contract, folder, table};

/// Two more outcomes and a column that is of no use.
fn several() -> String {
    let more = "score    = { role = \"target\", type = \"float\", range = [0, 1] }\n\
                left     = { role = \"target\", type = \"integer\", range = [0, 1] }\n\
                worth    = { role = \"target\", type = \"float\", range = [0.01, 100] }\n\
                note     = { role = \"unused\", type = \"text\" }";
    let single = "score    = { role = \"target\", type = \"float\", range = [0, 1] }";
    assert!(CONTRACT.contains(single));
    CONTRACT.replace(single, more)
}

/// The usual table with further columns: their names, and the values of all rows.
fn with(names: &str, values: &str) -> String {
    let table = table(&[]);
    let mut lines = table.lines();
    let header = format!("{}{names}", lines.next().unwrap());
    let rows = lines.map(|line| format!("{line}{values}"));
    std::iter::once(header)
        .chain(rows)
        .collect::<Vec<_>>()
        .join("\n")
}

fn report(csv: &str, purpose: Purpose, target: Option<&str>) -> millrace_dataset::QualityReport {
    let folder = folder();
    let path = folder.path().join("visits.csv");
    std::fs::write(&path, csv).unwrap();
    let source = Source::open(path.to_str().unwrap()).unwrap();
    let intent = Intent { purpose, target };
    validate(
        &source,
        &contract(&several()),
        intent,
        NOW.parse().unwrap(),
        None,
    )
    .unwrap()
    .report
}

#[test]
fn a_table_without_the_other_outcomes_is_learned_from() {
    let older = table(&[]);
    let learned = report(&older, Purpose::Training, Some("score"));
    assert!(learned.is_accepted(), "{:?}", learned.refusals);
    assert_eq!(learned.notes, Vec::<String>::new());
    let scored = report(&older, Purpose::Scoring, Some("score"));
    assert!(scored.is_accepted(), "{:?}", scored.refusals);

    let missing = report(&older, Purpose::Training, Some("left"));
    let names: Vec<RefusalName> = missing
        .refusals
        .iter()
        .map(|refusal| refusal.name)
        .collect();
    assert_eq!(names, [RefusalName::MissingColumn]);
    assert!(
        missing.refusals[0].detail.contains("`left`"),
        "{:?}",
        missing.refusals
    );
}

#[test]
fn outcomes_of_others_are_not_looked_at() {
    let wrong = with(",left,worth,note", ",7,-3,\"whatever, really\"");
    let learned = report(&wrong, Purpose::Training, Some("score"));
    assert!(learned.is_accepted(), "{:?}", learned.refusals);
    assert_eq!(learned.rows_quarantined, 0);
    assert!(
        learned
            .columns
            .iter()
            .all(|column| !["left", "worth", "note"].contains(&column.name.as_str()))
    );
    assert_eq!(
        learned.notes,
        ["targets that are not learned here and not looked at: left, worth"]
    );
    let scored = report(&wrong, Purpose::Scoring, Some("score"));
    assert!(scored.is_accepted(), "{:?}", scored.refusals);

    let refused = report(&wrong, Purpose::Training, Some("left"));
    assert_eq!(refused.rows_quarantined, 20);
    assert!(!refused.is_accepted());
}

#[test]
fn without_a_spec_every_outcome_that_is_there_is_checked() {
    let partly = report(&with(",left", ",7"), Purpose::Training, None);
    assert_eq!(partly.rows_quarantined, 20);
    assert_eq!(
        partly.notes,
        ["targets that are not there, and cannot be learned from this data: worth"]
    );
    let older = report(&table(&[]), Purpose::Training, None);
    assert!(older.is_accepted(), "{:?}", older.refusals);
    let none: Vec<String> = table(&[])
        .lines()
        .map(|line| line.rsplit_once(',').unwrap().0.to_owned())
        .collect();
    let none = report(&none.join("\n"), Purpose::Training, None);
    let absent: Vec<&str> = none
        .refusals
        .iter()
        .map(|refusal| refusal.detail.split(' ').next().unwrap())
        .collect();
    assert_eq!(absent, ["`score`", "`left`", "`worth`"]);
}

#[test]
fn a_column_that_the_contract_does_not_have_still_refuses_training() {
    let refused = report(&with(",other", ",1"), Purpose::Training, Some("score"));
    let names: Vec<RefusalName> = refused
        .refusals
        .iter()
        .map(|refusal| refusal.name)
        .collect();
    assert_eq!(names, [RefusalName::UnexpectedColumn]);
}
