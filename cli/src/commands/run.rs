//! `millrace run`: from data to answers with one command.

use std::path::PathBuf;
use std::time::Instant;

use millrace_generator::Options;
use millrace_store::Store;

use crate::arguments::{Run, RunOptions, Shared, Train};
use crate::failure::{Failure, Outcome};
use crate::sql::{self, Format};
use crate::{commands, runs, text};

/// What an analyst may ask first.
const QUESTIONS: [(&str, &str); 3] = [
    (
        "How many customers are at risk of leaving?",
        "SELECT churn_risk_tier, count(*) AS customers, round(avg(churn_probability), 3) AS mean_churn\n\
         FROM predictions GROUP BY churn_risk_tier ORDER BY mean_churn DESC",
    ),
    (
        "Who should be called first?",
        "SELECT customer_id, churn_probability, confidence, churn_risk_tier\n\
         FROM predictions ORDER BY churn_probability DESC, customer_id LIMIT 5",
    ),
    (
        "Which model said so, and when?",
        "SELECT model_name, model_version, scored_at, count(*) AS rows\n\
         FROM predictions GROUP BY model_name, model_version, scored_at ORDER BY scored_at",
    ),
];

pub fn run(shared: &Shared, options: &Run) -> Outcome {
    let began = Instant::now();
    let store = Store::open(&shared.store)?;
    let run = runs::named(&options.run, "run")?;
    let say = |title: &str| {
        if !shared.quiet && !shared.json {
            println!("\n== {title}");
        }
    };
    let data = match &options.data {
        Some(data) => data.clone(),
        None => {
            say("generate");
            generated(shared)?
        }
    };

    say("train");
    let train = Train {
        spec: options.spec.clone(),
        data: data.clone(),
        strategy: options.strategy,
        run: RunOptions {
            run_id: None,
            at: None,
        },
    };
    let trained = commands::train::train(shared, &store, run.clone(), &train)?;
    if !shared.quiet && !shared.json {
        print!("{}", commands::train::describe(&trained));
    }

    say("score");
    let name = &trained.metadata.model_name;
    let model = commands::score::resolve(&store, name, &format!("run:{}", run.run_id))?;
    let scored = commands::score::score(shared, &store, run, model, &data)?;
    if !shared.quiet && !shared.json {
        print!("{}", commands::score::describe(&scored));
        answers(&store)?;
        println!(
            "\ndone in {}; ask more: millrace query \"SELECT ...\"",
            text::duration(began.elapsed())
        );
    }
    Ok(())
}

/// The default customers, made once per store and then used again.
fn generated(shared: &Shared) -> Result<String, Failure> {
    let Some(folder) = local_folder(&shared.store) else {
        let message = "a store on S3 needs your own data: give --data s3://bucket/prefix";
        return Err(Failure::new("DataNeeded", message));
    };
    let out = folder.join("data").join("customers");
    if out.is_dir() {
        if !shared.quiet && !shared.json {
            println!("using the customers generated before: {}", out.display());
        }
        return Ok(out.display().to_string());
    }
    let began = Instant::now();
    // Written aside and renamed, so that a run that was stopped here does not leave half of it.
    let aside = folder.join("data").join("customers.partial");
    let _ = std::fs::remove_dir_all(&aside);
    let summary = commands::generate::write(shared, &Options::default(), &aside)?;
    std::fs::rename(&aside, &out)
        .map_err(|error| Failure::new("WriteFailed", format!("{}: {error}", out.display())))?;
    if !shared.quiet && !shared.json {
        print!(
            "{}",
            commands::generate::describe(&summary, &out, began.elapsed())
        );
    }
    Ok(out.display().to_string())
}

fn local_folder(store: &str) -> Option<PathBuf> {
    if store.contains("://") && !store.starts_with("file://") {
        return None;
    }
    Some(PathBuf::from(
        store
            .trim_start_matches("file://")
            .trim_start_matches("file:"),
    ))
}

fn answers(store: &Store) -> Outcome {
    for (question, query) in QUESTIONS {
        println!("\n== {question}\n{query}");
        match sql::query(store, query) {
            Ok(answer) => sql::print(&answer, Format::Table)?,
            // Another model's table may lack these columns.
            Err(failure) => println!("(not for this table: {failure})"),
        }
    }
    Ok(())
}
