//! The theory of the flow against enumeration, identities, and sampled flows.

mod averages;
mod balance;
#[path = "../common/mod.rs"]
mod common;
mod enumeration;
mod fixed_points;
mod map;

use datasets::{Rbm, Units};
use ndarray::Array2;
use numerics::bits::{Bits, unit_f64};
use numerics::streams::stream;
use rg_flow::theory::{Kind, Lattice};

/// Uniform random numbers in −1..1.
fn uniform(seed: u64, n: usize) -> Vec<f64> {
    let mut bits = Bits::from_stream(&mut stream(seed, "test theory", &[]));
    (0..n).map(|_| 2.0 * unit_f64(bits.next()) - 1.0).collect()
}

/// A machine with random weights and biases between −`weight` and `weight`, −`bias` and `bias`.
fn random_machine(shape: (usize, usize), weight: f64, bias: f64, units: Units, seed: u64) -> Rbm {
    let numbers = |seed, n, scale: f64| uniform(seed, n).into_iter().map(move |x| (scale * x) as f32);
    let weights = numbers(10 * seed, shape.0 * shape.1, weight).collect();
    let mut rbm = common::machine(Array2::from_shape_vec(shape, weights).expect("as many as there are"));
    rbm.units = units;
    rbm.visible_bias = numbers(10 * seed + 1, shape.0, bias).collect();
    rbm.hidden_bias = numbers(10 * seed + 2, shape.1, bias).collect();
    rbm
}

/// The L × L torus.
fn square(size: usize) -> Lattice {
    Lattice::of_size(Kind::Square, size).expect("a torus")
}

/// The largest difference.
fn distance(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}
