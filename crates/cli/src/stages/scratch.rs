//! Where the output of a job is written: in its place, or first in a folder of this machine alone.

use std::path::Path;

use anyhow::Context as _;
use datasets::file::{self, replace};
use datasets::{Artifact, Provenance};

use crate::job::Job;

/// Where an output is written.
pub(super) struct Place<'a> {
    output: &'a Path,
    scratch: Option<&'a Path>,
}

impl<'a> Place<'a> {
    /// That of a job.
    pub(super) fn of(job: &'a Job, scratch: Option<&'a Path>) -> Self {
        Self { output: &job.output, scratch }
    }

    /// Writes the output. In either way its name never stands for less than all of it.
    pub(super) fn write<T: Artifact>(&self, artifact: &T, provenance: &Provenance) -> anyhow::Result<()> {
        let Some(scratch) = self.scratch else {
            file::write(self.output, artifact, provenance)?;
            return Ok(());
        };
        // Several processes may use one folder; this one's own is deleted at the end.
        let own = tempfile::Builder::new().prefix("rbmflow-").tempdir_in(scratch);
        let own = own.with_context(|| format!("cannot write into `{}`", scratch.display()))?;
        let local = own.path().join("output.h5");
        file::write(&local, artifact, provenance)?;
        let bytes =
            std::fs::read(&local).with_context(|| format!("cannot read back `{}`", local.display()))?;
        Ok(replace(self.output, &bytes)?)
    }
}
