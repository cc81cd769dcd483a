//! Where XGBoost cuts the values of each column into bins.
//!
//! XGBoost tells its cuts only after it has trained on a matrix, and the binding does not pass the call on:
//! this file makes a matrix of its own, adds one tree of one split, and asks.
//!
//! It is unsafe because it calls C. Every handle is freed by its owner, every string ends with a zero byte, and
//! what XGBoost points to is copied before anything is freed.
#![allow(unsafe_code)]

use std::ffi::{CStr, CString, c_int};
use std::ptr;

use serde::Deserialize;
use xgboost_lib_sys as sys;

use crate::error::TrainingError;

const DOING: &str = "asking for the cuts of the columns";

/// The upper bounds of every column's bins, rising: a value belongs to the first bin whose bound is above it,
/// and to the last one if none is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cuts {
    columns: Vec<Vec<f32>>,
}

impl Cuts {
    /// The cuts of these rows, row after row, as `hist` on one thread makes them.
    pub(crate) fn of(values: &[f32], labels: &[f32], max_bin: u32) -> Result<Cuts, TrainingError> {
        let matrix = Matrix::new(values, labels)?;
        let booster = Booster::new(&matrix)?;
        for (name, value) in [
            ("verbosity", "0"),
            ("tree_method", "hist"),
            ("nthread", "1"),
            ("max_depth", "1"),
            ("max_bin", &max_bin.to_string()),
        ] {
            booster.set(name, value)?;
        }
        booster.add_tree(&matrix)?;
        matrix.cuts()
    }

    pub(crate) fn columns(&self) -> &[Vec<f32>] {
        &self.columns
    }
}

struct Matrix(sys::DMatrixHandle);

impl Drop for Matrix {
    fn drop(&mut self) {
        // SAFETY: the handle came from XGBoost and is freed once.
        unsafe { sys::XGDMatrixFree(self.0) };
    }
}

impl Matrix {
    fn new(values: &[f32], labels: &[f32]) -> Result<Matrix, TrainingError> {
        let rows = labels.len();
        let columns = values.len() / rows.max(1);
        let mut handle = ptr::null_mut();
        // SAFETY: `rows * columns` values are read, which is no more than there are.
        done(unsafe {
            sys::XGDMatrixCreateFromMat_omp(
                values.as_ptr(),
                rows as sys::bst_ulong,
                columns as sys::bst_ulong,
                f32::NAN,
                &mut handle,
                1,
            )
        })?;
        let matrix = Matrix(handle);
        // SAFETY: as many labels are read as there are.
        done(unsafe {
            sys::XGDMatrixSetFloatInfo(
                matrix.0,
                c"label".as_ptr(),
                labels.as_ptr(),
                rows as sys::bst_ulong,
            )
        })?;
        Ok(matrix)
    }

    fn cuts(&self) -> Result<Cuts, TrainingError> {
        let (mut starts, mut bounds) = (ptr::null(), ptr::null());
        // SAFETY: XGBoost writes two pointers to strings of its own, which live as long as the matrix.
        done(unsafe {
            sys::XGDMatrixGetQuantileCut(self.0, c"{}".as_ptr(), &mut starts, &mut bounds)
        })?;
        // SAFETY: both strings end with a zero byte, and describe arrays that live as long as the matrix.
        let (starts, bounds) = unsafe {
            (
                Array::read(starts)?.copied::<u64>("<u8")?,
                Array::read(bounds)?.copied::<f32>("<f4")?,
            )
        };
        let column = |ends: &[u64]| {
            // The first of a column's values is the lower bound of its first bin.
            let range = usize::try_from(ends[0]).ok()? + 1..usize::try_from(ends[1]).ok()?;
            bounds.get(range).map(<[f32]>::to_vec)
        };
        let columns: Option<Vec<Vec<f32>>> = starts.windows(2).map(column).collect();
        let columns = columns.ok_or_else(|| refused("its cuts do not fit together".to_owned()))?;
        Ok(Cuts { columns })
    }
}

/// An array as XGBoost describes it: its address and its length.
#[derive(Deserialize)]
struct Array {
    data: (usize, bool),
    shape: (usize,),
    typestr: String,
}

impl Array {
    /// # Safety
    /// `text` points to a string that ends with a zero byte.
    unsafe fn read(text: *const std::ffi::c_char) -> Result<Array, TrainingError> {
        // SAFETY: by the caller's word.
        let text = unsafe { CStr::from_ptr(text) };
        serde_json::from_slice(text.to_bytes()).map_err(|error| refused(error.to_string()))
    }

    /// # Safety
    /// The array lives still, and its type of numbers is as long as `T`.
    unsafe fn copied<T: Copy>(&self, typestr: &str) -> Result<Vec<T>, TrainingError> {
        if self.typestr != typestr {
            return Err(refused(format!("numbers of the type {}", self.typestr)));
        }
        if self.shape.0 == 0 {
            return Ok(Vec::new());
        }
        let start = ptr::with_exposed_provenance::<T>(self.data.0);
        // SAFETY: by the caller's word.
        Ok(unsafe { std::slice::from_raw_parts(start, self.shape.0) }.to_vec())
    }
}

struct Booster(sys::BoosterHandle);

impl Drop for Booster {
    fn drop(&mut self) {
        // SAFETY: the handle came from XGBoost and is freed once.
        unsafe { sys::XGBoosterFree(self.0) };
    }
}

impl Booster {
    fn new(matrix: &Matrix) -> Result<Booster, TrainingError> {
        let mut handle = ptr::null_mut();
        // SAFETY: one handle is read.
        done(unsafe { sys::XGBoosterCreate(&matrix.0, 1, &mut handle) })?;
        Ok(Booster(handle))
    }

    fn set(&self, name: &str, value: &str) -> Result<(), TrainingError> {
        let text = |text: &str| CString::new(text).map_err(|error| refused(error.to_string()));
        let (name, value) = (text(name)?, text(value)?);
        // SAFETY: both strings end with a zero byte and are copied.
        done(unsafe { sys::XGBoosterSetParam(self.0, name.as_ptr(), value.as_ptr()) })
    }

    fn add_tree(&self, matrix: &Matrix) -> Result<(), TrainingError> {
        // SAFETY: both handles are alive.
        done(unsafe { sys::XGBoosterUpdateOneIter(self.0, 0, matrix.0) })
    }
}

fn done(answer: c_int) -> Result<(), TrainingError> {
    if answer == 0 {
        return Ok(());
    }
    // SAFETY: XGBoost keeps the text of the last error of this thread, and it ends with a zero byte.
    let error = unsafe { CStr::from_ptr(sys::XGBGetLastError()) };
    Err(refused(error.to_string_lossy().into_owned()))
}

fn refused(detail: String) -> TrainingError {
    TrainingError::XgboostFailed {
        doing: DOING,
        detail,
    }
}
