//! `millrace validate`: is this data what its contract says?

use std::path::Path;

use millrace_contract::Contract;
use millrace_dataset::{Profile, Source, Validation};
use millrace_trail::read_text;

use crate::arguments::{Purpose, Shared, Validate};
use crate::failure::{Failure, Outcome};
use crate::{builtin, runs};

pub fn run(shared: &Shared, options: &Validate) -> Outcome {
    let document = builtin::contract(options.contract.as_deref())?;
    let contract = Contract::parse(&document.text, &document.origin)?;
    let source = Source::open(&options.data)?;
    let reference: Option<Profile> = options.reference.as_deref().map(profile).transpose()?;
    let now = options.at.unwrap_or_else(runs::now);
    let purpose = match options.purpose {
        Purpose::Training => millrace_contract::stages::Purpose::Training,
        Purpose::Scoring => millrace_contract::stages::Purpose::Scoring,
    };
    let found = millrace_dataset::validate(&source, &contract, purpose, now, reference.as_ref())?;
    if let Some(out) = &options.out {
        write(out, &found)?;
    }
    if shared.json {
        println!("{}", json(&found.report)?);
    } else if !shared.quiet {
        print!("{}", found.report.render_text());
    }
    if found.report.is_accepted() {
        return Ok(());
    }
    Err(Failure::new(
        "ContractViolated",
        format!("the data is refused: {}", found.report.reasons().join("; ")),
    ))
}

fn profile(uri: &str) -> Result<Profile, Failure> {
    let document = read_text(uri)?;
    serde_json::from_str(&document.text).map_err(|error| {
        Failure::new(
            "ProfileUnreadable",
            format!("{uri} is not a profile: {error}"),
        )
    })
}

fn write(out: &Path, found: &Validation) -> Outcome {
    let put = |name: &str, bytes: &[u8]| {
        let path = out.join(name);
        std::fs::create_dir_all(out)
            .and_then(|()| std::fs::write(&path, bytes))
            .map_err(|error| Failure::new("WriteFailed", format!("{}: {error}", path.display())))
    };
    put("report.json", json(&found.report)?.as_bytes())?;
    put("profile.json", json(&found.profile)?.as_bytes())?;
    match &found.quarantine {
        Some(rows) => put("quarantine.parquet", rows),
        None => Ok(()),
    }
}

fn json<T: serde::Serialize>(value: &T) -> Result<String, Failure> {
    serde_json::to_string_pretty(value)
        .map_err(|error| Failure::new("OutputUnwritable", error.to_string()))
}
