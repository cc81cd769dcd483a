//! What customers choose and have: words without order, words with order, yes or no.

use super::people::Trait::{self, Active, Creative, Generous, Loyal, Romantic, Social, Watching};
use super::people::{TRAITS, mixture};
use crate::random::{Random, uniform};

/// A word without order: each with its share, and the trait that makes it likelier.
#[derive(Debug)]
pub(super) struct Choice {
    pub name: &'static str,
    pub words: &'static [&'static str],
    shares: &'static [f64],
    pulls: &'static [(usize, Trait, f64)],
}

/// A word with order: the mixture of traits is cut at these places.
#[derive(Debug)]
pub(super) struct Level {
    pub name: &'static str,
    pub words: &'static [&'static str],
    cuts: &'static [f64],
    loadings: &'static [(Trait, f64)],
}

/// Yes above a cut.
#[derive(Debug)]
pub(super) struct Flag {
    pub name: &'static str,
    cut: f64,
    loadings: &'static [(Trait, f64)],
}

#[rustfmt::skip]
pub(super) const CHOICES: &[Choice] = &[
    Choice { name: "device", words: &["ios", "android", "web", "tablet"],
        shares: &[0.44, 0.42, 0.09, 0.05], pulls: &[(0, Generous, 0.25), (2, Active, -0.30)] },
    Choice { name: "acquisition_channel", words: &["organic", "paid_social", "search", "referral", "influencer", "app_store"],
        shares: &[0.30, 0.24, 0.14, 0.13, 0.10, 0.09], pulls: &[(1, Loyal, -0.35), (3, Social, 0.40), (4, Watching, 0.30)] },
    Choice { name: "primary_intent", words: &["friends", "dating", "creating", "browsing"],
        shares: &[0.28, 0.34, 0.12, 0.26], pulls: &[(0, Social, 0.60), (1, Romantic, 0.90), (2, Creative, 0.90), (3, Active, -0.50)] },
    Choice { name: "favourite_content", words: &["comedy", "music", "sports", "fashion", "food", "travel", "news"],
        shares: &[0.22, 0.20, 0.15, 0.13, 0.11, 0.10, 0.09], pulls: &[(0, Watching, 0.25), (3, Creative, 0.25)] },
    Choice { name: "login_method", words: &["email", "phone", "google", "apple"],
        shares: &[0.30, 0.27, 0.27, 0.16], pulls: &[(3, Generous, 0.20)] },
    Choice { name: "payment_method", words: &["none", "card", "app_store", "wallet", "carrier"],
        shares: &[0.38, 0.27, 0.20, 0.11, 0.04], pulls: &[(0, Generous, -1.10)] },
];

#[rustfmt::skip]
pub(super) const LEVELS: &[Level] = &[
    Level { name: "plan", words: &["free", "plus", "premium", "vip"],
        cuts: &[0.50, 1.15, 1.90], loadings: &[(Generous, 0.65), (Active, 0.15)] },
    Level { name: "creator_level", words: &["none", "rising", "established", "star"],
        cuts: &[0.40, 1.20, 2.00], loadings: &[(Creative, 0.75)] },
    Level { name: "notification_setting", words: &["off", "important", "all"],
        cuts: &[-0.80, 0.30], loadings: &[(Active, 0.30), (Social, 0.15)] },
    Level { name: "satisfaction", words: &["very_low", "low", "neutral", "high", "very_high"],
        cuts: &[-1.70, -0.90, 0.00, 1.00], loadings: &[(Loyal, 0.40), (Active, 0.25)] },
];

#[rustfmt::skip]
pub(super) const FLAGS: &[Flag] = &[
    Flag { name: "photo_verified", cut: 0.10, loadings: &[(Romantic, 0.40), (Loyal, 0.20)] },
    Flag { name: "push_enabled", cut: -0.40, loadings: &[(Active, 0.40)] },
    Flag { name: "email_opt_in", cut: 0.20, loadings: &[(Loyal, 0.15)] },
    Flag { name: "two_factor_enabled", cut: 0.70, loadings: &[(Loyal, 0.25)] },
    Flag { name: "dark_mode", cut: 0.10, loadings: &[] },
    // Nobody gets in without accepting: a column that is the same for everyone.
    Flag { name: "terms_accepted", cut: f64::NEG_INFINITY, loadings: &[] },
];

impl Choice {
    pub fn draw(&self, random: &mut Random, traits: &[Vec<f64>; TRAITS]) -> Vec<f64> {
        let rows = traits[0].len();
        let mut weights = vec![0.0; self.words.len()];
        (0..rows)
            .map(|row| {
                weights.copy_from_slice(self.shares);
                for (word, name, pull) in self.pulls {
                    weights[*word] *= (pull * traits[*name as usize][row]).exp();
                }
                let total: f64 = weights.iter().sum();
                let mut left = uniform(random) * total;
                let chosen = weights.iter().position(|weight| {
                    left -= weight;
                    left < 0.0
                });
                chosen.unwrap_or(0) as f64
            })
            .collect()
    }
}

impl Level {
    pub fn draw(&self, random: &mut Random, traits: &[Vec<f64>; TRAITS]) -> Vec<f64> {
        let mixed = mixture(random, traits, self.loadings);
        mixed
            .iter()
            .map(|u| self.cuts.iter().filter(|cut| u > *cut).count() as f64)
            .collect()
    }
}

impl Flag {
    pub fn draw(&self, random: &mut Random, traits: &[Vec<f64>; TRAITS]) -> Vec<f64> {
        let mixed = mixture(random, traits, self.loadings);
        mixed
            .iter()
            .map(|u| f64::from(u8::from(*u > self.cut)))
            .collect()
    }
}
