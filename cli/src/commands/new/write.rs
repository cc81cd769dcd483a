//! The files: all of them are new, or none is written.

use millrace_dataset::Source;
use millrace_dataset::survey::mended;
use millrace_proposal::{Choices, Proposal};
use millrace_store::{Key, Store, StoreError};

use crate::arguments::New;
use crate::failure::Failure;

/// Where everything lies.
#[derive(Debug)]
pub struct Written {
    pub contract: String,
    pub spec: String,
    /// The table that fits them: the one that was given, or the copy.
    pub data: String,
}

pub fn all(
    options: &New,
    source: &Source,
    choices: &Choices,
    proposal: &Proposal,
) -> Result<Written, Failure> {
    let out = Store::open(&options.out)?;
    let name = &choices.name;
    let contract = Key::new(format!("contracts/{name}.toml"))?;
    let spec = Key::new(format!("models/{name}.toml"))?;
    let copy = Key::new(format!("data/{name}.parquet"))?;
    let wanted = [
        Some(&contract),
        Some(&spec),
        proposal.mend.as_ref().map(|_| &copy),
    ];
    for key in wanted.into_iter().flatten() {
        if out.find(key)?.is_some() {
            return Err(exists(&place(options, key)));
        }
    }
    let data = match &proposal.mend {
        None => options.data.clone(),
        Some(mend) => {
            put(options, &out, &copy, mended(source, &mend.columns)?)?;
            place(options, &copy)
        }
    };
    put(
        options,
        &out,
        &contract,
        proposal.contract.clone().into_bytes(),
    )?;
    put(options, &out, &spec, proposal.spec.clone().into_bytes())?;
    Ok(Written {
        contract: place(options, &contract),
        spec: place(options, &spec),
        data,
    })
}

fn put(options: &New, out: &Store, key: &Key, bytes: Vec<u8>) -> Result<(), Failure> {
    match out.put_if_absent(key, bytes) {
        Ok(_) => Ok(()),
        Err(StoreError::AlreadyExists { .. }) => Err(exists(&place(options, key))),
        Err(error) => Err(error.into()),
    }
}

/// As somebody in this folder types it.
fn place(options: &New, key: &Key) -> String {
    match options.out.trim_end_matches('/') {
        "." | "" => key.to_string(),
        out => format!("{out}/{key}"),
    }
}

fn exists(place: &str) -> Failure {
    Failure::new(
        "FileExists",
        format!(
            "{place} is there already and is not overwritten: choose another --name or --out, or move it away"
        ),
    )
}
