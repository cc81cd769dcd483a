//! The nine C functions that training needs.
//!
//! It is unsafe because it calls C. What pointers lead to outlives the call and is as long as is said; every handle is
//! freed by its owner, once; text that comes back is copied.

#![allow(unsafe_code)]

use std::ffi::{CStr, CString, c_char, c_int, c_void};

use crate::TrainingError;

type Handle = *mut c_void;

const FLOAT32: c_int = 0;
const FLOAT64: c_int = 1;

unsafe extern "C" {
    fn LGBM_GetLastError() -> *const c_char;
    fn LGBM_DatasetCreateFromMat(
        data: *const c_void,
        data_type: c_int,
        rows: i32,
        columns: i32,
        is_row_major: c_int,
        parameters: *const c_char,
        reference: Handle,
        out: *mut Handle,
    ) -> c_int;
    fn LGBM_DatasetSetField(
        dataset: Handle,
        name: *const c_char,
        data: *const c_void,
        count: c_int,
        data_type: c_int,
    ) -> c_int;
    fn LGBM_DatasetSetFeatureNames(
        dataset: Handle,
        names: *const *const c_char,
        count: c_int,
    ) -> c_int;
    fn LGBM_DatasetFree(dataset: Handle) -> c_int;
    fn LGBM_BoosterCreate(dataset: Handle, parameters: *const c_char, out: *mut Handle) -> c_int;
    fn LGBM_BoosterUpdateOneIter(booster: Handle, is_finished: *mut c_int) -> c_int;
    fn LGBM_BoosterSaveModelToString(
        booster: Handle,
        start: c_int,
        rounds: c_int,
        importance: c_int,
        room: i64,
        length: *mut i64,
        text: *mut c_char,
    ) -> c_int;
    fn LGBM_BoosterFree(booster: Handle) -> c_int;
}

/// Rows in LightGBM's own form.
#[derive(Debug)]
pub(crate) struct DatasetHandle(Handle);

/// A model that grows. It holds its rows by their handle: the owner keeps them alive.
#[derive(Debug)]
pub(crate) struct BoosterHandle(Handle);

// SAFETY: LightGBM's handles may move between threads; nothing here is shared, since every call that changes
// something takes its handle exclusively.
unsafe impl Send for DatasetHandle {}
// SAFETY: as above.
unsafe impl Send for BoosterHandle {}

impl DatasetHandle {
    /// `values` has `rows` times `columns` numbers, row after row.
    pub(crate) fn new(
        values: &[f64],
        rows: usize,
        columns: usize,
        settings: &str,
    ) -> Result<DatasetHandle, TrainingError> {
        let doing = "handing rows to LightGBM";
        let (settings, mut handle) = (text(settings, doing)?, std::ptr::null_mut());
        let (rows, columns) = (count(rows, doing)?, count(columns, doing)?);
        // SAFETY: `values` has as many numbers as is said and is read during the call alone.
        let answer = unsafe {
            LGBM_DatasetCreateFromMat(
                values.as_ptr().cast(),
                FLOAT64,
                rows,
                columns,
                1,
                settings.as_ptr(),
                std::ptr::null_mut(),
                &mut handle,
            )
        };
        done(answer, doing)?;
        Ok(DatasetHandle(handle))
    }

    /// `label` or `weight`: one number for each row.
    pub(crate) fn set(&mut self, field: &str, values: &[f32]) -> Result<(), TrainingError> {
        let doing = "handing the target to LightGBM";
        let (field, length) = (text(field, doing)?, count(values.len(), doing)?);
        // SAFETY: `values` is as long as is said, and copied during the call.
        let answer = unsafe {
            LGBM_DatasetSetField(
                self.0,
                field.as_ptr(),
                values.as_ptr().cast(),
                length,
                FLOAT32,
            )
        };
        done(answer, doing)
    }

    pub(crate) fn set_names(&mut self, names: &[&str]) -> Result<(), TrainingError> {
        let doing = "naming the columns";
        let texts: Vec<CString> = names
            .iter()
            .map(|name| text(name, doing))
            .collect::<Result<_, _>>()?;
        let pointers: Vec<*const c_char> = texts.iter().map(|text| text.as_ptr()).collect();
        let length = count(pointers.len(), doing)?;
        // SAFETY: as many pointers as is said, each to a text that ends with a zero byte.
        let answer = unsafe { LGBM_DatasetSetFeatureNames(self.0, pointers.as_ptr(), length) };
        done(answer, doing)
    }
}

impl Drop for DatasetHandle {
    fn drop(&mut self) {
        // SAFETY: the handle was made by LightGBM and is freed here alone.
        unsafe { LGBM_DatasetFree(self.0) };
    }
}

impl BoosterHandle {
    pub(crate) fn new(
        rows: &DatasetHandle,
        settings: &str,
    ) -> Result<BoosterHandle, TrainingError> {
        let doing = "setting up LightGBM";
        let (settings, mut handle) = (text(settings, doing)?, std::ptr::null_mut());
        // SAFETY: the rows' handle is alive; the owner of this one keeps it so.
        let answer = unsafe { LGBM_BoosterCreate(rows.0, settings.as_ptr(), &mut handle) };
        done(answer, doing)?;
        Ok(BoosterHandle(handle))
    }

    /// One more round; true when no tree could be split any more.
    pub(crate) fn update(&mut self) -> Result<bool, TrainingError> {
        let mut finished = 0;
        // SAFETY: the handle is alive, the answer has room.
        let answer = unsafe { LGBM_BoosterUpdateOneIter(self.0, &mut finished) };
        done(answer, "adding a tree")?;
        Ok(finished != 0)
    }

    /// The model of the first `rounds` rounds.
    pub(crate) fn to_text(&self, rounds: usize) -> Result<String, TrainingError> {
        let doing = "writing the model";
        let rounds = count(rounds, doing)?;
        let mut room: Vec<u8> = vec![0; 1 << 20];
        loop {
            let mut length = 0_i64;
            let most = i64::try_from(room.len()).unwrap_or(i64::MAX);
            // SAFETY: no more than the room that is said is written; `length` says how much is wanted.
            let answer = unsafe {
                LGBM_BoosterSaveModelToString(
                    self.0,
                    0,
                    rounds,
                    0,
                    most,
                    &mut length,
                    room.as_mut_ptr().cast(),
                )
            };
            done(answer, doing)?;
            let wanted = usize::try_from(length).unwrap_or(0);
            if wanted > room.len() {
                room.resize(wanted, 0);
                continue;
            }
            // The last byte is 0.
            room.truncate(wanted.saturating_sub(1));
            return String::from_utf8(room).map_err(|error| failed(doing, error.to_string()));
        }
    }
}

impl Drop for BoosterHandle {
    fn drop(&mut self) {
        // SAFETY: the handle was made by LightGBM and is freed here alone.
        unsafe { LGBM_BoosterFree(self.0) };
    }
}

fn done(answer: c_int, doing: &'static str) -> Result<(), TrainingError> {
    if answer == 0 {
        return Ok(());
    }
    // SAFETY: LightGBM gives a text of this thread that ends with a zero byte; it is copied at once.
    let said = unsafe { CStr::from_ptr(LGBM_GetLastError()) };
    Err(failed(doing, said.to_string_lossy().into_owned()))
}

fn failed(doing: &'static str, detail: String) -> TrainingError {
    TrainingError::LightgbmFailed { doing, detail }
}

fn text(text: &str, doing: &'static str) -> Result<CString, TrainingError> {
    CString::new(text).map_err(|error| failed(doing, error.to_string()))
}

fn count(count: usize, doing: &'static str) -> Result<i32, TrainingError> {
    i32::try_from(count)
        .map_err(|_| failed(doing, format!("{count} is more than LightGBM can count")))
}
