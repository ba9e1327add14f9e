//! How a long computation reports how far it is, and is asked to stop, without knowing about terminals or signals.

/// A listener of a long computation.
///
/// Science crates call [`Progress::report`] at points where it is safe to stop. `()` is the listener that ignores
/// everything.
pub trait Progress: Sync {
    /// Called with the `fraction` of the work that is done, in 0..=1.
    ///
    /// # Errors
    ///
    /// [`Interrupted`] asks the computation to stop at once and to return that error.
    fn report(&self, fraction: f64) -> Result<(), Interrupted>;
}

impl Progress for () {
    fn report(&self, _fraction: f64) -> Result<(), Interrupted> {
        Ok(())
    }
}

/// The computation was asked to stop before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("interrupted")]
pub struct Interrupted;
