//! Several learners, one winner: who is best, by how much and how surely, and whether a blend of them is better still.
//!
//! All are judged by out-of-fold predictions on common folds. A [`Baseline`] that looks at no column takes part as any other.

mod baseline;
mod blend;
mod contest;
mod error;
mod margin;

pub use baseline::Baseline;
pub use blend::{Blend, Blended, Member};
pub use contest::{Contest, Contestant, Standing, Truth};
pub use error::ContestError;
pub use margin::Margin;
