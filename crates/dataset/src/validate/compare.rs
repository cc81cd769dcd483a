//! Sets a profile beside that of earlier data: which columns came and went, which means moved.

use super::profile::{ColumnProfile, Profile};
use super::report::{Comparison, Shift};

pub(super) fn compare(profile: &Profile, reference: &Profile) -> Comparison {
    let absent = |from: &Profile, of: &Profile| {
        let names = of
            .columns
            .keys()
            .filter(|name| !from.columns.contains_key(*name));
        names.cloned().collect::<Vec<_>>()
    };
    let mut shifts: Vec<Shift> = profile
        .columns
        .iter()
        .filter_map(|(name, column)| shift(name, column, reference.columns.get(name)?))
        .collect();
    // Stable, so that equal shifts stay in the contract's order.
    shifts.sort_by(|a, b| b.size().total_cmp(&a.size()));
    Comparison {
        reference_rows: reference.rows,
        missing_columns: absent(profile, reference),
        new_columns: absent(reference, profile),
        shifts,
    }
}

fn shift(name: &str, column: &ColumnProfile, reference: &ColumnProfile) -> Option<Shift> {
    let now = column.numbers.as_ref()?;
    let before = reference.numbers.as_ref()?;
    let deviations = (now.mean - before.mean) / before.deviation;
    Some(Shift {
        column: name.to_owned(),
        reference_mean: before.mean,
        mean: now.mean,
        deviations: Some(deviations).filter(|deviations| deviations.is_finite()),
    })
}

impl Shift {
    /// A constant that changed has moved further than anything that can be measured.
    fn size(&self) -> f64 {
        match self.deviations {
            Some(deviations) => deviations.abs(),
            None if self.mean == self.reference_mean => 0.0,
            None => f64::INFINITY,
        }
    }
}
