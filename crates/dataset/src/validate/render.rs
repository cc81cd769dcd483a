//! The report for a terminal: a verdict, a small table of what is wrong, plain sentences.

use std::fmt::Write as _;

use super::judge::percent;
use super::report::{ColumnReport, QualityReport};

/// Means that moved less than this many deviations are not shown.
const SHOWN_SHIFT: f64 = 0.1;
const SHOWN_SHIFTS: usize = 5;

impl QualityReport {
    /// Without examples: what is printed ends up in logs, and examples are values of customers.
    pub fn render_text(&self) -> String {
        let mut text = String::new();
        let verdict = if self.is_accepted() {
            "accepted"
        } else {
            "REFUSED"
        };
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "Data {verdict}: {} against contract {} (version {})",
            self.data, self.contract, self.contract_version
        );
        for refusal in &self.refusals {
            let _ = writeln!(text, "  {:?}: {}", refusal.name, refusal.detail);
        }
        let _ = writeln!(
            text,
            "Rows: {} read = {} accepted + {} in quarantine ({})",
            thousands(self.rows_read),
            thousands(self.rows_accepted),
            thousands(self.rows_quarantined),
            percent(self.rows_quarantined as f64 / self.rows_read.max(1) as f64)
        );
        let families = &self.families;
        let _ = writeln!(
            text,
            "Quality {:.4} (at least {}): completeness {:.4}, validity {:.4}, consistency {:.4}, uniqueness {:.4}, freshness {:.4}",
            self.quality_score,
            self.minimum_quality,
            families.completeness,
            families.validity,
            families.consistency,
            families.uniqueness,
            families.freshness
        );
        self.render_columns(&mut text);
        self.render_rows(&mut text);
        self.render_comparison(&mut text);
        for note in &self.notes {
            let _ = writeln!(text, "Note: {note}.");
        }
        text
    }

    /// Only columns with something to say of them.
    fn render_columns(&self, text: &mut String) {
        let shown: Vec<&ColumnReport> = self
            .columns
            .iter()
            .filter(|column| column.missing > 0 || column.invalid > 0)
            .collect();
        let good = self.columns.len() - shown.len();
        if shown.is_empty() {
            let _ = writeln!(text, "All {good} columns are complete and valid.");
            return;
        }
        let width = shown
            .iter()
            .map(|column| column.name.chars().count())
            .max()
            .unwrap_or(0)
            .max(6);
        let _ = writeln!(
            text,
            "\n  {:width$}  {:>9}  {:>9}  problems",
            "column", "missing", "invalid"
        );
        for column in shown {
            let _ = writeln!(
                text,
                "  {:width$}  {:>9}  {:>9}  {}",
                column.name,
                thousands(column.missing),
                thousands(column.invalid),
                problems(column)
            );
        }
        if good > 0 {
            let _ = writeln!(text, "  {good} other columns are complete and valid.");
        }
        text.push('\n');
    }

    fn render_rows(&self, text: &mut String) {
        for rule in self.rules.iter().filter(|rule| rule.violated > 0) {
            let _ = writeln!(
                text,
                "Rule `{}` ({}) is broken; rows: {}.",
                rule.name,
                rule.expression,
                thousands(rule.violated)
            );
        }
        let unique = &self.uniqueness;
        if unique.repeated_rows > 0 {
            let count = thousands(unique.repeated_rows);
            let _ = writeln!(text, "Rows that repeat an earlier one as a whole: {count}.");
        }
        if unique.repeated_ids > 0 {
            let count = thousands(unique.repeated_ids);
            let _ = writeln!(
                text,
                "Rows with the id of an earlier one and other values: {count}."
            );
        }
        if let Some(freshness) = &self.freshness {
            let _ = writeln!(
                text,
                "The newest day is {}; {} of the rows are of {} or earlier, {} days before the run.",
                freshness.newest_day,
                percent(freshness.quantile),
                freshness.bulk_day,
                freshness.age_days
            );
        }
    }

    fn render_comparison(&self, text: &mut String) {
        let Some(comparison) = &self.comparison else {
            return;
        };
        for (names, what) in [
            (
                &comparison.missing_columns,
                "The reference has, and this data has not",
            ),
            (
                &comparison.new_columns,
                "This data has, and the reference has not",
            ),
        ] {
            if !names.is_empty() {
                let _ = writeln!(text, "{what}: {}.", names.join(", "));
            }
        }
        let moved = comparison
            .shifts
            .iter()
            .filter(|shift| match shift.deviations {
                Some(deviations) => deviations.abs() >= SHOWN_SHIFT,
                None => shift.mean != shift.reference_mean,
            });
        let moved: Vec<_> = moved.collect();
        if moved.is_empty() {
            let _ = writeln!(
                text,
                "No mean moved by {SHOWN_SHIFT} deviations of the reference or more."
            );
        }
        for shift in moved.iter().take(SHOWN_SHIFTS) {
            let by = match shift.deviations {
                Some(deviations) => format!("by {deviations:+.2} deviations"),
                None => "away from a constant".to_owned(),
            };
            let _ = writeln!(
                text,
                "The mean of {} moved {by}: {:.4} to {:.4}.",
                shift.column, shift.reference_mean, shift.mean
            );
        }
        if moved.len() > SHOWN_SHIFTS {
            let _ = writeln!(
                text,
                "{} other means moved too.",
                moved.len() - SHOWN_SHIFTS
            );
        }
    }
}

fn problems(column: &ColumnReport) -> String {
    let problems: Vec<String> = column
        .problems
        .iter()
        .map(|problem| format!("{} ({})", problem.problem, thousands(problem.rows)))
        .collect();
    problems.join(", ")
}

/// `1234567` as `1,234,567`.
fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(thousands(number), text);
        }
    }
}
