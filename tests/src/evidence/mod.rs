//! What the exact results, the samplers and the estimators have been judged by, with the numbers that came out.
//!
//! Three tables of checks: [`oracles()`] against each other, [`samplers()`] against the oracles, [`estimators()`] of restricted
//! Boltzmann machines against sums over all states. `cargo xtask evidence` prints them and fails if a check does; a short
//! form runs with the tests.

mod estimators;
mod oracles;
mod samplers;
mod table;
mod updates;

pub use estimators::estimators;
pub use oracles::oracles;
pub use samplers::samplers;
pub use table::{Check, Table};

/// How much is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// A few seconds on one core: small lattices, fewer samples.
    Short,
    /// A minute or two.
    Full,
}

/// The probability that all random checks of a table together raise a false alarm, each having an equal share of it
/// (Bonferroni).
pub const FALSE_ALARM: f64 = 1e-3;
