//! Means and covariances: for states without magnetization, in which correlations are all there is.

use lattice::Lattice;
use ndarray::Array2;
use rbm_core::SpinParameters;

use super::error::TheoryError;
use super::gaussian::tanh_moments;
use super::linear::multiply;
use super::product_law::{bond_energy, magnetization};

/// Means and covariances of the visible spins.
#[derive(Debug, Clone, PartialEq)]
pub struct CovarianceState {
    /// m, \[visible\].
    pub means: Vec<f64>,
    /// C_ij = ⟨v_i v_j⟩ − m_i m_j, \[visible, visible\]; 1 − m_i² on the diagonal.
    pub covariance: Array2<f64>,
}

/// Where the covariance closure comes to rest.
#[derive(Debug, Clone, PartialEq)]
pub struct CovarianceFixedPoint {
    /// The state.
    pub state: CovarianceState,
    /// The number of steps done.
    pub steps: usize,
    /// The factor by which the last step was smaller than the one before: the relaxation per step of the covariances.
    pub contraction: f64,
}

impl CovarianceState {
    /// Independent spins with these means.
    pub fn independent(means: &[f64]) -> Self {
        let mut covariance = Array2::zeros((means.len(), means.len()));
        covariance.diag_mut().iter_mut().zip(means).for_each(|(c, m)| *c = 1.0 - m * m);
        Self { means: means.to_vec(), covariance }
    }

    /// One step v → h → v with Gaussian fields that have the covariances of the other layer:
    ///
    /// X = Wᵀ C W, h̄_a = E_z tanh(c_a + Σ_i W_ia m_i + z √X_aa), g_a = E_z sech² of the same, H_ab = g_a g_b X_ab (a ≠
    /// b), H_aa = 1 − h̄_a²; and from H in the same way back: Y = W H Wᵀ, C′_ij = γ_i γ_j Y_ij, C′_ii = 1 − m_i′².
    ///
    /// From independent spins the hidden means are those of [`super::Closure::Gaussian`].
    ///
    /// # Panics
    ///
    /// If there is not one mean per visible unit.
    #[must_use]
    pub fn step(&self, machine: &SpinParameters) -> Self {
        let transposed = machine.weights.t().as_standard_layout().into_owned();
        let hidden = self.layer(&transposed, &machine.weights, &machine.hidden_bias);
        hidden.layer(&machine.weights, &transposed, &machine.visible_bias)
    }

    /// The other layer's state: `weights` [out, in] and its transpose.
    fn layer(&self, weights: &Array2<f64>, transposed: &Array2<f64>, bias: &[f64]) -> Self {
        let mut fields = multiply(&multiply(weights, &self.covariance), transposed);
        let found: Vec<_> = weights
            .rows()
            .into_iter()
            .zip(bias)
            .enumerate()
            .map(|(a, (row, bias))| {
                let mean = bias + row.iter().zip(&self.means).map(|(w, m)| w * m).sum::<f64>();
                tanh_moments(mean, fields[[a, a]])
            })
            .collect();
        for ((a, b), value) in fields.indexed_iter_mut() {
            *value = if a == b {
                1.0 - found[a].mean * found[a].mean
            } else {
                // The product of the slopes first, so that the matrix stays symmetric.
                found[a].slope * found[b].slope * *value
            };
        }
        Self { means: found.iter().map(|unit| unit.mean).collect(), covariance: fields }
    }

    /// −(1/N) Σ⟨xy⟩ (m_x m_y + C_xy) over the bonds of a lattice, in J.
    ///
    /// # Panics
    ///
    /// If the lattice has another number of sites.
    pub fn energy_per_site(&self, lattice: Lattice) -> f64 {
        let pair = |x: usize, y: usize| self.means[x] * self.means[y] + self.covariance[[x, y]];
        bond_energy(lattice, pair, self.means.len())
    }

    /// ⟨M²⟩/N² = m² + (1/N²) Σ_ij C_ij.
    pub fn squared_magnetization(&self) -> f64 {
        let n = self.means.len() as f64;
        magnetization(&self.means).powi(2) + self.covariance.sum() / (n * n)
    }

    /// ⟨|M|⟩/N of a Gaussian M with mean 0 and the variance at hand, √(2⟨M²⟩/π)/N; only meaningful where there are no
    /// means.
    pub fn abs_magnetization(&self) -> f64 {
        (std::f64::consts::FRAC_2_PI * self.squared_magnetization()).sqrt()
    }

    /// The largest difference of two states' numbers.
    fn distance(&self, other: &Self) -> f64 {
        let pairs = self.means.iter().zip(&other.means).chain(self.covariance.iter().zip(&other.covariance));
        pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
    }
}

/// Steps from independent spins with the given means until no number changes by more than 10⁻¹², at most `steps`;
/// `None` if that is not enough.
///
/// # Errors
///
/// If there is not one mean per visible unit.
pub fn covariance_fixed_point(
    machine: &SpinParameters,
    means: &[f64],
    steps: usize,
) -> Result<Option<CovarianceFixedPoint>, TheoryError> {
    let visible = machine.weights.nrows();
    if means.len() != visible {
        return Err(TheoryError::Means { found: means.len(), visible });
    }
    let mut state = CovarianceState::independent(means);
    let (mut previous, mut contraction) = (f64::INFINITY, 0.0);
    for step in 1..=steps {
        let next = state.step(machine);
        let distance = next.distance(&state);
        state = next;
        // Not from rounding errors.
        if distance > 1e-12 && previous.is_finite() {
            contraction = distance / previous;
        }
        if distance <= 1e-12 {
            return Ok(Some(CovarianceFixedPoint { state, steps: step, contraction }));
        }
        previous = distance;
    }
    Ok(None)
}
