//! The receipt while an erasure goes on: written before the first change, and again after each, so that one which is
//! cut short has said what it did.

use jiff::Timestamp;
use millrace_erasure::{ErasureError, NotCleaned, Receipt, Whom, finish, receipt_key};
use millrace_keys::Context;
use millrace_store::Store;

use super::change::Change;
use super::person::Person;
use crate::failure::Failure;

#[derive(Debug)]
pub struct Journal<'a> {
    context: &'a Context,
    person: &'a Person,
    pub receipt: Receipt,
}

impl<'a> Journal<'a> {
    pub fn new(
        context: &'a Context,
        person: &'a Person,
        erasure: &str,
        whom: Whom,
        begun_at: Timestamp,
    ) -> Journal<'a> {
        Journal {
            context,
            person,
            receipt: Receipt {
                erasure: erasure.to_owned(),
                begun_at,
                finished_at: None,
                program: env!("CARGO_PKG_VERSION").to_owned(),
                store: context.store.uri(),
                whom,
                rows_erased: 0,
                objects: Vec::new(),
                removed: Vec::new(),
                not_cleaned: Vec::new(),
                models: Vec::new(),
                may_still_hold: Vec::new(),
            },
        }
    }

    /// Takes a name that no other erasure has.
    pub fn open(&self) -> Result<(), Failure> {
        let key = receipt_key(&self.receipt.erasure)?;
        self.context
            .store
            .put_if_absent(&key, self.receipt.to_json())?;
        Ok(())
    }

    pub fn add(&mut self, change: &Change) {
        let mut looked = change.looked();
        looked.uri = self.person.redacted(&looked.uri);
        self.receipt.rows_erased += looked.rows_erased;
        self.receipt.objects.push(looked);
    }

    /// What has been done by now.
    pub fn save(&self) -> Result<(), Failure> {
        let key = receipt_key(&self.receipt.erasure)?;
        self.context.store.put(&key, self.receipt.to_json())?;
        Ok(())
    }

    /// Nobody is named in it, however something was called.
    pub fn redact(&mut self) {
        let person = self.person;
        let hide = |text: &mut String| *text = person.redacted(text);
        for failed in &mut self.receipt.not_cleaned {
            hide(&mut failed.uri);
            hide(&mut failed.detail);
        }
        for model in &mut self.receipt.models {
            hide(&mut model.why);
        }
        for held in &mut self.receipt.may_still_hold {
            hide(&mut held.place);
        }
        self.receipt.removed.iter_mut().for_each(hide);
    }

    pub fn store(&self) -> &'a Store {
        &self.context.store
    }

    pub fn hide(&self, failed: &mut NotCleaned) {
        failed.uri = self.person.redacted(&failed.uri);
        failed.detail = self.person.redacted(&failed.detail);
    }

    pub fn close(&mut self, at: Timestamp) -> Result<(), ErasureError> {
        self.receipt.finished_at = Some(at);
        finish(&self.context.store, &self.context.keys, &self.receipt)
    }
}
