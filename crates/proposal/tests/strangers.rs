//! Tables of strangers: what is guessed, and that the table keeps the contract that is proposed for it.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;

use millrace_contract::{Contract, ModelName, NamedError, Role, Spec};
use millrace_dataset::survey::mended;
use millrace_dataset::{Intent, Purpose, Source, Survey, validate};
use millrace_proposal::{Choices, Guesses, Proposal, ProposalError, guess, propose};

const TODAY: i32 = 20_784;

/// A table in a folder of its own.
struct Stranger {
    folder: tempfile::TempDir,
    source: Source,
    survey: Survey,
    guesses: Guesses,
}

impl Stranger {
    fn new(csv: &str) -> Stranger {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("table.csv");
        std::fs::write(&path, csv).unwrap();
        let source = Source::open(path.to_str().unwrap()).unwrap();
        let survey = Survey::of(&source).unwrap();
        Stranger {
            guesses: guess(&survey, TODAY),
            folder,
            source,
            survey,
        }
    }

    fn choices(&self, target: &str) -> Choices {
        let column = |guess: &Option<millrace_proposal::Guess>| {
            let other = guess.as_ref().filter(|guess| guess.column != target);
            other.map(|guess| guess.column.clone())
        };
        let protected = self
            .guesses
            .protected
            .iter()
            .map(|guess| guess.column.clone());
        Choices {
            name: ModelName::new("table").unwrap(),
            source: "table.csv".to_owned(),
            id: column(&self.guesses.id),
            date: column(&self.guesses.date),
            target: target.to_owned(),
            protected: protected.filter(|name| name != target).collect(),
            ordered: BTreeMap::new(),
        }
    }

    /// The documents, after the table or its copy was found to keep them without a bad row.
    fn proposed(&self, choices: &Choices) -> Proposal {
        let proposal = propose(&self.survey, choices).unwrap();
        let contract = Contract::parse(&proposal.contract, "contract").unwrap();
        let spec = Spec::parse(&proposal.spec, "spec").unwrap();
        let source = match &proposal.mend {
            None => self.source.clone(),
            Some(mend) => {
                let copy = self.folder.path().join("copy.parquet");
                std::fs::write(&copy, mended(&self.source, &mend.columns).unwrap()).unwrap();
                Source::open(copy.to_str().unwrap()).unwrap()
            }
        };
        let intent = Intent {
            purpose: Purpose::Training,
            target: Some(&spec.target),
        };
        let now = "2026-11-27T12:00:00Z".parse().unwrap();
        let report = validate(&source, &contract, intent, now, None)
            .unwrap()
            .report;
        assert!(
            report.is_accepted(),
            "{:?}\n{}",
            report.refusals,
            proposal.contract
        );
        assert_eq!(report.rows_quarantined, 0, "{}", proposal.contract);
        proposal
    }

    fn role(&self, proposal: &Proposal, name: &str) -> Role {
        proposal
            .columns
            .iter()
            .find(|column| column.name == name)
            .unwrap()
            .role
    }
}

/// Sixty orders with everything that strangers' files have.
fn orders() -> String {
    let mut csv = "Order ID,Order Date,Customer Sex,Age,Size,\"City, State\",Discount,Comment,Paid,Always,Shipped,Price\n".to_owned();
    for row in 0..60 {
        let sex = ["f", "m", "x"][row % 3];
        let size = ["S", "M", "L", "XL"][row % 4];
        let city = ["\"Bern, BE\"", "\"Basel, BS\"", ""][row % 3];
        let discount = if row % 7 == 0 {
            "NA".to_owned()
        } else {
            format!("{}.5", row % 9)
        };
        csv.push_str(&format!(
            "A{row:03},2026-0{}-15,{sex},{},{size},{city},{discount},\"note {row}: \"\"fine\"\"\",{},1,{}/{}/2026,{}\n",
            1 + row % 9, 20 + row % 50, row % 2 == 0, 1 + row % 12, 1 + row % 28, 100 + 7 * row,
        ));
    }
    csv
}

#[test]
fn purposes_are_guessed_with_reasons() {
    let stranger = Stranger::new(&orders());
    let guesses = &stranger.guesses;
    assert_eq!(guesses.id.as_ref().unwrap().column, "Order ID");
    assert_eq!(guesses.date.as_ref().unwrap().column, "Order Date");
    assert_eq!(guesses.targets[0].column, "Price");
    assert!(guesses.target_is_clear, "{:?}", guesses.targets);
    assert!(
        guesses.targets[0].because.contains("`price`"),
        "{:?}",
        guesses.targets
    );
    let protected: Vec<&str> = guesses
        .protected
        .iter()
        .map(|guess| guess.column.as_str())
        .collect();
    assert_eq!(protected, ["Customer Sex", "Age"]);
    let order = guesses
        .words
        .iter()
        .find(|(name, ..)| name == "Size")
        .unwrap();
    assert_eq!(order.2.as_ref().unwrap(), &["S", "M", "L", "XL"]);
}

#[test]
fn a_table_keeps_the_contract_that_is_proposed_for_it() {
    let stranger = Stranger::new(&orders());
    let mut choices = stranger.choices("Price");
    let order = ["S", "M", "L", "XL"].map(str::to_owned).to_vec();
    choices.ordered.insert("Size".to_owned(), order);
    let proposal = stranger.proposed(&choices);
    assert_eq!(stranger.role(&proposal, "Age"), Role::Protected);
    let text = &proposal.contract;
    assert!(
        text.contains("values = [\"S\", \"M\", \"L\", \"XL\"]"),
        "{text}"
    );
    assert!(text.contains("\"City, State\""), "{text}");
    assert!(
        proposal
            .spec
            .contains("attributes = [\"Customer Sex\", \"Age\"]"),
        "{}",
        proposal.spec
    );
    let mend = proposal.mend.as_ref().unwrap();
    assert_eq!(mend.because.len(), 1, "{:?}", mend.because);
    assert!(mend.because[0].contains("Discount"), "{:?}", mend.because);
    // What a model cannot learn from is left out of the copy.
    for left in ["Comment", "Always", "Shipped"] {
        assert!(!text.contains(left), "{text}");
    }
}

#[test]
fn a_table_that_needs_no_mending_is_used_as_it_is() {
    let clean = orders().replace("NA", "");
    let stranger = Stranger::new(&clean);
    let proposal = stranger.proposed(&stranger.choices("Price"));
    assert_eq!(proposal.mend, None);
    for (name, why) in [
        ("Comment", "60 different words"),
        ("Always", "the same in every row"),
        ("Shipped", "dates that are not written like"),
    ] {
        assert_eq!(stranger.role(&proposal, name), Role::Unused);
        let line = proposal
            .contract
            .lines()
            .find(|line| line.starts_with(name))
            .unwrap();
        assert!(
            line.contains("role = \"unused\"") && line.contains(why),
            "{line}"
        );
    }
}

#[test]
fn rows_without_an_id_are_numbered_in_a_copy() {
    let csv: String = (0..40).fold("x,y\n".to_owned(), |csv, n| {
        csv + &format!("{},{}.5\n", n % 7, n % 5)
    });
    let stranger = Stranger::new(&csv);
    assert_eq!(stranger.guesses.id, None);
    let proposal = stranger.proposed(&stranger.choices("y"));
    assert_eq!(proposal.columns[0].name, "row_id");
    assert!(
        proposal
            .contract
            .contains("it names nobody in another file"),
        "{}",
        proposal.contract
    );
}

#[test]
fn an_id_that_repeats_a_few_times_is_one_and_never_a_feature() {
    let csv = |shared: usize| {
        (0..200).fold("customer id,a,score\n".to_owned(), |csv, n| {
            csv + &format!(
                "{},{},{}\n",
                if n < shared { 500 } else { n },
                n % 7,
                n % 11
            )
        })
    };
    let few = Stranger::new(&csv(4));
    assert_eq!(few.guesses.id.as_ref().unwrap().column, "customer id");
    let proposal = propose(&few.survey, &few.choices("score")).unwrap();
    let said = "3 rows repeat the value of an earlier one and will be put aside";
    assert!(proposal.contract.contains(said), "{}", proposal.contract);
    let many = Stranger::new(&csv(60));
    assert_eq!(many.guesses.id, None);
    let proposal = many.proposed(&many.choices("score"));
    assert_eq!(many.role(&proposal, "customer id"), Role::Unused);
}

#[test]
fn two_words_become_0_and_1_and_the_index_without_a_name_gets_one() {
    let csv: String = (0..40).fold(",tenure,churn\n".to_owned(), |csv, n| {
        csv + &format!("{n},{},{}\n", n % 9, if n % 4 == 0 { "Yes" } else { "No" })
    });
    let stranger = Stranger::new(&csv);
    assert_eq!(stranger.guesses.id.as_ref().unwrap().column, "");
    assert!(
        stranger.guesses.target_is_clear,
        "{:?}",
        stranger.guesses.targets
    );
    let proposal = stranger.proposed(&stranger.choices("churn"));
    let because = proposal.mend.unwrap().because.join("; ");
    assert!(
        because.contains("`churn` becomes 1 for Yes and 0 for No"),
        "{because}"
    );
    assert!(because.contains("becomes `column_1`"), "{because}");
    assert!(
        proposal
            .contract
            .contains("description = \"1 for Yes, 0 for No.\""),
        "{}",
        proposal.contract
    );
}

#[test]
fn numbers_that_are_measures_are_not_taken_for_the_target() {
    let csv: String = (0..40).fold("carat,price,x,y,z\n".to_owned(), |csv, n| {
        csv + &format!("0.{},{},{n}.1,{n}.2,{n}.3\n", n % 9 + 1, 300 + n)
    });
    let stranger = Stranger::new(&csv);
    assert_eq!(stranger.guesses.targets[0].column, "price");
    assert!(
        stranger.guesses.target_is_clear,
        "{:?}",
        stranger.guesses.targets
    );
    let unclear = Stranger::new(&csv.replace("price", "thing"));
    assert!(
        !unclear.guesses.target_is_clear,
        "{:?}",
        unclear.guesses.targets
    );
}

#[test]
fn a_day_to_come_is_not_the_date_of_a_row() {
    let csv: String = (0..20).fold("due,v\n".to_owned(), |csv, n| {
        csv + &format!("2031-01-{:02},{n}\n", n + 1)
    });
    assert_eq!(Stranger::new(&csv).guesses.date, None);
}

#[test]
fn a_target_that_is_partly_missing_says_so_in_the_limits() {
    let csv: String = (0..100).fold("id,a,score\n".to_owned(), |csv, n| {
        csv + &format!(
            "{n},{},{}\n",
            n % 13,
            if n % 5 == 0 {
                String::new()
            } else {
                (n % 17).to_string()
            }
        )
    });
    let stranger = Stranger::new(&csv);
    let proposal = propose(&stranger.survey, &stranger.choices("score")).unwrap();
    assert!(
        proposal.contract.contains("maximum_bad_row_share = 0.25"),
        "{}",
        proposal.contract
    );
    let contract = Contract::parse(&proposal.contract, "contract").unwrap();
    let now = "2026-11-27T12:00:00Z".parse().unwrap();
    let report = validate(&stranger.source, &contract, Purpose::Training, now, None)
        .unwrap()
        .report;
    assert!(report.is_accepted(), "{:?}", report.refusals);
    assert_eq!(report.rows_quarantined, 20);
}

#[test]
fn what_was_chosen_wrongly_is_refused_by_name() {
    let stranger = Stranger::new(&orders());
    let refused = |change: fn(&mut Choices)| {
        let mut choices = stranger.choices("Price");
        change(&mut choices);
        let error: ProposalError = propose(&stranger.survey, &choices).unwrap_err();
        (error.name().to_owned(), error.to_string())
    };
    for (change, name, says) in [
        (
            (|c| c.target = "Prise".into()) as fn(&mut Choices),
            "ColumnNotFound",
            "the nearest is `Price`",
        ),
        (
            |c| c.id = Some("Size".into()),
            "IdUnfit",
            "repeat the value of another",
        ),
        (|c| c.id = Some("Discount".into()), "IdUnfit", "fractions"),
        (
            |c| c.date = Some("Shipped".into()),
            "DateUnfit",
            "2026-12-31",
        ),
        (
            |c| c.target = "Comment".into(),
            "TargetUnfit",
            "60 words would be classes",
        ),
        (
            |c| c.target = "Size".into(),
            "TargetUnfit",
            "4 words would be classes",
        ),
        (
            |c| c.target = "Always".into(),
            "TargetUnfit",
            "the same in every row",
        ),
        (
            |c| c.protected = vec!["Comment".into()],
            "ProtectedUnfit",
            "60 different words",
        ),
        (
            |c| c.protected = vec!["Price".into()],
            "ColumnNamedTwice",
            "target and protected",
        ),
        (
            |c| drop(c.ordered.insert("Size".into(), vec!["S".into()])),
            "OrderUnfit",
            "L, M, S, XL",
        ),
    ] {
        let (found, said) = refused(change);
        assert_eq!(found, name, "{said}");
        assert!(said.contains(says), "{said}");
    }
}

#[test]
fn one_column_alone_gives_nothing_to_learn_from() {
    let csv: String = (0..30).fold("v\n".to_owned(), |csv, n| csv + &format!("{}\n", n % 7));
    let stranger = Stranger::new(&csv);
    let error = propose(&stranger.survey, &stranger.choices("v")).unwrap_err();
    assert_eq!(error.name(), "NothingToLearnFrom");
}

/// Names and words with everything that TOML minds.
#[test]
fn names_and_words_may_hold_quotes_and_other_signs() {
    let csv: String = (0..40).fold(
        "id,\"a \"\"b\"\" \\ c\",größe #1,[x],y\n".to_owned(),
        |csv, n| csv + &format!("{n},\"w\"\"{}\\\",{},{},{}\n", n % 3, n % 5, n % 6, n % 11),
    );
    let stranger = Stranger::new(&csv);
    let proposal = stranger.proposed(&stranger.choices("y"));
    let contract = Contract::parse(&proposal.contract, "contract").unwrap();
    let names: Vec<&str> = contract.columns.keys().map(String::as_str).collect();
    assert_eq!(names, ["id", "a \"b\" \\ c", "größe #1", "[x]", "y"]);
    assert_eq!(
        contract.columns["a \"b\" \\ c"].values,
        ["w\"0\\", "w\"1\\", "w\"2\\"]
    );
}
