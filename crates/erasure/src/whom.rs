//! Whose receipt it is: said to whoever knows the id and holds a secret, and to nobody else.

use millrace_contract::Digest;
use millrace_keys::{KeyError, Pseudonyms};
use serde::{Deserialize, Serialize};

/// Ids can be guessed: they are often numbers. A digest of one, with or without a salt beside it, tells anybody who
/// tries them all whose it is. So a secret is part of each of these.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Whom {
    /// HMAC of the erasure's name and the id, by the key of pseudonyms.
    Keyed { hmac: String },
    /// SHA-256 of a random proof and the id. The proof was told to whoever erased, and is kept nowhere.
    Committed { sha256: Digest },
    /// The form of old says nothing.
    Unsaid,
}

/// What is known of whether a receipt is about an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IsAbout {
    Them,
    Another,
    /// What is needed to tell.
    CannotTell(&'static str),
}

impl Whom {
    /// Of the person with this id, and the proof where there is no key.
    pub fn of(
        erasure: &str,
        id: &str,
        pseudonyms: Option<&Pseudonyms>,
    ) -> Result<(Whom, Option<String>), KeyError> {
        if let Some(pseudonyms) = pseudonyms {
            let hmac = keyed(pseudonyms, erasure, id);
            return Ok((Whom::Keyed { hmac }, None));
        }
        let proof = Pseudonyms::make_key()?;
        let sha256 = committed(&proof, id);
        Ok((Whom::Committed { sha256 }, Some(proof)))
    }

    pub fn is_about(
        &self,
        erasure: &str,
        id: &str,
        pseudonyms: Option<&Pseudonyms>,
        proof: Option<&str>,
    ) -> IsAbout {
        let same = match (self, pseudonyms, proof) {
            (Whom::Keyed { hmac }, Some(pseudonyms), _) => *hmac == keyed(pseudonyms, erasure, id),
            (Whom::Keyed { .. }, None, _) => {
                return IsAbout::CannotTell(
                    "MILLRACE_PSEUDONYM_KEY, as it was when it was written",
                );
            }
            (Whom::Committed { sha256 }, _, Some(proof)) => *sha256 == committed(proof, id),
            (Whom::Committed { .. }, _, None) => {
                return IsAbout::CannotTell("--proof, which `millrace erase` printed");
            }
            (Whom::Unsaid, _, _) => {
                return IsAbout::CannotTell("a receipt of this version: the old form names nobody");
            }
        };
        match same {
            true => IsAbout::Them,
            false => IsAbout::Another,
        }
    }
}

/// The erasure's name makes each receipt's value another, so that two of one person cannot be told to belong together.
fn keyed(pseudonyms: &Pseudonyms, erasure: &str, id: &str) -> String {
    pseudonyms.of(&format!("erasure\n{erasure}\n{}", id.trim()))
}

fn committed(proof: &str, id: &str) -> Digest {
    Digest::of(format!("{}\n{}", proof.trim(), id.trim()).as_bytes())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_who_has_the_key_or_the_proof_can_tell_whom_a_receipt_is_about() {
        let key = Pseudonyms::parse(&"1".repeat(64)).unwrap();
        let other = Pseudonyms::parse(&"2".repeat(64)).unwrap();
        let (keyed, proof) = Whom::of("e1", "C1", Some(&key)).unwrap();
        assert_eq!(proof, None);
        let asked = |id: &str, key: Option<&Pseudonyms>| keyed.is_about("e1", id, key, None);
        assert_eq!(asked(" C1", Some(&key)), IsAbout::Them);
        assert_eq!(asked("C2", Some(&key)), IsAbout::Another);
        assert_eq!(asked("C1", Some(&other)), IsAbout::Another);
        assert!(matches!(asked("C1", None), IsAbout::CannotTell(_)));
        assert_ne!(Whom::of("e2", "C1", Some(&key)).unwrap().0, keyed);

        let (committed, proof) = Whom::of("e1", "C1", None).unwrap();
        let proof = proof.unwrap();
        let asked = |id: &str, proof: Option<&str>| committed.is_about("e1", id, None, proof);
        assert_eq!(asked("C1", Some(&proof)), IsAbout::Them);
        assert_eq!(asked("C2", Some(&proof)), IsAbout::Another);
        assert_eq!(asked("C1", Some("00")), IsAbout::Another);
        assert!(matches!(asked("C1", None), IsAbout::CannotTell(_)));
        // The same person again is another value: nobody can put two receipts together.
        assert_ne!(Whom::of("e1", "C1", None).unwrap().0, committed);
        // Trying ids without the proof leads to nothing.
        let Whom::Committed { sha256 } = committed else {
            unreachable!()
        };
        assert_ne!(sha256, Digest::of(b"C1"));
        assert!(matches!(
            Whom::Unsaid.is_about("e1", "C1", Some(&key), Some(&proof)),
            IsAbout::CannotTell(_)
        ));
    }
}
