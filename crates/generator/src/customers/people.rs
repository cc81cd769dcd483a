//! Who the customers are: protected attributes and hidden traits.

use crate::population::World;
use crate::random::{Random, choose, normal, uniform};

/// What drives a customer. Each trait is standard normal over all customers, and independent of the others.
#[derive(Debug, Clone, Copy)]
pub(super) enum Trait {
    Active,
    Watching,
    Social,
    Creative,
    Romantic,
    Generous,
    Loyal,
}

pub(super) const TRAITS: usize = 7;
pub(super) const NAMES: [&str; 3] = ["age", "gender", "location"];
pub(super) const GENDERS: &[&str] = &["woman", "man", "other_or_undisclosed"];
pub(super) const LOCATIONS: &[&str] = &[
    "north_america",
    "europe",
    "asia_pacific",
    "latin_america",
    "middle_east_africa",
];

const GENDER_SHARES: [f64; 3] = [0.43, 0.43, 0.14];
const LOCATION_SHARES: [f64; 5] = [0.25, 0.24, 0.21, 0.16, 0.14];

/// From which age, to which, and which share of the customers.
const AGES: [(f64, f64, f64); 5] = [
    (18.0, 25.0, 0.25),
    (25.0, 35.0, 0.30),
    (35.0, 45.0, 0.20),
    (45.0, 55.0, 0.13),
    (55.0, 81.0, 0.12),
];

/// How groups differ in activity as they are: a little, as in life, and far from unfairly.
const ACTIVITY_BY_AGE: [f64; 5] = [0.03, 0.02, -0.01, -0.03, -0.05];
const ACTIVITY_BY_GENDER: [f64; 3] = [0.02, -0.02, 0.0];
const ACTIVITY_BY_LOCATION: [f64; 5] = [0.02, -0.03, 0.04, 0.02, -0.04];

/// Some people: their attributes as columns, their traits as columns.
#[derive(Debug)]
pub(super) struct People {
    pub columns: Vec<Vec<f64>>,
    pub traits: [Vec<f64>; TRAITS],
}

impl People {
    pub fn draw(random: &mut Random, rows: usize, world: &World) -> People {
        let tilt_of = |attribute: &str| {
            world
                .group_tilts
                .iter()
                .find(|(name, _)| name == attribute)
                .map_or(0.0, |(_, tilt)| *tilt)
        };
        let tilts = NAMES.map(tilt_of);
        let mut columns = vec![Vec::new(); NAMES.len()];
        let mut activity = Vec::with_capacity(rows);
        for _ in 0..rows {
            let band = choose(random, &AGES.map(|(_, _, share)| share));
            let (from, to, _) = AGES[band];
            let age = (from + (to - from) * uniform(random)).floor();
            let gender = choose(random, &GENDER_SHARES);
            let location = choose(random, &LOCATION_SHARES);
            let usual =
                ACTIVITY_BY_AGE[band] + ACTIVITY_BY_GENDER[gender] + ACTIVITY_BY_LOCATION[location];
            let disadvantaged = [band == AGES.len() - 1, gender == 0, location == 0];
            let lowered: f64 = tilts
                .iter()
                .zip(disadvantaged)
                .filter(|(_, is)| *is)
                .map(|(tilt, _)| tilt)
                .sum();
            activity.push(usual - lowered - world.tilt);
            for (column, value) in columns
                .iter_mut()
                .zip([age, gender as f64, location as f64])
            {
                column.push(value);
            }
        }
        let mut traits: [Vec<f64>; TRAITS] =
            std::array::from_fn(|_| (0..rows).map(|_| normal(random)).collect());
        for (active, usual) in traits[Trait::Active as usize].iter_mut().zip(activity) {
            *active += usual;
        }
        People { columns, traits }
    }
}

/// A mixture of traits and of chance: standard normal when the loadings' squares add up to 1 or less.
pub(super) fn mixture(
    random: &mut Random,
    traits: &[Vec<f64>; TRAITS],
    loadings: &[(Trait, f64)],
) -> Vec<f64> {
    let explained: f64 = loadings.iter().map(|(_, loading)| loading * loading).sum();
    let own = (1.0 - explained).max(0.0).sqrt();
    let rows = traits[0].len();
    let mut mixed: Vec<f64> = (0..rows).map(|_| own * normal(random)).collect();
    for (name, loading) in loadings {
        for (sum, value) in mixed.iter_mut().zip(&traits[*name as usize]) {
            *sum += loading * value;
        }
    }
    mixed
}
