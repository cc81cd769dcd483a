//! The models and rows that golden/make.py wrote.
#![allow(clippy::unwrap_used, dead_code)]

/// How many columns the rows have.
pub const FEATURES: usize = 12;

pub fn golden(name: &str) -> Vec<u8> {
    std::fs::read(format!(
        "{}/tests/golden/{name}",
        env!("CARGO_MANIFEST_DIR")
    ))
    .unwrap()
}

pub fn floats(name: &str) -> Vec<f32> {
    golden(name)
        .as_chunks::<4>()
        .0
        .iter()
        .map(|bytes| f32::from_le_bytes(*bytes))
        .collect()
}
