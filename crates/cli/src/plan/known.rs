//! What the costs of a job depend on, besides its settings.

use datasets::file::Header;

use crate::job::Job;

/// What is known of the input files of a job; 0 of what there is not.
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

impl Known {
    /// What the input files of a job say of themselves. What a file of another kind says counts for nothing: the stage
    /// will refuse it.
    pub(crate) fn of(job: &Job, headers: &[Header]) -> Self {
        let mut known = Self { files: headers.len(), ..Self::default() };
        for (source, header) in job.inputs.iter().zip(headers) {
            let length = |path: &str, axis: usize| {
                let dataset = header.datasets.iter().find(|dataset| dataset.path == path);
                dataset.and_then(|dataset| dataset.shape.get(axis)).copied().unwrap_or(0)
            };
            match (source.role.as_str(), header.schema.as_str()) {
                ("test", "rbmflow.spins") => known.others = length("samples", 0),
                (_, "rbmflow.spins") => {
                    known.samples = known.samples.saturating_add(length("samples", 0));
                    known.sites = known.sites.max(length("samples", 1));
                    known.temperatures = known.temperatures.max(length("temperature", 0));
                }
                (_, "rbmflow.rbm") => {
                    known.sites = known.sites.max(length("weights", 0));
                    known.hidden = length("weights", 1);
                }
                (_, "rbmflow.thermometer") => known.classes = length("temperature", 0),
                _ => {}
            }
        }
        known
    }
}
