//! `model.json`: what kind of predictor a model is, and in which file.
//!
//! A model without this document is of the first version: trees, in XGBoost's own form.

use serde::{Deserialize, Serialize};

use crate::artifact::{Digest, ObjectRef};

/// What predicts, and so how its file is read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PredictorKind {
    /// An ensemble of trees in XGBoost's own form.
    #[default]
    Trees,
    /// A coefficient for each column.
    Linear,
}

impl PredictorKind {
    pub const ALL: [PredictorKind; 2] = [PredictorKind::Trees, PredictorKind::Linear];

    /// The name of the predictor's file.
    pub fn file(self) -> &'static str {
        match self {
            PredictorKind::Trees => "model.ubj",
            PredictorKind::Linear => "linear.json",
        }
    }

    /// The kind whose file has the name that a key ends in.
    pub fn of_key(key: &str) -> Option<PredictorKind> {
        let name = key.rsplit('/').next()?;
        PredictorKind::ALL
            .into_iter()
            .find(|kind| kind.file() == name)
    }
}

/// The document, by its version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "format")]
pub enum ModelDocument {
    #[serde(rename = "model/1")]
    First(Predictor),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Predictor {
    pub kind: PredictorKind,
    /// The file that is read by the kind, and what it must be.
    pub file: String,
    pub sha256: Digest,
}

impl ModelDocument {
    /// Of the newest form.
    pub fn of(kind: PredictorKind, file: &ObjectRef) -> ModelDocument {
        ModelDocument::First(Predictor {
            kind,
            file: kind.file().to_owned(),
            sha256: file.sha256.clone(),
        })
    }

    /// The kind of the predictor in this file; what is wrong when the document is not about it.
    pub fn kind_of(&self, file: &ObjectRef) -> Result<PredictorKind, String> {
        let ModelDocument::First(known) = self;
        if known.file != known.kind.file() {
            return Err(format!(
                "it is of the kind {:?} and names the file `{}`",
                known.kind, known.file
            ));
        }
        if known.sha256 != file.sha256 {
            return Err(format!("it describes another `{}`", known.file));
        }
        Ok(known.kind)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_document_vouches_for_its_own_file_alone() {
        let file = ObjectRef::of("runs/r/train-1/linear.json", b"{}");
        let document = ModelDocument::of(PredictorKind::Linear, &file);
        let text = serde_json::to_string(&document).unwrap();
        let read: ModelDocument = serde_json::from_str(&text).unwrap();
        assert_eq!(read.kind_of(&file), Ok(PredictorKind::Linear));
        let other = ObjectRef::of("runs/r/train-1/linear.json", b"[]");
        assert!(
            read.kind_of(&other)
                .unwrap_err()
                .contains("another `linear.json`")
        );
        let trees = text.replace("\"linear\"", "\"trees\"");
        let trees: ModelDocument = serde_json::from_str(&trees).unwrap();
        assert!(
            trees
                .kind_of(&file)
                .unwrap_err()
                .contains("names the file `linear.json`")
        );
        let unheard = text.replace("\"linear\"", "\"oracle\"");
        assert!(serde_json::from_str::<ModelDocument>(&unheard).is_err());
        assert!(
            serde_json::from_str::<ModelDocument>(&text.replace("model/1", "model/2")).is_err()
        );
    }

    #[test]
    fn a_kind_is_known_by_its_file() {
        for kind in PredictorKind::ALL {
            let key = format!("models/a/v1.0.0/{}", kind.file());
            assert_eq!(PredictorKind::of_key(&key), Some(kind));
        }
        assert_eq!(PredictorKind::of_key("models/a/v1.0.0/other.bin"), None);
    }
}
