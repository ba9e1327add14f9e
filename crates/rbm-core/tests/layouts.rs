//! How arrays lie in memory makes no difference: machines and configurations come from other programs too.

mod common;

use datasets::{Rbm, Units};
use ndarray::{Array2, ShapeBuilder};
use rbm_core::gibbs::{Chains, Mode};
use rbm_core::likelihood::{self, AnnealConfig};
use rbm_core::{Trainer, model};

/// The same array, column by column in memory.
fn by_columns<T: Copy + PartialEq>(array: &Array2<T>) -> Array2<T> {
    let turned = Array2::from_shape_fn(array.dim().f(), |index| array[index]);
    assert!(turned.as_slice().is_none() && turned == *array);
    turned
}

#[test]
fn weights_and_spins_by_columns_give_the_same() {
    for units in [Units::Spin, Units::Binary] {
        // The second one is too large for products of exponentials.
        for scale in [0.5, 40.0] {
            let machine = common::machine(units, 9, 5, scale, true, 3);
            let other = Rbm { weights: by_columns(&machine.weights), ..machine.clone() };
            let all = common::all_configurations(9);
            let spins = all.slice(ndarray::s![0..512;17, ..]).to_owned();
            let turned = by_columns(&spins);
            let of = |machine: &Rbm, spins: &Array2<i8>| {
                let pseudo = likelihood::pseudo_log_likelihood(machine, spins.view());
                let partition = likelihood::log_partition(machine).expect("a small machine");
                let mut chains =
                    Chains::new(machine, spins.view(), Mode::Sampled, 4).expect("spins that fit");
                (0..3).for_each(|_| chains.step());
                (pseudo.total, partition, model::free_energy(machine, spins.view()), chains.spins())
            };
            let expected = of(&machine, &spins);
            assert_eq!(of(&other, &spins), expected);
            assert_eq!(of(&machine, &turned), expected);
            let config = AnnealConfig { chains: 20, steps: 5, burn_in: 1, seed: 2 };
            let text = |machine, spins: &Array2<i8>| {
                format!("{:?}", likelihood::anneal(machine, Some(spins.view()), &config))
            };
            assert_eq!(text(&other, &turned), text(&machine, &spins));
        }
    }
}

#[test]
fn trainings_on_spins_by_columns_are_the_same() {
    let spins = common::ising(4, &[1.0, 3.0], 15, 1);
    let turned = datasets::Spins { samples: by_columns(&spins.samples), ..spins.clone() };
    let config = rbm_core::TrainConfig { hidden: 3, epochs: 2, batch_size: 7, ..Default::default() };
    let trained = |spins| {
        let mut trainer = Trainer::new(&config, spins).expect("settings that fit");
        while !trainer.finished() {
            trainer.advance().expect("no divergence");
        }
        trainer.finish()
    };
    assert_eq!(trained(&turned), trained(&spins));
}
