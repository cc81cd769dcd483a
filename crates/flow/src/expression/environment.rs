//! Time and chance for expressions: `$now()`, `$millis()`, `$random()` and `$uuid()`.

use crate::clock::Clock;
use crate::retry::unit_fraction;
use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng, SeedableRng};
use seuil::clock::RealEnvironment;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Time comes from the run's clock; chance from the settings' seed, or from the operating system.
pub(crate) struct Environment<'run> {
    clock: &'run dyn Clock,
    started: Instant,
    seeded: Option<Mutex<Pcg64>>,
    real: RealEnvironment,
}

impl<'run> Environment<'run> {
    pub fn new(clock: &'run dyn Clock, seed: Option<u64>) -> Self {
        Self {
            clock,
            started: Instant::now(),
            seeded: seed.map(|seed| Mutex::new(Pcg64::seed_from_u64(seed))),
            real: RealEnvironment::new(),
        }
    }

    fn next_seeded(&self) -> Option<u64> {
        let generator = self.seeded.as_ref()?;
        Some(
            generator
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .next_u64(),
        )
    }
}

impl seuil::clock::Environment for Environment<'_> {
    fn now_iso(&self) -> String {
        format!("{:.3}", self.clock.now())
    }

    fn now_millis(&self) -> u64 {
        u64::try_from(self.clock.now().as_millisecond()).unwrap_or(0)
    }

    fn random_f64(&self) -> f64 {
        self.next_seeded()
            .map_or_else(|| self.real.random_f64(), unit_fraction)
    }

    fn random_uuid(&self) -> String {
        let (Some(high), Some(low)) = (self.next_seeded(), self.next_seeded()) else {
            return self.real.random_uuid();
        };
        let (first, second, third) = (high >> 32, (high >> 16) & 0xffff, high & 0x0fff);
        let (fourth, fifth) = (((low >> 48) & 0x3fff) | 0x8000, low & 0xffff_ffff_ffff);
        format!("{first:08x}-{second:04x}-4{third:03x}-{fourth:04x}-{fifth:012x}")
    }

    // The time limit of an expression is real time, whatever clock the run has.
    fn elapsed_millis(&self, since: u64) -> u64 {
        self.timestamp().saturating_sub(since)
    }

    fn timestamp(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}
