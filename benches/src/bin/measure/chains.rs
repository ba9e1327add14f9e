//! Gibbs chains and the flows that are made of them.

use datasets::{Rbm, Units};
use ising_mc::sampler::Algorithm;
use ising_mc::{SampleConfig, sample};
use ndarray::{Array1, Array2};
use numerics::bits::Bits;
use numerics::product::multiply;
use numerics::streams::stream;
use rbm_core::gibbs::{Chains, Mode};
use rbm_core::{TrainConfig, Trainer};
use rbmflow_benches::spins;
use rg_flow::{RbmFlowConfig, Record, rbm_flow};

use crate::works::Work;

/// Weights of ±0.3 at most.
fn machine(visible: usize, hidden: usize) -> Rbm {
    let mut bits = Bits::from_stream(&mut stream(2, "bench", &[]));
    let weights = Array2::from_shape_simple_fn((visible, hidden), || {
        0.6 * numerics::bits::unit_f32((bits.next() >> 32) as u32) - 0.3
    });
    Rbm {
        units: Units::Spin,
        weights,
        visible_bias: Array1::zeros(visible),
        hidden_bias: Array1::zeros(hidden),
        training_temperatures: vec![],
        updates: 0,
        history_epoch: vec![],
        history: Default::default(),
    }
}

/// Steps v → h → v of many chains; one unit is a step of all.
pub(crate) fn gibbs(visible: usize, hidden: usize, chains: usize) -> Result<Work, String> {
    let start = spins(visible, chains, 1).samples;
    let mut chains = Chains::new(&machine(visible, hidden), start.view(), Mode::Sampled, 1)
        .map_err(|error| error.to_string())?;
    Ok(Work::new(1, move || chains.step()))
}

/// The two products of a step.
pub(crate) fn gibbs_floor(visible: usize, hidden: usize, chains: usize) -> Work {
    let w = machine(visible, hidden).weights;
    let (mut v, mut h) = (Array2::<f32>::ones((chains, visible)), Array2::<f32>::ones((chains, hidden)));
    Work::new(1, move || {
        multiply(v.view(), w.view(), h.view_mut());
        multiply(h.view(), w.t(), v.view_mut());
        v.fill(1.0);
    })
}

/// A flow from one ensemble, energies and magnetizations at each step included, thermometers not; one unit is a step of
/// all chains.
pub(crate) fn flow(visible: usize, hidden: usize, chains: usize) -> Result<Work, String> {
    const STEPS: u32 = 100;
    let (rbm, start) = (machine(visible, hidden), spins(visible, chains, 1));
    let config = RbmFlowConfig { steps: STEPS, chains, record: Record::Every(1), ..RbmFlowConfig::default() };
    let flow = move || rbm_flow(&config, &rbm, &start, &(), &()).map(|_| ());
    flow().map_err(|error| error.to_string())?;
    Ok(Work::new(STEPS as usize, move || flow().expect("it worked before")))
}

/// All that a user does at the paper's main setting: 1000 samples at each of 25 temperatures, a training, and a flow of
/// 1000 chains from four of them, with energies and magnetizations at each of 200 steps.
pub(crate) fn job(visible: usize, hidden: usize, epochs: usize) -> Result<Work, String> {
    let sampling = SampleConfig {
        lattice: datasets::lattice::Lattice::square(visible.isqrt()).map_err(|error| error.to_string())?,
        temperatures: (0..25).map(|k| 0.25 * f64::from(k)).collect(),
        samples_per_temperature: 1000,
        field: 0.0,
        algorithm: Algorithm::Metropolis,
        model: ising_mc::Model::Ising,
        seed: 1,
    };
    let training = TrainConfig { hidden, epochs: epochs as u32, ..TrainConfig::default() };
    let start_temperatures = Some(vec![0.0, 2.25, 4.0, 6.0]);
    let flow = RbmFlowConfig { start_temperatures, ..RbmFlowConfig::default() };
    sampling.check().map_err(|error| error.to_string())?;
    let pool = crate::works::pool(1)?;
    Ok(Work::new(1, move || {
        pool.install(|| {
            let spins = sample(&sampling, &()).expect("the settings are checked");
            let mut trainer = Trainer::new(&training, &spins).expect("the settings are checked");
            while !trainer.finished() {
                trainer.advance().expect("the learning rate is the usual one");
            }
            rbm_flow(&flow, &trainer.finish(), &spins, &(), &()).expect("the machine and the starts fit");
        });
    }))
}
