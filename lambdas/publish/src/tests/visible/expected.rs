//! What readers should see, said in the plainest way: for each day a run, and those that were shown before.

use millrace_contract::Version;
use millrace_registry::State;

use super::{Begun, Step};

/// What somebody was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    Done,
    Refused(String),
    /// Whether publishing changed what is shown.
    Shown(bool),
    /// From this version to that one, with its scores or without.
    Turned(Version, Version, bool),
}

#[derive(Debug, Clone)]
pub struct Expected {
    versions: Vec<Version>,
    states: Vec<(State, bool)>,
    days: Vec<Day>,
}

#[derive(Debug, Clone, Default)]
struct Day {
    shown: Option<Begun>,
    /// What was shown before, the last one first.
    before: Vec<Begun>,
}

impl Day {
    fn ever(&self) -> impl Iterator<Item = &Begun> {
        self.shown.iter().chain(&self.before)
    }

    fn turn(&mut self, next: Option<Begun>) {
        if let Some(next) = &next {
            self.before.retain(|run| run.id != next.id);
        }
        if let Some(before) = std::mem::replace(&mut self.shown, next) {
            self.before.insert(0, before);
        }
    }
}

impl Expected {
    pub fn new(versions: &[Version], days: u8) -> Expected {
        Expected {
            versions: versions.to_vec(),
            states: Vec::new(),
            days: vec![Day::default(); days.into()],
        }
    }

    /// What the registry says now.
    pub fn know(&mut self, states: &[(State, bool)]) {
        self.states = states.to_vec();
    }

    pub fn seen(&self) -> Vec<Option<String>> {
        let id = |day: &Day| day.shown.as_ref().map(|run| run.id.clone());
        self.days.iter().map(id).collect()
    }

    pub fn was_shown(&self, run: &str) -> bool {
        self.days
            .iter()
            .any(|day| day.ever().any(|ever| ever.id == run))
    }

    fn state(&self, version: Version) -> (State, bool) {
        let place = self.versions.iter().position(|known| *known == version);
        self.states[place.unwrap()]
    }

    fn is_rejected(&self, version: Version) -> bool {
        self.state(version).0 == State::Rejected
    }

    fn may_serve(&self, version: Version) -> bool {
        !self.is_rejected(version) && !self.state(version).1
    }

    pub fn publish(&mut self, run: &Begun) -> Said {
        if !self.may_serve(run.version) {
            return Said::Refused("VersionMayNotServe".into());
        }
        let day = &self.days[usize::from(run.day)];
        let known = day.ever().any(|ever| ever.id == run.id);
        let newer = day
            .ever()
            .any(|ever| ever.at > run.at && !self.is_rejected(ever.version));
        if !known && !newer {
            self.days[usize::from(run.day)].turn(Some(run.clone()));
        }
        Said::Shown(!known && !newer)
    }

    /// After somebody acted and was told something: whether that is what had to be said.
    #[must_use]
    pub fn act(&mut self, step: &Step, said: &Said, runs: &[Begun]) -> bool {
        match (step, said) {
            (Step::Reject(which), Said::Done) => self.take_away(self.versions[*which]),
            (Step::Withdraw(day), said) => {
                let day = &mut self.days[usize::from(*day)];
                let wanted = match day.ever().next() {
                    Some(_) => Said::Done,
                    None => Said::Refused("NotServed".into()),
                };
                day.turn(None);
                return *said == wanted;
            }
            (Step::Restore(day, which), said) => {
                let run = runs.get(*which).cloned();
                let day = usize::from(*day);
                let shown_once =
                    run.filter(|run| self.days[day].ever().any(|ever| ever.id == run.id));
                let is_shown = |run: &Begun| self.seen()[day].as_ref() == Some(&run.id);
                let wanted = match &shown_once {
                    None => Said::Refused("NotServed".into()),
                    Some(run) if is_shown(run) || self.may_serve(run.version) => Said::Done,
                    Some(_) => Said::Refused("VersionMayNotServe".into()),
                };
                if wanted == Said::Done && !shown_once.as_ref().is_some_and(is_shown) {
                    self.days[day].turn(shown_once);
                }
                return *said == wanted;
            }
            (Step::RollBack { .. }, Said::Turned(from, to, true)) => {
                for day in &mut self.days {
                    if day
                        .shown
                        .as_ref()
                        .is_some_and(|shown| shown.version == *from)
                    {
                        let next = day.before.iter().find(|run| run.version == *to).cloned();
                        day.turn(next);
                    }
                }
            }
            _ => {}
        }
        true
    }

    fn take_away(&mut self, version: Version) {
        for day in &mut self.days {
            if day
                .shown
                .as_ref()
                .is_some_and(|shown| shown.version == version)
            {
                day.turn(None);
            }
        }
    }

    /// What is to be expected if the run is published before the step, and if it is published after it.
    pub fn either_order(
        &self,
        run: &Begun,
        step: &Step,
        said: Option<&Said>,
        runs: &[Begun],
        states: &[(State, bool)],
    ) -> Vec<Expected> {
        let mut orders = Vec::new();
        let mut first = self.clone();
        first.publish(run);
        let Some(said) = said else {
            // It was published before that call would have been made.
            return vec![first];
        };
        if first.act(step, said, runs) {
            orders.push(first);
        }
        let mut last = self.clone();
        if last.act(step, said, runs) {
            last.know(states);
            last.publish(run);
            orders.push(last);
        }
        orders
    }
}
