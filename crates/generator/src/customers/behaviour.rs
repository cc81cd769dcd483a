//! What customers do, in numbers: one line per column.

use super::people::Trait::{self, Active, Creative, Generous, Loyal, Romantic, Social, Watching};
use super::people::{TRAITS, mixture};
use super::position;
use crate::population::{Extremes, tidy};
use crate::random::Random;

/// A numeric column.
#[derive(Debug)]
pub(super) struct Behaviour {
    pub name: &'static str,
    pub decimals: u32,
    pub shape: Shape,
    loadings: &'static [(Trait, f64)],
}

/// How a standard normal number becomes a value.
#[derive(Debug)]
pub(super) enum Shape {
    /// Log-normal: the median, and the deviation of the logarithm.
    Skewed(f64, f64),
    /// None up to a threshold, then rising ever faster: threshold, scale, steepness.
    Sparse(f64, f64, f64),
    /// S-shaped from 0 to a top: top, middle, steepness.
    Bounded(f64, f64, f64),
    /// Follows from another column and from chance.
    From(&'static str, fn(f64, f64) -> f64),
    /// The same as another column in another form: a factor and the relative deviation.
    Restates(&'static str, f64, f64),
}

use Shape::{Bounded, From, Restates, Skewed, Sparse};

impl Shape {
    pub fn extremes(&self) -> Extremes {
        match self {
            Skewed(..) | Sparse(..) | From(..) => Extremes::Above,
            Bounded(..) => Extremes::OnBothSides,
            Restates(..) => Extremes::None,
        }
    }

    pub fn follows(&self) -> Option<&'static str> {
        match self {
            Restates(column, ..) => Some(column),
            _ => None,
        }
    }
}

const fn behaviour(
    name: &'static str,
    decimals: u32,
    shape: Shape,
    loadings: &'static [(Trait, f64)],
) -> Behaviour {
    Behaviour {
        name,
        decimals,
        shape,
        loadings,
    }
}

#[rustfmt::skip]
pub(super) const BEHAVIOURS: &[Behaviour] = &[
    behaviour("feed_time_minutes_day", 1, Skewed(48.0, 0.70), &[(Active, 0.50), (Watching, 0.30)]),
    behaviour("app_opens_day", 0, Skewed(9.0, 0.60), &[(Active, 0.50), (Social, 0.20)]),
    behaviour("sessions_last_7_days", 0, Skewed(24.0, 0.60), &[(Active, 0.50), (Loyal, 0.25)]),
    behaviour("sessions_last_30_days", 0, Restates("sessions_last_7_days", 4.6, 0.07), &[]),
    behaviour("session_length_minutes", 1, Skewed(7.0, 0.60), &[(Watching, 0.40), (Active, 0.15)]),
    behaviour("active_days_last_30", 0, Bounded(30.0, 0.9, 1.2), &[(Active, 0.45), (Loyal, 0.35)]),
    behaviour("days_since_last_login", 0, Sparse(-0.3, 1.8, 1.1), &[(Active, -0.40), (Loyal, -0.35)]),
    behaviour("tenure_months", 0, Skewed(18.0, 0.80), &[(Loyal, 0.60)]),

    behaviour("reels_watched_day", 0, Skewed(35.0, 0.80), &[(Watching, 0.50), (Active, 0.30)]),
    behaviour("reels_minutes_day", 1, Restates("reels_watched_day", 0.45, 0.08), &[]),
    behaviour("stories_viewed_day", 0, Skewed(14.0, 0.80), &[(Social, 0.40), (Watching, 0.20), (Active, 0.25)]),
    behaviour("video_watch_hours_week", 1, Skewed(5.0, 0.80), &[(Watching, 0.60), (Active, 0.20)]),
    behaviour("video_watch_minutes_day", 1, Restates("video_watch_hours_week", 60.0 / 7.0, 0.05), &[]),
    behaviour("live_minutes_week", 1, Sparse(0.5, 25.0, 1.1), &[(Watching, 0.40), (Generous, 0.20)]),
    behaviour("saves_last_30_days", 0, Sparse(-0.2, 4.0, 1.0), &[(Watching, 0.40), (Social, 0.15)]),
    behaviour("searches_day", 0, Sparse(-0.6, 2.0, 0.8), &[(Watching, 0.25), (Active, 0.10)]),

    behaviour("messages_sent_day", 0, Skewed(11.0, 0.95), &[(Social, 0.55), (Active, 0.25)]),
    behaviour("messages_received_day", 0, Skewed(12.0, 0.95), &[(Social, 0.60), (Romantic, 0.20)]),
    behaviour("reply_time_minutes", 1, Skewed(35.0, 1.10), &[(Social, -0.40), (Active, -0.20)]),
    behaviour("conversations_active_week", 0, Skewed(6.0, 0.80), &[(Social, 0.55), (Romantic, 0.20)]),
    behaviour("voice_call_minutes_week", 1, Sparse(0.2, 18.0, 1.1), &[(Social, 0.45)]),
    behaviour("comments_last_30_days", 0, Sparse(-0.8, 5.0, 0.9), &[(Social, 0.45), (Creative, 0.25)]),
    behaviour("likes_given_day", 0, Skewed(12.0, 0.90), &[(Social, 0.30), (Active, 0.30)]),
    behaviour("shares_last_30_days", 0, Sparse(-0.1, 3.0, 0.9), &[(Social, 0.40), (Creative, 0.15)]),
    behaviour("friends_count", 0, Skewed(160.0, 0.85), &[(Social, 0.50), (Loyal, 0.20)]),
    behaviour("friend_requests_month", 0, Sparse(-0.4, 3.0, 0.8), &[(Social, 0.40), (Loyal, -0.20)]),
    behaviour("groups_joined", 0, Sparse(-0.5, 3.0, 0.8), &[(Social, 0.35), (Loyal, 0.20)]),
    behaviour("following_count", 0, Skewed(210.0, 0.90), &[(Watching, 0.35), (Social, 0.20)]),

    behaviour("posts_last_30_days", 0, Sparse(-0.7, 5.0, 0.8), &[(Creative, 0.60), (Active, 0.20)]),
    behaviour("stories_posted_week", 0, Sparse(-0.2, 3.0, 0.8), &[(Creative, 0.55), (Social, 0.20)]),
    behaviour("creator_followers", 0, Skewed(120.0, 1.30), &[(Creative, 0.65), (Loyal, 0.20)]),
    behaviour("avg_likes_per_post", 1, Skewed(9.0, 1.00), &[(Creative, 0.55), (Social, 0.20)]),
    behaviour("photos_uploaded", 0, Skewed(24.0, 1.00), &[(Creative, 0.40), (Loyal, 0.35)]),

    behaviour("matches_per_day", 1, Sparse(-0.8, 0.9, 0.75), &[(Romantic, 0.60), (Active, 0.20)]),
    behaviour("swipes_day", 0, From("matches_per_day", swipes), &[(Romantic, 0.30), (Active, 0.15)]),
    behaviour("right_swipe_pct", 1, Bounded(100.0, -0.6, 0.9), &[(Romantic, 0.20)]),
    behaviour("likes_received_day", 0, Sparse(-0.8, 3.0, 0.9), &[(Romantic, 0.40), (Creative, 0.25)]),
    behaviour("super_likes_month", 0, Sparse(0.5, 2.0, 0.8), &[(Romantic, 0.35), (Generous, 0.30)]),
    behaviour("profile_views_week", 0, Skewed(18.0, 0.90), &[(Romantic, 0.40), (Creative, 0.30)]),
    behaviour("match_reply_pct", 1, Bounded(100.0, 0.2, 1.0), &[(Romantic, 0.35), (Social, 0.25)]),
    behaviour("dates_completed_month", 0, Sparse(-0.1, 1.6, 0.7), &[(Romantic, 0.60), (Social, 0.15)]),
    behaviour("dates_planned_month", 0, From("dates_completed_month", planned), &[(Romantic, 0.30)]),
    behaviour("profile_completion_pct", 1, Bounded(100.0, 1.1, 1.0), &[(Romantic, 0.25), (Loyal, 0.30)]),

    behaviour("lifetime_value_usd", 2, Sparse(-0.8, 30.0, 1.10), &[(Generous, 0.65), (Loyal, 0.30)]),
    behaviour("spend_last_90_days_usd", 2, From("lifetime_value_usd", recent), &[(Generous, 0.30), (Loyal, -0.20)]),
    behaviour("purchases_last_90_days", 0, Sparse(-0.2, 1.8, 0.8), &[(Generous, 0.60)]),
    behaviour("coins_balance", 0, Sparse(0.0, 90.0, 1.2), &[(Generous, 0.40)]),
    behaviour("gifts_sent_month", 0, Sparse(0.4, 2.0, 0.8), &[(Generous, 0.40), (Romantic, 0.25)]),
    behaviour("ads_clicked_week", 0, Sparse(-0.3, 1.5, 0.7), &[(Watching, 0.20), (Generous, -0.15)]),

    behaviour("notifications_opened_day", 0, Sparse(-1.0, 2.5, 0.8), &[(Active, 0.40), (Social, 0.25)]),
    behaviour("notifications_received_day", 0, From("notifications_opened_day", received), &[(Social, 0.40)]),
    behaviour("support_tickets_last_90_days", 0, Sparse(1.0, 1.4, 0.7), &[(Generous, 0.10)]),
    behaviour("app_crashes_last_30_days", 0, Sparse(0.2, 1.4, 0.8), &[]),
];

fn swipes(matches: f64, u: f64) -> f64 {
    matches.ceil() + 18.0 * (0.9 * u).exp()
}

fn planned(completed: f64, u: f64) -> f64 {
    completed + (1.3 * (0.8 * u).exp() - 0.9).max(0.0)
}

fn recent(lifetime: f64, u: f64) -> f64 {
    lifetime / (1.0 + (1.2 - 1.1 * u).exp())
}

fn received(opened: f64, u: f64) -> f64 {
    opened + 5.0 * (0.8 * u).exp()
}

impl Behaviour {
    /// Values for everyone; `columns` holds what was drawn before.
    pub fn draw(
        &self,
        random: &mut Random,
        traits: &[Vec<f64>; TRAITS],
        columns: &[Vec<f64>],
        range: [f64; 2],
    ) -> Vec<f64> {
        let mixed = mixture(random, traits, self.loadings);
        let keep = |value: f64| tidy(value, self.decimals, range);
        match self.shape {
            Skewed(median, spread) => mixed
                .iter()
                .map(|u| keep(median * (spread * u).exp()))
                .collect(),
            Sparse(threshold, scale, steepness) => mixed
                .iter()
                .map(|u| keep(scale * ((steepness * (u - threshold)).exp() - 1.0).max(0.0)))
                .collect(),
            Bounded(top, middle, steepness) => mixed
                .iter()
                .map(|u| keep(top / (1.0 + (-middle - steepness * u).exp())))
                .collect(),
            From(other, follow) => {
                beside(columns, other, &mixed, |value, u| keep(follow(value, u)))
            }
            Restates(other, factor, deviation) => beside(columns, other, &mixed, |value, u| {
                keep(value * factor * (1.0 + deviation * u))
            }),
        }
    }
}

fn beside(
    columns: &[Vec<f64>],
    other: &str,
    mixed: &[f64],
    value: impl Fn(f64, f64) -> f64,
) -> Vec<f64> {
    let Some(column) = columns.get(position(other)) else {
        return vec![0.0; mixed.len()];
    };
    column
        .iter()
        .zip(mixed)
        .map(|(other, u)| value(*other, *u))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mixture_is_standard_and_every_partner_comes_before() {
        for (index, behaviour) in BEHAVIOURS.iter().enumerate() {
            let explained: f64 = behaviour.loadings.iter().map(|(_, l)| l * l).sum();
            assert!(explained < 1.0, "{}", behaviour.name);
            if let From(other, _) | Restates(other, ..) = behaviour.shape {
                assert!(
                    BEHAVIOURS[..index].iter().any(|b| b.name == other),
                    "{}",
                    behaviour.name
                );
            }
        }
    }
}
