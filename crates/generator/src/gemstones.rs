//! Cut stones with their prices: weight, grades and measures, and a price that follows from them.

use crate::population::{
    Bound, ColumnPlan, Extremes, Kind, Population, TargetPlan, Truth, World, log_normal, tidy,
};
use crate::random::{Place, Purpose, Random, choose, normal, uniform};
use crate::summary::Measure;

#[derive(Debug)]
pub(crate) struct Gemstones;

const CUTS: &[&str] = &["fair", "good", "very_good", "premium", "ideal"];
const COLORS: &[&str] = &["J", "I", "H", "G", "F", "E", "D"];
const CLARITIES: &[&str] = &["I1", "SI2", "SI1", "VS2", "VS1", "VVS2", "VVS1", "IF"];
const POLISHES: &[&str] = &["fair", "good", "excellent"];
const FLUORESCENCES: &[&str] = &["none", "faint", "medium", "strong"];
const LABORATORIES: &[&str] = &["GIA", "IGI", "HRD", "in_house"];
const ORIGINS: &[&str] = &["mined", "laboratory_grown", "recycled"];

const CUT_SHARES: [f64; 5] = [0.04, 0.10, 0.23, 0.26, 0.37];
const COLOR_SHARES: [f64; 7] = [0.06, 0.10, 0.16, 0.21, 0.18, 0.17, 0.12];
const CLARITY_SHARES: [f64; 8] = [0.03, 0.17, 0.24, 0.22, 0.15, 0.09, 0.06, 0.04];
const POLISH_SHARES: [f64; 3] = [0.10, 0.40, 0.50];
const FLUORESCENCE_SHARES: [f64; 4] = [0.60, 0.22, 0.12, 0.06];
const LABORATORY_SHARES: [f64; 4] = [0.48, 0.27, 0.13, 0.12];
const ORIGIN_SHARES: [f64; 3] = [0.68, 0.24, 0.08];

/// The deviation of the price's logarithm that no column explains.
const NOISE: f64 = 0.11;
/// Cubic millimetres of a round stone per carat, as a box around it.
const BOX_PER_CARAT: f64 = 163.0;

const BOUNDS: &[Bound] = &[Bound {
    smaller: "z_mm",
    factor: 1.0,
    larger: "x_mm",
}];

/// One stone, in the order of the columns; the words are indices.
struct Stone {
    carat: f64,
    cut: usize,
    color: usize,
    clarity: usize,
    polish: usize,
    fluorescence: usize,
    depth_pct: f64,
    table_pct: f64,
    x: f64,
    y: f64,
    z: f64,
    girdle_pct: f64,
    laboratory: usize,
    origin: usize,
    treated: bool,
}

impl Stone {
    fn draw(random: &mut Random, ranges: &[[f64; 2]]) -> Stone {
        let in_range = |index: usize, value: f64, decimals: u32| {
            tidy(
                value,
                decimals,
                ranges.get(index).copied().unwrap_or([0.0, f64::MAX]),
            )
        };
        let carat = in_range(0, 0.68 * (0.55 * normal(random)).exp(), 2);
        let cut = choose(random, &CUT_SHARES);
        // Better cuts keep to the ideal proportions.
        let carelessness = 0.5 + 0.35 * (4 - cut) as f64;
        let depth_pct = in_range(6, 61.7 + carelessness * normal(random), 1);
        let table_pct = in_range(7, 57.0 + 1.5 * carelessness * normal(random), 1);
        let width = (carat * BOX_PER_CARAT / (depth_pct / 100.0)).cbrt();
        let stretch = 0.01 * normal(random);
        Stone {
            carat,
            cut,
            color: choose(random, &COLOR_SHARES),
            clarity: choose(random, &CLARITY_SHARES),
            polish: choose(random, &POLISH_SHARES),
            fluorescence: choose(random, &FLUORESCENCE_SHARES),
            depth_pct,
            table_pct,
            x: in_range(8, width * (1.0 + stretch), 2),
            y: in_range(9, width * (1.0 - stretch), 2),
            z: in_range(
                10,
                width * depth_pct / 100.0 * (1.0 + 0.004 * normal(random)),
                2,
            ),
            girdle_pct: in_range(11, 3.2 * (0.35 * normal(random)).exp(), 1),
            laboratory: choose(random, &LABORATORY_SHARES),
            origin: choose(random, &ORIGIN_SHARES),
            treated: uniform(random) < 0.07,
        }
    }

    /// The logarithm of the price without noise.
    fn log_price(&self) -> f64 {
        let size = self.carat.ln();
        // Large stones with good grades are rare: grades count for more in them.
        let rarity = 1.0 + 0.35 * size.clamp(-1.0, 1.2);
        let grades = 0.085 * (self.color as f64 - 3.0) + 0.11 * (self.clarity as f64 - 2.5);
        let just_over_a_carat = if self.carat >= 1.0 { 0.09 } else { 0.0 };
        let proportions =
            -0.02 * (self.depth_pct - 61.7).abs() - 0.008 * (self.table_pct - 57.0).abs();
        let glow = if self.color <= 2 { 0.015 } else { -0.03 } * self.fluorescence as f64;
        let trust = [0.05, 0.0, 0.02, -0.10][self.laboratory];
        let source = [0.0, -0.75, -0.06][self.origin];
        let treated = if self.treated { -0.30 } else { 0.0 };
        8.05 + 1.62 * size
            + rarity * grades
            + just_over_a_carat
            + 0.05 * (self.cut as f64 - 3.0)
            + 0.02 * (self.polish as f64 - 1.0)
            + proportions
            + glow
            + trust
            + source
            + treated
    }

    fn values(&self) -> [f64; 15] {
        [
            self.carat,
            self.cut as f64,
            self.color as f64,
            self.clarity as f64,
            self.polish as f64,
            self.fluorescence as f64,
            self.depth_pct,
            self.table_pct,
            self.x,
            self.y,
            self.z,
            self.girdle_pct,
            self.laboratory as f64,
            self.origin as f64,
            f64::from(u8::from(self.treated)),
        ]
    }
}

impl Population for Gemstones {
    fn columns(&self) -> Vec<ColumnPlan> {
        let number = |name, decimals, extremes| ColumnPlan {
            name,
            kind: Kind::Number { decimals },
            extremes,
            follows: None,
        };
        let words = |name, words| ColumnPlan {
            name,
            kind: Kind::Words(words),
            extremes: Extremes::None,
            follows: None,
        };
        vec![
            // The weight decides the price: a wrong one would not be an unusual stone but another one.
            number("carat", 2, Extremes::None),
            words("cut", CUTS),
            words("color", COLORS),
            words("clarity", CLARITIES),
            words("polish", POLISHES),
            words("fluorescence", FLUORESCENCES),
            number("depth_pct", 1, Extremes::OnBothSides),
            number("table_pct", 1, Extremes::OnBothSides),
            number("x_mm", 2, Extremes::Above),
            number("y_mm", 2, Extremes::Above),
            number("z_mm", 2, Extremes::Above),
            number("girdle_pct", 1, Extremes::Above),
            words("laboratory", LABORATORIES),
            words("origin", ORIGINS),
            ColumnPlan {
                name: "treated",
                kind: Kind::Flag,
                extremes: Extremes::None,
                follows: None,
            },
        ]
    }

    fn targets(&self) -> &'static [TargetPlan] {
        &[TargetPlan {
            name: "price_usd",
            measure: Measure::R2,
        }]
    }

    fn largest_bias(&self) -> f64 {
        0.0
    }

    fn id_prefix(&self) -> &'static str {
        "G"
    }

    fn bounds(&self) -> &'static [Bound] {
        BOUNDS
    }

    fn attributes(&self) -> &'static [&'static str] {
        &[]
    }

    fn draw(&self, place: Place, rows: usize, world: &World) -> Truth {
        let mut values = place.stream(Purpose::Values);
        let mut noise = place.stream(Purpose::Noise);
        let mut columns = vec![Vec::new(); 15];
        let deviation = NOISE * world.noise;
        let range = world.target_range(0);
        let prices = (0..rows).map(|_| {
            let stone = Stone::draw(&mut values, &world.ranges);
            for (column, value) in columns.iter_mut().zip(stone.values()) {
                column.push(value);
            }
            log_normal(stone.log_price(), deviation, 0, range, &mut noise)
        });
        let targets = vec![prices.collect()];
        Truth { columns, targets }
    }
}
