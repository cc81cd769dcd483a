//! Whether a target can be learned at all.

use crate::error::FeatureError;

/// Refuses a target that is empty, missing, not finite or constant.
pub fn check_target(target: &[f64]) -> Result<(), FeatureError> {
    if target.len() < 2 {
        return Err(FeatureError::TooFewRows {
            what: "training",
            needed: 2,
            rows: target.len(),
        });
    }
    if target.iter().all(|y| y.is_nan()) {
        return Err(FeatureError::AllNullTarget { rows: target.len() });
    }
    if let Some(row) = target.iter().position(|y| !y.is_finite()) {
        return Err(FeatureError::TargetNotFinite { row });
    }
    if target.iter().all(|y| *y == target[0]) {
        return Err(FeatureError::ConstantTarget);
    }
    // XGBoost learns f32: a finite f64 can still be too large for it.
    if let Some(row) = target.iter().position(|y| !(*y as f32).is_finite()) {
        return Err(FeatureError::TargetNotFinite { row });
    }
    Ok(())
}
