//! The stages, each in a file: settings and inputs on the command line, checks, cost, and the computation.

mod block_spin_flow;
mod equation_of_state;
pub(crate) mod figures;
mod likelihood;
mod rbm_flow;
pub(crate) mod readout;
pub(crate) mod report;
mod sample;
mod thermometer;
mod train;
mod weights;
