//! What holds of any rows.

use millrace_dataset::{Frame, Purpose, Request};
use proptest::prelude::*;

use crate::common::contract;
use crate::{HEADER, checked, lenient, quarantined};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    /// Whatever the rows are, each is counted once, and those that are accepted are good ones.
    #[test]
    fn every_row_is_accepted_or_in_quarantine(rows in proptest::collection::vec(("V[0-9]{1,2}|", "-?[0-9]{1,4}|x|", "[0-9]{1,3}|", "true|0|no", "free|pro|gold|", "0\\.[0-9]|2|inf|"), 1..60)) {
        let lines: Vec<String> = rows.iter().map(|(id, minutes, visits, member, plan, score)| format!("{id},2026-11-01,{minutes},{visits},{member},{plan},{score}")).collect();
        let csv = format!("{HEADER}\n{}\n", lines.join("\n"));
        let (validation, source, _folder) = checked(&csv, &lenient(), Purpose::Training);
        let report = &validation.report;
        prop_assert_eq!(report.rows_read as usize, rows.len());
        prop_assert!((0.0..=1.0).contains(&report.quality_score));
        prop_assert_eq!(quarantined(&validation).len() as u64, report.rows_quarantined);
        let contract = contract(&lenient());
        let request = Request::all(&contract, Purpose::Training).without(&validation.exclusions);
        let frame = match source.read(&request) {
            Ok(frame) => frame,
            Err(error) => {
                prop_assert_eq!(error.name(), "EmptyTable");
                Frame::new(0)
            }
        };
        prop_assert_eq!(frame.rows() as u64, report.rows_accepted);
        prop_assert!(frame.numbers("score").unwrap_or(&[]).iter().all(|score| (0.0..=1.0).contains(score)));
        prop_assert!(frame.codes("plan").unwrap_or(&[]).iter().all(|code| *code >= -1));
    }
}
