//! What happens to the calls that one process makes of its stores: decided by a plan, point by point.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use millrace_flow::SimulatedClock;
use millrace_store::faults::{Fault, Operation, Verb};

/// A named place in a run: the how-manieth call of its kind that a state of a machine makes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Point {
    pub state: String,
    pub verb: Verb,
    /// Without what is random in it.
    pub key: String,
    /// From 1.
    pub nth: u32,
}

impl Point {
    /// The same for every repetition.
    pub fn name(&self) -> String {
        format!("{} {:?} {}", self.state, self.verb, self.key)
    }
}

impl fmt::Display for Point {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({})", self.name(), self.nth)
    }
}

/// What goes wrong at a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The store cannot be reached.
    ErrorBefore,
    /// It was done, but nobody hears of it.
    ErrorAfter,
    /// A read gives only so many bytes.
    Truncated(u64),
    /// The answer comes so many simulated seconds late.
    Slow(u64),
    /// The conditional write is refused though nobody else wrote.
    LostRace,
    /// Somebody else changes the object just before.
    Rival,
    /// Somebody withdraws the day that the run scores.
    Withdrawn,
    /// Somebody goes back to the version before and rejects the one that the run has made.
    Rejected,
    /// Another process takes the same run up and brings it to its end just before.
    Overtaken,
    /// Somebody replaces the data, just before any call (`data_rivals.rs`).
    DataReplaced,
    /// The function or container dies; the state machine lives.
    TaskDiesBefore,
    TaskDiesAfter,
    /// Everything dies.
    CrashBefore,
    CrashAfter,
}

impl Trouble {
    /// Whether it can happen to such a call.
    pub fn fits(self, point: &Point) -> bool {
        let verb = point.verb;
        // Where a version's own name is said to be taken and nothing is there, the registry gives the number
        // up (crates/registry tests that): the next number is no undisturbed run's.
        if self == Self::LostRace && point.key.ends_with("/manifest.json") {
            return false;
        }
        match self {
            Self::ErrorBefore
            | Self::Slow(_)
            | Self::DataReplaced
            | Self::TaskDiesBefore
            | Self::CrashBefore => true,
            Self::ErrorAfter
            | Self::TaskDiesAfter
            | Self::CrashAfter
            | Self::Withdrawn
            | Self::Rejected
            | Self::Overtaken => verb.writes(),
            Self::Truncated(_) => matches!(verb, Verb::Get | Verb::ReadRange),
            Self::LostRace | Self::Rival => matches!(
                verb,
                Verb::PutIfAbsent | Verb::PutFileIfAbsent | Verb::ReplaceIfUnchanged
            ),
        }
    }
}

/// Through which door a call comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    Store,
    Data,
}

type Plan = Box<dyn Fn(&Point) -> Option<Trouble> + Send + Sync>;
/// Does what another process does at this moment.
type Others = Box<dyn Fn(Trouble, &Point) + Send + Sync>;

/// One process. Clones share it.
#[derive(Clone)]
pub struct Fate(Arc<Process>);

struct Process {
    plan: Plan,
    clock: SimulatedClock,
    others: Mutex<Option<Arc<Others>>>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    place: String,
    task_is_dead: bool,
    is_dead: bool,
    counts: HashMap<String, u32>,
    seen: Vec<Point>,
    met: Vec<(Point, Trouble)>,
}

impl Fate {
    pub fn new(plan: impl Fn(&Point) -> Option<Trouble> + Send + Sync + 'static) -> Fate {
        let start = "2026-11-02T00:00:00Z".parse().unwrap();
        Fate(Arc::new(Process {
            plan: Box::new(plan),
            clock: SimulatedClock::starting_at(start),
            others: Mutex::default(),
            state: Mutex::default(),
        }))
    }

    /// Nothing goes wrong.
    pub fn kind() -> Fate {
        Fate::new(|_| None)
    }

    pub fn clock(&self) -> &SimulatedClock {
        &self.0.clock
    }

    pub fn meets_others(&self, others: impl Fn(Trouble, &Point) + Send + Sync + 'static) {
        *lock(&self.0.others) = Some(Arc::new(Box::new(others)));
    }

    /// A state's task begins, in a function or container of its own.
    pub fn enters(&self, state: String) {
        let mut inner = lock(&self.0.state);
        inner.place = state;
        inner.task_is_dead = false;
    }

    /// Every call so far.
    pub fn seen(&self) -> Vec<Point> {
        lock(&self.0.state).seen.clone()
    }

    /// Everything that went wrong so far.
    pub fn met(&self) -> Vec<(Point, Trouble)> {
        lock(&self.0.state).met.clone()
    }

    pub fn decide(&self, door: Door, operation: &Operation) -> Fault {
        let mut inner = lock(&self.0.state);
        if inner.is_dead {
            return Fault::CrashBefore;
        }
        if inner.task_is_dead {
            return Fault::ErrorBefore;
        }
        let point = inner.point(door, operation);
        inner.seen.push(point.clone());
        let trouble = (self.0.plan)(&point).filter(|trouble| trouble.fits(&point));
        let Some(trouble) = trouble else {
            return Fault::None;
        };
        inner.met.push((point.clone(), trouble));
        match trouble {
            Trouble::CrashBefore | Trouble::CrashAfter => inner.is_dead = true,
            Trouble::TaskDiesBefore | Trouble::TaskDiesAfter => inner.task_is_dead = true,
            _ => {}
        }
        drop(inner);
        self.fault(trouble, &point)
    }

    fn fault(&self, trouble: Trouble, point: &Point) -> Fault {
        match trouble {
            Trouble::ErrorBefore | Trouble::TaskDiesBefore => Fault::ErrorBefore,
            Trouble::ErrorAfter | Trouble::TaskDiesAfter => Fault::ErrorAfter,
            Trouble::Truncated(bytes) => Fault::Truncate(bytes),
            Trouble::LostRace => Fault::LostRace,
            Trouble::CrashBefore => Fault::CrashBefore,
            Trouble::CrashAfter => Fault::CrashAfter,
            Trouble::Slow(seconds) => {
                self.0.clock.advance(Duration::from_secs(seconds));
                Fault::None
            }
            Trouble::Rival
            | Trouble::Withdrawn
            | Trouble::Rejected
            | Trouble::Overtaken
            | Trouble::DataReplaced => {
                let others = lock(&self.0.others).clone();
                if let Some(others) = others {
                    others(trouble, point);
                }
                Fault::None
            }
        }
    }
}

impl State {
    fn point(&mut self, door: Door, operation: &Operation) -> Point {
        let key = match door {
            Door::Store => without_chance(&operation.key),
            Door::Data => format!("data/{}", operation.key),
        };
        // The engine's own journal is written between two tasks.
        let is_journal = key.ends_with("/executing.json") || key.ends_with("/history.json");
        let mut point = Point {
            state: if is_journal {
                "Journal".to_owned()
            } else {
                self.place.clone()
            },
            verb: operation.verb,
            key,
            nth: 0,
        };
        let count = self.counts.entry(point.name()).or_default();
        *count += 1;
        point.nth = *count;
        point
    }
}

/// The registry's copies have digests in their names, and what they digest has random ids.
fn without_chance(key: &str) -> String {
    for folder in ["/registry-history/", "/history/"] {
        if let Some((before, _)) = key.split_once(folder) {
            return format!("{before}{folder}*");
        }
    }
    key.to_owned()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
