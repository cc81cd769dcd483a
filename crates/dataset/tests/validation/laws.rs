//! What holds of any rows.

use millrace_dataset::validate::Validation;
use millrace_dataset::{Frame, Purpose, Request, Room, Source, validate_within};
use proptest::prelude::*;

use crate::common::{contract, folder, parquet};
use crate::{HEADER, NOW, checked, lenient, quarantined};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    /// Room for two values of a column, for no CSV, and for one row that may repeat another: all that can lie on
    /// disk does. Everything that is found, the bytes of the bad rows included, is what is found in memory.
    #[test]
    fn how_much_room_there_is_changes_nothing(
        rows in proptest::collection::vec(("V[0-9]|", "[12]", "-?[0-9]{1,3}(\\.[05])?|x|", "[0-9]{1,3}|", "true|0|no", "free|pro|gold|", "0\\.[0-9]|2|inf|"), 1..80),
        as_parquet: bool,
    ) {
        let line = |(id, day, minutes, visits, member, plan, score): &(String, String, String, String, String, String, String)| {
            format!("{id},2026-11-0{day},{minutes},{visits},{member},{plan},{score}")
        };
        let folder = folder();
        for (file, rows) in rows.chunks(30).enumerate() {
            let lines: Vec<String> = rows.iter().map(line).collect();
            let text = format!("{HEADER}\n{}\n", lines.join("\n"));
            std::fs::write(folder.path().join(format!("{file}.csv")), text).unwrap();
        }
        if as_parquet {
            for file in 0..2 {
                let place = folder.path().join(format!("day=2026-11-0{}", file + 1));
                std::fs::create_dir_all(&place).unwrap();
                // The second file begins with rows of the first.
                std::fs::write(place.join("part.parquet"), parquet(file * 35, 40)).unwrap();
            }
        }
        let source = Source::open(folder.path().to_str().unwrap()).unwrap();
        let contract = contract(&lenient());
        let run = |room: Room| {
            let now = NOW.parse().unwrap();
            validate_within(&source, &contract, Purpose::Training, now, None, room).unwrap()
        };
        let (narrow, wide) = (run(Room::of(1_024)), run(Room::USUAL));
        let told = |found: &Validation| serde_json::to_string(&(&found.report, &found.profile)).unwrap();
        prop_assert_eq!(told(&narrow), told(&wide));
        prop_assert_eq!(&narrow, &wide);
    }

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
