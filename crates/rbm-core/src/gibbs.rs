//! Many Gibbs chains v → h → v of one machine, side by side.

use datasets::{Rbm, Units};
use ndarray::{Array2, ArrayView2, ArrayViewMut2, Axis, s};
use numerics::bit_matrix::BitMatrix;
use numerics::bits::Bits;
use numerics::streams::stream;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::layer::{Layers, draw_with, fields_to_means, unit_of_spin, values};

/// The number of chains that share a generator; a constant, so that results do not depend on the number of threads.
const CHAINS_PER_BLOCK: usize = 128;

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
/// Chains are kept in blocks of 128 with one generator each, so that what they do depends on the seed, the start and
/// their number alone.
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
    seed: u64,
    steps: u64,
    chains: usize,
    blocks: Vec<Block>,
}

/// Some of the chains.
#[derive(Debug, Clone)]
struct Block {
    /// Fields, and in the mean-field mode means, [chains, visible] and [chains, hidden].
    visible: Array2<f32>,
    hidden: Array2<f32>,
    /// The units of both layers and their generator, if units are drawn.
    sampled: Option<Sampled>,
}

#[derive(Debug, Clone)]
struct Sampled {
    bits: Bits,
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
        let blocks =
            start.axis_chunks_iter(Axis(0), CHAINS_PER_BLOCK).enumerate().map(|(index, start)| Block {
                visible: start.mapv(|spin| unit_of_spin(rbm.units, spin)).as_standard_layout().into_owned(),
                hidden: Array2::zeros((start.nrows(), hidden)),
                sampled: (mode == Mode::Sampled).then(|| Sampled {
                    bits: Bits::from_stream(&mut stream(seed, "gibbs chains", &[index as u64])),
                    visible: BitMatrix::of_positive(start),
                    hidden: BitMatrix::zeros(start.nrows(), hidden),
                }),
            });
        let blocks = blocks.collect();
        Ok(Self { machine: rbm.clone(), seed, steps: 0, chains: start.nrows(), blocks })
    }

    /// One step v → h → v of every chain.
    pub fn step(&mut self) {
        let layers = Layers::of(&self.machine);
        self.blocks.par_iter_mut().for_each(|block| block.step(&layers));
        self.steps += 1;
    }

    /// The number of steps done.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// The configurations as spins, [chains, visible] of ±1.
    ///
    /// In the mean-field mode a site's spin is the sign of its mean (for binary units: of its mean minus ½); a mean of
    /// exactly 0 is decided by a coin whose stream is derived from the seed, the step and the block, so that reading
    /// twice gives the same.
    pub fn spins(&self) -> Array2<i8> {
        let threshold = match self.machine.units {
            Units::Spin => 0.0,
            Units::Binary => 0.5,
        };
        let mut spins = Array2::zeros((self.chains, self.machine.visible()));
        for (index, block) in self.blocks.iter().enumerate() {
            let first = index * CHAINS_PER_BLOCK;
            let mut out = spins.slice_mut(s![first..first + block.visible.nrows(), ..]);
            if let Some(Sampled { visible, .. }) = &block.sampled {
                unpack(visible, out);
                continue;
            }
            out.zip_mut_with(&block.visible, |out, &unit| *out = if unit > threshold { 1 } else { -1 });
            let indices = [self.steps, index as u64];
            let mut coin = Bits::from_stream(&mut stream(self.seed, "gibbs mean-field ties", &indices));
            for (out, &unit) in out.iter_mut().zip(&block.visible) {
                if unit == threshold {
                    *out = if coin.next() >> 63 == 0 { 1 } else { -1 };
                }
            }
        }
        spins
    }

    /// The visible units on the scale of spins, [chains, visible] in −1..=1: ±1 in the sampled mode, the means of the
    /// spins in the mean-field mode.
    pub fn means(&self) -> Array2<f32> {
        let mut means = Array2::zeros((self.chains, self.machine.visible()));
        for (index, block) in self.blocks.iter().enumerate() {
            let first = index * CHAINS_PER_BLOCK;
            let mut out = means.slice_mut(s![first..first + block.visible.nrows(), ..]);
            match &block.sampled {
                Some(Sampled { visible, .. }) => visible.unpack(values(self.machine.units), out),
                None => out.assign(&block.visible),
            }
        }
        if self.machine.units == Units::Binary {
            means.mapv_inplace(|unit| 2.0 * unit - 1.0);
        }
        means
    }
}

impl Block {
    fn step(&mut self, layers: &Layers) {
        let Self { visible, hidden, sampled } = self;
        if let Some(Sampled { bits, visible: visible_units, hidden: hidden_units }) = sampled {
            layers.hidden_fields(visible_units.view(), hidden.view_mut());
            draw_with(layers.units, hidden.view_mut(), bits, hidden_units);
            layers.visible_fields(hidden_units.view(), visible.view_mut());
            draw_with(layers.units, visible.view_mut(), bits, visible_units);
        } else {
            layers.hidden_fields_of_means(visible.view(), hidden.view_mut());
            fields_to_means(layers.units, hidden.view_mut());
            layers.visible_fields_of_means(hidden.view(), visible.view_mut());
            fields_to_means(layers.units, visible.view_mut());
        }
    }
}

/// The spins of each byte.
static SPINS: [[i8; 8]; 256] = {
    let mut spins = [[-1; 8]; 256];
    let mut i = 0;
    while i < 2048 {
        if ((i / 8) >> (i % 8)) & 1 == 1 {
            spins[i / 8][i % 8] = 1;
        }
        i += 1;
    }
    spins
};

/// Writes spins.
fn unpack(units: &BitMatrix, mut out: ArrayViewMut2<i8>) {
    for (row, mut out) in out.rows_mut().into_iter().enumerate() {
        let out = out.as_slice_mut().expect("rows of a row-major matrix are contiguous");
        for (&word, out) in units.row(row).iter().zip(out.chunks_mut(64)) {
            for (byte, out) in word.to_le_bytes().into_iter().zip(out.chunks_mut(8)) {
                out.copy_from_slice(&SPINS[usize::from(byte)][..out.len()]);
            }
        }
    }
}
