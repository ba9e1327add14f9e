//! What needs a finished run of the quick experiment: one program, so that the run is made once.

mod browser;
mod examples;
mod readme;
mod snapshots;
