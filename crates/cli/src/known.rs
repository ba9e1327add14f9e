//! What the costs of a job depend on, besides its settings.

/// Metadata of a job's inputs; 0 of what there is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Known {
    /// Sites of the lattice, which are the visible units.
    pub(crate) sites: usize,
    /// Hidden units of the machine.
    pub(crate) hidden: usize,
    /// Configurations in all files of them together.
    pub(crate) samples: usize,
    /// Configurations that a thermometer is tested on.
    pub(crate) others: usize,
    /// Temperatures of the configurations.
    pub(crate) temperatures: usize,
    /// Temperatures that a thermometer knows.
    pub(crate) classes: usize,
    /// The number of files.
    pub(crate) files: usize,
}
