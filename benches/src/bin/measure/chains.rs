//! Gibbs chains and the flows that are made of them.

use datasets::{Rbm, Units};
use ndarray::{Array1, Array2};
use numerics::bits::Bits;
use numerics::product::multiply;
use numerics::streams::stream;
use rbm_core::gibbs::{Chains, Mode};
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
