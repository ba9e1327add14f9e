//! Surrogates of a machine's weights, which keep some of their properties and randomise the rest.

use std::fmt;
use std::str::FromStr;

use datasets::Rbm;
use ndarray::Array2;
use numerics::bits::{Bits, shuffle};
use numerics::streams::stream;
use rbm_core::normal_pair;
use serde::{Deserialize, Serialize};

use crate::theory::linear::{multiply, singular_triplets};

/// Which weights a flow runs with: those of the machine, or surrogates that keep some of their properties. Biases are
/// kept by all of them.
///
/// ```
/// use rg_flow::Surrogate;
/// assert_eq!("rank-1".parse(), Ok(Surrogate::Rank(1)));
/// assert_eq!(Surrogate::PermutedSites.to_string(), "permuted-sites");
/// assert!("random".parse::<Surrogate>().is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Surrogate {
    /// `trained`: the machine's own.
    #[default]
    Trained,
    /// `gaussian`: independent normal numbers with the mean and the variance of all weights.
    Gaussian,
    /// `gaussian-each-step`: the same, drawn anew at each half step by each chain (A. Veiga and R. Vicente,
    /// arXiv:2006.10176).
    GaussianEachStep,
    /// `permuted`: all weights in random order.
    Permuted,
    /// `permuted-sites`: the weights of each hidden unit in a random order of its own over the sites. Each unit keeps Σ
    /// W and Σ W².
    PermutedSites,
    /// `singular-values`: the same singular values with random orthogonal vectors.
    SingularValues,
    /// `rank-1`, `rank-2`, …: the part of the largest singular values alone.
    Rank(usize),
}

/// No surrogate has this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no kind of weights; there are trained, gaussian, gaussian-each-step, permuted, permuted-sites, singular-values, \
     and rank-1, rank-2, …"
)]
pub struct UnknownSurrogate(String);

impl fmt::Display for Surrogate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Trained => "trained",
            Self::Gaussian => "gaussian",
            Self::GaussianEachStep => "gaussian-each-step",
            Self::Permuted => "permuted",
            Self::PermutedSites => "permuted-sites",
            Self::SingularValues => "singular-values",
            Self::Rank(rank) => return write!(formatter, "rank-{rank}"),
        })
    }
}

impl FromStr for Surrogate {
    type Err = UnknownSurrogate;

    fn from_str(text: &str) -> Result<Self, UnknownSurrogate> {
        let plain = [
            Self::Trained,
            Self::Gaussian,
            Self::GaussianEachStep,
            Self::Permuted,
            Self::PermutedSites,
            Self::SingularValues,
        ];
        let rank = || text.strip_prefix("rank-")?.parse().ok().filter(|&rank| rank > 0).map(Self::Rank);
        let found = plain.into_iter().find(|surrogate| surrogate.to_string() == text).or_else(rank);
        found.ok_or_else(|| UnknownSurrogate(text.to_owned()))
    }
}

impl TryFrom<String> for Surrogate {
    type Error = UnknownSurrogate;

    fn try_from(text: String) -> Result<Self, UnknownSurrogate> {
        text.parse()
    }
}

impl From<Surrogate> for String {
    fn from(surrogate: Surrogate) -> Self {
        surrogate.to_string()
    }
}

impl Surrogate {
    /// Whether these are the machine's own weights.
    pub fn is_trained(&self) -> bool {
        *self == Self::Trained
    }

    /// The machine with these weights; with those of `rbm` for `GaussianEachStep`, whose weights do not last.
    pub fn of(self, rbm: &Rbm, seed: u64) -> Rbm {
        let mut bits = Bits::from_stream(&mut stream(seed, "surrogate weights", &[]));
        let mut surrogate = rbm.clone();
        let weights = &mut surrogate.weights;
        match self {
            Self::Trained => return surrogate,
            Self::GaussianEachStep => {}
            Self::Gaussian => {
                let (mean, variance) = moments(&rbm.weights);
                let deviation = variance.sqrt();
                let normal = normal(weights.dim(), &mut bits);
                weights.zip_mut_with(&normal, |w, z| *w = (mean + deviation * z) as f32);
            }
            Self::Permuted => {
                let mut all: Vec<f32> = weights.iter().copied().collect();
                shuffle(&mut all, &mut bits);
                weights.iter_mut().zip(all).for_each(|(w, other)| *w = other);
            }
            Self::PermutedSites => {
                for mut column in weights.columns_mut() {
                    let mut all = column.to_vec();
                    shuffle(&mut all, &mut bits);
                    column.iter_mut().zip(all).for_each(|(w, other)| *w = other);
                }
            }
            Self::SingularValues => {
                let (visible, hidden) = weights.dim();
                let [left, right] = [visible, hidden].map(|n| orthogonal(n, &mut bits));
                let rotated = multiply(&multiply(&left, &weights.mapv(f64::from)), &right);
                *weights = rotated.mapv(|w| w as f32);
            }
            Self::Rank(rank) => {
                let mut sum = Array2::<f64>::zeros(weights.dim());
                for (value, left, right) in singular_triplets(&weights.mapv(f64::from)).iter().take(rank) {
                    for ((i, a), w) in sum.indexed_iter_mut() {
                        *w += value * left[i] * right[a];
                    }
                }
                *weights = sum.mapv(|w| w as f32);
            }
        }
        // It was not trained.
        surrogate.training_temperatures.clear();
        surrogate
    }
}

/// The mean and the variance of all weights.
pub(crate) fn moments(weights: &Array2<f32>) -> (f64, f64) {
    let n = weights.len() as f64;
    let mean = weights.iter().map(|&w| f64::from(w)).sum::<f64>() / n;
    let variance = weights.iter().map(|&w| (f64::from(w) - mean).powi(2)).sum::<f64>() / n;
    (mean, variance)
}

/// Independent standard normal numbers.
fn normal(shape: (usize, usize), bits: &mut Bits) -> Array2<f64> {
    let n = shape.0 * shape.1;
    let numbers: Vec<f64> = (0..n.div_ceil(2)).flat_map(|_| normal_pair(bits)).take(n).collect();
    Array2::from_shape_vec(shape, numbers).expect("as many as there are")
}

/// A random orthogonal matrix, uniformly distributed: normal rows, made orthogonal one after the other, twice against
/// rounding.
fn orthogonal(n: usize, bits: &mut Bits) -> Array2<f64> {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let mut rows: Vec<Vec<f64>> = Vec::with_capacity(n);
    for row in normal((n, n), bits).rows() {
        let mut row = row.to_vec();
        for _ in 0..2 {
            for other in &rows {
                let part = dot(&row, other);
                row.iter_mut().zip(other).for_each(|(x, y)| *x -= part * y);
            }
        }
        let length = dot(&row, &row).sqrt();
        row.iter_mut().for_each(|x| *x /= length);
        rows.push(row);
    }
    Array2::from_shape_vec((n, n), rows.concat()).expect("n rows of n")
}
