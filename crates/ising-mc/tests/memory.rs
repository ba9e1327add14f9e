//! Every sampler on small lattices at every width, small enough for an interpreter that watches each access
//! (`cargo xtask sanitize`). What is sampled is compared with the portable version.

use datasets::lattice::Lattice;
use ising_mc::exact::critical_temperature;
use ising_mc::sampler::{Algorithm, Model, ensemble};
use numerics::streams::stream;
use numerics::vector::Width;

#[test]
fn every_sampler_at_every_width() {
    for (algorithm, size, field) in [
        (Algorithm::Metropolis, 3, 0.0),
        (Algorithm::Metropolis, 2, 0.5),
        (Algorithm::HeatBath, 2, 0.0),
        (Algorithm::Checkerboard, 4, 0.0),
        (Algorithm::Checkerboard, 18, 0.0),
        (Algorithm::Wolff, 3, 0.0),
        (Algorithm::SwendsenWang, 3, 0.0),
    ] {
        let model =
            Model { lattice: Lattice::square(size).unwrap(), temperature: critical_temperature(), field };
        let run = |width| {
            let mut chains = ensemble(algorithm, model, 1, width, &mut stream(1, "test", &[]));
            chains.sweep(1).unwrap();
            let (mut energy, mut magnetization) = ([0], [0]);
            chains.measure(&mut energy, &mut magnetization);
            let mut spins = vec![0; size * size];
            chains.copy(0, &mut spins);
            (energy, magnetization, spins)
        };
        let expected = run(Width::Portable);
        for width in Width::ALL {
            assert_eq!(run(width), expected, "{algorithm:?} {width:?}");
        }
    }
}
