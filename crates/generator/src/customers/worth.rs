//! What a customer brings from now on: few bring most of it.

use super::effects::Lens::{Above, Log, Plain, Word};
use super::effects::{Effect, Effects, Interaction, saturate};
use crate::population::{Drawn, World, log_normal};
use crate::random::Random;

/// Weights in the logarithm of the value.
const EFFECTS: &[Effect] = &[
    ("lifetime_value_usd", Log(30.0, 1.80), 0.34),
    ("spend_last_90_days_usd", Log(8.0, 1.70), 0.30),
    ("purchases_last_90_days", Log(1.5, 1.00), 0.14),
    ("plan", Plain(0.5, 0.9), 0.26),
    ("tenure_months", Log(18.0, 0.80), 0.14),
    ("sessions_last_7_days", Log(24.0, 0.60), 0.13),
    ("feed_time_minutes_day", Log(48.0, 0.70), 0.10),
    ("coins_balance", Log(30.0, 2.00), 0.10),
    ("gifts_sent_month", Above(0.5), 0.14),
    ("creator_followers", Log(120.0, 1.30), 0.07),
    ("satisfaction", Plain(2.2, 1.1), 0.08),
    ("device", Word(0.0), 0.14),
    ("payment_method", Word(0.0), -0.26),
    ("acquisition_channel", Word(3.0), 0.10),
];

const INTERACTIONS: &[Interaction] = &[
    // A long habit of paying counts for more.
    (
        "plan",
        Plain(0.5, 0.9),
        "tenure_months",
        Log(18.0, 0.80),
        0.10,
    ),
    (
        "spend_last_90_days_usd",
        Log(8.0, 1.70),
        "sessions_last_7_days",
        Log(24.0, 0.60),
        0.08,
    ),
];

const START: f64 = 4.6;
/// Who is about to leave brings less.
const LEAVING: f64 = -0.16;
/// The deviation of the logarithm by the usual noise.
const NOISE: f64 = 0.36;
const TARGET: usize = 2;

#[derive(Debug)]
pub(super) struct Worth {
    effects: Effects,
}

impl Worth {
    pub fn new() -> Worth {
        Worth {
            effects: Effects::new(START, EFFECTS, INTERACTIONS),
        }
    }

    /// The values, and what each would be on average over the noise. `urge` is the logarithm of the odds to leave.
    pub fn draw(
        &self,
        random: &mut Random,
        columns: &[Vec<f64>],
        urge: &[f64],
        world: &World,
    ) -> Drawn {
        let deviation = NOISE * world.noise;
        let range = world.target_range(TARGET);
        let sums = self.effects.sums(columns).into_iter().zip(urge);
        let drawn = sums.map(|(sum, urge)| {
            let middle = sum + LEAVING * saturate(urge / 2.0);
            log_normal(middle, deviation, 2, range, random)
        });
        drawn.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_effect_finds_its_column() {
        assert!(Worth::new().effects.all_found());
        assert_eq!(super::super::TARGETS[TARGET].name, "lifetime_value");
    }
}
