//! `millrace erase verify`: whether a receipt is genuine, whose it is, and whether it still holds.

use millrace_contract::Digest;
use millrace_erasure::{
    FOLDER, IsAbout, Looked, Notes, Receipt, Signed, Standing, check_signature,
};
use millrace_keys::Context;
use millrace_store::{Bytes, Key, Location, Store, StoreError};
use serde::Serialize;

use crate::arguments::{Shared, VerifyErasure};
use crate::failure::{Failure, Outcome};
use crate::say::say;

/// What was found of a receipt.
#[derive(Debug, Serialize)]
struct Verified<'a> {
    event: &'static str,
    erasure: &'a str,
    signature: &'static str,
    complete: bool,
    /// Only where an id was given.
    about_them: Option<bool>,
    as_left: usize,
    /// Removed since, erased from again, or written anew: what they hold now, an erasure would say.
    gone: Vec<&'a str>,
    changed: Vec<&'a str>,
    /// What was erased is back.
    returned: Vec<&'a str>,
}

pub fn run(shared: &Shared, asked: &VerifyErasure) -> Outcome {
    let context = shared.context()?;
    let found = Found::at(&context, &asked.receipt)?;
    let receipt = Receipt::read(&found.receipt, &found.uri)?;
    let signature = found.signature.as_deref();
    let signed = check_signature(&context.keys, &found.uri, &found.receipt, signature)?;
    let about = asked.customer_id.as_deref().map(|id| {
        let pseudonyms = context.keys.pseudonyms.as_ref();
        let (whom, proof) = (&receipt.whom, asked.proof.as_deref());
        whom.is_about(&receipt.erasure, id, pseudonyms, proof)
    });
    if let Some(IsAbout::CannotTell(what)) = about {
        return Err(Failure::new(
            "ProofMissing",
            format!(
                "whose receipt {} is cannot be told without {what}",
                found.uri
            ),
        ));
    }
    let mut verified = Verified {
        event: "erasure_verified",
        erasure: &receipt.erasure,
        signature: match signed {
            Signed::Trusted => "holds",
            Signed::Unchecked => "not checked: MILLRACE_VERIFY_KEYS is not set",
            Signed::Not => "none",
        },
        complete: receipt.is_complete(),
        about_them: about.map(|about| about == IsAbout::Them),
        as_left: 0,
        gone: Vec::new(),
        changed: Vec::new(),
        returned: Vec::new(),
    };
    for object in &receipt.objects {
        let uri = object.uri.as_str();
        match now(&context.store, &receipt.store, object)? {
            Now::AsLeft => verified.as_left += 1,
            Now::Gone => verified.gone.push(uri),
            Now::Changed => verified.changed.push(uri),
            Now::Returned => verified.returned.push(uri),
        }
    }
    say(shared, &verified, || verified.text())?;
    verified.judge(&found.uri)
}

/// A receipt and its signature, wherever they lie.
struct Found {
    uri: String,
    receipt: Bytes,
    signature: Option<Bytes>,
}

impl Found {
    fn at(context: &Context, asked: &str) -> Result<Found, Failure> {
        let is_name = asked.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let (store, key) = match is_name {
            true => {
                let key = Key::new(format!("{FOLDER}/{asked}.json"))?;
                (context.store.clone(), key)
            }
            false => {
                let location = Location::parse(asked)?;
                let folder = || {
                    Failure::new(
                        "ReceiptUnreadable",
                        format!("{asked} is a folder: name the receipt in it"),
                    )
                };
                (location.store, location.key.ok_or_else(folder)?)
            }
        };
        let uri = store.object_uri(&key);
        let receipt = store.get(&key)?.bytes;
        let stem = uri.strip_suffix(".json").unwrap_or(&uri);
        let beside = Location::parse(&format!("{stem}.sig"))?;
        let signature = match &beside.key {
            Some(key) => beside.store.find(key)?.map(|object| object.bytes),
            None => None,
        };
        Ok(Found {
            uri,
            receipt,
            signature,
        })
    }
}

/// What an object is now, by what the receipt says of it.
enum Now {
    AsLeft,
    Gone,
    Changed,
    Returned,
}

fn now(store: &Store, recorded: &str, object: &Looked) -> Result<Now, Failure> {
    let own = object.uri.strip_prefix(&format!("{recorded}/"));
    let own = own.and_then(|key| Key::new(key).ok());
    let (place, key) = match &own {
        Some(key) => (store.clone(), Some(key.clone())),
        None => {
            let location = Location::parse(&object.uri)?;
            (location.store, location.key)
        }
    };
    let Some(key) = key else {
        return Ok(Now::Gone);
    };
    let digest = match place.get(&key) {
        Ok(found) => Digest::of(&found.bytes),
        Err(StoreError::NotFound { .. }) => return Ok(Now::Gone),
        Err(error) => return Err(error.into()),
    };
    if digest == object.after.sha256 {
        // Another customer may have been erased since.
        return Ok(match own.is_some() && is_returned(store, &key, &digest)? {
            true => Now::Returned,
            false => Now::AsLeft,
        });
    }
    let is_back =
        digest == object.before.sha256 || (own.is_some() && is_returned(store, &key, &digest)?);
    Ok(match is_back {
        true => Now::Returned,
        false => Now::Changed,
    })
}

fn is_returned(store: &Store, key: &Key, digest: &Digest) -> Result<bool, Failure> {
    let standing = Notes::of(store, key.as_str())?.standing_of(key.as_str(), digest);
    Ok(matches!(standing, Standing::Returned(_)))
}

impl Verified<'_> {
    fn text(&self) -> String {
        let mut said = format!(
            "erasure {}: signature {}; {}\n{} files are as it left them, {} were changed since, {} are gone\n",
            self.erasure,
            self.signature,
            match self.complete {
                true => "complete",
                false => "something could not be cleaned, or it was interrupted",
            },
            self.as_left,
            self.changed.len(),
            self.gone.len(),
        );
        if let Some(about_them) = self.about_them {
            said.push_str(match about_them {
                true => "it is about this customer\n",
                false => "it is about another customer\n",
            });
        }
        for uri in &self.changed {
            said.push_str(&format!("changed since: {uri}\n"));
        }
        for uri in &self.returned {
            said.push_str(&format!("holds again what was erased: {uri}\n"));
        }
        said
    }

    fn judge(&self, uri: &str) -> Outcome {
        if self.about_them == Some(false) {
            let said = format!("{uri} is not about this customer");
            return Err(Failure::new("ReceiptOfAnother", said));
        }
        if let Some(first) = self.returned.first() {
            return Err(Failure::new(
                "ErasedRowsReturned",
                format!(
                    "{} files hold again what was erased, the first of them {first}: erase again, and find out who brought it back",
                    self.returned.len()
                ),
            ));
        }
        if !self.complete {
            return Err(Failure::new(
                "ErasureIncomplete",
                format!("{uri} says that something was not cleaned: erase again"),
            ));
        }
        Ok(())
    }
}
