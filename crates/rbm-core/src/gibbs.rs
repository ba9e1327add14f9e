//! Many Gibbs chains v → h → v of one machine, side by side.

use datasets::{Rbm, Units};
use ndarray::{Array2, ArrayView2, Axis};
use numerics::bit_matrix::{BitMatrix, words_of};
use numerics::bits::Bits;
use numerics::sampling;
use numerics::streams::stream;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::layer::{Layers, fields_to_means, flat, unit_of_spin, values};

/// The number of chains that share a generator; a constant, so that results do not depend on the number of threads.
const CHAINS_PER_GENERATOR: usize = 128;
/// The number of chains that advance together: a product's tables are made once for all of them.
const CHAINS_PER_PART: usize = 4 * CHAINS_PER_GENERATOR;

/// What is handed from layer to layer.
#[derive(Serialize, Deserialize, Debug, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Units drawn from their conditional distributions.
    Sampled,
    /// The units' conditional means: v ← f(f(v·W + c)·Wᵀ + b), without chance.
    MeanField,
}

/// The chains cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum GibbsError {
    #[error("the start configurations have {found} sites, but the machine has {expected} visible units")]
    WrongSites { found: usize, expected: usize },
    #[error("spin number {site} of start configuration {chain} is {found}; it must be 1 or -1")]
    NotASpin { chain: usize, site: usize, found: i8 },
}

/// The state of many chains of one machine.
///
/// 128 successive chains have one generator, so that what they do depends on the seed, the start and their number alone.
///
/// ```
/// use datasets::{Rbm, Units};
/// use ndarray::Array;
/// use rbm_core::gibbs::{Chains, Mode};
///
/// // One hidden unit that couples strongly to four spins: the chain only ever sees them aligned.
/// let rbm = Rbm {
///     units: Units::Spin,
///     weights: Array::from_elem((4, 1), 20.0),
///     visible_bias: Array::zeros(4),
///     hidden_bias: Array::zeros(1),
///     training_temperatures: vec![],
///     updates: 0,
///     history_epoch: vec![],
///     history: Default::default(),
/// };
/// let start = Array::from_shape_fn((10, 4), |(_, site)| if site == 0 { -1 } else { 1 });
/// let mut chains = Chains::new(&rbm, start.view(), Mode::Sampled, 1)?;
/// chains.step();
/// assert!(chains.spins().iter().all(|&spin| spin == 1));
/// # Ok::<(), rbm_core::gibbs::GibbsError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Chains {
    machine: Rbm,
    /// Wᵀ, whose rows the products with hidden units take.
    transposed: Array2<f32>,
    seed: u64,
    steps: u64,
    parts: Vec<Part>,
}

/// Some of the chains.
#[derive(Debug, Clone)]
struct Part {
    /// Fields, and in the mean-field mode means, [chains, visible] and [chains, hidden].
    visible: Array2<f32>,
    hidden: Array2<f32>,
    /// The units of both layers and their generators, if units are drawn.
    sampled: Option<Sampled>,
}

#[derive(Debug, Clone)]
struct Sampled {
    bits: Vec<Bits>,
    visible: BitMatrix,
    hidden: BitMatrix,
}

impl Chains {
    /// Chains that start at `start`, [chains, visible] of ±1.
    ///
    /// # Errors
    ///
    /// If a start configuration does not fit the machine.
    pub fn new(rbm: &Rbm, start: ArrayView2<i8>, mode: Mode, seed: u64) -> Result<Self, GibbsError> {
        let (visible, hidden) = rbm.weights.dim();
        if start.ncols() != visible {
            return Err(GibbsError::WrongSites { found: start.ncols(), expected: visible });
        }
        if let Some(((chain, site), &found)) = start.indexed_iter().find(|(_, spin)| !matches!(spin, 1 | -1))
        {
            return Err(GibbsError::NotASpin { chain, site, found });
        }
        let generator = |index: usize| Bits::from_stream(&mut stream(seed, "gibbs chains", &[index as u64]));
        let part = |(index, start): (usize, ArrayView2<i8>)| Part {
            visible: start.mapv(|spin| unit_of_spin(rbm.units, spin)).as_standard_layout().into_owned(),
            hidden: Array2::zeros((start.nrows(), hidden)),
            sampled: (mode == Mode::Sampled).then(|| Sampled {
                bits: generators(index, start.nrows()).map(generator).collect(),
                visible: BitMatrix::of_spins(start),
                hidden: BitMatrix::zeros(start.nrows(), hidden),
            }),
        };
        let parts = start.axis_chunks_iter(Axis(0), CHAINS_PER_PART).enumerate().map(part).collect();
        let transposed = rbm.weights.t().as_standard_layout().into_owned();
        Ok(Self { machine: rbm.clone(), transposed, seed, steps: 0, parts })
    }

    /// One step v → h → v of every chain.
    pub fn step(&mut self) {
        let layers = Layers { transposed: self.transposed.view(), ..Layers::of(&self.machine) };
        self.parts.par_iter_mut().for_each(|part| part.step(&layers));
        self.steps += 1;
    }

    /// The number of steps done.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// The configurations, [chains, visible]: 1 for +1, 0 for −1.
    ///
    /// In the mean-field mode a site's spin is the sign of its mean (for binary units: of its mean minus ½); a mean of
    /// exactly 0 is decided by a coin whose stream is derived from the seed, the step and the number of the chains'
    /// generator, so that reading twice gives the same.
    pub fn configurations(&self) -> BitMatrix {
        let mut all = BitMatrix::zeros(0, self.machine.visible());
        for (index, part) in self.parts.iter().enumerate() {
            match &part.sampled {
                Some(Sampled { visible, .. }) => all.append(visible.view()),
                None => all.append(self.signs(index, part).view()),
            }
        }
        all
    }

    /// The spins of means.
    fn signs(&self, index: usize, part: &Part) -> BitMatrix {
        let threshold = match self.machine.units {
            Units::Spin => 0.0,
            Units::Binary => 0.5,
        };
        let mut spins = part.visible.mapv(|unit| if unit > threshold { 1 } else { -1 });
        let means = part.visible.axis_chunks_iter(Axis(0), CHAINS_PER_GENERATOR);
        let spins_of_each = spins.axis_chunks_iter_mut(Axis(0), CHAINS_PER_GENERATOR);
        let generators = generators(index, part.visible.nrows());
        for ((generator, means), mut spins) in generators.zip(means).zip(spins_of_each) {
            let indices = [self.steps, generator as u64];
            let mut coin = Bits::from_stream(&mut stream(self.seed, "gibbs mean-field ties", &indices));
            for (spin, &unit) in spins.iter_mut().zip(means) {
                if unit == threshold {
                    *spin = if coin.next() >> 63 == 0 { 1 } else { -1 };
                }
            }
        }
        BitMatrix::of_spins(spins.view())
    }

    /// [`Chains::configurations`] as spins, [chains, visible] of ±1.
    pub fn spins(&self) -> Array2<i8> {
        self.configurations().view().to_spins()
    }

    /// The visible units on the scale of spins, [chains, visible] in −1..=1: ±1 in the sampled mode, the means of the
    /// spins in the mean-field mode.
    pub fn means(&self) -> Array2<f32> {
        let chains = self.parts.iter().map(|part| part.visible.nrows()).sum();
        let mut means = Array2::zeros((chains, self.machine.visible()));
        let places = means.axis_chunks_iter_mut(Axis(0), CHAINS_PER_PART);
        for (part, mut out) in self.parts.iter().zip(places) {
            match &part.sampled {
                Some(Sampled { visible, .. }) => visible.unpack(values(self.machine.units), out),
                None => out.assign(&part.visible),
            }
        }
        if self.machine.units == Units::Binary {
            means.mapv_inplace(|unit| 2.0 * unit - 1.0);
        }
        means
    }
}

impl Part {
    fn step(&mut self, layers: &Layers) {
        let Self { visible, hidden, sampled } = self;
        if let Some(Sampled { bits, visible: visible_units, hidden: hidden_units }) = sampled {
            layers.hidden_fields(visible_units.view(), hidden.view_mut());
            draw(layers.units, hidden, bits, hidden_units);
            layers.visible_fields(hidden_units.view(), visible.view_mut());
            draw(layers.units, visible, bits, visible_units);
        } else {
            layers.hidden_fields_of_means(visible.view(), hidden.view_mut());
            fields_to_means(layers.units, hidden.view_mut());
            layers.visible_fields_of_means(hidden.view(), visible.view_mut());
            fields_to_means(layers.units, visible.view_mut());
        }
    }
}

/// The numbers of the generators of the chains of a part.
fn generators(part: usize, chains: usize) -> std::ops::Range<usize> {
    let first = part * (CHAINS_PER_PART / CHAINS_PER_GENERATOR);
    first..first + chains.div_ceil(CHAINS_PER_GENERATOR)
}

/// Draws units from their conditional distributions.
fn draw(units: Units, fields: &mut Array2<f32>, bits: &mut [Bits], out: &mut BitMatrix) {
    let columns = fields.ncols();
    let fields = fields.axis_chunks_iter_mut(Axis(0), CHAINS_PER_GENERATOR);
    let words = out.words_mut().chunks_mut((CHAINS_PER_GENERATOR * words_of(columns)).max(1));
    for ((mut fields, words), bits) in fields.zip(words).zip(bits) {
        sampling::draw(values(units), columns, flat(&mut fields), bits, words);
    }
}
