//! Where m → m′ comes to rest.

use lattice::Lattice;

use super::linear::{leading_eigenpair, solve};
use super::map::{Closure, MeanMap};
use super::product_law::{abs_magnetization, energy_per_site, magnetization};

/// The largest |m′ − m| of a fixed point.
const PRECISION: f64 = 1e-12;
/// Iterated points change by less than this before Newton's method takes over, so that it stays with them.
const NEAR: f64 = 1e-5;
/// The number of iterations from a start.
const ITERATIONS: usize = 2000;
/// The number of Newton's steps.
const NEWTON: usize = 40;
/// Two fixed points with all means within this distance are one.
const SAME: f64 = 1e-7;
/// The number of intervals of −1..=1 in which fixed points of the uniform map are looked for.
const INTERVALS: usize = 200;

/// A vector of means that a step does not change.
#[derive(Debug, Clone, PartialEq)]
pub struct FixedPoint {
    /// m*, \[visible\].
    pub means: Vec<f64>,
    /// The eigenvalue of largest magnitude of ∂m′/∂m there: each step multiplies what is left of a small deviation by
    /// it, in the end.
    pub slope: f64,
}

impl FixedPoint {
    /// Whether small deviations shrink.
    pub fn is_stable(&self) -> bool {
        self.slope.abs() < 1.0
    }

    /// [`datasets::relaxation_steps`] of the slope.
    pub fn relaxation_steps(&self) -> f64 {
        datasets::relaxation_steps(self.slope)
    }

    /// ⟨M⟩/N.
    pub fn magnetization(&self) -> f64 {
        magnetization(&self.means)
    }

    /// ⟨|M|⟩/N of independent spins with these means.
    pub fn abs_magnetization(&self) -> f64 {
        abs_magnetization(&self.means)
    }

    /// The energy per site on a lattice in J: [`energy_per_site`].
    ///
    /// # Panics
    ///
    /// If the lattice has another number of sites.
    pub fn energy_per_site(&self, lattice: Lattice) -> f64 {
        energy_per_site(lattice, &self.means)
    }
}

/// What the search found.
#[derive(Debug, Clone, PartialEq)]
pub struct FixedPoints {
    /// All different ones, stable and unstable, by descending magnetization.
    pub points: Vec<FixedPoint>,
    /// For each start at m = 1, −1, 0.01, −0.01 on all sites the number of the point in `points` to which repeated
    /// steps lead; `None` if 2000 steps are not enough to come near one. With the closures `Memory` and `Exact` the
    /// start goes to where `Gaussian` takes it first, and on from there, but stays with 0 if that is stable.
    pub reached: [Option<usize>; 4],
}

/// Looks for the fixed points of a map.
///
/// Stable ones by repeated steps from m = ±1 and ±0.01 on all sites, and from ±0.01 of the mode that grows fastest from
/// 0; they and unstable ones by Newton's method from there, from 0, and from the fixed points of the uniform map. There
/// may be more: those of a nonlinear map of many variables cannot be counted.
///
/// The closures `Memory` and `Exact` start from the fixed points of `Gaussian`, whose steps cost as much per unit as
/// theirs per weight.
pub fn fixed_points(map: &MeanMap) -> FixedPoints {
    let n = map.visible();
    let mut found = Found { map, points: vec![] };
    let reached = if map.closure() == Closure::Gaussian {
        let reached = [1.0, -1.0, 0.01, -0.01].map(|m| found.iterate(vec![m; n]));
        let (_, mode) = leading_eigenpair(&map.linearization(&vec![0.0; n]).jacobian);
        let largest = mode.iter().fold(0.0f64, |a, x| a.max(x.abs()));
        for sign in [0.01, -0.01] {
            found.iterate(mode.iter().map(|x| sign * x / largest).collect());
        }
        found.newton(vec![0.0; n]);
        for m in uniform_fixed_points(map) {
            found.newton(vec![m; n]);
        }
        reached
    } else {
        let gaussian = fixed_points(&map.gaussian());
        let symmetric = map.parameters().is_symmetric();
        let mut on: Vec<Option<usize>> = vec![];
        for point in &gaussian.points {
            let negated: Vec<f64> = point.means.iter().map(|m| -m).collect();
            let twin =
                gaussian.points[..on.len()].iter().position(|other| distance(&other.means, &negated) <= SAME);
            on.push(match twin.filter(|_| symmetric) {
                Some(twin) => on[twin].map(|twin| found.negate(twin)),
                None if point.is_stable() => found.iterate(point.means.clone()),
                None => found.newton(point.means.clone()),
            });
        }
        let mut reached = gaussian.reached.map(|point| point.and_then(|point| on[point]));
        let zero = found.points.iter().position(|point| point.means.iter().all(|m| m.abs() <= SAME));
        if let Some(zero) = zero.filter(|&zero| found.points[zero].is_stable()) {
            reached[2..].fill(Some(zero));
        }
        reached
    };
    let mut order: Vec<usize> = (0..found.points.len()).collect();
    let points = found.points;
    order.sort_by(|&a, &b| points[b].magnetization().total_cmp(&points[a].magnetization()));
    let place = |point: usize| order.iter().position(|&other| other == point).expect("a permutation");
    let reached = reached.map(|point| point.map(place));
    FixedPoints { points: order.iter().map(|&k| points[k].clone()).collect(), reached }
}

/// The m between which and their image the uniform map changes sign, by bisection.
fn uniform_fixed_points(map: &MeanMap) -> Vec<f64> {
    let curve = map.uniform_curve(INTERVALS + 1);
    let mut found = vec![];
    for pair in curve.windows(2) {
        let (mut low, mut high) = (pair[0].0, pair[1].0);
        let excess = pair[0].1 - low;
        if excess * (pair[1].1 - high) >= 0.0 {
            continue;
        }
        // Newton's method does the rest.
        for _ in 0..12 {
            let middle = 0.5 * (low + high);
            if (map.uniform_image(middle) - middle) * excess > 0.0 { low = middle } else { high = middle }
        }
        found.push(0.5 * (low + high));
    }
    found
}

struct Found<'a> {
    map: &'a MeanMap,
    points: Vec<FixedPoint>,
}

impl Found<'_> {
    /// Repeated steps, then Newton's method.
    fn iterate(&mut self, start: Vec<f64>) -> Option<usize> {
        let mut means = start;
        for _ in 0..ITERATIONS {
            let image = self.map.image(&means);
            let change = distance(&image, &means);
            means = image;
            if change <= NEAR {
                return self.newton(means);
            }
        }
        None
    }

    /// m − (J − 1)⁻¹ (m′ − m), again and again. The number of the fixed point, which is added if it is new.
    fn newton(&mut self, start: Vec<f64>) -> Option<usize> {
        let mut means = start;
        for _ in 0..NEWTON {
            let at = self.map.linearization(&means);
            if distance(&at.image, &means) <= PRECISION {
                return Some(self.add(means, || leading_eigenpair(&at.jacobian).0));
            }
            let mut matrix = at.jacobian;
            matrix.diag_mut().iter_mut().for_each(|x| *x -= 1.0);
            let difference = means.iter().zip(&at.image).map(|(m, image)| m - image).collect();
            let step = solve(matrix, difference)?;
            means.iter_mut().zip(&step).for_each(|(m, step)| *m = (*m + step).clamp(-1.0, 1.0));
        }
        None
    }

    fn add(&mut self, means: Vec<f64>, slope: impl FnOnce() -> f64) -> usize {
        if let Some(known) = self.points.iter().position(|point| distance(&point.means, &means) <= SAME) {
            return known;
        }
        self.points.push(FixedPoint { means, slope: slope() });
        self.points.len() - 1
    }

    /// The point with all signs changed, of a map without biases.
    fn negate(&mut self, point: usize) -> usize {
        let FixedPoint { means, slope } = &self.points[point];
        let (means, slope) = (means.iter().map(|m| -m).collect(), *slope);
        self.add(means, || slope)
    }
}

/// The largest difference.
fn distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}
