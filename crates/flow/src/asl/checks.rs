//! How the states of a machine hang together: targets, reachability, names, variables.

use super::fields::Place;
use super::machine::{Exit, Flow, Kind, State, Transition};
use crate::error::LoadError;
use std::collections::BTreeSet;

/// Every target exists, every state can be reached, and some state ends the flow.
pub(super) fn graph(flow: &Flow, place: &Place) -> Result<(), LoadError> {
    if !flow.states.contains_key(&flow.start_at) {
        return Err(place.error(
            "StartAt",
            format!("{:?} is not one of the states", flow.start_at),
        ));
    }
    for state in flow.states.values() {
        for (field, target) in targets(state) {
            if !flow.states.contains_key(target) {
                return Err(Place::state(&state.name).error(
                    &field,
                    format!("{target:?} is not one of the states beside it"),
                ));
            }
        }
    }
    let reached = reachable(flow);
    if let Some(lost) = flow
        .states
        .keys()
        .find(|name| !reached.contains(name.as_str()))
    {
        return Err(place.error(
            "States",
            format!(
                "the state {lost:?} cannot be reached from {:?}",
                flow.start_at
            ),
        ));
    }
    if !flow.states.values().any(ends) {
        return Err(place.error(
            "States",
            "no state ends it: one must have End, or be of type Succeed or Fail",
        ));
    }
    Ok(())
}

fn reachable(flow: &Flow) -> BTreeSet<&str> {
    let mut reached = BTreeSet::new();
    let mut waiting = vec![flow.start_at.as_str()];
    while let Some(name) = waiting.pop() {
        if !reached.insert(name) {
            continue;
        }
        if let Some(state) = flow.states.get(name) {
            waiting.extend(targets(state).into_iter().map(|(_, target)| target));
        }
    }
    reached
}

fn ends(state: &State) -> bool {
    match &state.kind {
        Kind::Succeed(_) | Kind::Fail(_) => true,
        kind => exits(kind)
            .iter()
            .any(|(_, exit)| exit.next == Transition::End),
    }
}

fn targets(state: &State) -> Vec<(String, &str)> {
    let exits = exits(&state.kind).into_iter();
    let target = exits.filter_map(|(field, exit)| match &exit.next {
        Transition::Next(next) => Some((field, next.as_str())),
        Transition::End => None,
    });
    target.collect()
}

/// Every way out of a state, with the field that says where it leads.
fn exits(kind: &Kind) -> Vec<(String, &Exit)> {
    let (exit, catch) = match kind {
        Kind::Task(task) => (&task.exit, task.catch.as_slice()),
        Kind::Parallel(parallel) => (&parallel.exit, parallel.catch.as_slice()),
        Kind::Map(map) => (&map.exit, map.catch.as_slice()),
        Kind::Pass(pass) => (&pass.exit, [].as_slice()),
        Kind::Wait(wait) => (&wait.exit, [].as_slice()),
        Kind::Succeed(_) | Kind::Fail(_) => return Vec::new(),
        Kind::Choice(choice) => {
            let rules = choice.rules.iter().enumerate();
            let mut exits: Vec<_> = rules
                .map(|(index, rule)| (format!("Choices[{index}].Next"), &rule.exit))
                .collect();
            exits.extend(
                choice
                    .default
                    .iter()
                    .map(|exit| ("Default".to_owned(), exit)),
            );
            return exits;
        }
    };
    let catch = catch
        .iter()
        .enumerate()
        .map(|(index, catcher)| (format!("Catch[{index}].Next"), &catcher.exit));
    std::iter::once(("Next".to_owned(), exit))
        .chain(catch)
        .collect()
}

/// No two states of a machine have the same name, wherever they are.
pub(super) fn names<'flow>(
    flow: &'flow Flow,
    seen: &mut BTreeSet<&'flow str>,
) -> Result<(), LoadError> {
    for state in flow.states.values() {
        if !seen.insert(&state.name) {
            return Err(Place::state(&state.name)
                .error("States", "another state of this machine has the same name"));
        }
        for inner in state.inner_flows() {
            names(inner, seen)?;
        }
    }
    Ok(())
}

/// Every variable that is read is assigned somewhere, here or outside; and none is assigned both here and
/// outside, because an inner flow cannot change what is outside.
pub(super) fn variables(flow: &Flow, outside: &BTreeSet<String>) -> Result<(), LoadError> {
    let visible: BTreeSet<String> = outside.union(&flow.assigned).cloned().collect();
    for state in flow.states.values() {
        if let Some((name, field)) = state
            .reads
            .iter()
            .find(|(name, _)| !visible.contains(*name))
        {
            let problem =
                format!("reads the variable ${name}, which no state here or outside assigns");
            return Err(Place::state(&state.name).error(field, problem));
        }
        for inner in state.inner_flows() {
            if inner.alone {
                variables(inner, &BTreeSet::new())?;
                continue;
            }
            if let Some(name) = inner.assigned.intersection(&visible).next() {
                let problem = format!(
                    "a state inside assigns ${name}, which is a variable of the flow outside"
                );
                return Err(Place::state(&state.name).error("Assign", problem));
            }
            variables(inner, &visible)?;
        }
    }
    Ok(())
}
