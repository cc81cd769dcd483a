//! Random operations against the registry and against a small model of it: they must always agree.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::*;
use millrace_contract::{Digest, Version};
use millrace_registry::{RegistryError, State, Target};
use millrace_store::Store;
use millrace_store::faults::Fault;
use proptest::prelude::*;

#[derive(Debug, Clone)]
enum Step {
    /// Run, data, contract, whether the gates block.
    Register(u8, u8, u8, bool),
    Promote(usize, bool),
    Reject(usize),
    Rollback,
    SetAlias(u8, usize),
    RemoveAlias(u8),
    Prune(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..12u8, 0..2u8, 0..6u8, prop::bool::weighted(0.2))
            .prop_map(|(run, data, contract, blocked)| Step::Register(run, data, contract / 5, blocked)),
        6 => (0..8usize, any::<bool>()).prop_map(|(n, live)| Step::Promote(n, live)),
        1 => (0..8usize).prop_map(Step::Reject),
        3 => Just(Step::Rollback),
        2 => (0..3u8, 0..8usize).prop_map(|(alias, n)| Step::SetAlias(alias, n)),
        1 => (0..3u8).prop_map(Step::RemoveAlias),
        1 => (0..4usize).prop_map(Step::Prune),
    ]
}

#[derive(Debug, Clone)]
struct Known {
    state: State,
    run: u8,
    data: u8,
    contract: u8,
    blocked: bool,
    pruned: bool,
}

/// The registry as one would describe it in a minute.
#[derive(Debug, Default)]
struct Model {
    versions: BTreeMap<Version, Known>,
    aliases: BTreeMap<String, Version>,
    went_before: Vec<Version>,
    /// Which version was live after each minute.
    live_at: Vec<Option<Version>>,
}

type Answer = Result<(), &'static str>;

impl Model {
    fn live(&self) -> Option<Version> {
        let live = |(_, known): &(&Version, &Known)| known.state == State::Live;
        self.versions.iter().find(live).map(|(version, _)| *version)
    }

    fn nth(&self, n: usize) -> Version {
        let versions: Vec<&Version> = self.versions.keys().collect();
        versions
            .get(n)
            .map_or(version("v9.9.9"), |version| **version)
    }

    fn register(&mut self, run: u8, data: u8, contract: u8, blocked: bool) -> Answer {
        if let Some(known) = self.versions.values().find(|known| known.run == run) {
            return if known.blocked == blocked {
                Ok(())
            } else {
                Err("RunConflict")
            };
        }
        let number = match self.versions.last_key_value() {
            None => (1, 0, 0),
            Some((v, last)) if last.contract != contract => (v.major + 1, 0, 0),
            Some((v, last)) if last.data != data => (v.major, v.minor + 1, 0),
            Some((v, _)) => (v.major, v.minor, v.patch + 1),
        };
        let (major, minor, patch) = number;
        let state = if blocked {
            State::Rejected
        } else {
            State::Candidate
        };
        let known = Known {
            state,
            run,
            data,
            contract,
            blocked,
            pruned: false,
        };
        self.versions.insert(
            Version {
                major,
                minor,
                patch,
            },
            known,
        );
        Ok(())
    }

    fn promote(&mut self, version: Version, to: State) -> Answer {
        let live = self.live();
        let known = self.versions.get_mut(&version).ok_or("VersionNotFound")?;
        match (known.state, to) {
            (now, to) if now == to => return Ok(()),
            (State::Candidate | State::Retired, State::Staging | State::Live) => {}
            (State::Staging, State::Live) => {}
            _ => return Err("MoveNotAllowed"),
        }
        if known.pruned {
            return Err("VersionPruned");
        }
        known.state = to;
        if let (State::Live, Some(before)) = (to, live) {
            self.versions.get_mut(&before).unwrap().state = State::Retired;
            self.went_before.push(before);
        }
        Ok(())
    }

    fn reject(&mut self, version: Version) -> Answer {
        let known = self.versions.get_mut(&version).ok_or("VersionNotFound")?;
        if known.state == State::Live {
            return Err("MoveNotAllowed");
        }
        known.state = State::Rejected;
        self.aliases.retain(|_, to| *to != version);
        Ok(())
    }

    fn way_back(&self) -> Option<usize> {
        self.went_before.iter().rposition(|version| {
            let known = &self.versions[version];
            matches!(known.state, State::Retired | State::Staging) && !known.pruned
        })
    }

    fn rollback(&mut self) -> Answer {
        let live = self.live().ok_or("NoLiveVersion")?;
        let place = self.way_back().ok_or("NoPreviousLive")?;
        let target = self.went_before[place];
        self.went_before.truncate(place);
        self.versions.get_mut(&live).unwrap().state = State::Retired;
        self.versions.get_mut(&target).unwrap().state = State::Live;
        Ok(())
    }

    fn set_alias(&mut self, alias: String, version: Version) -> Answer {
        let known = self.versions.get(&version).ok_or("VersionNotFound")?;
        if known.state == State::Rejected || known.pruned {
            return Err("InvalidAlias");
        }
        self.aliases.insert(alias, version);
        Ok(())
    }

    fn prune(&mut self, keep: usize) {
        let target = self.way_back().map(|place| self.went_before[place]);
        let named: BTreeSet<Version> = self.aliases.values().copied().collect();
        for (version, known) in self.versions.iter_mut().rev().skip(keep) {
            let used = matches!(known.state, State::Live | State::Staging);
            known.pruned |= !used && target != Some(*version) && !named.contains(version);
        }
    }

    fn apply(&mut self, step: &Step) -> Answer {
        if self.versions.is_empty() && !matches!(step, Step::Register(..)) {
            return Err("ModelNotFound");
        }
        match step {
            Step::Register(run, data, contract, blocked) => {
                self.register(*run, *data, *contract, *blocked)
            }
            Step::Promote(n, live) => {
                let to = if *live { State::Live } else { State::Staging };
                self.promote(self.nth(*n), to)
            }
            Step::Reject(n) => self.reject(self.nth(*n)),
            Step::Rollback => self.rollback(),
            Step::SetAlias(alias, n) => self.set_alias(format!("alias{alias}"), self.nth(*n)),
            Step::RemoveAlias(alias) => {
                let removed = self.aliases.remove(&format!("alias{alias}"));
                removed.map(drop).ok_or("AliasNotFound")
            }
            Step::Prune(keep) => {
                self.prune(*keep);
                Ok(())
            }
        }
    }
}

/// The same step on the real registry; `nth` comes from the model, before it takes the step.
fn act(
    sound: &Store,
    faulty: &Store,
    nth: &dyn Fn(usize) -> Version,
    step: &Step,
    minute: i64,
    id: &str,
) -> Result<(), RegistryError> {
    let registry = registry(faulty);
    let request = request(minute).as_operation(id);
    match step {
        Step::Register(run, data, contract, blocked) => {
            let mut candidate = candidate(sound, &format!("run{run}"));
            lineage(&mut candidate).data_digest = Digest::of(&[*data]);
            lineage(&mut candidate).contract_version = u32::from(*contract);
            if *blocked {
                candidate.rejected_because.push("weak".into());
            }
            registry.register(&candidate, &request).map(drop)
        }
        Step::Promote(n, live) => {
            let target = if *live { Target::Live } else { Target::Staging };
            registry.promote(nth(*n), target, &request).map(drop)
        }
        Step::Reject(n) => registry.reject(nth(*n), &request.because("weak")).map(drop),
        Step::Rollback => registry.rollback(&request).map(drop),
        Step::SetAlias(alias, n) => registry
            .set_alias(&format!("alias{alias}"), nth(*n), &request)
            .map(drop),
        Step::RemoveAlias(alias) => registry
            .remove_alias(&format!("alias{alias}"), &request)
            .map(drop),
        Step::Prune(keep) => registry.prune(*keep, &request).map(drop),
    }
}

fn compare(model: &Model, store: &Store) {
    let Ok(document) = registry(store).document() else {
        assert!(model.versions.is_empty());
        return;
    };
    let expected: Vec<_> = model
        .versions
        .iter()
        .map(|(v, k)| (*v, k.state, k.pruned))
        .collect();
    let found: Vec<_> = document
        .versions
        .iter()
        .map(|(v, entry)| (*v, entry.state, entry.pruned_at.is_some()))
        .collect();
    assert_eq!(found, expected);
    assert_eq!(document.aliases, model.aliases);
    let target = model.way_back().map(|place| model.went_before[place]);
    assert_eq!(document.rollback_target(), target);
}

/// Takes all steps; `store_for` gives the store of each try, which may fail, and then is tried again.
fn drive(steps: &[Step], sound: &Store, store_for: impl Fn(usize, u32) -> Store) {
    let mut model = Model::default();
    for (minute, step) in steps.iter().enumerate() {
        let known: Vec<Version> = model.versions.keys().copied().collect();
        let nth = move |n: usize| known.get(n).copied().unwrap_or(version("v9.9.9"));
        let expected = model.apply(step);
        let id = format!("step-{minute}");
        let mut attempt = 0;
        let found = loop {
            let store = store_for(minute, attempt);
            match act(sound, &store, &nth, step, minute as i64, &id) {
                Err(error) if error.name().starts_with("Store") && attempt < 5 => attempt += 1,
                result => break result.map_err(|error| error.name()),
            }
        };
        assert_eq!(found, expected, "step {minute}: {step:?}");
        compare(&model, sound);
        model.live_at.push(model.live());
    }
    check_laws(sound, &engagement());
    if !model.versions.is_empty() {
        for (minute, live) in model.live_at.iter().enumerate() {
            let answer = registry(sound).live_at(at(minute as i64)).unwrap();
            assert_eq!(answer.version, *live, "live at minute {minute}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_registry_does_what_the_model_says(steps in prop::collection::vec(step(), 1..40)) {
        let store = Store::memory();
        drive(&steps, &store, |_, _| store.clone());
    }

    /// The first try of each step dies or loses its answer at a random call; the next one finishes it.
    #[test]
    fn also_when_every_step_dies_once(
        steps in prop::collection::vec(step(), 1..25),
        seeds in prop::collection::vec((0..30u64, 0..4u8), 25),
    ) {
        let store = Store::memory();
        drive(&steps, &store, |minute, attempt| {
            if attempt > 0 {
                return store.clone();
            }
            let (number, kind) = seeds[minute];
            store.clone().with_faults(move |operation| match kind {
                _ if operation.number != number => Fault::None,
                0 => Fault::CrashBefore,
                1 => Fault::CrashAfter,
                2 => Fault::ErrorAfter,
                _ => Fault::Truncate(100),
            })
        });
    }
}
