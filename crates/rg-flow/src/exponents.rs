//! Exponents along a flow, from what [`crate::monte_carlo_rg`] says of its ensembles and of a machine's first step.

use datasets::lattice::{Kind, Lattice};
use datasets::{Exponents, Measured, Response, Value};
use ndarray::{Array2, Array3, ArrayView2};

use crate::majority::block_all;
use crate::monte_carlo_rg::{Sector, Stability, stabilities};

/// Parts of the configurations for the errors, as far as there are as many.
const PARTS: usize = 50;
/// What was not measured.
const UNKNOWN: Value = Value { value: f64::NAN, error: f64::NAN };

/// A number with 1, 2, … even couplings, and one with 1, 2, … odd ones; NaN where there is none.
#[derive(Clone)]
pub(crate) struct Sectors {
    even: Vec<Value>,
    odd: Vec<Value>,
}

impl Sectors {
    /// From an ensemble [n, sites] before and the same configurations after a map by the scale factor b.
    fn of(
        before: (Lattice, ArrayView2<i8>),
        after: (Lattice, ArrayView2<i8>),
        scale: f64,
        pick: fn(&Stability) -> Option<Value>,
    ) -> Self {
        let parts = PARTS.min(before.1.nrows());
        let of = |sector| {
            let found = stabilities(sector, before, after, scale, parts);
            found.iter().map(|found| found.as_ref().ok().and_then(pick).unwrap_or(UNKNOWN)).collect()
        };
        Self { even: of(Sector::Even), odd: of(Sector::Odd) }
    }

    /// y_t and y_h from configurations and their blocks.
    pub(crate) fn of_blocks(before: (Lattice, ArrayView2<i8>), after: (Lattice, ArrayView2<i8>)) -> Self {
        Self::of(before, after, 2.0, |found| found.exponent)
    }

    /// y_t and y_h of an ensemble that is blocked once; `None` if it has no 2 × 2 blocks.
    pub(crate) fn of_ensemble(
        lattice: Lattice,
        spins: ArrayView2<i8>,
        seed: u64,
        indices: [u64; 2],
    ) -> Option<Self> {
        let blocks = lattice.blocks().ok().filter(|_| is_measured_on(lattice))?;
        let blocked = block_all(&blocks, spins, seed, indices);
        Some(Self::of_blocks((lattice, spins), (blocks.lattice(), blocked.view())))
    }

    /// The leading eigenvalues of a map that does not change the lattice.
    pub(crate) fn of_step(lattice: Lattice, before: ArrayView2<i8>, after: ArrayView2<i8>) -> Self {
        Self::of((lattice, before), (lattice, after), 1.0, |found| Some(found.eigenvalue))
    }
}

/// Whether the operators are those of this lattice.
pub(crate) fn is_measured_on(lattice: Lattice) -> bool {
    lattice.kind() == Kind::Square
}

/// The exponents of each start at the recorded steps with these indices; `None` without any.
pub(crate) fn exponents(at: &[u32], of_starts: &[Vec<Sectors>]) -> Option<Exponents> {
    if at.is_empty() || of_starts.iter().any(|of_start| of_start.len() != at.len()) {
        return None;
    }
    let cube = |sector: Sector, pick: fn(&Value) -> f64| {
        Array3::from_shape_fn((of_starts.len(), at.len(), sector.operators()), |(f, b, n)| {
            pick(&of_starts[f][b].of_sector(sector)[n])
        })
    };
    Some(Exponents {
        at: at.to_vec(),
        thermal: cube(Sector::Even, |v| v.value),
        thermal_error: cube(Sector::Even, |v| v.error),
        magnetic: cube(Sector::Odd, |v| v.value),
        magnetic_error: cube(Sector::Odd, |v| v.error),
    })
}

/// The response of each start.
pub(crate) fn response(of_starts: &[Sectors]) -> Response {
    let measured = |sector: Sector| {
        let grid = |pick: fn(&Value) -> f64| {
            Array2::from_shape_fn((of_starts.len(), sector.operators()), |(f, n)| {
                pick(&of_starts[f].of_sector(sector)[n])
            })
        };
        Measured { value: grid(|v| v.value), error: grid(|v| v.error) }
    };
    Response { even: measured(Sector::Even), odd: measured(Sector::Odd) }
}

impl Sectors {
    fn of_sector(&self, sector: Sector) -> &[Value] {
        match sector {
            Sector::Even => &self.even,
            Sector::Odd => &self.odd,
        }
    }
}

/// The slope dT'/dT of a measured map T → T' at each of its temperatures, which ascend: the difference of what follows
/// and what comes before; NaN at the ends, and where a temperature is missing.
///
/// ```
/// let after = [1.0, 1.25, 1.75].map(|value| datasets::Value { value, error: 0.03 });
/// let slopes = rg_flow::map_slopes(&[0.5, 1.0, 2.0], &after);
/// assert_eq!(slopes[1].value, 0.5);
/// assert!((slopes[1].error - 0.03 * 2f64.sqrt() / 1.5).abs() < 1e-15);
/// assert!(slopes[0].value.is_nan() && slopes[2].value.is_nan());
/// ```
pub fn map_slopes(temperature: &[f64], after: &[Value]) -> Vec<Value> {
    let slope = |k: usize| {
        let (low, high) = (k.checked_sub(1)?, k + 1);
        let step = temperature.get(high)? - temperature[low];
        let (from, to) = (after.get(low)?, after.get(high)?);
        let slope = Value { value: (to.value - from.value) / step, error: from.error.hypot(to.error) / step };
        (step > 0.0 && step.is_finite() && slope.value.is_finite()).then_some(slope)
    };
    (0..temperature.len()).map(|k| slope(k).unwrap_or(UNKNOWN)).collect()
}
