//! From a raw score to what is written: clipped, rounded, put into tiers, with its confidence.
//!
//! Everything after the rounding is computed from the rounded score, so that an analyst who
//! computes a tier or a confidence from the written score gets what is written beside it.

use crate::spec::{Scores, Tiers};

/// Turns raw scores into the values of the output columns of one model.
#[derive(Debug, Clone)]
pub struct PostProcess<'a> {
    scores: &'a Scores,
    target_mean: f64,
    target_deviation: f64,
    /// Half the width of the interval around a score.
    half_width: Option<f64>,
    /// From which score on the label is a yes.
    threshold: Option<f64>,
}

/// The values that are written for one row. Tiers are indices into the spec's labels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Processed {
    pub score: f64,
    pub clipped: bool,
    pub tier: Option<usize>,
    pub confidence: Option<f64>,
    pub inverse: Option<f64>,
    pub inverse_tier: Option<usize>,
    pub interval: Option<[f64; 2]>,
    /// Whether it is a yes.
    pub label: Option<bool>,
}

/// A score that is no number: a model that gives one must not be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "ScoreNotFinite: the model gave a score that is not a finite number: do not use this model"
)]
pub struct ScoreNotFinite;

impl<'a> PostProcess<'a> {
    /// The mean and the population deviation are those of the model's own training target.
    pub fn new(scores: &'a Scores, target_mean: f64, target_deviation: f64) -> Self {
        PostProcess {
            scores,
            target_mean,
            target_deviation,
            half_width: None,
            threshold: None,
        }
    }

    /// The same with a label for each score.
    pub fn with_threshold(mut self, threshold: f64) -> Self {
        self.threshold = Some(threshold);
        self
    }

    /// The same with an interval around each score.
    pub fn with_interval(mut self, half_width: f64) -> Self {
        self.half_width = Some(half_width);
        self
    }

    pub fn process(&self, raw: f32) -> Result<Processed, ScoreNotFinite> {
        if !raw.is_finite() {
            return Err(ScoreNotFinite);
        }
        let wide = f64::from(raw);
        let inside = self.within_range(wide);
        let score = round(inside, self.scores.decimals);
        let inverse = self.inverse(score);
        let inverse_tiers = self.scores.inverse.as_ref().map(|i| &i.tiers);
        Ok(Processed {
            score,
            clipped: inside != wide,
            tier: self.scores.tiers.as_ref().map(|tiers| tiers.index(score)),
            confidence: self
                .scores
                .confidence
                .as_ref()
                .map(|c| round(self.nearness(score), c.decimals)),
            inverse,
            inverse_tier: inverse
                .zip(inverse_tiers)
                .map(|(value, tiers): (f64, &Tiers)| tiers.index(value)),
            interval: self.half_width.map(|half| self.around(wide, half)),
            label: self.threshold.map(|threshold| score >= threshold),
        })
    }

    fn within_range(&self, value: f64) -> f64 {
        self.scores
            .range
            .map_or(value, |[low, high]| value.clamp(low, high))
    }

    /// Rounded outwards, so that rounding never leaves a truth outside.
    fn around(&self, raw: f64, half_width: f64) -> [f64; 2] {
        let factor = 10f64.powi(self.scores.decimals.min(9) as i32);
        let low = ((raw - half_width) * factor).floor() / factor + 0.0;
        let high = ((raw + half_width) * factor).ceil() / factor + 0.0;
        [low, high].map(|end| self.within_range(end))
    }

    fn inverse(&self, score: f64) -> Option<f64> {
        let [_, high] = self.scores.range?;
        self.scores
            .inverse
            .as_ref()
            .map(|_| round(high - score, self.scores.decimals))
    }

    /// 1 at the mean of the training target, 0 from three deviations on.
    fn nearness(&self, score: f64) -> f64 {
        if self.target_deviation <= 0.0 {
            return 0.0;
        }
        let distance = ((score - self.target_mean) / self.target_deviation).abs();
        (1.0 - distance / 3.0).max(0.0)
    }
}

/// From which score on, before it is rounded, a label is a yes: what is written must be at least the threshold.
pub fn before_rounding(threshold: f64, decimals: u32) -> f64 {
    threshold - 0.5 * 10f64.powi(-(decimals.min(9) as i32))
}

/// The least number of so many decimals that is not below this one.
pub fn round_up(value: f64, decimals: u32) -> f64 {
    let factor = 10f64.powi(decimals.min(9) as i32);
    (value * factor).ceil() / factor
}

/// Rounds half to even, as numpy does; never gives -0.
pub fn round(value: f64, decimals: u32) -> f64 {
    let factor = 10f64.powi(decimals.min(9) as i32);
    (value * factor).round_ties_even() / factor + 0.0
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::spec::{Confidence, Inverse};
    use proptest::prelude::*;

    fn words(labels: [&str; 4]) -> Vec<String> {
        labels.map(str::to_owned).to_vec()
    }

    fn scores() -> Scores {
        let edges = vec![0.3, 0.5, 0.7];
        let tiers = |column: &str, last: &str| Tiers {
            column: column.into(),
            edges: edges.clone(),
            labels: words(["Low", "Medium", "High", last]),
        };
        Scores {
            table: "predictions".into(),
            column: "score".into(),
            pseudonymise_ids: false,
            decimals: 3,
            range: Some([0.0, 1.0]),
            tiers: Some(tiers("tier", "Very High")),
            confidence: Some(Confidence {
                column: "confidence".into(),
                decimals: 2,
            }),
            inverse: Some(Inverse {
                column: "churn".into(),
                tiers: tiers("churn_tier", "Critical"),
            }),
            reasons: None,
            interval: None,
            label: None,
        }
    }

    #[test]
    fn edges_belong_to_the_tier_below() {
        let scores = scores();
        let post = PostProcess::new(&scores, 0.5, 0.2);
        let tier = |raw: f32| post.process(raw).unwrap().tier.unwrap();
        assert_eq!(
            [-0.2, 0.0, 0.3, 0.301, 0.5, 0.7, 0.7001, 0.7006, 1.5].map(tier),
            [0, 0, 0, 1, 1, 2, 2, 3, 3]
        );
    }

    #[test]
    fn the_inverse_has_the_mirrored_tiers() {
        let scores = scores();
        let post = PostProcess::new(&scores, 0.5, 0.2);
        let low_churn = post.process(0.7).unwrap();
        assert_eq!(
            (low_churn.inverse, low_churn.inverse_tier),
            (Some(0.3), Some(0))
        );
        let critical = post.process(0.299).unwrap();
        assert_eq!(
            (critical.inverse, critical.inverse_tier),
            (Some(0.701), Some(3))
        );
    }

    #[test]
    fn the_interval_is_rounded_outwards_and_stays_in_the_range() {
        let scores = scores();
        let post = PostProcess::new(&scores, 0.5, 0.2).with_interval(0.2505);
        let interval = |raw: f32| post.process(raw).unwrap().interval.unwrap();
        assert_eq!(interval(0.5), [0.249, 0.751]);
        assert_eq!(interval(0.0), [0.0, 0.251]);
        assert_eq!(interval(1.2), [0.949, 1.0]);
    }

    #[test]
    fn a_score_that_is_no_number_is_an_error() {
        let scores = scores();
        let post = PostProcess::new(&scores, 0.5, 0.2);
        assert_eq!(post.process(f32::NAN), Err(ScoreNotFinite));
        assert_eq!(post.process(f32::INFINITY), Err(ScoreNotFinite));
    }

    proptest! {
        #[test]
        fn every_value_stays_in_its_bounds(raw in -10.0f32..10.0, mean in 0.0..1.0f64, deviation in 0.0..1.0f64) {
            let scores = scores();
            let processed = PostProcess::new(&scores, mean, deviation).process(raw).unwrap();
            prop_assert!((0.0..=1.0).contains(&processed.score));
            prop_assert!((0.0..=1.0).contains(&processed.confidence.unwrap()));
            prop_assert!((0.0..=1.0).contains(&processed.inverse.unwrap()));
            prop_assert_eq!(processed.clipped, !(0.0..=1.0).contains(&raw));
            prop_assert_eq!(scores.tiers.as_ref().unwrap().index(processed.score), processed.tier.unwrap());
            prop_assert_eq!(round(processed.score, 3).to_bits(), processed.score.to_bits());
        }
    }
}
