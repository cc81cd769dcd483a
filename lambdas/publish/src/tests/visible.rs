//! Promoting, rejecting, withdrawing, restoring and rolling back against runs that begin, score and are
//! published in between: after every step readers see exactly what they should.

mod expected;

use std::sync::Arc;

use millrace_contract::{NamedError, Version};
use millrace_registry::{State, Target};
use millrace_served::{Of, Serving, visible};
use millrace_store::faults::Fault;
use proptest::prelude::*;

use self::expected::{Expected, Said};
use super::desk::{Desk, TABLE, publish_in, request};

const VERSIONS: usize = 4;
const DAYS: u8 = 2;

#[derive(Debug, Clone)]
pub enum Step {
    /// With what is live, or with a version by name.
    Begin {
        version: Option<usize>,
        day: u8,
        minute: u8,
    },
    /// The scores of a run that began.
    Score(usize),
    Publish(usize),
    Promote(usize),
    Stage(usize),
    Reject(usize),
    Withdraw(u8),
    Restore(u8, usize),
    RollBack {
        with_predictions: bool,
    },
    Prune,
    /// While a run is published: at that call of the store.
    Meanwhile {
        run: usize,
        call: u8,
        step: Box<Step>,
    },
}

fn alone() -> impl Strategy<Value = Step> {
    let version = 0..VERSIONS;
    let run = 0..12usize;
    prop_oneof![
        4 => (proptest::option::of(version.clone()), 0..DAYS, 0..60u8)
            .prop_map(|(version, day, minute)| Step::Begin { version, day, minute }),
        4 => run.clone().prop_map(Step::Score),
        6 => run.clone().prop_map(Step::Publish),
        3 => version.clone().prop_map(Step::Promote),
        1 => version.clone().prop_map(Step::Stage),
        2 => version.prop_map(Step::Reject),
        1 => (0..DAYS).prop_map(Step::Withdraw),
        2 => (0..DAYS, run).prop_map(|(day, run)| Step::Restore(day, run)),
        1 => any::<bool>().prop_map(|with_predictions| Step::RollBack { with_predictions }),
        1 => Just(Step::Prune),
    ]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let meanwhile = (0..12usize, 0..24u8, alone()).prop_map(|(run, call, step)| Step::Meanwhile {
        run,
        call,
        step: Box::new(step),
    });
    proptest::collection::vec(prop_oneof![4 => alone(), 1 => meanwhile], 1..40)
}

/// A run that was begun.
#[derive(Debug, Clone)]
pub struct Begun {
    pub id: String,
    pub day: u8,
    pub at: String,
    pub version: Version,
    pub scored: bool,
}

/// What really happens.
struct World {
    desk: Arc<Desk>,
    runs: Vec<Begun>,
}

fn date(day: u8) -> jiff::civil::Date {
    jiff::civil::date(2026, 11, 1 + i8::try_from(day).unwrap())
}

/// Does a step that is no publication, and tells what was said.
fn act(desk: &Desk, runs: &[Begun], step: &Step) -> Said {
    let registry = desk.registry();
    let serving = Serving::of(&registry);
    let of = |day: u8| Of {
        table: TABLE,
        scored_on: date(day),
    };
    let said = |error: &dyn NamedError| Said::Refused(error.name().to_owned());
    match step {
        Step::Promote(which) | Step::Stage(which) => {
            let target = match step {
                Step::Promote(_) => Target::Live,
                _ => Target::Staging,
            };
            let promoted = registry.promote(desk.versions[*which], target, &request());
            promoted.map_or_else(|error| said(&error), |_| Said::Done)
        }
        Step::Reject(which) => {
            let rejected = serving.reject(desk.versions[*which], &request());
            rejected.map_or_else(|error| said(&error), |_| Said::Done)
        }
        Step::Withdraw(day) => {
            let withdrawn = serving.withdraw(&of(*day));
            withdrawn.map_or_else(|error| said(&error), |_| Said::Done)
        }
        Step::Restore(day, which) => {
            let id = runs.get(*which).map_or("nobody", |run| run.id.as_str());
            let restored = serving.restore(&of(*day), &id.parse().unwrap());
            restored.map_or_else(|error| said(&error), |_| Said::Done)
        }
        Step::RollBack { with_predictions } => {
            let Ok(plan) = registry.plan_rollback() else {
                return Said::Refused("nothing to return to".into());
            };
            if *with_predictions {
                serving.roll_back(plan.from, plan.to).unwrap();
            }
            registry.rollback(&request()).unwrap();
            Said::Turned(plan.from, plan.to, *with_predictions)
        }
        Step::Prune => {
            registry.prune(1, &request()).unwrap();
            Said::Done
        }
        Step::Begin { .. } | Step::Score(_) | Step::Publish(_) | Step::Meanwhile { .. } => {
            unreachable!("played by the world")
        }
    }
}

impl World {
    fn begin(&mut self, version: Option<usize>, day: u8, minute: u8) {
        let live = || self.desk.registry().document().unwrap().live();
        let version = version.map(|which| self.desk.versions[which]).or_else(live);
        let usable = |version: &Version| {
            let registry = self.desk.registry();
            registry.resolve_for_use(&version.to_string()).is_ok()
        };
        if let Some(version) = version.filter(usable) {
            self.runs.push(Begun {
                id: format!("r{}", self.runs.len()),
                day,
                at: format!("{}T08:{minute:02}:00Z", date(day)),
                version,
                scored: false,
            });
        }
    }

    fn score(&mut self, which: usize) {
        if let Some(run) = self.runs.get_mut(which) {
            self.desk.scored(&run.id, &run.at, run.version);
            run.scored = true;
        }
    }

    /// What the registry says of each version.
    fn states(&self) -> Vec<(State, bool)> {
        let document = self.desk.registry().document().unwrap();
        let versions = self
            .desk
            .versions
            .iter()
            .map(|version| &document.versions[version]);
        versions
            .map(|entry| (entry.state, entry.pruned_at.is_some()))
            .collect()
    }

    fn seen(&self) -> Vec<Option<String>> {
        let visible = visible(&self.desk.store).unwrap();
        let of_day = |day: u8| {
            let seen = visible.iter().find(|seen| seen.scored_on == date(day));
            seen.map(|seen| seen.shown.run.run_id.to_string())
        };
        (0..DAYS).map(of_day).collect()
    }

    /// The laws, without any regard to how it came about.
    fn check_laws(&self, expected: &Expected) {
        let document = self.desk.registry().document().unwrap();
        for seen in visible(&self.desk.store).unwrap() {
            let version: Version = seen.shown.version.parse().unwrap();
            let entry = document.versions.get(&version).unwrap();
            assert_ne!(entry.state, State::Rejected, "{seen:?}");
            let run = seen.shown.run.run_id.as_str();
            assert!(expected.was_shown(run), "{run} was never published");
        }
    }
}

/// What publishing a run would have to come to, before and after others acted: one of the two it must be.
fn play(original: &Desk, steps: Vec<Step>) {
    let mut world = World {
        desk: Arc::new(original.copy()),
        runs: Vec::new(),
    };
    let mut expected = Expected::new(&world.desk.versions, DAYS);
    expected.know(&world.states());
    for step in steps {
        match &step {
            Step::Begin {
                version,
                day,
                minute,
            } => world.begin(*version, *day, *minute),
            Step::Score(which) => world.score(*which),
            Step::Publish(which) => {
                let Some(begun) = world.runs.get(*which).filter(|run| run.scored).cloned() else {
                    continue;
                };
                let asked = world.desk.scored(&begun.id, &begun.at, begun.version);
                let published = world.desk.publish(asked);
                let wanted = expected.publish(&begun);
                let said = published.map_or_else(
                    |error| Said::Refused(error.name().to_owned()),
                    |output| Said::Shown(output.changed),
                );
                assert_eq!(said, wanted, "{step:?}");
            }
            Step::Meanwhile {
                run: which,
                call,
                step,
            } => {
                let Some(begun) = world.runs.get(*which).filter(|run| run.scored).cloned() else {
                    continue;
                };
                let acts = !matches!(
                    **step,
                    Step::Begin { .. } | Step::Score(_) | Step::Publish(_)
                );
                if !acts {
                    continue;
                }
                let asked = world.desk.scored(&begun.id, &begun.at, begun.version);
                let (desk, runs) = (world.desk.clone(), world.runs.clone());
                let (call, other) = (u64::from(*call), step.clone());
                let said = Arc::new(std::sync::Mutex::new(None));
                let told = said.clone();
                let store = world.desk.store.clone().with_faults(move |operation| {
                    if operation.number == call {
                        *told.lock().unwrap() = Some(act(&desk, &runs, &other));
                    }
                    Fault::None
                });
                let _ = publish_in(&store, asked);
                let said = said.lock().unwrap().clone();
                let seen = world.seen();
                let orders = expected.either_order(
                    &begun,
                    step,
                    said.as_ref(),
                    &world.runs,
                    &world.states(),
                );
                let found = orders.iter().find(|order| order.seen() == seen);
                let Some(found) = found else {
                    panic!("{step:?} during {begun:?}: {seen:?} is of no order of {orders:#?}");
                };
                expected = found.clone();
            }
            other => {
                let said = act(&world.desk, &world.runs, other);
                assert!(
                    expected.act(other, &said, &world.runs),
                    "{said:?} to {step:?}"
                );
            }
        }
        expected.know(&world.states());
        assert_eq!(world.seen(), expected.seen(), "after {step:?}");
        world.check_laws(&expected);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn readers_see_what_may_serve_was_published_and_is_newest(steps in steps()) {
        thread_local! {
            static ORIGINAL: Desk = Desk::new(VERSIONS);
        }
        ORIGINAL.with(|original| play(original, steps));
    }
}
