//! The groups of one attribute, counted: their rates, which of them have enough evidence, and the estimates over them.

use crate::bootstrap::{Included, Intervals};
use crate::evidence::Row;
use crate::groups::Partition;
use crate::measures::{Contrast, Method, Rate, contrast};
use crate::policy::Policy;
use crate::report::{Criterion, Estimate, GroupReport, Shortfall};
use crate::tally::{GroupMetrics, Rates, Size, Tally, tallies};

#[derive(Debug)]
pub(crate) struct Counted {
    tallies: Vec<Tally>,
    pub rates: Vec<Rates>,
    pub overall: Rates,
    labels: Vec<String>,
}

impl Counted {
    pub fn of(rows: &[Row], partition: &Partition) -> Self {
        let (tallies, overall) = tallies(rows, &partition.group_of_row, partition.keys.len());
        let rates = tallies.iter().map(Tally::rates).collect();
        Self {
            tallies,
            rates,
            overall: overall.rates(),
            labels: partition.labels(),
        }
    }

    pub fn group_reports(&self, partition: &Partition) -> Vec<GroupReport> {
        let metrics: Vec<GroupMetrics> = self.tallies.iter().map(Tally::metrics).collect();
        let groups = partition.keys.iter().zip(&self.labels).zip(metrics);
        groups
            .map(|((key, label), metrics)| GroupReport {
                key: key.clone(),
                label: label.clone(),
                metrics,
            })
            .collect()
    }

    pub fn everyone(&self) -> Included {
        let all = vec![true; self.rates.len()];
        Included {
            selection: all.clone(),
            true_positive: all.clone(),
            false_positive: all,
        }
    }

    /// Each rate asks for what it is made of: selection for rows, the true positive rate for positives too, and so on.
    pub fn with_enough_evidence(&self, policy: &Policy) -> Included {
        let sizes = || self.tallies.iter().map(Tally::size);
        let rows = policy.minimum_rows_per_group.max(1) as f64;
        let positives = policy.minimum_positives_per_group.max(1) as f64;
        let negatives = policy.minimum_negatives_per_group.max(1) as f64;
        Included {
            selection: sizes().map(|size| size.reaches(rows, 0.0, 0.0)).collect(),
            true_positive: sizes()
                .map(|size| size.reaches(rows, positives, 0.0))
                .collect(),
            false_positive: sizes()
                .map(|size| size.reaches(rows, 0.0, negatives))
                .collect(),
        }
    }

    fn contrast(&self, rate: Rate, included: &[bool], method: Method) -> Option<Contrast> {
        contrast(
            rate,
            &self.rates,
            &self.labels,
            &self.overall,
            method,
            included,
        )
    }

    /// The estimate of one criterion over the included groups; None when there are not two groups to compare.
    pub fn estimate(
        &self,
        criterion: Criterion,
        included: &Included,
        intervals: &Intervals,
        policy: &Policy,
    ) -> Option<Estimate> {
        match criterion {
            Criterion::DemographicParity => {
                let contrast =
                    self.contrast(Rate::SelectionRate, &included.selection, policy.method)?;
                let difference = contrast.difference();
                Some(Estimate {
                    difference,
                    interval: intervals.demographic_parity,
                    contrast: Some(contrast),
                })
            }
            Criterion::EqualizedOdds => {
                let hits = self.contrast(
                    Rate::TruePositiveRate,
                    &included.true_positive,
                    policy.method,
                );
                let alarms = self.contrast(
                    Rate::FalsePositiveRate,
                    &included.false_positive,
                    policy.method,
                );
                // A rate that cannot be compared counts as no difference: the sum of both is then at least this much.
                let size = |contrast: &Option<Contrast>| {
                    contrast.as_ref().map_or(0.0, Contrast::difference)
                };
                let difference = policy
                    .equalized_odds_aggregate
                    .of(size(&hits), size(&alarms));
                let wider = if size(&alarms) > size(&hits) {
                    alarms.or(hits)
                } else {
                    hits.or(alarms)
                }?;
                Some(Estimate {
                    difference,
                    interval: intervals.equalized_odds,
                    contrast: Some(wider),
                })
            }
        }
    }

    /// The estimate over all groups, which exists even for a single one.
    pub fn estimate_of_all(
        &self,
        criterion: Criterion,
        intervals: &Intervals,
        policy: &Policy,
    ) -> Estimate {
        let interval = match criterion {
            Criterion::DemographicParity => intervals.demographic_parity,
            Criterion::EqualizedOdds => intervals.equalized_odds,
        };
        let nothing = Estimate {
            difference: 0.0,
            interval,
            contrast: None,
        };
        self.estimate(criterion, &self.everyone(), intervals, policy)
            .unwrap_or(nothing)
    }

    pub fn shortfalls(&self, criterion: Criterion, policy: &Policy) -> Vec<Shortfall> {
        let groups = self.tallies.iter().zip(&self.labels);
        let shortfalls = groups.map(|(tally, label)| {
            let size = tally.size();
            let mut lacks = Vec::new();
            let mut need = |known: f64, minimum: u64, word: &str| {
                if known < minimum as f64 {
                    lacks.push(format!("{} {word} of {minimum}", rounded(known)));
                }
            };
            need(size.rows, policy.minimum_rows_per_group.max(1), "rows");
            if criterion == Criterion::EqualizedOdds {
                need(
                    size.positives,
                    policy.minimum_positives_per_group.max(1),
                    "positives",
                );
                need(
                    size.negatives,
                    policy.minimum_negatives_per_group.max(1),
                    "negatives",
                );
            }
            Shortfall {
                group: label.clone(),
                lacks,
            }
        });
        shortfalls
            .filter(|shortfall| !shortfall.lacks.is_empty())
            .collect()
    }
}

/// Effective counts are fractions; rounded down, so that a shortfall never reads "20 of 20".
fn rounded(count: f64) -> u64 {
    count.floor() as u64
}

impl Size {
    fn reaches(&self, rows: f64, positives: f64, negatives: f64) -> bool {
        self.rows >= rows && self.positives >= positives && self.negatives >= negatives
    }
}
