//! Which state machine a run is for: by its ARN, by its name, or by what its name says.

use millrace_contract::stages::RunKind;

use super::{Aws, failed};
use crate::failure::Failure;

#[derive(Debug, Clone, PartialEq, Eq)]
struct Machine {
    name: String,
    arn: String,
}

impl Aws {
    /// The ARN of the machine that was named, or of the only one that is named after Millrace and `kind`.
    pub fn machine(&self, kind: RunKind, wanted: Option<&str>) -> Result<String, Failure> {
        if let Some(arn) = wanted.filter(|wanted| wanted.starts_with("arn:")) {
            return Ok(arn.to_owned());
        }
        choose(kind, wanted, self.machines()?)
    }

    fn machines(&self) -> Result<Vec<Machine>, Failure> {
        let pages = self.states.list_state_machines().into_paginator();
        let mut items = pages.items().send();
        let mut found = Vec::new();
        self.wait(async {
            while let Some(item) = items.next().await {
                let item =
                    item.map_err(|error| failed("the state machines cannot be listed", &error))?;
                found.push(Machine {
                    name: item.name().to_owned(),
                    arn: item.state_machine_arn().to_owned(),
                });
            }
            Ok(found)
        })
    }
}

fn choose(kind: RunKind, wanted: Option<&str>, all: Vec<Machine>) -> Result<String, Failure> {
    let fits = |machine: &Machine| {
        let name = machine.name.to_lowercase();
        match wanted {
            Some(wanted) => machine.name == wanted,
            None => name.contains("millrace") && name.contains(kind.name()),
        }
    };
    let names: Vec<&str> = all.iter().map(|machine| machine.name.as_str()).collect();
    let names = match names.is_empty() {
        true => "there are none in this region".to_owned(),
        false => format!("there are {}", names.join(", ")),
    };
    let mut fitting = all.iter().filter(|machine| fits(machine));
    match (fitting.next(), fitting.next()) {
        (Some(machine), None) => Ok(machine.arn.clone()),
        (None, _) => Err(Failure::new(
            "MachineNotFound",
            format!(
                "no state machine is named {}: {names}; give --machine",
                wanted.map_or_else(
                    || format!("after Millrace and {}", kind.name()),
                    |wanted| format!("`{wanted}`")
                )
            ),
        )),
        (Some(_), Some(_)) => Err(Failure::new(
            "MachineAmbiguous",
            format!("several state machines could be meant: {names}; give --machine"),
        )),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn machines(names: &[&str]) -> Vec<Machine> {
        let machine = |name: &&str| Machine {
            name: (*name).to_owned(),
            arn: format!("arn:{name}"),
        };
        names.iter().map(machine).collect()
    }

    #[test]
    fn the_only_machine_of_a_kind_is_found_and_others_are_named() {
        let all = || machines(&["Millrace-Training-1x", "Millrace-Inference-2y", "other"]);
        let training = RunKind::Training;
        assert_eq!(
            choose(training, None, all()).unwrap(),
            "arn:Millrace-Training-1x"
        );
        assert_eq!(choose(training, Some("other"), all()).unwrap(), "arn:other");
        let missing = choose(training, Some("mine"), all()).unwrap_err();
        assert_eq!(missing.name, "MachineNotFound");
        assert!(missing.message.contains("Millrace-Inference-2y"));
        let two = machines(&["millrace-training", "millrace-training-test"]);
        assert_eq!(
            choose(training, None, two).unwrap_err().name,
            "MachineAmbiguous"
        );
    }
}
