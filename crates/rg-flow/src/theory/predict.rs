//! A machine's fixed points, and what thermometers read there.

use datasets::{PredictedPoint, Prediction, PredictionClosure, Rbm};
use lattice::Lattice;

use super::covariance::covariance_fixed_point;
use super::error::TheoryError;
use super::map::{Closure, MeanMap};
use super::search::fixed_points;
use crate::Readout;

/// Below this ⟨m⟩ there is no magnetization, and correlations are all that a state has.
const NO_MAGNETIZATION: f64 = 1e-3;
/// The number of steps in which the covariances must come to rest.
const STEPS: usize = 5_000;
/// The number of points of the uniform map.
const POINTS: usize = 41;

/// Where the flow of a machine on a lattice goes: all fixed points of the map of means with memory
/// ([`Closure::Memory`]), those that flows from order and from disorder reach, and the uniform map m → m′.
///
/// Where a flow ends without a magnetization, its end is the state of the covariance closure
/// ([`covariance_fixed_point`]) from m = 0.
///
/// # Errors
///
/// If the machine has not one visible unit per site, or no theory: [`TheoryError`].
pub fn predict(rbm: &Rbm, lattice: Lattice, readout: &dyn Readout) -> Result<Prediction, TheoryError> {
    let map = MeanMap::new(rbm, Closure::Memory)?;
    let visible = map.visible();
    if visible != lattice.sites() {
        return Err(TheoryError::Means { found: lattice.sites(), visible });
    }
    let found = fixed_points(&map);
    let point = |closure, magnetization, abs_magnetization, energy_per_spin, slope| {
        let [energy_temperature, magnetization_temperature] =
            readout.read_averages(lattice, energy_per_spin, abs_magnetization);
        PredictedPoint {
            closure,
            magnetization,
            abs_magnetization,
            energy_per_spin,
            energy_temperature,
            magnetization_temperature,
            slope,
        }
    };
    let mut points: Vec<PredictedPoint> = found
        .points
        .iter()
        .map(|p| {
            point(
                PredictionClosure::Memory,
                p.magnetization(),
                p.abs_magnetization(),
                p.energy_per_site(lattice),
                p.slope,
            )
        })
        .collect();
    let [from_order, _, from_disorder, _] = found.reached;
    let without = |end: Option<usize>| end.is_some_and(|p| points[p].magnetization.abs() < NO_MAGNETIZATION);
    let mut ends = [from_order, from_disorder];
    let replaced = ends.map(without);
    if replaced.contains(&true) {
        let rest = covariance_fixed_point(map.parameters(), &vec![0.0; visible], STEPS)?;
        let place = rest.map(|rest| {
            let state = &rest.state;
            points.push(point(
                PredictionClosure::Covariance,
                super::magnetization(&state.means),
                state.abs_magnetization(),
                state.energy_per_site(lattice),
                rest.contraction,
            ));
            points.len() - 1
        });
        for (end, replaced) in ends.iter_mut().zip(replaced) {
            if replaced {
                *end = place;
            }
        }
    }
    let (uniform_magnetization, uniform_image) = map.uniform_curve(POINTS).into_iter().unzip();
    Ok(Prediction {
        points,
        from_order: ends[0],
        from_disorder: ends[1],
        uniform_magnetization,
        uniform_image,
    })
}
