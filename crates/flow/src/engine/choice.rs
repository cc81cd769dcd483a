//! Choice: the first rule whose condition holds decides.

use super::visit::{Done, Visit};
use crate::asl::Choice;
use crate::failure::{Halt, NO_CHOICE_MATCHED};
use serde_json::Value;

impl Visit<'_> {
    pub fn choice(&self, choice: &Choice) -> Result<Done, Halt> {
        let states = self.states(0);
        for (index, rule) in choice.rules.iter().enumerate() {
            let field = format!("Choices[{index}].Condition");
            if self.resolve(
                &field,
                &rule.condition,
                &states,
                Value::as_bool,
                "true or false",
            )? {
                return self.leave(&rule.exit, &states, self.input.clone());
            }
        }
        let Some(exit) = &choice.default else {
            let cause = format!(
                "no rule of the state {:?} matches, and it has no Default",
                self.state.name
            );
            return Err(Halt::failed(NO_CHOICE_MATCHED, cause));
        };
        self.leave(exit, &states, self.input.clone())
    }
}
