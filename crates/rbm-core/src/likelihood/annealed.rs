//! Annealed importance sampling (Neal, Stat. Comput. 11, 125, 2001; for these machines Salakhutdinov and Murray, ICML
//! 2008) and its reverse (Burda, Grosse and Salakhutdinov, AISTATS 2015).
//!
//! Between the machine without couplings (β = 0; its Z is a product) and the machine itself (β = 1) stand machines with
//! the energies E_β = −β (vᵀWh + c·h) − b·v. A chain that starts at β = 0 and sees β grow step by step collects a
//! weight w whose mean is Z / Z₀. Since the logarithm is concave, ln of the mean of finitely many weights is below ln(Z
//! / Z₀) on average: a stochastic lower bound. It holds whether or not the chains have converged, since the mean weight
//! is exactly Z / Z₀, so that by Markov's inequality the estimate exceeds ln Z by c with a probability of at most e^−c
//! ([`lower_limit`]). A chain that starts at the machine itself and sees β fall has weights whose mean is Z₀ / Z: a
//! stochastic upper bound, but only if its start is drawn from the machine's own distribution, which nobody can certify
//! of chains that have run for a while; where both disagree it bounds nothing. Both are close only if both have found
//! the same states, which is the test of convergence.

use datasets::{Rbm, Units};
use ndarray::{Array2, ArrayView2, Axis};
use numerics::bit_matrix::BitMatrix;
use numerics::bits::{Bits, unit_f64};
use numerics::streams::stream;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::LikelihoodError;
use super::enumeration::log_sum_exp;
use crate::elementary::{exp, ln, softplus};
use crate::layer::{Layers, draw_with};
use crate::model::log_sum_over_units;

/// The number of chains that share a generator.
const CHAINS_PER_BLOCK: usize = 64;

/// The settings of [`anneal`]. Any that is left out has the default given here.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct AnnealConfig {
    /// The number of chains in each direction, at least 10 (500).
    pub chains: usize,
    /// The number of steps of β between 0 and 1, at least 2 (1000).
    pub steps: usize,
    /// The number of Gibbs steps of the machine itself before β falls (200).
    pub burn_in: usize,
    /// The master seed.
    pub seed: u64,
}

impl AnnealConfig {
    /// Whether it can be done.
    pub(crate) fn check(&self) -> Result<(), LikelihoodError> {
        let refuse = |setting, found, expected| Err(LikelihoodError::Setting { setting, found, expected });
        match *self {
            Self { chains, .. } if chains < 10 => refuse("chains", chains, "at least 10"),
            Self { steps, .. } if steps < 2 => refuse("steps", steps, "at least 2"),
            _ => Ok(()),
        }
    }
}

impl Default for AnnealConfig {
    fn default() -> Self {
        Self { chains: 500, steps: 1000, burn_in: 200, seed: 0 }
    }
}

/// The probability with which ln Z is below [`lower_limit`], at most.
pub const LOWER_LIMIT_RISK: f64 = 0.05;

/// What ln Z is not below, with a probability of at least 95 % and whether or not the chains have converged, by the
/// estimate of the growing chains: ln(1/0.05) less, by Markov's inequality.
pub fn lower_limit(estimate: f64) -> f64 {
    estimate + ln(LOWER_LIMIT_RISK)
}

/// ln Z as seen from one direction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bound {
    /// The estimate of ln Z.
    pub log_partition: f64,
    /// Its standard error: that of the mean weight, relative to it.
    pub error: f64,
    /// (Σw)² / Σw²: how many chains carry the estimate.
    pub effective_chains: f64,
}

/// ln Z between two bounds that agree.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Annealed {
    /// The mean of both bounds.
    pub log_partition: f64,
    /// Its standard error: from those of the bounds, or half their distance if that is more.
    pub error: f64,
    /// From chains whose β grows.
    pub lower: Bound,
    /// From chains whose β falls.
    pub upper: Bound,
}

/// ln Z by annealed importance sampling in both directions.
///
/// The falling chains should start at the machine's own distribution. They start at `starts`, [n, visible] of ±1, the
/// training set say, and do `burn_in` Gibbs steps; without `starts` they start at the ends of the growing chains, drawn
/// with their weights. The first is the better test: it finds a mode that the growing chains have missed.
///
/// # Errors
///
/// [`LikelihoodError::NotConverged`] if fewer than 5 % of the chains in either direction (and at least 10) carry the
/// estimate or if the bounds differ by more than 4 standard errors and 0.1; and if the settings or the starts are
/// impossible.
pub fn anneal(
    rbm: &Rbm,
    starts: Option<ArrayView2<i8>>,
    config: &AnnealConfig,
) -> Result<Annealed, LikelihoodError> {
    let AnnealConfig { chains, steps, .. } = *config;
    config.check()?;
    if let Some(starts) = starts {
        super::check(rbm, starts)?;
    }
    let annealing = Annealing { layers: Layers::of(rbm), rbm, config };
    let (log_weights, ends) = annealing.run(Direction::Growing, None);
    let lower = annealing.bound(&log_weights, 1.0);
    let starts = match starts {
        Some(starts) => {
            // Spread over all of them, or all of them again and again.
            let count = starts.nrows();
            let row = |chain| if count > chains { chain * count / chains } else { chain % count };
            let rows: Vec<usize> = (0..chains).map(row).collect();
            BitMatrix::of_positive(starts.select(Axis(0), &rows).view())
        }
        None => resample(&log_weights, &ends, config.seed),
    };
    let (log_weights, _) = annealing.run(Direction::Falling, Some(&starts));
    let upper = annealing.bound(&log_weights, -1.0);

    let errors = lower.error.hypot(upper.error);
    let distance = (upper.log_partition - lower.log_partition).abs();
    let enough = (0.05 * chains as f64).max(10.0).min(chains as f64);
    if !(lower.effective_chains >= enough
        && upper.effective_chains >= enough
        && distance <= (4.0 * errors).max(0.1))
    {
        return Err(LikelihoodError::NotConverged { lower, upper, steps, burn_in: config.burn_in });
    }
    Ok(Annealed {
        log_partition: 0.5 * (lower.log_partition + upper.log_partition),
        error: (0.5 * errors).max(0.5 * distance),
        lower,
        upper,
    })
}

#[derive(Clone, Copy, PartialEq)]
enum Direction {
    Growing,
    Falling,
}

struct Annealing<'a> {
    layers: Layers<'a>,
    rbm: &'a Rbm,
    config: &'a AnnealConfig,
}

impl Annealing<'_> {
    /// The ln weights of all chains, \[chains\], and their last visible units, [chains, visible].
    fn run(&self, direction: Direction, starts: Option<&BitMatrix>) -> (Vec<f64>, BitMatrix) {
        let chains = self.config.chains;
        let blocks: Vec<(Vec<f64>, BitMatrix)> = (0..chains.div_ceil(CHAINS_PER_BLOCK))
            .into_par_iter()
            .map(|block| {
                let first = block * CHAINS_PER_BLOCK;
                let last = (first + CHAINS_PER_BLOCK).min(chains);
                let purpose = match direction {
                    Direction::Growing => "anneal growing",
                    Direction::Falling => "anneal falling",
                };
                let bits = Bits::from_stream(&mut stream(self.config.seed, purpose, &[block as u64]));
                let visible = starts.map(|starts| starts.range(first, last).to_owned());
                Block::new(self.layers, last - first, bits).run(direction, visible, self.config)
            })
            .collect();
        let mut log_weights = Vec::with_capacity(chains);
        let mut ends = BitMatrix::zeros(chains, self.rbm.visible());
        for (block, (weights, visible)) in blocks.into_iter().enumerate() {
            let first = block * CHAINS_PER_BLOCK;
            for row in 0..weights.len() {
                ends.row_mut(first + row).copy_from_slice(visible.row(row));
            }
            log_weights.extend(weights);
        }
        (log_weights, ends)
    }

    /// ln Z from ln weights; `sign` is −1 if their mean is Z₀ / Z.
    fn bound(&self, log_weights: &[f64], sign: f64) -> Bound {
        let count = log_weights.len() as f64;
        let log_sum = log_sum_exp(log_weights);
        let squares: f64 = log_weights.iter().map(|log| exp(2.0 * (log - log_sum))).sum();
        let effective_chains = 1.0 / squares;
        // The relative variance of the mean weight is (Σw² / (Σw)² − 1/n) n / (n − 1).
        let variance = (squares - 1.0 / count).max(0.0) * count / (count - 1.0);
        Bound {
            log_partition: self.log_partition_without_couplings() + sign * (log_sum - ln(count)),
            error: variance.sqrt(),
            effective_chains,
        }
    }

    /// ln Z₀: 2 cosh b or 1 + e^b for each visible unit, 2 for each hidden one.
    fn log_partition_without_couplings(&self) -> f64 {
        let visible: f64 = self
            .rbm
            .visible_bias
            .iter()
            .map(|&b| f64::from(b))
            .map(|b| match self.rbm.units {
                Units::Spin => b.abs() + softplus(-2.0 * b.abs()),
                Units::Binary => softplus(b),
            })
            .sum();
        visible + self.rbm.hidden() as f64 * std::f64::consts::LN_2
    }
}

/// Some chains.
struct Block<'a> {
    layers: Layers<'a>,
    bits: Bits,
    visible: BitMatrix,
    hidden: BitMatrix,
    visible_field: Array2<f32>,
    /// At β = 1, or at the next β.
    hidden_field: Array2<f32>,
    log_weights: Vec<f64>,
    /// Fields of one chain in double precision.
    fields: Vec<f64>,
}

impl<'a> Block<'a> {
    fn new(layers: Layers<'a>, chains: usize, bits: Bits) -> Self {
        let (visible, hidden) = layers.weights.dim();
        Self {
            layers,
            bits,
            visible: BitMatrix::zeros(chains, visible),
            hidden: BitMatrix::zeros(chains, hidden),
            visible_field: Array2::zeros((chains, visible)),
            hidden_field: Array2::zeros((chains, hidden)),
            log_weights: vec![0.0; chains],
            fields: vec![0.0; hidden],
        }
    }

    fn run(
        mut self,
        direction: Direction,
        starts: Option<BitMatrix>,
        config: &AnnealConfig,
    ) -> (Vec<f64>, BitMatrix) {
        let steps = config.steps;
        let beta = |step: usize| step as f64 / steps as f64;
        match starts {
            Some(starts) => {
                self.visible = starts;
                for _ in 0..config.burn_in {
                    self.hidden_fields();
                    self.step(1.0);
                }
            }
            // Without couplings the hidden units do not matter.
            None => self.step(0.0),
        }
        for step in 0..steps {
            let (from, to) = match direction {
                Direction::Growing => (beta(step), beta(step + 1)),
                Direction::Falling => (beta(steps - step), beta(steps - step - 1)),
            };
            self.hidden_fields();
            self.weigh(from, to);
            self.step(to);
        }
        (self.log_weights, self.visible)
    }

    fn hidden_fields(&mut self) {
        self.layers.hidden_fields(self.visible.view(), self.hidden_field.view_mut());
    }

    /// Adds ln of the ratio of the chains' probabilities at `to` and at `from`, both without their Z.
    fn weigh(&mut self, from: f64, to: f64) {
        let units = self.layers.units;
        for (log_weight, row) in self.log_weights.iter_mut().zip(self.hidden_field.rows()) {
            let mut log_sum = |beta: f64| {
                for (field, &x) in self.fields.iter_mut().zip(row) {
                    *field = beta * f64::from(x);
                }
                log_sum_over_units(units, &self.fields)
            };
            *log_weight += log_sum(to) - log_sum(from);
        }
    }

    /// v → h → v at β, given the hidden fields at β = 1.
    fn step(&mut self, beta: f64) {
        let units = self.layers.units;
        let beta = beta as f32;
        self.hidden_field *= beta;
        draw_with(units, self.hidden_field.view_mut(), &mut self.bits, &mut self.hidden);
        self.layers.scaled_visible_fields(beta, self.hidden.view(), self.visible_field.view_mut());
        draw_with(units, self.visible_field.view_mut(), &mut self.bits, &mut self.visible);
    }
}

/// As many states as there are, each drawn about as often as its weight says (systematic resampling).
fn resample(log_weights: &[f64], states: &BitMatrix, seed: u64) -> BitMatrix {
    let mut bits = Bits::from_stream(&mut stream(seed, "anneal resampling", &[]));
    let count = log_weights.len();
    let log_sum = log_sum_exp(log_weights);
    let offset = unit_f64(bits.next());
    let mut chosen = BitMatrix::zeros(states.rows(), states.columns());
    let mut cumulative = 0.0;
    let mut next = 0;
    for (row, log) in log_weights.iter().enumerate() {
        cumulative += exp(log - log_sum) * count as f64;
        while next < count && (next as f64 + offset) < cumulative {
            chosen.row_mut(next).copy_from_slice(states.row(row));
            next += 1;
        }
    }
    // Rounding may leave the last one out.
    while next < count {
        chosen.row_mut(next).copy_from_slice(states.row(count - 1));
        next += 1;
    }
    chosen
}
