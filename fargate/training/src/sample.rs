//! Which rows are used, where the spec asks for fewer than there are.
//!
//! In each part those with the lowest places of their ids. So every row is as likely as any other; a larger sample holds
//! the smaller one; and a row that is left out as the table grows is never the reason for another to change its part.
//! The ids are read first, and alone: of the other columns only the rows that are used are kept.

use std::collections::BinaryHeap;

use millrace_contract::Spec;
use millrace_contract::metadata::SampleRecord;
use millrace_contract::place::Place;
use millrace_contract::spec::Split;
use millrace_dataset::{Frame, Request, Source};

use crate::TrainError;

/// Up to which place rows of each part are used; no place where all of them are.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    training_up_to: Option<Place>,
    holdout_up_to: Option<Place>,
    pub record: SampleRecord,
}

impl Sample {
    /// Reads the ids, and draws.
    pub fn draw(
        source: &Source,
        request: &Request<'_>,
        id: &str,
        spec: &Spec,
    ) -> Result<Sample, TrainError> {
        let most = |most: u64| usize::try_from(most).unwrap_or(usize::MAX);
        let mut training = Lowest::new(most(spec.rows.training_most()));
        let mut holdout = Lowest::new(most(spec.rows.hold_out_most(&spec.split)));
        let ids = Request {
            columns: vec![id.to_owned()],
            ..request.clone()
        };
        let mut first = 0;
        source.for_each_block(&ids, |rows| -> Result<(), TrainError> {
            for (row, id_of_row) in rows.texts(id).unwrap_or_default().iter().enumerate() {
                let place = place_of(id_of_row.as_deref(), id, first + row, &spec.split)?;
                match place.is_held_out(spec.split.holdout_share) {
                    true => holdout.add(place),
                    false => training.add(place),
                }
            }
            first += rows.rows();
            Ok(())
        })?;
        Ok(Sample {
            record: SampleRecord {
                most: training.most as u64,
                hold_out_most: holdout.most as u64,
                training_of: training.met,
                holdout_of: holdout.met,
            },
            training_up_to: training.last(),
            holdout_up_to: holdout.last(),
        })
    }

    /// The rows that are used, in the order of the table.
    pub fn read(
        &self,
        source: &Source,
        request: &Request<'_>,
        id: &str,
        split: &Split,
    ) -> Result<Frame, TrainError> {
        let mut used = Frame::default();
        source.for_each_block(request, |rows| -> Result<(), TrainError> {
            let ids = rows.texts(id).unwrap_or_default().iter().enumerate();
            let wanted: Vec<usize> = ids
                .filter(|(_, id)| id.as_deref().is_none_or(|id| self.has(id, split)))
                .map(|(row, _)| row)
                .collect();
            let rows = rows.take(&wanted);
            if rows.rows() > 0 {
                // Every block has the columns that were asked for.
                let _ = used.append(rows);
            }
            Ok(())
        })?;
        Ok(used)
    }

    fn has(&self, id: &str, split: &Split) -> bool {
        let place = Place::of(split.seed, id);
        let up_to = match place.is_held_out(split.holdout_share) {
            true => self.holdout_up_to,
            false => self.training_up_to,
        };
        up_to.is_none_or(|last| place <= last)
    }

    /// What is used of what.
    pub fn words(&self) -> String {
        let record = &self.record;
        format!(
            "using {} of {} rows to learn from, {} of {} to judge by",
            record.training_used(),
            record.training_of,
            record.holdout_used(),
            record.holdout_of
        )
    }

    /// Which share of the rows that are used is held out.
    pub fn holdout_share(&self) -> f64 {
        let record = &self.record;
        let (training, holdout) = (record.training_used() as f64, record.holdout_used() as f64);
        holdout / (training + holdout)
    }
}

fn place_of(
    id: Option<&str>,
    column: &str,
    row: usize,
    split: &Split,
) -> Result<Place, TrainError> {
    let id = id.ok_or_else(|| TrainError::MissingId {
        column: column.to_owned(),
        row,
    })?;
    Ok(Place::of(split.seed, id))
}

/// The lowest places of many, in memory for so many and no more.
struct Lowest {
    most: usize,
    met: u64,
    places: BinaryHeap<Place>,
}

impl Lowest {
    fn new(most: usize) -> Lowest {
        Lowest {
            most,
            met: 0,
            places: BinaryHeap::new(),
        }
    }

    fn add(&mut self, place: Place) {
        self.met += 1;
        if self.places.len() < self.most {
            self.places.push(place);
        } else if let Some(mut highest) = self.places.peek_mut()
            && place < *highest
        {
            *highest = place;
        }
    }

    /// The highest of them, if there were more.
    fn last(&self) -> Option<Place> {
        let some = self.met > self.places.len() as u64;
        self.places.peek().copied().filter(|_| some)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use millrace_contract::Contract;
    use millrace_contract::stages::Purpose;

    const CONTRACT: &str = "name = \"t\"\nversion = 1\n[columns]\nid = { role = \"id\", type = \"text\" }\nx = { role = \"feature\", type = \"float\" }\ny = { role = \"target\", type = \"float\" }\n";

    fn spec(rows: &str) -> Spec {
        let text = format!(
            "name = \"t\"\ncontract = \"t.toml\"\ntarget = \"y\"\n[rows]\n{rows}\n[scores]\ncolumn = \"p\"\ndecimals = 3\n"
        );
        Spec::parse(&text, "spec").unwrap()
    }

    /// Two files of rows with the numbers `0..count`.
    fn table(count: usize) -> (Source, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        for file in 0..2 {
            let numbers = (0..count).filter(|n| n % 2 == file);
            let lines: String = numbers.map(|n| format!("C{n},{n},{n}.5\n")).collect();
            let path = folder.path().join(format!("{file}.csv"));
            std::fs::write(path, format!("id,x,y\n{lines}")).unwrap();
        }
        (
            Source::open(folder.path().to_str().unwrap()).unwrap(),
            folder,
        )
    }

    fn sampled(count: usize, rows: &str) -> (Sample, Frame) {
        let (source, _folder) = table(count);
        let (contract, spec) = (Contract::parse(CONTRACT, "t").unwrap(), spec(rows));
        let request = Request::all(&contract, Purpose::Training);
        let sample = Sample::draw(&source, &request, "id", &spec).unwrap();
        let frame = sample.read(&source, &request, "id", &spec.split).unwrap();
        (sample, frame)
    }

    fn ids(frame: &Frame) -> Vec<String> {
        frame
            .texts("id")
            .unwrap()
            .iter()
            .flatten()
            .cloned()
            .collect()
    }

    /// The places of 2,000 ids, sorted, say which rows they are; nothing of the code above is asked.
    #[test]
    fn the_rows_with_the_lowest_places_of_each_part_are_used() {
        let split = spec("").split;
        let mut parts = [Vec::new(), Vec::new()];
        for n in 0..2_000 {
            let id = format!("C{n}");
            let place = Place::of(split.seed, &id);
            parts[usize::from(place.is_held_out(split.holdout_share))].push((place, id));
        }
        let [training, holdout] = parts.each_mut();
        training.sort();
        holdout.sort();
        let mut wanted: Vec<String> = training[..300].iter().map(|(_, id)| id.clone()).collect();
        wanted.extend(holdout[..40].iter().map(|(_, id)| id.clone()));
        wanted.sort();
        let (sample, frame) = sampled(2_000, "most = 300\nhold_out_most = 40");
        let mut found = ids(&frame);
        found.sort();
        assert_eq!(found, wanted);
        assert_eq!(sample.record.training_of, training.len() as u64);
        assert_eq!(sample.record.holdout_of, holdout.len() as u64);
        assert!((sample.holdout_share() - 40.0 / 340.0).abs() < 1e-12);
    }

    #[test]
    fn a_smaller_sample_is_in_the_larger_one_and_all_rows_are_as_they_are_read() {
        let (_, small) = sampled(2_000, "most = 100");
        let (_, large) = sampled(2_000, "most = 200");
        assert_eq!((small.rows(), large.rows()), (125, 250));
        let large = ids(&large);
        assert!(ids(&small).iter().all(|id| large.contains(id)));
        let (source, _folder) = table(2_000);
        let contract = Contract::parse(CONTRACT, "t").unwrap();
        let all = source
            .read(&Request::all(&contract, Purpose::Training))
            .unwrap();
        assert_eq!(sampled(2_000, "most = 5_000").1, all);
    }

    /// A table that grows: rows may leave the sample, and none that was left out comes back.
    #[test]
    fn a_row_that_is_used_was_used_when_the_table_was_smaller() {
        let (_, before) = sampled(1_000, "most = 200");
        let (_, after) = sampled(2_000, "most = 200");
        let before = ids(&before);
        let old = |id: &&String| id[1..].parse::<usize>().unwrap() < 1_000;
        let after = ids(&after);
        assert!(after.iter().filter(old).all(|id| before.contains(id)));
        assert!(after.iter().any(|id| !before.contains(id)));
    }
}
