//! Retriers: which one takes an error, how often, and how long it waits.

use crate::failure::{ErrorNames, Failure};
use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng, SeedableRng};
use sha2::{Digest, Sha256};
use std::time::Duration;

/// One entry of a state's `Retry`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Retrier {
    pub errors: ErrorNames,
    pub interval_seconds: u64,
    pub maximum_attempts: u64,
    pub backoff_rate: f64,
    pub maximum_delay_seconds: Option<u64>,
    pub full_jitter: bool,
}

impl Retrier {
    /// The wait before retry number `retries + 1` of this retrier. `fraction` is in [0, 1).
    fn delay(&self, retries: u64, fraction: f64) -> Duration {
        // A century: more than the longest wait of AWS, and far from overflow.
        const LONGEST_SECONDS: f64 = 3.2e9;
        let exponent = i32::try_from(retries).unwrap_or(i32::MAX);
        let grown = self.interval_seconds as f64 * self.backoff_rate.powi(exponent);
        let longest = self
            .maximum_delay_seconds
            .map_or(LONGEST_SECONDS, |seconds| seconds as f64);
        let capped = grown.min(longest);
        Duration::from_secs_f64(if self.full_jitter {
            capped * fraction
        } else {
            capped
        })
    }
}

/// The retries of one visit of a state. Every visit begins with fresh counts.
#[derive(Debug)]
pub(crate) struct RetryPlan<'retriers> {
    retriers: &'retriers [Retrier],
    counts: Vec<u64>,
    jitter: Jitter,
}

impl<'retriers> RetryPlan<'retriers> {
    pub fn new(retriers: &'retriers [Retrier], jitter: Jitter) -> Self {
        Self {
            retriers,
            counts: vec![0; retriers.len()],
            jitter,
        }
    }

    /// How long to wait before trying again; `None` when the failure is final. The first retrier that
    /// matches decides: when it has used its attempts, no later one is asked.
    pub fn next_delay(&mut self, failure: &Failure) -> Option<Duration> {
        let position = self
            .retriers
            .iter()
            .position(|retrier| retrier.errors.matches(failure))?;
        let retrier = self.retriers.get(position)?;
        let count = self.counts.get_mut(position)?;
        if *count >= retrier.maximum_attempts {
            return None;
        }
        let delay = retrier.delay(*count, self.jitter.next_fraction());
        *count += 1;
        Some(delay)
    }
}

/// Draws the jitter of one visit of one state: the same key gives the same numbers, whatever other
/// branches do meanwhile.
#[derive(Debug)]
pub(crate) struct Jitter(Pcg64);

impl Jitter {
    pub fn new(key: &[&str]) -> Self {
        let mut hasher = Sha256::new();
        for part in key {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        Self(Pcg64::from_seed(hasher.finalize().into()))
    }

    fn next_fraction(&mut self) -> f64 {
        unit_fraction(self.0.next_u64())
    }
}

/// 64 random bits as a number in [0, 1).
pub(crate) fn unit_fraction(bits: u64) -> f64 {
    (bits >> 11) as f64 / (1u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn retrier(names: &[&str]) -> Retrier {
        Retrier {
            errors: ErrorNames::parse(names.iter().map(|name| (*name).to_owned()).collect(), true)
                .unwrap(),
            interval_seconds: 2,
            maximum_attempts: 3,
            backoff_rate: 2.0,
            maximum_delay_seconds: None,
            full_jitter: false,
        }
    }

    fn delays(retriers: &[Retrier], errors: &[&str]) -> Vec<Option<f64>> {
        let mut plan = RetryPlan::new(retriers, Jitter::new(&["seed"]));
        let delay = |error: &&str| {
            plan.next_delay(&Failure::new(*error, ""))
                .map(|delay| delay.as_secs_f64())
        };
        errors.iter().map(delay).collect()
    }

    #[test]
    fn waits_grow_until_the_attempts_are_used() {
        assert_eq!(
            delays(&[retrier(&["A"])], &["A"; 4]),
            [Some(2.0), Some(4.0), Some(8.0), None]
        );
    }

    #[test]
    fn the_longest_wait_is_held() {
        let capped = Retrier {
            maximum_delay_seconds: Some(5),
            ..retrier(&["A"])
        };
        assert_eq!(
            delays(&[capped], &["A"; 3]),
            [Some(2.0), Some(4.0), Some(5.0)]
        );
    }

    #[test]
    fn each_retrier_counts_for_itself_and_the_first_match_decides() {
        let first = Retrier {
            maximum_attempts: 2,
            interval_seconds: 1,
            ..retrier(&["A", "B"])
        };
        let second = Retrier {
            interval_seconds: 5,
            ..retrier(&["C"])
        };
        let rest = Retrier {
            interval_seconds: 9,
            ..retrier(&["States.ALL"])
        };
        let got = delays(&[first, second, rest], &["A", "B", "C", "D", "B"]);
        assert_eq!(got, [Some(1.0), Some(2.0), Some(5.0), Some(9.0), None]);
    }

    #[test]
    fn no_attempts_means_no_retry() {
        let never = Retrier {
            maximum_attempts: 0,
            ..retrier(&["A"])
        };
        assert_eq!(delays(&[never, retrier(&["States.ALL"])], &["A"]), [None]);
    }

    #[test]
    fn full_jitter_is_between_nothing_and_the_whole_wait_and_repeats() {
        let jittered = [Retrier {
            full_jitter: true,
            maximum_attempts: 1000,
            backoff_rate: 1.0,
            ..retrier(&["A"])
        }];
        let got: Vec<f64> = delays(&jittered, &["A"; 1000])
            .into_iter()
            .flatten()
            .collect();
        assert!(got.iter().all(|delay| (0.0..2.0).contains(delay)));
        let mean = got.iter().sum::<f64>() / 1000.0;
        assert!((0.9..1.1).contains(&mean), "{mean}");
        assert_eq!(
            got,
            delays(&jittered, &["A"; 1000])
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
        );
    }

    #[test]
    fn a_huge_backoff_does_not_overflow() {
        let huge = Retrier {
            backoff_rate: 1e300,
            maximum_attempts: u64::MAX,
            ..retrier(&["A"])
        };
        assert_eq!(
            huge.delay(u64::MAX, 0.5),
            Duration::from_secs(3_200_000_000)
        );
    }
}
