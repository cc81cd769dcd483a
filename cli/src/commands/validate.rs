//! `millrace validate`: is this data what its contract says?

use millrace_contract::Contract;
use millrace_dataset::{Profile, QUARANTINE, Source, Validation};
use millrace_store::{Key, Store};
use millrace_trail::read_text;

use crate::arguments::{Purpose, Shared, Validate};
use crate::failure::{Failure, Outcome};
use crate::out;
use crate::say::json;
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
        write(&Store::open(out)?, &found)?;
    }
    if shared.json {
        out::line(json(&found.report.without_examples())?);
    } else if !shared.quiet {
        out::text(found.report.render_text());
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
    let document = read_text(uri, ".json", "ProfileUnreadable")?;
    serde_json::from_str(&document.text).map_err(|error| {
        Failure::new(
            "ProfileUnreadable",
            format!("{uri} is not a profile: {error}"),
        )
    })
}

fn write(out: &Store, found: &Validation) -> Outcome {
    let put = |name: &str, bytes: Vec<u8>| -> Outcome {
        out.put(&Key::new(name)?, bytes)?;
        Ok(())
    };
    put("report.json", json(&found.report)?.into_bytes())?;
    put("profile.json", json(&found.profile)?.into_bytes())?;
    match &found.quarantine {
        Some(rows) => {
            out.put_file(&Key::new(QUARANTINE)?, rows.path())?;
            Ok(())
        }
        None => Ok(()),
    }
}
