//! Validation: four tables of checks, with the numbers that came out.
//!
//! [`oracles()`] against each other, [`samplers()`] against the oracles, [`joint_laws()`] over
//! the whole range of settings, [`estimators()`] of restricted Boltzmann machines against
//! sums over all states. The short form runs with all tests; the full one, a minute or two, with
//!
//! ```text
//! cargo test --release --package rbmflow-tests --features slow --test validation -- --nocapture
//! ```

mod estimators;
mod joint_laws;
mod oracles;
mod samplers;
mod table;
mod updates;

use std::error::Error;

use estimators::estimators;
use joint_laws::joint_laws;
use oracles::oracles;
use samplers::samplers;
use table::{Check, Table};

/// How much is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effort {
    /// A few seconds on one core: small lattices, fewer samples.
    Short,
    /// A minute or two.
    Full,
}

/// The probability that all random checks of a table together raise a false alarm, each having an equal share of it
/// (Bonferroni).
const FALSE_ALARM: f64 = 1e-3;

#[track_caller]
fn check(table: fn(Effort) -> Result<Table, Box<dyn Error>>, at_least: usize) {
    let effort = if cfg!(feature = "slow") { Effort::Full } else { Effort::Short };
    let table = table(effort).unwrap();
    println!("{}", table.markdown());
    assert_eq!(table.failures(), 0, "{}", table.markdown());
    assert!(table.len() >= at_least, "{} checks", table.len());
}

#[test]
fn oracles_agree() {
    check(oracles, 20);
}

#[test]
fn samplers_follow_the_exact_laws() {
    check(samplers, 50);
}

#[test]
fn samplers_follow_the_joint_law_over_the_whole_range() {
    check(joint_laws, 50);
}

#[test]
fn estimators_agree_with_sums_over_all_states() {
    check(estimators, 29);
}
