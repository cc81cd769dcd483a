//! Why LightGBM could not train.

use millrace_lightgbm::LightGbmError;

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TrainingError {
    #[error("LightgbmFailed: while {doing}: {detail}")]
    LightgbmFailed { doing: &'static str, detail: String },
    #[error(
        "SettingInvalid: `{name}` = `{value}`: names and values are words without spaces, `=` or quotes"
    )]
    SettingInvalid { name: String, value: String },
    #[error(
        "SettingFixed: `{name}` cannot be set: models are the same for any number of threads, and LightGBM says nothing on its own"
    )]
    SettingFixed { name: String },
    #[error("LengthMismatch: `{what}` has {found} numbers, {expected} are expected")]
    LengthMismatch {
        what: &'static str,
        expected: usize,
        found: usize,
    },
    #[error(
        "NameInvalid: the column `{name}` cannot be named in a model of LightGBM: names have no spaces, quotes, brackets, commas or colons"
    )]
    NameInvalid { name: String },
    #[error(transparent)]
    Model(#[from] LightGbmError),
}

impl TrainingError {
    /// The name that a state machine can catch.
    pub fn name(&self) -> &'static str {
        match self {
            Self::LightgbmFailed { .. } => "LightgbmFailed",
            Self::SettingInvalid { .. } => "SettingInvalid",
            Self::SettingFixed { .. } => "SettingFixed",
            Self::LengthMismatch { .. } => "LengthMismatch",
            Self::NameInvalid { .. } => "NameInvalid",
            Self::Model(error) => error.name(),
        }
    }
}
