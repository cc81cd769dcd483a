//! The engagement score: a known function of what can be seen of a customer, plus noise.

use super::effects::Lens::{Above, Log, Plain, Word};
use super::effects::{Effect, Effects, Interaction};
use super::position;
use crate::population::{Drawn, tidy};
use crate::random::{Random, normal, normal_density, normal_share_below};

const EFFECTS: &[Effect] = &[
    ("feed_time_minutes_day", Log(48.0, 0.70), 0.58),
    ("sessions_last_7_days", Log(24.0, 0.60), 0.40),
    ("app_opens_day", Log(9.5, 0.60), 0.33),
    ("reels_watched_day", Log(35.0, 0.80), 0.29),
    ("stories_viewed_day", Log(14.0, 0.80), 0.26),
    ("messages_sent_day", Log(11.0, 0.95), 0.24),
    ("posts_last_30_days", Log(4.0, 1.10), 0.22),
    ("matches_per_day", Log(1.6, 0.80), 0.20),
    ("lifetime_value_usd", Log(30.0, 1.80), 0.19),
    ("creator_followers", Log(120.0, 1.30), 0.15),
    ("video_watch_hours_week", Log(5.5, 0.75), 0.13),
    ("avg_likes_per_post", Log(9.5, 1.00), 0.10),
    ("dates_completed_month", Log(1.0, 0.90), 0.10),
    ("tenure_months", Log(18.0, 0.80), 0.09),
    ("profile_completion_pct", Plain(72.0, 19.0), 0.09),
    ("days_since_last_login", Above(7.0), -0.15),
    ("plan", Plain(0.5, 0.9), 0.04),
    ("satisfaction", Plain(2.2, 1.1), 0.04),
    ("push_enabled", Above(0.5), 0.03),
    ("primary_intent", Word(3.0), -0.04),
    ("acquisition_channel", Word(3.0), 0.04),
    ("device", Word(2.0), -0.04),
];

const INTERACTIONS: &[Interaction] = &[
    // Long scrolling counts for those who come back on their own.
    (
        "feed_time_minutes_day",
        Log(48.0, 0.70),
        "sessions_last_7_days",
        Log(24.0, 0.60),
        0.14,
    ),
    (
        "messages_sent_day",
        Log(11.0, 0.95),
        "matches_per_day",
        Log(1.6, 0.80),
        0.10,
    ),
    (
        "reels_watched_day",
        Log(35.0, 0.80),
        "stories_viewed_day",
        Log(14.0, 0.80),
        -0.10,
    ),
    (
        "posts_last_30_days",
        Log(4.0, 1.10),
        "avg_likes_per_post",
        Log(9.5, 1.00),
        0.07,
    ),
    // Newcomers who open the app all the time are on honeymoon, not engaged.
    (
        "app_opens_day",
        Log(9.5, 0.60),
        "tenure_months",
        Log(18.0, 0.80),
        0.10,
    ),
];

/// Scrolling beyond this is weariness: it lowers the score.
const WEARY: (&str, f64, f64) = ("feed_time_minutes_day", 200.0, -0.45);

/// The sum of effects is centred and stretched before it is bent into 0 to 1.
const CENTRE: f64 = -0.13;
const STRETCH: f64 = 0.78;
/// The deviation of the usual noise.
const NOISE: f64 = 0.0775;

#[derive(Debug)]
pub(super) struct Score {
    effects: Effects,
    weary: usize,
}

impl Score {
    pub fn new() -> Score {
        Score {
            effects: Effects::new(-CENTRE, EFFECTS, INTERACTIONS),
            weary: position(WEARY.0),
        }
    }

    /// The scores, and what each would be on average over the noise.
    pub fn draw(&self, random: &mut Random, columns: &[Vec<f64>], multiple: f64) -> Drawn {
        let deviation = NOISE * multiple;
        let signal = self.signal(columns).into_iter();
        let drawn = signal.map(|signal| {
            let score = signal + deviation * normal(random);
            (
                tidy(score, 4, [0.0, 1.0]),
                mean_of_clipped(signal, deviation),
            )
        });
        drawn.collect()
    }

    fn signal(&self, columns: &[Vec<f64>]) -> Vec<f64> {
        let mut sums = self.effects.sums(columns);
        for (sum, value) in sums.iter_mut().zip(&columns[self.weary]) {
            *sum += if *value > WEARY.1 { WEARY.2 } else { 0.0 };
        }
        sums.into_iter()
            .map(|sum| 1.0 / (1.0 + (-STRETCH * sum).exp()))
            .collect()
    }
}

/// The mean of a normal number that is clipped to 0 to 1.
fn mean_of_clipped(middle: f64, deviation: f64) -> f64 {
    if deviation <= 0.0 {
        return middle.clamp(0.0, 1.0);
    }
    let (low, high) = (-middle / deviation, (1.0 - middle) / deviation);
    let below_high = normal_share_below(high);
    let inside = below_high - normal_share_below(low);
    middle * inside + deviation * (normal_density(low) - normal_density(high)) + (1.0 - below_high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_effect_finds_its_column() {
        let score = Score::new();
        assert!(score.effects.all_found());
        assert_ne!(score.weary, usize::MAX);
    }

    #[test]
    fn the_mean_of_a_clipped_number_is_that_of_many_draws() {
        let mut random = crate::random::stream(1, 2, 3, crate::random::Purpose::Noise);
        for (middle, deviation) in [(0.5, 0.1), (0.02, 0.1), (0.99, 0.2), (0.7, 0.0)] {
            let draws = 200_000;
            let sum: f64 = (0..draws)
                .map(|_| (middle + deviation * normal(&mut random)).clamp(0.0, 1.0))
                .sum();
            let difference = sum / f64::from(draws) - mean_of_clipped(middle, deviation);
            assert!(
                difference.abs() < 0.002,
                "{middle} {deviation}: {difference}"
            );
        }
    }
}
