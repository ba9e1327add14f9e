//! `import` and `export`.

use crate::arguments::{Export, Import};

pub(crate) fn import(_arguments: &Import) -> anyhow::Result<()> {
    anyhow::bail!("not there yet")
}

pub(crate) fn export(_arguments: &Export) -> anyhow::Result<()> {
    anyhow::bail!("not there yet")
}
