//! What is counted while scores are written.

use millrace_contract::spec::Scores;
use millrace_contract::stages::{ScoreOutput, TierCount};
use millrace_contract::{ObjectRef, Processed};

#[derive(Debug)]
pub struct Tally {
    pub rows: u64,
    pub unseen_words: u64,
    clipped: u64,
    sum: f64,
    minimum: f64,
    maximum: f64,
    tiers: Vec<u64>,
    inverse_tiers: Vec<u64>,
}

impl Tally {
    pub fn new(scores: &Scores) -> Tally {
        let tiers = scores.tiers.as_ref().map_or(0, |tiers| tiers.labels.len());
        let inverse = scores
            .inverse
            .as_ref()
            .map_or(0, |inverse| inverse.tiers.labels.len());
        Tally {
            rows: 0,
            unseen_words: 0,
            clipped: 0,
            sum: 0.0,
            minimum: f64::INFINITY,
            maximum: f64::NEG_INFINITY,
            tiers: vec![0; tiers],
            inverse_tiers: vec![0; inverse],
        }
    }

    pub fn add(&mut self, row: &Processed) {
        self.rows += 1;
        self.clipped += u64::from(row.clipped);
        self.sum += row.score;
        self.minimum = self.minimum.min(row.score);
        self.maximum = self.maximum.max(row.score);
        count(&mut self.tiers, row.tier);
        count(&mut self.inverse_tiers, row.inverse_tier);
    }

    /// `written` is the file of scores, with the mark that the store gave it.
    pub fn output(
        &self,
        scores: &Scores,
        written: (ObjectRef, Option<String>),
        rows_read: u64,
    ) -> ScoreOutput {
        let some = self.rows > 0;
        let (file, entity_tag) = written;
        ScoreOutput {
            file,
            entity_tag,
            rows_read,
            rows_excluded: rows_read.saturating_sub(self.rows),
            rows_scored: self.rows,
            rows_clipped: self.clipped,
            unseen_words: self.unseen_words,
            mean: some.then(|| self.sum / self.rows as f64),
            minimum: some.then_some(self.minimum),
            maximum: some.then_some(self.maximum),
            tiers: counts(
                scores.tiers.as_ref().map(|tiers| &tiers.labels),
                &self.tiers,
            ),
            inverse_tiers: counts(
                scores.inverse.as_ref().map(|i| &i.tiers.labels),
                &self.inverse_tiers,
            ),
        }
    }
}

fn count(tiers: &mut [u64], tier: Option<usize>) {
    if let Some(count) = tier.and_then(|tier| tiers.get_mut(tier)) {
        *count += 1;
    }
}

fn counts(labels: Option<&Vec<String>>, counts: &[u64]) -> Vec<TierCount> {
    let labels = labels.into_iter().flatten();
    labels
        .zip(counts)
        .map(|(label, rows)| TierCount {
            label: label.clone(),
            rows: *rows,
        })
        .collect()
}
