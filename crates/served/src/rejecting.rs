//! Rejecting a version: the registry says so, and readers see nothing of it any more.

use millrace_contract::Version;
use millrace_registry::{Changed, Request};
use serde::Serialize;

use crate::change::{Write, show_instead};
use crate::{ServedError, Serving, TurnedDay};

/// A version that was rejected, and the days that show nothing since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rejection {
    #[serde(flatten)]
    pub change: Changed,
    pub predictions: Vec<TurnedDay>,
}

impl Serving<'_> {
    /// Takes away what the version scored, rejects it, and writes the document once more: also where nothing
    /// is left to take away, so that a run of the version that is being published at this moment is refused.
    /// Asked again, it does what an attempt that was cut short had not done yet.
    pub fn reject(&self, version: Version, request: &Request) -> Result<Rejection, ServedError> {
        self.registry.plan_reject(version, request)?;
        let text = version.to_string();
        let ((), mut predictions) = self.change(Write::WhereChanged, |days, _| {
            for day in days {
                if day
                    .shown
                    .as_ref()
                    .is_some_and(|shown| shown.version == text)
                {
                    show_instead(day, None);
                }
            }
            Ok(())
        })?;
        let change = self.registry.reject(version, request)?;
        let ((), late) = self.change(Write::Always, |_, _| Ok(()))?;
        predictions.extend(late);
        tracing::info!(model = %self.model(), %version, days = predictions.len(), "rejected");
        Ok(Rejection {
            change,
            predictions,
        })
    }
}
