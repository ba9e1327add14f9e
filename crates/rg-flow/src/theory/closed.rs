//! The mean activation of 0/1 units whose weights are drawn anew at each half step.

use super::gaussian::tanh_moments;

/// The number of intervals of 0..=1 in which fixed points are looked for.
const INTERVALS: usize = 1000;

/// A machine of 0/1 units without biases whose weights are drawn anew at each half step, independently from N(μ, σ²).
///
/// If a fraction p of n units is 1, the fields of the other layer are Gaussian with the mean μ n p and the variance σ²
/// n p, and its fraction is E_z logistic(μ n p + z √(σ² n p)): in the limit of many units a closed map. This is the
/// control of A. Veiga and R. Vicente, arXiv:2006.10176, who find |2p − 1| = 0.59389 for n = 10⁴, μ = −0.001, σ² =
/// 0.0015.
///
/// ```
/// let map = rg_flow::theory::ClosedMap { visible: 10_000, hidden: 10_000, mean: -0.001, variance: 0.0015 };
/// let [(p, slope)] = map.fixed_points()[..] else { panic!("one fixed point") };
/// assert!(((2.0 * p - 1.0).abs() - 0.59297).abs() < 5e-6 && slope.abs() < 1.0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClosedMap {
    /// The number of visible units.
    pub visible: usize,
    /// The number of hidden units.
    pub hidden: usize,
    /// μ.
    pub mean: f64,
    /// σ².
    pub variance: f64,
}

impl ClosedMap {
    /// The visible units' fraction of ones after a step v → h → v, and its derivative by the one before.
    pub fn step(&self, fraction: f64) -> (f64, f64) {
        let (hidden, down) = self.half_step(self.visible, fraction);
        let (visible, up) = self.half_step(self.hidden, hidden);
        (visible, up * down)
    }

    /// E_z logistic(x) = ½ (1 + E_z tanh(x/2)) in the field of `units` units.
    fn half_step(&self, units: usize, fraction: f64) -> (f64, f64) {
        let (mean, variance) = (0.5 * units as f64 * self.mean, 0.25 * units as f64 * self.variance);
        let found = tanh_moments(mean * fraction, variance * fraction);
        (0.5 * (1.0 + found.mean), 0.5 * (mean * found.slope + 0.5 * variance * found.curvature))
    }

    /// The fractions that a step does not change, ascending, each with the map's slope there; those further apart than
    /// 0.001.
    pub fn fixed_points(&self) -> Vec<(f64, f64)> {
        let excess = |p: f64| self.step(p).0 - p;
        let mut found = vec![];
        for k in 0..INTERVALS {
            let [mut low, mut high] = [k, k + 1].map(|k| k as f64 / INTERVALS as f64);
            // A zero at an end belongs to the interval on its right.
            let sign = excess(low);
            if sign != 0.0 && (excess(high) == 0.0 || sign * excess(high) > 0.0) {
                continue;
            }
            for _ in 0..60 {
                let middle = 0.5 * (low + high);
                if excess(middle) * sign > 0.0 { low = middle } else { high = middle }
            }
            found.push((high, self.step(high).1));
        }
        found
    }
}
