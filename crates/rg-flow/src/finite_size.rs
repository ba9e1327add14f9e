//! Exponents from how ensembles depend on the size of the lattice.

use datasets::Value;
use ising_mc::statistics::line;
use numerics::elementary::ln;

/// x of y ~ L^x: the slope of ln y against ln L through points (L, y), by weighted least squares; `None` with fewer
/// than two sizes, or if a y is not positive. The error grows with the misfit where the points do not lie on a line.
///
/// At T_c of the Ising model x = −β/ν = −1/8 for y = ⟨|m|⟩, and −η = −1/4 for y = ⟨m²⟩ and y = G(L/2); corrections are
/// of order 1/L and smaller.
///
/// ```
/// use datasets::Value;
///
/// let points = [8.0, 16.0, 32.0].map(|size: f64| (size, Value { value: size.powf(-0.125), error: 0.001 }));
/// let x = rg_flow::finite_size_exponent(&points).expect("three sizes");
/// assert!((x.value + 0.125).abs() < 1e-12);
/// ```
pub fn finite_size_exponent(points: &[(f64, Value)]) -> Option<Value> {
    let logarithms: Option<Vec<(f64, Value)>> = points
        .iter()
        .map(|&(size, y)| {
            let ok = size > 0.0 && y.value > 0.0 && y.error > 0.0 && y.error.is_finite();
            ok.then(|| (ln(size), Value { value: ln(y.value), error: y.error / y.value }))
        })
        .collect();
    Some(line(&logarithms?)?.slope)
}
