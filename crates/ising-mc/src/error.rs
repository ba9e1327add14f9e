//! Why a sampling cannot be done.

use datasets::Interrupted;
use datasets::lattice::{Lattice, LatticeError};

/// The largest number of sites that is sampled.
pub const LARGEST_SITES: usize = 1 << 24;

/// A sampling that cannot be done.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum SampleError {
    #[error("lattice {0} has more than {LARGEST_SITES} sites: use a smaller one")]
    TooManySites(Lattice),
    #[error("lattice {0} has no bonds: name the lattice that the spins are on")]
    NoBonds(Lattice),
    #[error("model `curie-weiss` has the four neighbours of a square lattice, not those of {0}: use square")]
    NoCurieWeiss(Lattice),
    #[error("algorithm `checkerboard` needs a square lattice of even size, not {0}: use `metropolis`")]
    NoCheckerboard(Lattice),
    #[error("no temperatures are given")]
    NoTemperatures,
    #[error("{0} temperatures are more than the 65535 that a file can number")]
    TooManyTemperatures(usize),
    #[error("temperature number {index} is {value}, not a number in 0..=inf")]
    Temperature { index: usize, value: f64 },
    #[error("temperature {0} is given twice")]
    RepeatedTemperature(f64),
    #[error("samples_per_temperature is 0")]
    NoSamples,
    #[error(
        "the samples would take {bytes} bytes, more than the limit of {limit}: ask for fewer, or a smaller size"
    )]
    TooLarge { bytes: u128, limit: u128 },
    #[error("field {0} is not a finite number")]
    Field(f64),
    #[error(
        "algorithm `{algorithm}` cannot sample in a field: use `metropolis`, `heat-bath` or \
         `coupling-from-the-past`"
    )]
    FieldUnsupported { algorithm: &'static str },
    #[error(
        "`{algorithm}` at temperature {temperature} has an autocorrelation time beyond {sweeps} sweeps: \
         use `wolff` or `swendsen-wang`, or a smaller size"
    )]
    TooSlow { algorithm: &'static str, temperature: f64, sweeps: u64 },
    #[error(
        "coupling from the past at temperature {temperature} has not met within {sweeps} sweeps: use `metropolis` or `heat-bath`"
    )]
    NotCoalesced { temperature: f64, sweeps: u64 },
    #[error(transparent)]
    Lattice(#[from] LatticeError),
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
}

/// Whether a lattice can be sampled.
pub(crate) fn check_lattice(lattice: Lattice) -> Result<(), SampleError> {
    if !lattice.has_geometry() {
        return Err(SampleError::NoBonds(lattice));
    }
    if lattice.sites() > LARGEST_SITES {
        return Err(SampleError::TooManySites(lattice));
    }
    Ok(())
}

/// L of a lattice that `checkerboard` can sample.
pub(crate) fn checkerboard_size(lattice: Lattice) -> Result<usize, SampleError> {
    lattice.square_size().filter(|size| size % 2 == 0).ok_or(SampleError::NoCheckerboard(lattice))
}
