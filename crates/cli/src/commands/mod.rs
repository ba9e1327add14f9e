//! The verbs.

mod convert;
mod info;
mod run;
mod stage;
mod status;
mod verify;

pub(crate) use convert::{export, import};
pub(crate) use info::info;
pub(crate) use run::{plan, run};
pub(crate) use stage::stage;
pub(crate) use status::status;
pub(crate) use verify::verify;

/// Writes to stdout; that nobody reads it any more is no error.
fn say(text: &str) -> anyhow::Result<()> {
    use std::io::Write as _;
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
