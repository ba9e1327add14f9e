//! The critical temperature of a lattice.

use datasets::lattice::Kind;

/// Half the spacing of the training temperatures: what the paper's thermometer can resolve.
pub(crate) const RESOLUTION: f64 = 0.125;

/// T_c of lattices of a kind in J/k_B: 0 for the chain, which is ordered at T = 0 only; NaN for sites without geometry.
pub(crate) fn critical_temperature(kind: Kind) -> f64 {
    ising_mc::exact::critical_temperature_of(kind).unwrap_or(f64::NAN)
}

/// How much higher temperatures are on lattices of a kind than on the square one, at which ranges of axes and of
/// thermometers are given: the ratio of the critical temperatures, 1 where there is none above 0.
pub(crate) fn temperature_scale(kind: Kind) -> f64 {
    let ratio = critical_temperature(kind) / critical_temperature(Kind::Square);
    if ratio > 0.0 { ratio } else { 1.0 }
}
