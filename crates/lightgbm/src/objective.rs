//! How sums of leaves become predictions.

use crate::LightGbmError;

/// What the model was trained for, as far as predictions depend on it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Objective {
    /// The sum is the prediction.
    Identity,
    /// The square of the sum with its sign.
    SignedSquare,
    /// e to the sum.
    Exponential,
    /// The logistic function of the sum times this, for each output alone.
    Logistic(f64),
    /// e to each sum, shared out to 1.
    Softmax,
}

impl Objective {
    /// Reads the line `objective=`; without one the sums are the predictions.
    pub(crate) fn read(line: Option<&str>) -> Result<Objective, LightGbmError> {
        let Some(line) = line else {
            return Ok(Objective::Identity);
        };
        let mut words = line.split_whitespace();
        let name = words.next().unwrap_or_default();
        let settings: Vec<&str> = words.collect();
        match name {
            "regression" if settings.contains(&"sqrt") => Ok(Objective::SignedSquare),
            "regression" | "regression_l1" | "quantile" | "huber" | "fair" | "mape" => {
                Ok(Objective::Identity)
            }
            "poisson" | "gamma" | "tweedie" => Ok(Objective::Exponential),
            "binary" | "multiclassova" => Ok(Objective::Logistic(sigmoid(&settings)?)),
            "cross_entropy" => Ok(Objective::Logistic(1.0)),
            "multiclass" => Ok(Objective::Softmax),
            other => Err(LightGbmError::Unsupported {
                what: format!("the objective `{other}`"),
            }),
        }
    }

    /// Turns the sums of one row into its predictions.
    pub(crate) fn convert(self, sums: &mut [f64]) {
        match self {
            Self::Identity => {}
            Self::SignedSquare => sums
                .iter_mut()
                .for_each(|sum| *sum = sum.signum() * *sum * *sum),
            Self::Exponential => sums.iter_mut().for_each(|sum| *sum = sum.exp()),
            Self::Logistic(steep) => {
                let logistic = |sum: f64| 1.0 / (1.0 + (-steep * sum).exp());
                sums.iter_mut().for_each(|sum| *sum = logistic(*sum));
            }
            Self::Softmax => softmax(sums),
        }
    }
}

fn sigmoid(settings: &[&str]) -> Result<f64, LightGbmError> {
    let given = settings
        .iter()
        .find_map(|word| word.strip_prefix("sigmoid:"));
    let value = given.map_or(Some(1.0), |text| text.parse().ok());
    value
        .filter(|value: &f64| value.is_finite() && *value > 0.0)
        .ok_or_else(|| {
            crate::error::corrupt(format!("its sigmoid is `{}`", given.unwrap_or_default()))
        })
}

fn softmax(sums: &mut [f64]) {
    let most = sums.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut total = 0.0;
    for sum in sums.iter_mut() {
        *sum = (*sum - most).exp();
        total += *sum;
    }
    sums.iter_mut().for_each(|sum| *sum /= total);
}
