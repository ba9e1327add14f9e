//! Block spins of the Ising model itself: the renormalization-group flow runs away from T_c.

mod common;

use datasets::lattice::Lattice;
use datasets::{Reading, Value};
use ising_mc::exact::{critical_temperature, kaufman};
use ising_mc::{Algorithm, SampleConfig, sample};
use ndarray::ArrayView2;
use rg_flow::{BlockSpinConfig, Readout, block_spin_flow};

/// T_E from the exact energy of the L × L torus.
struct ExactEnergy;

impl Readout for ExactEnergy {
    fn classes(&self) -> &[f64] {
        &[]
    }

    fn read(&self, lattice: Lattice, spins: ArrayView2<i8>) -> Reading {
        let energies: Vec<f64> = spins
            .outer_iter()
            .map(|row| {
                f64::from(ising_mc::observables::energy(lattice, &row.to_vec())) / lattice.sites() as f64
            })
            .collect();
        let energy = ising_mc::statistics::mean_and_error(&energies);
        let size = lattice.size().expect("a square");
        let (mut low, mut high) = (0.5, 10.0);
        for _ in 0..50 {
            let middle = 0.5 * (low + high);
            let exact = kaufman(size, middle).expect("a valid temperature").energy_per_spin;
            if exact < energy.value { low = middle } else { high = middle }
        }
        let slope = kaufman(size, low).expect("a valid temperature").specific_heat;
        let mut reading = ().read(lattice, spins);
        reading.energy_temperature = Some(Value { value: low, error: energy.error / slope });
        reading
    }
}

/// From 40 × 40 to 20 × 20, against an independent program's 1.81, 2.245, 2.284 and 2.81, which are good to about 0.01;
/// with 4.5 standard errors beside it a false alarm is rarer than 1e-5 per temperature.
#[test]
fn block_spins_run_away_from_the_critical_temperature() {
    let temperatures = vec![2.0, 2.25, critical_temperature(), 2.5];
    let spins = sample(
        &SampleConfig {
            lattice: Lattice::square(40).unwrap(),
            temperatures: temperatures.clone(),
            samples_per_temperature: 512,
            field: 0.0,
            algorithm: Algorithm::Wolff,
            model: ising_mc::Model::Ising,
            seed: 3,
        },
        &(),
    )
    .expect("samples");
    let config = BlockSpinConfig { steps: 1, chains: 512, ..BlockSpinConfig::default() };
    let flow = block_spin_flow(&config, &spins, &ExactEnergy, &()).expect("runs");
    let read = flow.energy_temperature.expect("read");
    for (f, (&start, expected)) in temperatures.iter().zip([1.81, 2.245, 2.284, 2.81]).enumerate() {
        common::agrees(read.value[[f, 0]], read.error[[f, 0]] + 0.001, start, "T_E of the start");
        let (value, error) = (read.value[[f, 1]], read.error[[f, 1]]);
        println!("{start} -> {value} ± {error}");
        assert!((value - expected).abs() < 0.01 + 4.5 * error, "{start}: {value} ± {error}, not {expected}");
    }
    assert!(read.value[[0, 1]] < 2.0 - 0.15 && read.value[[3, 1]] > 2.5 + 0.25);
}
