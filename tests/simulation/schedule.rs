//! What a seed stands for: some processes one after the other, and what happens to each of them.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::fate::{Fate, Point, Trouble};
use crate::laws;
use crate::process;
use crate::world::World;
use support::random::{Chance, hash};

/// What happens to one process.
#[derive(Debug, Clone)]
pub enum Weather {
    /// Each trouble at its point.
    Aimed(Vec<(Point, Trouble)>),
    /// At the first call of that name, however often it is made.
    Named(String, Trouble),
    /// One call in so many meets some trouble.
    Rough { one_in: u64, seed: u64 },
    /// From a point on the store cannot be reached for so many calls.
    Outage { from: Point, calls: u64 },
}

impl Weather {
    pub fn fate(&self) -> Fate {
        match self.clone() {
            Weather::Aimed(aims) => Fate::new(move |point| {
                let aim = aims.iter().find(|(aimed, _)| aimed == point);
                aim.map(|(_, trouble)| *trouble)
            }),
            Weather::Named(name, trouble) => {
                let met = AtomicU64::new(0);
                Fate::new(move |point| {
                    let here = point.name() == name;
                    (here && met.fetch_add(1, Ordering::SeqCst) == 0).then_some(trouble)
                })
            }
            Weather::Rough { one_in, seed } => Fate::new(move |point| {
                let mut chance = Chance::of(&[seed, hash(&point.to_string())]);
                (chance.below(one_in) == 0).then(|| some_trouble(&mut chance))
            }),
            Weather::Outage { from, calls } => {
                let left = AtomicU64::new(u64::MAX);
                Fate::new(move |point| {
                    if *point == from {
                        left.store(calls, Ordering::SeqCst);
                    }
                    let now = left.load(Ordering::SeqCst);
                    if now == u64::MAX || now == 0 {
                        return None;
                    }
                    left.store(now - 1, Ordering::SeqCst);
                    Some(Trouble::ErrorBefore)
                })
            }
        }
    }
}

fn some_trouble(chance: &mut Chance) -> Trouble {
    let bytes = *chance.pick(&[0, 1, 57, 400, 3_000]);
    let seconds = *chance.pick(&[1, 70, 400, 1_000]);
    // Seldom, for then nothing can be compared with an undisturbed run.
    if chance.below(60) == 0 {
        return Trouble::Rejected;
    }
    *chance.pick(&[
        Trouble::ErrorBefore,
        Trouble::ErrorAfter,
        Trouble::Truncated(bytes),
        Trouble::Slow(seconds),
        Trouble::LostRace,
        Trouble::Rival,
        Trouble::Withdrawn,
        Trouble::Overtaken,
        Trouble::TaskDiesBefore,
        Trouble::TaskDiesAfter,
        Trouble::CrashBefore,
        Trouble::CrashAfter,
    ])
}

/// The processes of a seed, given the points of an undisturbed run.
pub fn of_seed(seed: u64, points: &[Point]) -> Vec<Weather> {
    let mut chance = Chance::of(&[seed]);
    let processes = 1 + chance.below(3);
    (0..processes)
        .map(|_| some_weather(&mut chance, points))
        .collect()
}

fn some_weather(chance: &mut Chance, points: &[Point]) -> Weather {
    match chance.below(6) {
        0 => Weather::Rough {
            one_in: *chance.pick(&[4, 16, 64, 128]),
            seed: chance.draw(),
        },
        1 => Weather::Outage {
            from: chance.pick(points).clone(),
            calls: 1 + chance.below(60),
        },
        _ => {
            let aims = 1 + chance.below(4);
            Weather::Aimed((0..aims).map(|_| aim(chance, points)).collect())
        }
    }
}

fn aim(chance: &mut Chance, points: &[Point]) -> (Point, Trouble) {
    loop {
        let (point, trouble) = (chance.pick(points).clone(), some_trouble(chance));
        if trouble.fits(&point) {
            return (point, trouble);
        }
    }
}

/// What a schedule did.
#[derive(Default)]
pub struct Played {
    pub seen: Vec<Point>,
    pub met: Vec<(Point, Trouble)>,
    /// How each disturbed process ended.
    pub ends: Vec<String>,
}

/// A law that did not hold, and the way there.
pub struct Broken {
    played: Played,
    breaches: Vec<String>,
}

impl fmt::Display for Broken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (point, trouble) in &self.played.met {
            writeln!(formatter, "  met {trouble:?} at {point}")?;
        }
        for end in &self.played.ends {
            writeln!(formatter, "  a process ended: {end}")?;
        }
        for breach in &self.breaches {
            writeln!(formatter, "  BROKEN: {breach}")?;
        }
        Ok(())
    }
}

/// Plays the processes, then one that nothing happens to; checks the laws after each, and in the end that
/// nothing differs from an undisturbed run.
pub fn play(world: &World, weathers: &[Weather]) -> Result<Played, Box<Broken>> {
    let place = world.fresh();
    let mut played = Played::default();
    let kind = Weather::Aimed(Vec::new());
    for (number, weather) in weathers.iter().chain([&kind]).enumerate() {
        let fate = weather.fate();
        fate.meets_others(world.others(&place));
        let ended = process::run(&place, &world.asked(), &fate);
        played.seen.extend(fate.seen());
        played.met.extend(fate.met());
        let mut breaches = laws::breaches(&place.store);
        match ended {
            Ok(()) => played.ends.push("well".into()),
            Err(error) => {
                if number == weathers.len() && !world.is_refused(&place.store, &error) {
                    breaches.push(format!("it cannot be taken up: {error}"));
                }
                played.ends.push(error);
            }
        }
        if number == weathers.len() && breaches.is_empty() {
            breaches = world.differences(&place.store);
        }
        if !breaches.is_empty() {
            return Err(Box::new(Broken { played, breaches }));
        }
    }
    Ok(played)
}
