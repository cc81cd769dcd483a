//! XGBoost's parameters as it takes them.

use millrace_contract::Params;
use millrace_contract::Value;
use millrace_contract::spec::Learner;

/// One candidate of the search.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TreeParams {
    pub n_estimators: u32,
    pub max_depth: u32,
    pub learning_rate: f64,
    pub subsample: f64,
    pub colsample_bytree: f64,
}

/// What every candidate shares.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Fixed {
    pub(crate) max_bin: u32,
    pub(crate) min_child_weight: f64,
    pub(crate) reg_lambda: f64,
    pub(crate) reg_alpha: f64,
    pub(crate) gamma: f64,
}

/// What was given, or else what is usual: the space has both checked.
struct Given<'a>(&'a Params);

impl Given<'_> {
    fn value(&self, name: &str) -> Option<Value> {
        let space = Learner::Xgboost.space();
        space.value(name, self.0, &Params::default())
    }

    fn real(&self, name: &str) -> f64 {
        self.value(name).map_or(f64::NAN, Value::as_f64)
    }

    fn whole(&self, name: &str) -> u32 {
        match self.value(name) {
            Some(Value::Whole(number)) => number,
            _ => 0,
        }
    }
}

impl TreeParams {
    pub fn of(params: &Params) -> TreeParams {
        let given = Given(params);
        TreeParams {
            n_estimators: given.whole("n_estimators"),
            max_depth: given.whole("max_depth"),
            learning_rate: given.real("learning_rate"),
            subsample: given.real("subsample"),
            colsample_bytree: given.real("colsample_bytree"),
        }
    }
}

impl From<TreeParams> for Params {
    fn from(trees: TreeParams) -> Params {
        let values: [(&str, Value); 5] = [
            ("n_estimators", trees.n_estimators.into()),
            ("max_depth", trees.max_depth.into()),
            ("learning_rate", trees.learning_rate.into()),
            ("subsample", trees.subsample.into()),
            ("colsample_bytree", trees.colsample_bytree.into()),
        ];
        values.into_iter().collect()
    }
}

impl Fixed {
    pub(crate) fn of(params: &Params) -> Fixed {
        let given = Given(params);
        Fixed {
            max_bin: given.whole("max_bin"),
            min_child_weight: given.real("min_child_weight"),
            reg_lambda: given.real("reg_lambda"),
            reg_alpha: given.real("reg_alpha"),
            gamma: given.real("gamma"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_come_back_as_they_were_given() {
        let trees = TreeParams {
            n_estimators: 7,
            max_depth: 2,
            learning_rate: 0.25,
            subsample: 1.0,
            colsample_bytree: 0.5,
        };
        assert_eq!(TreeParams::of(&trees.into()), trees);
        let given = [("reg_lambda", 3.0)].into_iter().collect();
        let fixed = Fixed::of(&given);
        assert_eq!(
            (fixed.max_bin, fixed.reg_lambda, fixed.gamma),
            (256, 3.0, 0.0)
        );
    }
}
