//! Succeed: ends the flow well.

use super::visit::{Done, Visit};
use crate::asl::{Exit, Succeed, Transition};
use crate::failure::Halt;

impl Visit<'_> {
    pub fn succeed(&self, succeed: &Succeed) -> Result<Done, Halt> {
        let exit = Exit {
            output: succeed.output.clone(),
            assign: Vec::new(),
            next: Transition::End,
        };
        self.leave(&exit, &self.states(0), self.input.clone())
    }
}
