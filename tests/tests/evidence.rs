//! The short form of the evidence: every check passes.

use rbmflow_tests::evidence::{Effort, Table, estimators, oracles, samplers};

fn check(table: &Table, at_least: usize) {
    println!("{}", table.markdown());
    assert_eq!(table.failures(), 0, "{}", table.markdown());
    assert!(table.len() >= at_least, "{} checks", table.len());
}

#[test]
fn oracles_agree() {
    check(&oracles(Effort::Short).unwrap(), 20);
}

#[test]
fn samplers_follow_the_exact_laws() {
    check(&samplers(Effort::Short).unwrap(), 50);
}

#[test]
fn estimators_agree_with_sums_over_all_states() {
    check(&estimators(Effort::Short).unwrap(), 29);
}
