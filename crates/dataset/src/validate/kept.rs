//! The values of a column that rules read, row by row: in memory up to so many, and beyond that on disk.

use super::aside::Aside;
use crate::DatasetError;

#[derive(Debug)]
pub(crate) struct Kept {
    held: Vec<f64>,
    most: usize,
    aside: Option<Aside>,
}

impl Kept {
    pub(crate) fn new(most: usize) -> Kept {
        Kept {
            held: Vec::new(),
            most,
            aside: None,
        }
    }

    /// The next rows.
    pub(crate) fn add(&mut self, values: impl Iterator<Item = f64>) -> Result<(), DatasetError> {
        self.held.extend(values);
        if self.held.len() <= self.most && self.aside.is_none() {
            return Ok(());
        }
        let aside = match &mut self.aside {
            Some(aside) => aside,
            none => none.insert(Aside::new()?),
        };
        for value in self.held.drain(..) {
            aside.write(value.to_bits())?;
        }
        Ok(())
    }

    /// To be called once, after the last row.
    pub(crate) fn settle(&mut self) -> Result<(), DatasetError> {
        match &mut self.aside {
            Some(aside) => aside.flush(),
            None => Ok(()),
        }
    }

    /// Some rows. Nothing where there are not so many.
    pub(crate) fn rows(&self, first: usize, count: usize) -> Result<Vec<f64>, DatasetError> {
        match &self.aside {
            None => Ok(self
                .held
                .get(first..first + count)
                .map_or(Vec::new(), <[f64]>::to_vec)),
            Some(aside) if (first + count) as u64 <= aside.words() => {
                let bits = aside.read(first as u64, count)?;
                Ok(bits.into_iter().map(f64::from_bits).collect())
            }
            Some(_) => Ok(Vec::new()),
        }
    }
}
