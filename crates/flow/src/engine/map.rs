//! Map: the same flow for every item; the result is the list of outputs, in the order of the items.

use super::attempts::Policy;
use super::branches::Branch;
use super::visit::{Done, Visit};
use crate::asl::{MapMode, MapState};
use crate::failure::Halt;
use serde_json::{Value, json};

impl Visit<'_> {
    pub fn map(&self, map: &MapState) -> Result<Done, Halt> {
        let policy = Policy {
            retry: &map.retry,
            catch: &map.catch,
            exit: &map.exit,
        };
        self.attempts(&policy, |retries| self.map_attempt(map, retries))
    }

    fn map_attempt(&self, map: &MapState, retries: u32) -> Result<Value, Halt> {
        if let MapMode::Distributed(writer) = &map.mode {
            return self.distributed(map, writer, retries);
        }
        let branches = self.iterations(map, retries)?;
        self.branches(&branches, self.workers(map, retries)?, retries)
    }

    /// One for each item, with its input.
    pub(super) fn iterations<'map>(
        &self,
        map: &'map MapState,
        retries: u32,
    ) -> Result<Vec<Branch<'map>>, Halt> {
        let items = self.items(map, retries)?;
        let mut branches = Vec::with_capacity(items.len());
        for (index, item) in items.into_iter().enumerate() {
            let map_item = json!({ "Index": index, "Value": item });
            let input = match &map.item_selector {
                Some(selector) => self.evaluate(
                    "ItemSelector",
                    selector,
                    &self.states(retries).with_map_item(&map_item),
                )?,
                None => item,
            };
            self.check_size("the input of an iteration", &input)?;
            branches.push(Branch {
                flow: &map.processor,
                input,
                map_item: Some(map_item),
            });
        }
        Ok(branches)
    }

    fn items(&self, map: &MapState, retries: u32) -> Result<Vec<Value>, Halt> {
        let items = match &map.items {
            Some(template) => self.evaluate("Items", template, &self.states(retries))?,
            None => self.input.clone(),
        };
        match items {
            Value::Array(items) => Ok(items),
            other => Err(self.query_error(
                "Items",
                &format!("must give an array; it gave {}", kind_of(&other)),
            )),
        }
    }

    pub(super) fn workers(&self, map: &MapState, retries: u32) -> Result<usize, Halt> {
        let limit = self.run.machine.settings.map_concurrency_limit.max(1);
        let Some(given) = &map.concurrency else {
            return Ok(limit);
        };
        let concurrency = self.resolve(
            "MaxConcurrency",
            given,
            &self.states(retries),
            Value::as_u64,
            "a whole number",
        )?;
        Ok(match usize::try_from(concurrency) {
            Ok(0) | Err(_) => limit,
            Ok(concurrency) => concurrency.min(limit),
        })
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
