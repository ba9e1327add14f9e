//! Measures of a flow by its machine.

use super::Measured;
use super::value::{put_measured, take_measured};
use crate::tree::{ContentError, Tree};

/// Measures of a flow that need neither a lattice nor temperatures, `[start, step]`; standard errors are over chains.
#[derive(Debug, Clone, PartialEq)]
pub struct MachineCourse {
    /// The mean overlap (1/N) Σ_i v_i(0) v_i(step) of each chain with its own start: 1 at step 0.
    pub overlap: Measured,
    /// The mean free energy F(v) = −ln Σ_h e^−E(v, h) for each visible unit, in nats.
    pub free_energy: Measured,
    /// The mean pseudo-log-likelihood Σ_i ln p(v_i | all other v) for each visible unit, in nats.
    pub pseudo_log_likelihood: Measured,
}

/// Path, unit, description.
const MEASURES: [(&str, &str, &str); 3] = [
    ("machine/overlap", "1", "mean overlap of each chain with its own start"),
    ("machine/free_energy", "nat", "mean free energy of the machine per visible unit"),
    ("machine/pseudo_log_likelihood", "nat", "mean pseudo-log-likelihood per visible unit"),
];

impl MachineCourse {
    pub(super) fn put(&self, tree: &mut Tree) {
        let measured = [&self.overlap, &self.free_energy, &self.pseudo_log_likelihood];
        for ((path, units, what), measured) in MEASURES.iter().zip(measured) {
            put_measured(tree, path, measured, units, what);
        }
    }

    /// None if there is none in a file.
    pub(super) fn take(tree: &Tree, shape: &[usize]) -> Result<Option<Self>, ContentError> {
        if !tree.datasets.keys().any(|path| path.starts_with("machine/")) {
            return Ok(None);
        }
        let [overlap, free_energy, pseudo_log_likelihood] =
            MEASURES.map(|(path, ..)| take_measured(tree, path, shape));
        Ok(Some(Self {
            overlap: overlap?,
            free_energy: free_energy?,
            pseudo_log_likelihood: pseudo_log_likelihood?,
        }))
    }
}
