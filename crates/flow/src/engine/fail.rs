//! Fail: ends the flow with an error.

use super::visit::{Done, States, Visit};
use crate::asl::{Fail, Given};
use crate::failure::Halt;
use serde_json::Value;

impl Visit<'_> {
    pub fn fail(&self, fail: &Fail) -> Result<Done, Halt> {
        let states = self.states(0);
        let error = self.text("Error", fail.error.as_ref(), &states)?;
        let cause = self.text("Cause", fail.cause.as_ref(), &states)?;
        Err(Halt::failed(&error, cause))
    }

    fn text(
        &self,
        field: &str,
        given: Option<&Given<String>>,
        states: &States,
    ) -> Result<String, Halt> {
        let string = |value: &Value| value.as_str().map(str::to_owned);
        let text = given.map(|given| self.resolve(field, given, states, string, "a string"));
        text.unwrap_or_else(|| Ok(String::new()))
    }
}
