//! What the benchmarks and the table of peers have in common: shapes and data whose values do not matter for the time.
//!
//! **Invariant:** nothing here measures; criterion's benchmarks and the program `measure` do.

use datasets::lattice::Lattice;
use datasets::{Boundary, Observables, Spins};
use ndarray::Array2;
use numerics::bits::Bits;
use numerics::product;
use numerics::streams::stream;

/// Visible units, hidden units, configurations: the machines of the table.
pub const SHAPES: [(usize, usize, usize); 5] =
    [(100, 100, 40_000), (100, 64, 25_000), (100, 400, 25_000), (1024, 1024, 10_000), (784, 500, 10_000)];

/// Configurations of a batch.
pub const BATCH: usize = 100;

/// Configurations of `sites` spins in strips of equal spins, dealt out evenly over `classes` temperatures.
pub fn spins(sites: usize, count: usize, classes: usize) -> Spins {
    let mut bits = Bits::from_stream(&mut stream(1, "bench", &[]));
    let mut samples = Array2::ones((count, sites));
    for mut row in samples.rows_mut() {
        let mut spin = 1i8;
        for site in &mut row {
            spin = if bits.next() >> 61 == 0 { -spin } else { spin };
            *site = spin;
        }
    }
    Spins {
        lattice: Lattice::square(sites.isqrt()).expect("a square"),
        boundary: Boundary::Periodic,
        coupling: 1.0,
        field: 0.0,
        algorithm: "bench".to_owned(),
        label_kind: datasets::LabelKind::Temperature,
        temperature: (0..classes).map(|class| 1.0 + class as f64).collect(),
        labels: (0..count).map(|row| (row % classes) as u16).collect(),
        energy: vec![0; count],
        magnetization: vec![0; count],
        samples,
        observables: Observables::default(),
    }
}

/// The five matrix products that an update of contrastive divergence cannot do without.
#[derive(Debug)]
pub struct Floor {
    visible: Array2<f32>,
    hidden: Array2<f32>,
    weights: Array2<f32>,
    out: [Array2<f32>; 3],
}

impl Floor {
    /// For batches of [`BATCH`] configurations.
    pub fn new(visible: usize, hidden: usize) -> Self {
        let (v, h, w) =
            (Array2::ones((BATCH, visible)), Array2::ones((BATCH, hidden)), Array2::ones((visible, hidden)));
        Self { out: [v.clone(), h.clone(), w.clone()], visible: v, hidden: h, weights: w }
    }

    /// Two products v·W, one h·Wᵀ, two vᵀ·h.
    pub fn update(&mut self) {
        let Self { visible: v, hidden: h, weights: w, out: [v_out, h_out, w_out] } = self;
        product::multiply(v.view(), w.view(), h_out.view_mut());
        product::multiply(h.view(), w.t(), v_out.view_mut());
        product::multiply(v.view(), w.view(), h_out.view_mut());
        product::multiply(v.t(), h.view(), w_out.view_mut());
        product::multiply(v.t(), h.view(), w_out.view_mut());
        std::hint::black_box((v_out, h_out, w_out));
    }
}
