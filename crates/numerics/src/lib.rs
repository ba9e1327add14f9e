//! Random streams, matrix products and sampling, bit for bit the same on every machine.
//!
//! **Invariant:** no result depends on the number of threads, the vector width, the build profile or the
//! platform's mathematical library, and nothing here knows what a spin or a temperature is.
//!
//! # Overview
//!
//! * [`streams`] — a random generator for each (seed, stage, indices).
//! * [`bits`] — many random bits fast, and their mapping to uniforms.
//! * [`activation`] — exp, tanh and the logistic function as our own polynomials.
//! * [`elementary`] — exp, ln, sin and cos in double precision.
//! * [`bit_matrix`] — two-valued units, one bit each.
//! * [`two_valued`] — their products with real matrices: additions only.
//! * [`product`] — products of real matrices with a fixed order of summation.
//! * [`sampling`] — two-valued units from their fields.
//! * [`vector`] — which vector instructions are in use; never visible in a result.

pub mod activation;
pub mod bit_matrix;
pub mod bits;
pub mod elementary;
mod lines;
pub mod product;
pub mod sampling;
pub mod streams;
pub mod two_valued;
pub mod vector;
