//! The nodes of the integral over k: what a hidden unit contributes to every coupling at one k.
//!
//! ln 2 cosh x and its derivatives are integrals over 1/(k sinh(πk/2)); the average of Π v_i · ln 2 cosh(c + Σ w_l v_l)
//! over all 2^N configurations is therefore one integral of a product over the sites. It is even and analytic near the
//! real axis, where the midpoint rule with step h has, by Poisson's summation formula, the error
//!
//!   Σ_{j ≠ 0} (−1)^j ⟨Π v_i · ln 2 cosh(x + 2πj/h)⟩,   x = c + Σ w_l v_l.
//!
//! ln 2 cosh(x + Ω) = x + Ω + ln(1 + e^{−2(x+Ω)}); the linear part cancels between j and −j, and the logarithm is
//! between 0 and its argument, whose average is below e^{−2Ω} cosh(2c) Π cosh(2 w_l). So the step
//! h = 4π / (ln cosh 2c + Σ ln cosh 2w_l + 40) leaves less than 10⁻¹⁶ whatever the weights are. 1/sinh ends the range at k = 26, where it is
//! below 10⁻¹⁷.

use std::f64::consts::{FRAC_1_PI, FRAC_PI_2, PI};

use numerics::elementary::{exp, ln, sin_cos_pi};

use super::parameters::HiddenUnit;

/// −ln of the error of the midpoint rule, up to a factor of about 2.
const DIGITS: f64 = 40.0;
/// The upper end of the integral.
const END: f64 = 26.0;
/// The largest number of nodes of one hidden unit: reached where Σ|w| + |c| is about 15,800. There k w is known to
/// 10⁻¹¹ only.
pub(super) const LARGEST_NODES: usize = 1 << 16;
/// Cosines are kept from 0, so that one may divide by them. A product of cosines with up to four of them divided out
/// again is changed by no more than this.
const SMALLEST_COSINE: f64 = 1e-30;
/// Nodes whose largest term is below this part of the largest possible one are left out.
const NEGLIGIBLE: f64 = 1e-22;

/// One k of one hidden unit. Its part of J_S is `odd` or `even` · Π_{i∈S} `tangent`_i for |S| odd or even, up to the
/// sign of §S.
pub(super) struct Node {
    /// h sin(k c) Π cos(k w_l) / (k sinh(πk/2)).
    pub(super) odd: f64,
    /// h cos(k c) Π cos(k w_l) / (k sinh(πk/2)).
    pub(super) even: f64,
    /// tan(k w_l), `[visible]`.
    pub(super) tangent: Vec<f64>,
}

/// The nodes of one hidden unit.
pub(super) struct Nodes<'a> {
    unit: &'a HiddenUnit,
    step: f64,
    count: usize,
    negligible: f64,
}

impl<'a> Nodes<'a> {
    /// `None` if there are more than [`LARGEST_NODES`].
    pub(super) fn new(unit: &'a HiddenUnit) -> Option<Self> {
        let growth: f64 = unit.weights.iter().map(|&w| ln_cosh(2.0 * w)).sum();
        let step = 4.0 * PI / (ln_cosh(2.0 * unit.bias) + growth + DIGITS);
        let count = (END / step).ceil();
        let [first, second] = two_largest(unit.weights.iter().map(|w| w.abs()));
        // |sin kw| ≤ k|w| and 1/(k sinh(πk/2)) ≤ 2/(πk²).
        let negligible = NEGLIGIBLE * (first * second.max(unit.bias.abs())).min(1.0);
        (count <= LARGEST_NODES as f64).then_some(Self { unit, step, count: count as usize, negligible })
    }

    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// The node of a number below [`Self::count`], unless nothing of it is left.
    pub(super) fn at(&self, number: usize) -> Option<Node> {
        let k = (number as f64 + 0.5) * self.step;
        let mut product = self.step / (k * sinh(FRAC_PI_2 * k));
        let sine_and_cosine = |w: f64| {
            let (sine, cosine) = sin_cos_pi(k * w * FRAC_1_PI);
            (sine, if cosine.abs() < SMALLEST_COSINE { SMALLEST_COSINE } else { cosine })
        };
        let mut tangent = Vec::with_capacity(self.unit.weights.len());
        for &w in &self.unit.weights {
            let (sine, cosine) = sine_and_cosine(w);
            product *= cosine;
            tangent.push(sine / cosine);
        }
        let (sine, cosine) = sin_cos_pi(k * self.unit.bias * FRAC_1_PI);
        let [first, second] = two_largest(tangent.iter().map(|t| t.abs()));
        let largest = product.abs() * first * second.max(sine.abs());
        (largest > self.negligible).then_some(Node { odd: product * sine, even: product * cosine, tangent })
    }
}

/// The largest and the second largest of some numbers that are not negative; 0 where there is none.
fn two_largest(values: impl Iterator<Item = f64>) -> [f64; 2] {
    values.fold(
        [0.0, 0.0],
        |[first, second], value| {
            if value > first { [value, first] } else { [first, second.max(value)] }
        },
    )
}

/// ln cosh x.
fn ln_cosh(x: f64) -> f64 {
    let x = x.abs();
    x + ln(0.5 + 0.5 * exp(-2.0 * x))
}

/// sinh x for x > 0, also where both exponentials nearly cancel.
fn sinh(x: f64) -> f64 {
    if x > 0.5 {
        return 0.5 * (exp(x) - exp(-x));
    }
    let square = x * x;
    let mut series = 0.0;
    for j in [7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0] {
        series = (1.0 + series) * square / (2.0 * j * (2.0 * j + 1.0));
    }
    x + x * series
}
