//! Customers of a social and dating app.
//!
//! Each has a few hidden traits; what they do, own and choose follows from these with a chance of its own,
//! so that columns go together as real ones do. What is to be predicted is a known function of the columns, plus noise:
//! the engagement score, whether they leave, and what they bring.

mod behaviour;
mod choices;
mod effects;
mod leaving;
mod people;
mod score;
mod worth;

use crate::damage::{KeptBound, keep_bounds, resolve};
use crate::population::{Bound, ColumnPlan, Extremes, Kind, Population, TargetPlan, Truth, World};
use crate::random::{Place, Purpose};
use crate::summary::Measure;
use behaviour::BEHAVIOURS;
use choices::{CHOICES, FLAGS, LEVELS};
use leaving::Leaving;
use people::People;
use score::Score;
use worth::Worth;

#[derive(Debug)]
pub(crate) struct Customers {
    score: Score,
    leaving: Leaving,
    worth: Worth,
    bounds: Vec<KeptBound>,
}

const TARGETS: &[TargetPlan] = &[
    TargetPlan {
        name: "engagement_score",
        measure: Measure::R2,
    },
    TargetPlan {
        name: "left_within_30_days",
        measure: Measure::Auc,
    },
    TargetPlan {
        name: "lifetime_value",
        measure: Measure::R2,
    },
];

const BOUNDS: &[Bound] = &[
    bound("sessions_last_7_days", 7.0, "app_opens_day"),
    bound("sessions_last_7_days", 1.0, "sessions_last_30_days"),
    bound("dates_completed_month", 1.0, "dates_planned_month"),
    bound("matches_per_day", 1.0, "swipes_day"),
    bound("spend_last_90_days_usd", 1.0, "lifetime_value_usd"),
    bound(
        "notifications_opened_day",
        1.0,
        "notifications_received_day",
    ),
];

const fn bound(smaller: &'static str, factor: f64, larger: &'static str) -> Bound {
    Bound {
        smaller,
        factor,
        larger,
    }
}

impl Customers {
    pub fn new() -> Customers {
        Customers {
            score: Score::new(),
            leaving: Leaving::new(),
            worth: Worth::new(),
            bounds: resolve(BOUNDS, &columns()),
        }
    }
}

/// The place of a column in the plan: protected attributes, behaviours, choices, levels, flags.
fn position(name: &str) -> usize {
    names()
        .position(|known| known == name)
        .unwrap_or(usize::MAX)
}

fn names() -> impl Iterator<Item = &'static str> {
    people::NAMES
        .into_iter()
        .chain(BEHAVIOURS.iter().map(|b| b.name))
        .chain(CHOICES.iter().map(|c| c.name))
        .chain(LEVELS.iter().map(|l| l.name))
        .chain(FLAGS.iter().map(|f| f.name))
}

fn columns() -> Vec<ColumnPlan> {
    let plain = |name, kind| ColumnPlan {
        name,
        kind,
        extremes: Extremes::None,
        follows: None,
    };
    let mut plans = vec![
        plain("age", Kind::Number { decimals: 0 }),
        plain("gender", Kind::Words(people::GENDERS)),
        plain("location", Kind::Words(people::LOCATIONS)),
    ];
    plans.extend(BEHAVIOURS.iter().map(|behaviour| ColumnPlan {
        name: behaviour.name,
        kind: Kind::Number {
            decimals: behaviour.decimals,
        },
        extremes: behaviour.shape.extremes(),
        follows: behaviour.shape.follows(),
    }));
    plans.extend(
        CHOICES
            .iter()
            .map(|choice| plain(choice.name, Kind::Words(choice.words))),
    );
    plans.extend(
        LEVELS
            .iter()
            .map(|level| plain(level.name, Kind::Words(level.words))),
    );
    plans.extend(FLAGS.iter().map(|flag| plain(flag.name, Kind::Flag)));
    plans
}

impl Population for Customers {
    fn columns(&self) -> Vec<ColumnPlan> {
        columns()
    }

    fn targets(&self) -> &'static [TargetPlan] {
        TARGETS
    }

    fn largest_bias(&self) -> f64 {
        0.4
    }

    fn id_prefix(&self) -> &'static str {
        "C"
    }

    fn bounds(&self) -> &'static [Bound] {
        BOUNDS
    }

    fn attributes(&self) -> &'static [&'static str] {
        &people::NAMES
    }

    fn draw(&self, place: Place, rows: usize, world: &World) -> Truth {
        let values = &mut place.stream(Purpose::Values);
        let people = People::draw(values, rows, world);
        let mut columns = people.columns;
        let traits = people.traits;
        for behaviour in BEHAVIOURS {
            let range = world
                .ranges
                .get(columns.len())
                .copied()
                .unwrap_or([0.0, f64::MAX]);
            let column = behaviour.draw(values, &traits, &columns, range);
            columns.push(column);
            // At once, so that what is drawn from this column later is drawn from its final value.
            let complete = |bound: &&KeptBound| bound.is_complete_at(columns.len() - 1);
            let bounds: Vec<KeptBound> = self.bounds.iter().filter(complete).copied().collect();
            keep_bounds(&mut columns, &bounds);
        }
        columns.extend(CHOICES.iter().map(|choice| choice.draw(values, &traits)));
        columns.extend(LEVELS.iter().map(|level| level.draw(values, &traits)));
        columns.extend(FLAGS.iter().map(|flag| flag.draw(values, &traits)));
        let [mut noise, mut leaving, mut worth] =
            [Purpose::Noise, Purpose::Leaving, Purpose::Worth].map(|purpose| place.stream(purpose));
        let urge = self.leaving.urge(&columns);
        let targets = vec![
            self.score.draw(&mut noise, &columns, world.noise),
            leaving::draw(&mut leaving, &urge, world.noise),
            self.worth.draw(&mut worth, &columns, &urge, world),
        ];
        Truth { columns, targets }
    }
}
