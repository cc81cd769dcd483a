//! Parallel: every branch with the same input; the result is the list of their outputs.

use super::attempts::Policy;
use super::branches::Branch;
use super::visit::{Done, Visit};
use crate::asl::Parallel;
use crate::failure::Halt;
use serde_json::Value;

impl Visit<'_> {
    pub fn parallel(&self, parallel: &Parallel) -> Result<Done, Halt> {
        let policy = Policy {
            retry: &parallel.retry,
            catch: &parallel.catch,
            exit: &parallel.exit,
        };
        self.attempts(&policy, |retries| self.parallel_attempt(parallel, retries))
    }

    fn parallel_attempt(&self, parallel: &Parallel, retries: u32) -> Result<Value, Halt> {
        let input = match &parallel.arguments {
            Some(template) => self.evaluate("Arguments", template, &self.states(retries))?,
            None => self.input.clone(),
        };
        self.check_size("the arguments", &input)?;
        let branch = |flow| Branch {
            flow,
            input: input.clone(),
            map_item: None,
        };
        let branches: Vec<Branch<'_>> = parallel.branches.iter().map(branch).collect();
        let workers = self.run.machine.settings.parallel_concurrency_limit.max(1);
        self.branches(&branches, workers, retries)
            .map_err(|halt| match halt {
                Halt::Failed(mut failure) => {
                    failure.from_branch = true;
                    Halt::Failed(failure)
                }
                halt => halt,
            })
    }
}
