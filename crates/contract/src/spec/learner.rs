//! The learners, and what parameters each has.

use serde::{Deserialize, Serialize};

use super::Range;
use super::space::{Kind, Parameter, ParameterSpace, Usual, Widened};
use crate::params::Params;

/// What learns. The set is closed: whoever adds one is led by the compiler to every place that must know it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Learner {
    /// Gradient-boosted trees.
    #[default]
    Xgboost,
    /// Least squares with a penalty: ridge, lasso, and what lies between.
    Linear,
}

impl Learner {
    pub const ALL: [Learner; 2] = [Learner::Xgboost, Learner::Linear];

    pub fn space(self) -> &'static ParameterSpace {
        match self {
            Learner::Xgboost => &XGBOOST,
            Learner::Linear => &LINEAR,
        }
    }

    /// Whether it learns from rows with missing values.
    pub fn takes_missing(self) -> bool {
        match self {
            Learner::Xgboost => true,
            Learner::Linear => false,
        }
    }

    pub fn name(self) -> &'static str {
        self.space().learner
    }
}

/// Parameters as people read them: `200 trees, depth 6, rate 0.1`.
pub fn in_words(params: &Params) -> String {
    let words = |name: &str| {
        let spaces = Learner::ALL.into_iter().map(Learner::space);
        let mut known = spaces.filter_map(|space| space.parameter(name));
        known.next().map(|known| known.words)
    };
    let said = params.iter().map(|(name, value)| match words(name) {
        Some(words) => words.replace('#', &value.to_string()),
        None => format!("{name} {value}"),
    });
    said.collect::<Vec<_>>().join(", ")
}

const fn searched(
    name: &'static str,
    kind: Kind,
    words: &'static str,
    grid: &'static [f64],
    drawn: Option<Range>,
    widened: Widened,
) -> Parameter {
    Parameter {
        name,
        kind,
        usual: Usual::Searched { grid, drawn },
        words,
        widened,
    }
}

const fn fixed(name: &'static str, kind: Kind, words: &'static str, usual: f64) -> Parameter {
    Parameter {
        name,
        kind,
        usual: Usual::Fixed(usual),
        words,
        widened: Widened::Not,
    }
}

const fn range(from: f64, to: f64, log: bool) -> Option<Range> {
    Some(Range { from, to, log })
}

const fn whole(least: u32, most: u32) -> Kind {
    Kind::Whole { least, most }
}

static XGBOOST: ParameterSpace = ParameterSpace {
    learner: "xgboost",
    budget: Some("n_estimators"),
    parameters: &[
        searched(
            "n_estimators",
            whole(1, 10_000),
            "# trees",
            &[50.0, 100.0, 200.0],
            None,
            Widened::Doubled,
        ),
        searched(
            "max_depth",
            whole(1, 16),
            "depth #",
            &[3.0, 6.0, 9.0],
            range(3.0, 9.0, false),
            Widened::Raised,
        ),
        searched(
            "learning_rate",
            Kind::Share,
            "rate #",
            &[0.01, 0.1, 0.3],
            range(0.02, 0.3, true),
            Widened::Between,
        ),
        searched(
            "subsample",
            Kind::Share,
            "rows #",
            &[0.8, 1.0],
            range(0.5, 1.0, false),
            Widened::Not,
        ),
        searched(
            "colsample_bytree",
            Kind::Share,
            "columns #",
            &[0.8, 1.0],
            range(0.3, 1.0, false),
            Widened::Not,
        ),
        fixed("max_bin", whole(2, 65_535), "# bins", 256.0),
        fixed("min_child_weight", Kind::NotNegative, "child weight #", 1.0),
        fixed("reg_lambda", Kind::NotNegative, "lambda #", 1.0),
        fixed("reg_alpha", Kind::NotNegative, "alpha #", 0.0),
        fixed("gamma", Kind::NotNegative, "gamma #", 0.0),
    ],
};

/// `alpha` weighs the penalty against the mean loss of a row, so that it means the same for any number of rows.
static LINEAR: ParameterSpace = ParameterSpace {
    learner: "linear",
    budget: None,
    parameters: &[
        searched(
            "alpha",
            Kind::NotNegative,
            "penalty #",
            &[1e-4, 1e-3, 1e-2, 1e-1],
            range(1e-6, 10.0, true),
            Widened::Between,
        ),
        searched(
            "l1_share",
            Kind::Portion,
            "lasso share #",
            &[0.0, 0.5, 1.0],
            range(0.0, 1.0, false),
            Widened::Not,
        ),
    ],
};

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::params::Value;
    use crate::spec::Space;

    #[test]
    fn the_usual_grid_of_xgboost_has_108_candidates_in_the_order_of_scikit_learn() {
        let all = Learner::Xgboost
            .space()
            .grid(&Space::default())
            .candidates();
        assert_eq!(all.len(), 108);
        let names: Vec<&str> = all[0].names().collect();
        let recorded = [
            "n_estimators",
            "max_depth",
            "learning_rate",
            "subsample",
            "colsample_bytree",
        ];
        assert_eq!(names, recorded);
        let second = all[0].clone().with("subsample", 1.0);
        assert_eq!(
            all[1], second,
            "the last name in the alphabet changes fastest"
        );
        assert_eq!(all[2].get("n_estimators"), Some(Value::Whole(100)));
        assert_eq!(all[107].get("colsample_bytree"), Some(Value::Real(1.0)));
    }

    #[test]
    fn later_attempts_only_add() {
        let first = Learner::Xgboost.space().grid(&Space::default());
        let numbers = |attempt: u32, name: &str| -> Vec<f64> {
            let wide = first.clone().widened(attempt);
            wide.values(name)
                .iter()
                .map(|value| value.as_f64())
                .collect()
        };
        assert_eq!(first.clone().widened(1).count(), 108);
        assert_eq!(numbers(2, "n_estimators"), [50.0, 100.0, 200.0, 400.0]);
        assert_eq!(numbers(2, "max_depth"), [3.0, 6.0, 9.0, 11.0]);
        assert_eq!(
            numbers(2, "learning_rate"),
            [0.01, 0.1, 0.3, 0.0316, 0.1732]
        );
        assert_eq!(numbers(2, "subsample"), [0.8, 1.0]);
        for known in Learner::Xgboost.space().parameters {
            let far = first.clone().widened(u32::MAX);
            let values = far.values(known.name).iter();
            assert!(
                values
                    .copied()
                    .all(|value| known.kind.admit(value).is_some()),
                "{}",
                known.name
            );
        }
    }

    #[test]
    fn usual_values_are_of_their_kind_and_names_are_unique() {
        for learner in Learner::ALL {
            let space = learner.space();
            assert_eq!(serde_json::to_value(learner).unwrap(), space.learner);
            for known in space.parameters {
                let usual = match known.usual {
                    Usual::Fixed(number) => vec![number],
                    Usual::Searched { grid, .. } => grid.to_vec(),
                };
                for number in usual {
                    assert!(
                        known.kind.admit(known.kind.value(number)).is_some(),
                        "{}",
                        known.name
                    );
                }
                let same = space
                    .parameters
                    .iter()
                    .filter(|other| other.name == known.name);
                assert_eq!(same.count(), 1, "{}", known.name);
            }
        }
    }

    #[test]
    fn parameters_are_said_in_words() {
        let chosen = Learner::Xgboost
            .space()
            .grid(&Space::default())
            .candidates()[0]
            .clone();
        assert_eq!(
            in_words(&chosen),
            "50 trees, depth 3, rate 0.01, rows 0.8, columns 0.8"
        );
        assert_eq!(
            in_words(&chosen.with("unheard_of", 3_u32))
                .split(", ")
                .last(),
            Some("unheard_of 3")
        );
    }
}
