//! The map m → m′ of one step v → h → v.

use datasets::Rbm;
use ndarray::Array2;
use rayon::prelude::*;
use rbm_core::SpinParameters;

use super::error::{LARGEST_FIELD, TheoryError};
use super::gaussian::{TanhMoments, tanh_moments};
use super::independent::{tanh_and_gradient, tanh_of_independent_spins};
use super::linear::multiply;

/// How a step of a law with independent sites is made a law with independent sites again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Closure {
    /// Units of either layer are independent and their fields are Gaussian:
    ///
    /// h̄_a = E_z tanh(c_a + Σ_i W_ia m_i + z √(Σ_i W_ia² (1 − m_i²))), and the same back, z ~ N(0, 1).
    ///
    /// Right for small weights and many of them.
    Gaussian,
    /// As `Gaussian`, but each spin remembers itself: F_i^± is the mean of v_i after the step given v_i = ±1 before it,
    /// and m_i′ = ½ (F_i⁺ + F_i⁻) + ½ m_i (F_i⁺ − F_i⁻).
    ///
    /// Right also where hidden units are bound to single sites (large weights).
    Memory,
    /// Units of either layer are independent; the averages over their fields are exact:
    /// [`tanh_of_independent_spins`]. The means of the hidden units are those of the product law exactly.
    Exact,
}

/// The map of the means of the sites, \[visible\], by one step of a machine.
///
/// ```
/// use datasets::{Rbm, Units};
/// use ndarray::{Array1, Array2};
/// use rg_flow::theory::{Closure, MeanMap, fixed_points};
///
/// // One hidden unit with the weight 1 to each of 9 spins: it follows the majority, and the spins follow it.
/// let rbm = Rbm {
///     units: Units::Spin,
///     weights: Array2::ones((9, 1)),
///     visible_bias: Array1::zeros(9),
///     hidden_bias: Array1::zeros(1),
///     training_temperatures: vec![],
///     updates: 0,
///     history_epoch: vec![],
///     history: Default::default(),
/// };
/// let map = MeanMap::new(&rbm, Closure::Exact)?;
/// let found = fixed_points(&map);
/// // Up, down, and nothing, from which all flows run away.
/// assert_eq!(found.points.len(), 3);
/// assert!(found.points[0].is_stable() && !found.points[1].is_stable());
/// let means = &found.points[0].means;
/// assert!((means[0] - map.hidden_means(means)[0] * 1f64.tanh()).abs() < 1e-12);
/// # Ok::<(), rg_flow::theory::TheoryError>(())
/// ```
#[derive(Debug, Clone)]
pub struct MeanMap {
    parameters: SpinParameters,
    /// Wᵀ, \[hidden, visible\].
    transposed: Array2<f64>,
    closure: Closure,
}

/// The map at a point.
#[derive(Debug, Clone, PartialEq)]
pub struct Linearization {
    /// m′, \[visible\].
    pub image: Vec<f64>,
    /// ∂m_i′/∂m_j, \[i, j\].
    pub jacobian: Array2<f64>,
}

impl MeanMap {
    /// The map of a machine.
    ///
    /// # Errors
    ///
    /// If there is not one bias per unit, a parameter is not finite, or the weights are too large for exact averages.
    pub fn new(rbm: &Rbm, closure: Closure) -> Result<Self, TheoryError> {
        let parameters = SpinParameters::of(rbm)?;
        let sum = parameters.largest_field();
        if closure == Closure::Exact && sum > LARGEST_FIELD {
            return Err(TheoryError::TooLarge { sum });
        }
        let transposed = parameters.weights.t().as_standard_layout().into_owned();
        Ok(Self { parameters, transposed, closure })
    }

    /// The machine in spin variables.
    pub fn parameters(&self) -> &SpinParameters {
        &self.parameters
    }

    /// The closure.
    pub fn closure(&self) -> Closure {
        self.closure
    }

    /// The number of visible units.
    pub fn visible(&self) -> usize {
        self.parameters.weights.nrows()
    }

    /// The same machine with Gaussian fields.
    pub(super) fn gaussian(&self) -> Self {
        Self { closure: Closure::Gaussian, ..self.clone() }
    }

    /// The means of the hidden units, \[hidden\], from those of the visible ones. (`Memory`: those of `Gaussian`.)
    ///
    /// # Panics
    ///
    /// If there is not one mean per visible unit.
    pub fn hidden_means(&self, means: &[f64]) -> Vec<f64> {
        self.layer(&self.transposed, &self.parameters.hidden_bias, means)
    }

    /// m′, \[visible\].
    ///
    /// # Panics
    ///
    /// If there is not one mean per visible unit.
    pub fn image(&self, means: &[f64]) -> Vec<f64> {
        match self.closure {
            Closure::Memory => self.with_memory(means, false).0,
            Closure::Gaussian | Closure::Exact => {
                let hidden = self.hidden_means(means);
                self.layer(&self.parameters.weights, &self.parameters.visible_bias, &hidden)
            }
        }
    }

    /// m′ and its derivatives.
    ///
    /// # Panics
    ///
    /// If there is not one mean per visible unit.
    pub fn linearization(&self, means: &[f64]) -> Linearization {
        if self.closure == Closure::Memory {
            let (image, jacobian) = self.with_memory(means, true);
            return Linearization { image, jacobian };
        }
        let (hidden, down) = self.layer_with_jacobian(&self.transposed, &self.parameters.hidden_bias, means);
        let (image, up) =
            self.layer_with_jacobian(&self.parameters.weights, &self.parameters.visible_bias, &hidden);
        Linearization { image, jacobian: multiply(&up, &down) }
    }

    /// The mean over the sites of m′ from the state that has the mean `mean` on all sites: the curve of a cobweb. It is
    /// the whole map where the machine treats all sites alike, and a section through it otherwise.
    pub fn uniform_image(&self, mean: f64) -> f64 {
        let image = self.image(&vec![mean; self.visible()]);
        image.iter().sum::<f64>() / image.len() as f64
    }

    /// [`Self::uniform_image`] at `points` values of m evenly spaced over −1..=1, as pairs (m, m′).
    ///
    /// # Panics
    ///
    /// If there are fewer than two points.
    pub fn uniform_curve(&self, points: usize) -> Vec<(f64, f64)> {
        assert!(points >= 2, "a curve has two ends");
        let last = (points - 1) as f64;
        let at = |k: usize| (2 * k) as f64 / last - 1.0;
        if self.parameters.is_symmetric() {
            // m′ of −m is −m′.
            let upper: Vec<f64> =
                (0..points.div_ceil(2)).into_par_iter().map(|k| self.uniform_image(-at(k))).collect();
            return (0..points)
                .map(|k| match k < upper.len() {
                    true => (at(k), -upper[k]),
                    false => (at(k), upper[points - 1 - k]),
                })
                .collect();
        }
        (0..points).into_par_iter().map(|k| (at(k), self.uniform_image(at(k)))).collect()
    }

    /// The means of the units of one layer, with the rows of `weights` [out, in] for each of them.
    fn layer(&self, weights: &Array2<f64>, bias: &[f64], means: &[f64]) -> Vec<f64> {
        assert_eq!(weights.ncols(), means.len(), "one mean per unit");
        let unit = |(row, &bias): (&[f64], &f64)| match self.closure {
            Closure::Exact => tanh_of_independent_spins(bias, row, means),
            Closure::Gaussian | Closure::Memory => gaussian_unit(bias, row, means).mean,
        };
        rows(weights).zip(bias).collect::<Vec<_>>().into_par_iter().map(unit).collect()
    }

    /// The same and its derivatives by the means, \[out, in\].
    fn layer_with_jacobian(
        &self,
        weights: &Array2<f64>,
        bias: &[f64],
        means: &[f64],
    ) -> (Vec<f64>, Array2<f64>) {
        assert_eq!(weights.ncols(), means.len(), "one mean per unit");
        let unit = |(row, &bias): (&[f64], &f64)| match self.closure {
            Closure::Exact => tanh_and_gradient(bias, row, means),
            Closure::Gaussian | Closure::Memory => {
                let found = gaussian_unit(bias, row, means);
                (found.mean, row.iter().zip(means).map(|(&w, &m)| derivative(&found, w, m)).collect())
            }
        };
        let (image, gradients): (Vec<f64>, Vec<Vec<f64>>) =
            rows(weights).zip(bias).collect::<Vec<_>>().into_par_iter().map(unit).unzip();
        let jacobian =
            Array2::from_shape_vec(weights.dim(), gradients.concat()).expect("a gradient per unit");
        (image, jacobian)
    }

    /// m′ of [`Closure::Memory`], and its Jacobian (without entries if it is not asked for).
    fn with_memory(&self, means: &[f64], jacobian: bool) -> (Vec<f64>, Array2<f64>) {
        let n = self.visible();
        assert_eq!(n, means.len(), "one mean per unit");
        let fields: Vec<(f64, f64)> = rows(&self.transposed)
            .zip(&self.parameters.hidden_bias)
            .map(|(row, &c)| field(c, row, means))
            .collect();
        let sites: Vec<SiteWithMemory> = (0..n)
            .into_par_iter()
            .map(|site| self.site_with_memory(site, means, &fields, jacobian))
            .collect();
        let image = sites.iter().map(|site| site.image).collect();
        if !jacobian {
            return (image, Array2::zeros((n, 0)));
        }
        // ∂m_i′/∂m_j = Σ_a slope_ia W_ja − m_j Σ_a curvature_ia W_ja², the derivative of each field summed.
        let factors = |of: fn(&SiteWithMemory) -> &[f64]| {
            let values: Vec<f64> = sites.iter().flat_map(|site| of(site).iter().copied()).collect();
            Array2::from_shape_vec((n, fields.len()), values).expect("a factor per site and hidden unit")
        };
        let mut jacobian = multiply(&factors(|site| &site.slopes), &self.transposed);
        let by_variance =
            multiply(&factors(|site| &site.curvatures), &self.transposed.mapv(|weight| weight * weight));
        for ((i, j), value) in jacobian.indexed_iter_mut() {
            // Given the spin, the fields do not depend on its mean.
            *value = if i == j { sites[i].memory } else { *value - means[j] * by_variance[[i, j]] };
        }
        (image, jacobian)
    }

    /// m_i′ from the hidden units' fields (mean and variance) in the law of independent sites, and what its gradient is
    /// made of, if that is asked for.
    fn site_with_memory(
        &self,
        site: usize,
        means: &[f64],
        fields: &[(f64, f64)],
        with_gradient: bool,
    ) -> SiteWithMemory {
        let own = self.parameters.weights.row(site);
        let own = own.as_slice().expect("rows in standard layout are contiguous");
        let m = means[site];
        let of_gradient = vec![0.0; if with_gradient { own.len() } else { 0 }];
        let (mut slopes, mut curvatures) = (of_gradient.clone(), of_gradient);
        let [up, down] = [1.0, -1.0].map(|spin: f64| {
            // The fields given this spin.
            let hidden: Vec<TanhMoments> = fields
                .iter()
                .zip(own)
                .map(|(&(mean, variance), w)| {
                    tanh_moments(mean + w * (spin - m), variance - w * w * (1.0 - m * m))
                })
                .collect();
            let hidden_means: Vec<f64> = hidden.iter().map(|h| h.mean).collect();
            let found = gaussian_unit(self.parameters.visible_bias[site], own, &hidden_means);
            let probability = 0.5 * (1.0 + spin * m);
            for (((slope, curvature), h), &w) in slopes.iter_mut().zip(&mut curvatures).zip(&hidden).zip(own)
            {
                let factor = probability * derivative(&found, w, h.mean);
                *slope += factor * h.slope;
                *curvature += factor * h.curvature;
            }
            found.mean
        });
        let memory = 0.5 * (up - down);
        SiteWithMemory { image: 0.5 * (up + down) + m * memory, memory, slopes, curvatures }
    }
}

/// A site in a step with memory.
struct SiteWithMemory {
    /// m_i′.
    image: f64,
    /// ½ (F_i⁺ − F_i⁻): its derivative by m_i.
    memory: f64,
    /// Its derivatives by the mean and, twice, by the variance of each hidden unit's field.
    slopes: Vec<f64>,
    curvatures: Vec<f64>,
}

/// The rows of a matrix.
fn rows(matrix: &Array2<f64>) -> impl Iterator<Item = &[f64]> {
    let columns = matrix.ncols().max(1);
    matrix.as_slice().expect("kept in standard layout").chunks_exact(columns)
}

/// The mean and the variance of bias + Σ_l w_l v_l for independent spins.
fn field(bias: f64, weights: &[f64], means: &[f64]) -> (f64, f64) {
    let mut mean = 0.0;
    let mut variance = 0.0;
    for (w, m) in weights.iter().zip(means) {
        mean += w * m;
        variance += w * w * (1.0 - m * m);
    }
    (bias + mean, variance)
}

/// A unit in a Gaussian field.
fn gaussian_unit(bias: f64, weights: &[f64], means: &[f64]) -> TanhMoments {
    let (mean, variance) = field(bias, weights, means);
    tanh_moments(mean, variance)
}

/// ∂(E tanh)/∂m_l through the field's mean, w m, and its variance, w² (1 − m²).
fn derivative(unit: &TanhMoments, weight: f64, mean: f64) -> f64 {
    weight * (unit.slope - weight * mean * unit.curvature)
}
