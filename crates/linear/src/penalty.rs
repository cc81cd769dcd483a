//! What large coefficients cost.

use crate::LinearError;

/// The penalty `strength * (l1_share * sum |w| + (1 - l1_share) / 2 * sum w^2)`, added to the mean loss of a row:
/// half the squared error, or the log loss. It means the same for any number of rows. The intercept is free.
///
/// scikit-learn's names for n rows: `Ridge(alpha = n * strength)`, `Lasso(alpha = strength)`,
/// `ElasticNet(alpha = strength, l1_ratio = l1_share)`, `LogisticRegression(C = 1 / (n * strength), l1_ratio = l1_share)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Penalty {
    strength: f64,
    l1_share: f64,
}

impl Penalty {
    /// None at all: ordinary least squares, plain logistic regression.
    pub const NONE: Penalty = Penalty {
        strength: 0.0,
        l1_share: 0.0,
    };

    /// A share of 0 is ridge, of 1 lasso, what lies between elastic net.
    pub fn new(strength: f64, l1_share: f64) -> Result<Penalty, LinearError> {
        let sound = strength.is_finite() && strength >= 0.0 && (0.0..=1.0).contains(&l1_share);
        match sound {
            true => Ok(Penalty { strength, l1_share }),
            false => Err(LinearError::PenaltyInvalid { strength, l1_share }),
        }
    }

    pub fn strength(self) -> f64 {
        self.strength
    }

    pub fn l1_share(self) -> f64 {
        self.l1_share
    }

    pub(crate) fn has_l1(self) -> bool {
        self.strength * self.l1_share > 0.0
    }

    pub(crate) fn l1(self) -> f64 {
        self.strength * self.l1_share
    }

    pub(crate) fn l2(self) -> f64 {
        self.strength * (1.0 - self.l1_share)
    }
}

/// The penalty of each place of a row of [`crate::Design`], whose columns are scaled.
pub(crate) struct Costs {
    pub(crate) l1: Vec<f64>,
    pub(crate) l2: Vec<f64>,
}

impl Costs {
    /// `scale` has 0 at places without a penalty.
    pub(crate) fn new(penalty: Penalty, scale: &[f64]) -> Costs {
        let of = |cost: f64, power: i32| {
            let place = |scale: &f64| match *scale > 0.0 {
                true => cost / scale.powi(power),
                false => 0.0,
            };
            scale.iter().map(place).collect()
        };
        Costs {
            l1: of(penalty.l1(), 1),
            l2: of(penalty.l2(), 2),
        }
    }
}
