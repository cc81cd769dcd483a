//! Whether a customer leaves: the odds are a known function of what can be seen of them, the rest is chance.

use super::effects::Lens::{Above, Log, Plain, Word};
use super::effects::{Effect, Effects, Interaction};
use crate::population::Drawn;
use crate::random::{Random, uniform};

/// Above 0: likelier to leave.
const EFFECTS: &[Effect] = &[
    ("days_since_last_login", Log(1.6, 1.0), 0.62),
    ("active_days_last_30", Plain(20.0, 7.5), -0.50),
    ("sessions_last_7_days", Log(24.0, 0.60), -0.36),
    ("feed_time_minutes_day", Log(48.0, 0.70), -0.28),
    ("tenure_months", Log(18.0, 0.80), -0.56),
    ("satisfaction", Plain(2.2, 1.1), -0.66),
    ("support_tickets_last_90_days", Above(0.5), 0.55),
    ("app_crashes_last_30_days", Above(1.5), 0.45),
    ("notification_setting", Word(0.0), 0.40),
    ("push_enabled", Above(0.5), -0.22),
    ("plan", Plain(0.5, 0.9), -0.40),
    ("friends_count", Log(160.0, 0.85), -0.34),
    ("conversations_active_week", Log(6.0, 0.80), -0.30),
    ("reply_time_minutes", Log(35.0, 1.10), 0.18),
    ("purchases_last_90_days", Log(1.5, 1.00), -0.22),
    ("payment_method", Word(0.0), 0.22),
    ("acquisition_channel", Word(1.0), 0.34),
    ("acquisition_channel", Word(3.0), -0.24),
];

const INTERACTIONS: &[Interaction] = &[
    // Who came for a date and finds nobody has no reason to stay.
    (
        "primary_intent",
        Word(1.0),
        "matches_per_day",
        Log(1.6, 0.80),
        -0.55,
    ),
    // Old customers forgive.
    (
        "tenure_months",
        Log(18.0, 0.80),
        "satisfaction",
        Plain(2.2, 1.1),
        0.26,
    ),
    // A creator without an audience gives up.
    (
        "primary_intent",
        Word(2.0),
        "creator_followers",
        Log(120.0, 1.30),
        -0.45,
    ),
];

/// The sum of effects is moved and stretched into the logarithm of the odds.
const START: f64 = -1.60;
const STRETCH: f64 = 1.36;

#[derive(Debug)]
pub(super) struct Leaving {
    effects: Effects,
}

impl Leaving {
    pub fn new() -> Leaving {
        Leaving {
            effects: Effects::new(START, EFFECTS, INTERACTIONS),
        }
    }

    /// The logarithm of the odds to leave.
    pub fn urge(&self, columns: &[Vec<f64>]) -> Vec<f64> {
        let sums = self.effects.sums(columns).into_iter();
        sums.map(|sum| STRETCH * sum).collect()
    }
}

/// Who leaves, and how probable that was. Twice the noise halves the logarithm of the odds; without any, whoever
/// is likelier to leave than to stay does.
pub(super) fn draw(random: &mut Random, urge: &[f64], noise: f64) -> Drawn {
    let drawn = urge.iter().map(|urge| {
        let probability = probability(*urge, noise);
        let leaves = uniform(random) < probability;
        (f64::from(u8::from(leaves)), probability)
    });
    drawn.collect()
}

fn probability(urge: f64, noise: f64) -> f64 {
    if noise == 0.0 {
        return f64::from(u8::from(urge > 0.0));
    }
    1.0 / (1.0 + (-urge / noise).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_effect_finds_its_column() {
        assert!(Leaving::new().effects.all_found());
    }

    #[test]
    fn noise_evens_the_odds_and_none_decides() {
        assert_eq!(probability(2.0, 0.0), 1.0);
        assert_eq!(probability(-0.1, 0.0), 0.0);
        assert_eq!(probability(0.0, 1.0), 0.5);
        let odds = |p: f64| (p / (1.0 - p)).ln();
        assert!((odds(probability(2.0, 2.0)) - 1.0).abs() < 1e-12);
    }
}
