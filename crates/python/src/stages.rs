//! The stages, each as the verb of the program does it: same settings, seed and inputs, same file.

use datasets::lattice::{Kind, Lattice};
use std::fmt::Display;
use std::sync::Arc;

use datasets::{
    Boundary, EquationOfState, Input, Likelihood, Observables, Progress as _, Provenance, Rbm, Reading,
    Spins, Thermometer,
};
use ising_mc::exact::{ExactError, Mixture};
use ising_mc::{EquationOfStateConfig, SampleConfig, SampleError};
use numpy::{PyReadonlyArray2, ToPyArray as _};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use rbm_core::likelihood as rbm_likelihood;
use rbm_core::{LikelihoodConfig, TrainConfig, TrainError, Trainer};
use rg_flow::{BlockSpinConfig, FlowError, RbmFlowConfig};
use serde::Serialize;
use temp_classifier::{ThermometerConfig, Thermometers, check_independent};
use weight_analysis::WeightsConfig;

use crate::artifact::{Artifact, Content, PRODUCER};
use crate::failure::Failure;
use crate::settings::{complete, config as text_of};
use crate::work::{self, Listener};

/// What `progress` may be.
type Callback = Option<Py<PyAny>>;

/// What a file says about its making.
fn provenance(
    stage: &str,
    config: &impl Serialize,
    seed: u64,
    inputs: Vec<Input>,
) -> Result<Provenance, Failure> {
    Ok(Provenance { producer: PRODUCER.to_owned(), config: text_of(stage, config)?, seed, inputs })
}

/// Refuses settings that can never work.
fn checked<E: Display>(found: Result<(), E>) -> Result<(), Failure> {
    found.map_err(Failure::usage)
}

/// Configurations of the Ising model.
#[pyfunction]
pub(crate) fn sample(py: Python<'_>, settings: &Bound<'_, PyDict>, progress: Callback) -> PyResult<Artifact> {
    let config: SampleConfig = complete(settings)?;
    checked(config.check())?;
    work::run(py, progress, move |listener| {
        let spins = ising_mc::sample(&config, listener).map_err(|error| match error {
            SampleError::Interrupted(_) => Failure::Interrupted,
            other => Failure::usage(other),
        })?;
        Ok(Content::of(spins, provenance("sample", &config, config.seed, vec![])?).into())
    })
}

/// Thermal averages of the Ising model.
#[pyfunction]
pub(crate) fn equation_of_state(
    py: Python<'_>,
    settings: &Bound<'_, PyDict>,
    progress: Callback,
) -> PyResult<Artifact> {
    let config: EquationOfStateConfig = complete(settings)?;
    checked(config.check())?;
    work::run(py, progress, move |listener| {
        let table = ising_mc::equation_of_state(&config, listener).map_err(|error| match error {
            ExactError::Interrupted(_) | ExactError::Sample(SampleError::Interrupted(_)) => {
                Failure::Interrupted
            }
            other => Failure::usage(other),
        })?;
        Ok(Content::of(table, provenance("equation-of-state", &config, config.seed, vec![])?).into())
    })
}

/// A machine, from configurations that are one training set together.
#[pyfunction]
pub(crate) fn train(
    py: Python<'_>,
    spins: Vec<PyRef<'_, Artifact>>,
    settings: &Bound<'_, PyDict>,
    progress: Callback,
) -> PyResult<Artifact> {
    let config: TrainConfig = complete(settings)?;
    if config.epochs == 0 {
        return Err(Failure::usage("epochs is 0; it must be at least 1").into());
    }
    checked(config.validate())?;
    let parts: Vec<Arc<Content>> = spins.iter().map(|part| Arc::clone(&part.0)).collect();
    let repeated = |n: usize| parts[..n].iter().any(|part| part.content_hash() == parts[n].content_hash());
    if (1..parts.len()).any(repeated) {
        return Err(Failure::usage("the same configurations are given twice, which would count twice").into());
    }
    work::run(py, progress, move |listener| {
        let inputs = parts.iter().map(|part| part.input("spins")).collect();
        let spins = parts.iter().map(|part| part.get::<Spins>()).collect::<Result<_, _>>()?;
        let spins = Spins::joined(spins).map_err(Failure::usage)?;
        let rbm = trained(&config, &spins, listener)?;
        Ok(Content::of(rbm, provenance("train", &config, config.seed, inputs)?).into())
    })
}

/// A machine from `samples` `[n, visible]` of ±1 that are no configurations of a lattice; no file says which they were.
#[pyfunction]
pub(crate) fn train_on_matrix(
    py: Python<'_>,
    samples: PyReadonlyArray2<'_, i8>,
    settings: &Bound<'_, PyDict>,
    progress: Callback,
) -> PyResult<Artifact> {
    let config: TrainConfig = complete(settings)?;
    checked(config.validate())?;
    let samples = samples.as_array().to_owned();
    let rows = samples.nrows();
    let lattice = Lattice::new(Kind::None, &[samples.ncols()]).map_err(Failure::usage)?;
    work::run(py, progress, move |listener| {
        // Training looks at the samples and at which temperatures they are from.
        let spins = Spins {
            lattice,
            boundary: Boundary::Periodic,
            coupling: 1.0,
            field: 0.0,
            algorithm: String::new(),
            label_kind: datasets::LabelKind::Temperature,
            temperature: vec![0.0],
            labels: vec![0; rows],
            energy: vec![],
            magnetization: vec![],
            samples,
            observables: Observables::default(),
        };
        let rbm = Rbm { training_temperatures: vec![], ..trained(&config, &spins, listener)? };
        Ok(Content::of(rbm, provenance("train", &config, config.seed, vec![])?).into())
    })
}

/// All epochs.
fn trained(config: &TrainConfig, spins: &Spins, listener: &Listener) -> Result<Rbm, Failure> {
    let failed = |error| match error {
        TrainError::Diverged { .. } => Failure::computation(error),
        other => Failure::usage(other),
    };
    let mut trainer = Trainer::new(config, spins).map_err(failed)?;
    while !trainer.finished() {
        let fraction = f64::from(trainer.epoch()) / f64::from(config.epochs);
        listener.report(fraction).map_err(|_| Failure::Interrupted)?;
        trainer.advance().map_err(failed)?;
    }
    Ok(trainer.finish())
}

/// A network that reads temperatures.
#[pyfunction]
pub(crate) fn thermometer(
    py: Python<'_>,
    spins: &Artifact,
    test: &Artifact,
    equation_of_state: Option<&Artifact>,
    settings: &Bound<'_, PyDict>,
    progress: Callback,
) -> PyResult<Artifact> {
    let config: ThermometerConfig = complete(settings)?;
    checked(config.check())?;
    let (spins, test) = (Arc::clone(&spins.0), Arc::clone(&test.0));
    let table = equation_of_state.map(|table| Arc::clone(&table.0));
    work::run(py, progress, move |listener| {
        use temp_classifier::TrainError;
        let mut inputs = vec![spins.input("spins"), test.input("test")];
        inputs.extend(table.iter().map(|table| table.input("equation-of-state")));
        let (training, test) = (spins.get::<Spins>()?, test.get::<Spins>()?);
        let table = table.map(|table| table.get::<EquationOfState>()).transpose()?;
        checked(check_independent(&training, &test))?;
        let trained = temp_classifier::train(&config, &training, &test, table.as_ref(), listener);
        let thermometer = trained.map_err(|error| match error {
            TrainError::Interrupted(_) => Failure::Interrupted,
            TrainError::Diverged { .. } => Failure::computation(error),
            other => Failure::usage(other),
        })?;
        Ok(Content::of(thermometer, provenance("thermometer train", &config, config.seed, inputs)?).into())
    })
}

/// The contents that thermometers are made of.
struct Scales {
    network: Option<Arc<Content>>,
    tables: Vec<Arc<Content>>,
}

impl Scales {
    fn of(network: Option<&Artifact>, tables: &[PyRef<'_, Artifact>]) -> Self {
        let network = network.map(|network| Arc::clone(&network.0));
        Self { network, tables: tables.iter().map(|table| Arc::clone(&table.0)).collect() }
    }

    fn inputs(&self) -> impl Iterator<Item = Input> {
        let network = self.network.iter().map(|network| network.input("thermometer"));
        network.chain(self.tables.iter().map(|table| table.input("equation-of-state")))
    }

    /// Calls `then` with the thermometers.
    fn with<T>(&self, then: impl FnOnce(Thermometers<'_>) -> Result<T, Failure>) -> Result<T, Failure> {
        let network = self.network.as_ref().map(|network| network.get::<Thermometer>()).transpose()?;
        let mut thermometers = Thermometers::new(network.as_ref(), None, &[]).map_err(Failure::usage)?;
        for table in &self.tables {
            thermometers = thermometers.with_table(&table.get()?).map_err(Failure::usage)?;
        }
        then(thermometers)
    }
}

fn flow_failed(error: FlowError) -> Failure {
    match error {
        FlowError::Interrupted(_) => Failure::Interrupted,
        other => Failure::usage(other),
    }
}

/// The flow of a machine.
#[pyfunction]
pub(crate) fn rbm_flow(
    py: Python<'_>,
    rbm: &Artifact,
    starts: &Artifact,
    thermometer: Option<&Artifact>,
    tables: Vec<PyRef<'_, Artifact>>,
    settings: &Bound<'_, PyDict>,
    progress: Callback,
) -> PyResult<Artifact> {
    let config: RbmFlowConfig = complete(settings)?;
    checked(config.check())?;
    let (rbm, starts) = (Arc::clone(&rbm.0), Arc::clone(&starts.0));
    let scales = Scales::of(thermometer, &tables);
    work::run(py, progress, move |listener| {
        let inputs = [rbm.input("rbm"), starts.input("starts")].into_iter().chain(scales.inputs()).collect();
        let flow = scales.with(|thermometers| {
            rg_flow::rbm_flow(&config, &rbm.get()?, &starts.get()?, &thermometers, listener)
                .map_err(flow_failed)
        })?;
        Ok(Content::of(flow, provenance("flow rbm", &config, config.seed, inputs)?).into())
    })
}

/// The block-spin flow.
#[pyfunction]
pub(crate) fn block_spin_flow(
    py: Python<'_>,
    spins: &Artifact,
    thermometer: Option<&Artifact>,
    tables: Vec<PyRef<'_, Artifact>>,
    settings: &Bound<'_, PyDict>,
    progress: Callback,
) -> PyResult<Artifact> {
    let config: BlockSpinConfig = complete(settings)?;
    checked(config.check())?;
    let spins = Arc::clone(&spins.0);
    let scales = Scales::of(thermometer, &tables);
    work::run(py, progress, move |listener| {
        let inputs = [spins.input("spins")].into_iter().chain(scales.inputs()).collect();
        let flow = scales.with(|thermometers| {
            rg_flow::block_spin_flow(&config, &spins.get()?, &thermometers, listener).map_err(flow_failed)
        })?;
        Ok(Content::of(flow, provenance("flow block-spin", &config, config.seed, inputs)?).into())
    })
}

/// What the thermometers say of the configurations at each temperature, as the columns of a table.
#[pyfunction]
pub(crate) fn measure<'py>(
    py: Python<'py>,
    spins: &Artifact,
    thermometer: Option<&Artifact>,
    tables: Vec<PyRef<'_, Artifact>>,
) -> PyResult<Bound<'py, PyDict>> {
    let spins = Arc::clone(&spins.0);
    let scales = Scales::of(thermometer, &tables);
    let found = work::run(py, None, move |_| {
        let spins = spins.get::<Spins>()?;
        scales.with(|thermometers| temp_classifier::measure(&thermometers, &spins).map_err(Failure::usage))
    })?;
    let columns = PyDict::new(py);
    let column = |name: &str, of: &dyn Fn(&Reading) -> Option<f64>| {
        let values: Option<Vec<f64>> = found.iter().map(|measured| of(&measured.reading)).collect();
        values.map_or(Ok(()), |values| columns.set_item(name, values.to_pyarray(py)))
    };
    let temperatures: Vec<f64> = found.iter().map(|measured| measured.temperature).collect();
    columns.set_item("temperature", temperatures.to_pyarray(py))?;
    column("nn_peak", &|reading| reading.nn_peak)?;
    for (name, of) in [
        ("nn_temperature", (|reading| reading.nn_temperature) as fn(&Reading) -> Option<datasets::Value>),
        ("bayes_temperature", |reading| reading.bayes_temperature),
        ("energy_temperature", |reading| reading.energy_temperature),
        ("magnetization_temperature", |reading| reading.magnetization_temperature),
    ] {
        column(name, &|reading| of(reading).map(|value| value.value))?;
        column(&format!("{name}_error"), &|reading| of(reading).map(|value| value.error))?;
    }
    Ok(columns)
}

/// What the weights of a machine have learnt.
#[pyfunction]
pub(crate) fn weights(
    py: Python<'_>,
    rbm: &Artifact,
    spins: &Artifact,
    settings: &Bound<'_, PyDict>,
) -> PyResult<Artifact> {
    let config: WeightsConfig = complete(settings)?;
    checked(config.check())?;
    let (rbm, spins) = (Arc::clone(&rbm.0), Arc::clone(&spins.0));
    work::run(py, None, move |_| {
        let inputs = vec![rbm.input("rbm"), spins.input("spins")];
        let found = weight_analysis::analyse(&config, &rbm.get()?, &spins.get()?).map_err(Failure::usage)?;
        Ok(Content::of(found, provenance("weights", &config, 0, inputs)?).into())
    })
}

/// How probable a machine finds configurations, and what is to be said if that could not be found.
#[pyfunction]
pub(crate) fn likelihood(
    py: Python<'_>,
    rbm: &Artifact,
    spins: &Artifact,
    settings: &Bound<'_, PyDict>,
) -> PyResult<(Artifact, Option<String>)> {
    let config: LikelihoodConfig = complete(settings)?;
    let (rbm, spins) = (Arc::clone(&rbm.0), Arc::clone(&spins.0));
    work::run(py, None, move |_| {
        let inputs = vec![rbm.input("rbm"), spins.input("spins")];
        let on_training_data = rbm.provenance().is_trained_on(spins.content_hash());
        let (rbm, spins) = (rbm.get::<Rbm>()?, spins.get::<Spins>()?);
        checked(config.check(rbm.visible(), rbm.hidden()))?;
        let selection = config.select(&rbm, &spins).map_err(Failure::usage)?;
        let law = Mixture::of(&spins, &selection.components).map(|mixture| {
            let of_row = |row: usize| mixture.log_probability(spins.energy[row], spins.magnetization[row]);
            selection.law(of_row, mixture.entropy())
        });
        let found = rbm_likelihood::measure(&config, &rbm, &spins, &selection, law.as_ref());
        let found = Likelihood { on_training_data, ..found.map_err(Failure::usage)? };
        let warning = config.lack(&found).map(|lack| {
            format!("annealed importance sampling has not converged and there is no likelihood: {lack}")
        });
        let provenance = provenance("likelihood", &config, config.seed, inputs)?;
        Ok((Content::of(found, provenance).into(), warning))
    })
}
