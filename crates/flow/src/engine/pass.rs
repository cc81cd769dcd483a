//! Pass: shapes what passes by.

use super::visit::{Done, Visit};
use crate::asl::Pass;
use crate::failure::Halt;

impl Visit<'_> {
    pub fn pass(&self, pass: &Pass) -> Result<Done, Halt> {
        self.leave(&pass.exit, &self.states(0), self.input.clone())
    }
}
