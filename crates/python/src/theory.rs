//! What follows from the weights of a machine alone.

use std::sync::Arc;

use ndarray::{Array, Array1, Array2, ArrayView2, Axis, Dimension};
use numpy::{PyArray, PyArray1, PyArray2, PyReadonlyArray2, ToPyArray as _};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use datasets::Rbm;
use rbm_core::{likelihood, model};
use rg_flow::theory::{Closure, Lattice, MeanMap, fixed_points};

use crate::artifact::Artifact;
use crate::failure::Failure;
use crate::work;

/// Fields `[visible]` and pairs `[visible, visible]` of the Hamiltonian that a machine has learnt; on an L × L torus
/// also the couplings by distance and the temperature that they encode.
#[pyfunction]
pub(crate) fn couplings<'py>(
    py: Python<'py>,
    rbm: &Artifact,
    size: Option<usize>,
) -> PyResult<Bound<'py, PyDict>> {
    let content = Arc::clone(&rbm.0);
    let (found, on_torus) = work::run(py, None, move |_| {
        let found = weight_analysis::couplings(&content.get::<Rbm>()?).map_err(Failure::usage)?;
        let pairs = found.pairs.view();
        let on_torus = size.map(|size| {
            let lattice = Lattice::square(size).map_err(Failure::usage)?;
            let by_distance =
                weight_analysis::couplings_by_distance(lattice, pairs).map_err(Failure::usage)?;
            let temperature = weight_analysis::encoded_temperature(lattice, pairs).map_err(Failure::usage)?;
            Ok::<_, Failure>((by_distance, temperature))
        });
        let on_torus = on_torus.transpose()?;
        Ok((found, on_torus))
    })?;
    let result = PyDict::new(py);
    result.set_item("fields", PyArray1::from_owned_array(py, found.fields))?;
    result.set_item("pairs", PyArray2::from_owned_array(py, found.pairs))?;
    if let Some((by_distance, temperature)) = on_torus {
        result.set_item("distance", by_distance.distance.to_pyarray(py))?;
        result.set_item("coupling", by_distance.mean.to_pyarray(py))?;
        result.set_item("coupling_deviation", by_distance.deviation.to_pyarray(py))?;
        result.set_item("temperature", temperature.value)?;
        result.set_item("temperature_error", temperature.error)?;
    }
    Ok(result)
}

/// The fixed points of a machine's flow: means `[point, visible]` and what follows from them `[point]`; the numbers of
/// the points that the starts at m = 1, −1, 0.01, −0.01 lead to; and the curve m → m′ at `points` values of m.
#[pyfunction]
pub(crate) fn predict<'py>(
    py: Python<'py>,
    rbm: &Artifact,
    closure: &str,
    size: Option<usize>,
    points: usize,
) -> PyResult<Bound<'py, PyDict>> {
    let closure = match closure {
        "gaussian" => Closure::Gaussian,
        "memory" => Closure::Memory,
        "exact" => Closure::Exact,
        other => {
            let expected = "`gaussian`, `memory` or `exact`";
            return Err(Failure::Usage(format!("closure is `{other}`; it must be {expected}")).into());
        }
    };
    if points < 2 {
        return Err(Failure::Usage(format!("points is {points}; it must be at least 2")).into());
    }
    let content = Arc::clone(&rbm.0);
    let (found, curve, energy) = work::run(py, None, move |_| {
        let map = MeanMap::new(&content.get::<Rbm>()?, closure).map_err(Failure::usage)?;
        let lattice = match size {
            Some(size) if size.checked_mul(size) != Some(map.visible()) => {
                let visible = map.visible();
                return Err(Failure::Usage(format!("{visible} sites are no square lattice of size {size}")));
            }
            Some(size) => Some(format!("square:{size}x{size}").parse::<Lattice>().map_err(Failure::usage)?),
            None => None,
        };
        let found = fixed_points(&map);
        let energy = lattice.map(|lattice| {
            found.points.iter().map(|point| point.energy_per_site(lattice)).collect::<Vec<_>>()
        });
        Ok((found, map.uniform_curve(points), energy))
    })?;
    let visible = found.points.first().map_or(0, |point| point.means.len());
    let means = Array2::from_shape_fn((found.points.len(), visible), |(k, i)| found.points[k].means[i]);
    let each = |f: &dyn Fn(&rg_flow::theory::FixedPoint) -> f64| {
        PyArray1::from_owned_array(py, found.points.iter().map(f).collect::<Array1<f64>>())
    };
    let result = PyDict::new(py);
    result.set_item("means", PyArray2::from_owned_array(py, means))?;
    result.set_item("slope", each(&|point| point.slope))?;
    result.set_item("relaxation_steps", each(&|point| point.relaxation_steps()))?;
    result.set_item("magnetization", each(&|point| point.magnetization()))?;
    result.set_item("abs_magnetization", each(&|point| point.abs_magnetization()))?;
    if let Some(energy) = energy {
        result.set_item("energy_per_spin", energy.to_pyarray(py))?;
    }
    result.set_item("reached", found.reached.to_vec())?;
    let (mean, image): (Vec<f64>, Vec<f64>) = curve.into_iter().unzip();
    result.set_item("mean", mean.to_pyarray(py))?;
    result.set_item("image", image.to_pyarray(py))?;
    Ok(result)
}

/// F(v) of each configuration `[n]`, in nats, from `spins` `[n, visible]` of ±1.
#[pyfunction]
pub(crate) fn free_energy<'py>(
    py: Python<'py>,
    rbm: &Artifact,
    spins: PyReadonlyArray2<'py, i8>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    of_configurations(py, rbm, &spins, model::free_energy)
}

/// ⟨h⟩ given each configuration `[n, hidden]`, from `spins` `[n, visible]` of ±1.
#[pyfunction]
pub(crate) fn hidden_means<'py>(
    py: Python<'py>,
    rbm: &Artifact,
    spins: PyReadonlyArray2<'py, i8>,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    of_configurations(py, rbm, &spins, model::hidden_means)
}

/// Σ_i ln p(v_i | rest) of each configuration `[n]`, in nats, from `spins` `[n, visible]` of ±1.
#[pyfunction]
pub(crate) fn pseudo_log_likelihood<'py>(
    py: Python<'py>,
    rbm: &Artifact,
    spins: PyReadonlyArray2<'py, i8>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    of_configurations(py, rbm, &spins, |rbm, spins| {
        let of_row = |row| likelihood::pseudo_log_likelihood(rbm, row).total;
        spins.axis_chunks_iter(Axis(0), 1).map(of_row).collect()
    })
}

/// A function of a machine and of configurations that fit it.
fn of_configurations<'py, D: Dimension + Send>(
    py: Python<'py>,
    rbm: &Artifact,
    spins: &PyReadonlyArray2<'py, i8>,
    function: impl FnOnce(&Rbm, ArrayView2<i8>) -> Array<f64, D> + Send,
) -> PyResult<Bound<'py, PyArray<f64, D>>> {
    let rbm = fitting(rbm, spins)?;
    let spins = spins.as_array();
    Ok(PyArray::from_owned_array(py, py.detach(|| function(&rbm, spins))))
}

/// The machine, whose visible units are as many as the sites.
fn fitting(rbm: &Artifact, spins: &PyReadonlyArray2<'_, i8>) -> Result<Rbm, Failure> {
    let rbm: Rbm = rbm.0.get()?;
    let (visible, sites) = (rbm.visible(), spins.as_array().ncols());
    if visible == sites {
        Ok(rbm)
    } else {
        let what =
            format!("the machine has {visible} visible units but the configurations have {sites} sites");
        Err(Failure::Usage(what))
    }
}
