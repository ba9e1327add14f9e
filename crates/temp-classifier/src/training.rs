//! Training a network: mini-batches of random symmetric images, and the epoch that is best on validation data.

use datasets::{EquationOfState, Layer, Progress, Spins, Thermometer};
use numerics::bits::Bits;
use numerics::streams::stream;

use crate::calibration::{calibrate, cross_entropy};
use crate::config::ThermometerConfig;
use crate::error::{DataError, TrainError, check_classes};
use crate::network::{Pass, initial_layers};
use crate::optimizer::{Adam, zeros_like};
use crate::posterior::BayesPosterior;
use crate::selection::{Selection, check, match_classes, select, shuffle};
use crate::symmetry::LatticeSymmetries;

/// Trains a network to name the temperature of a configuration.
///
/// The classes are the temperatures of `training`. A part of `training` chooses the best epoch; `test` is looked at once,
/// at the end, for the calibration. If the equation of state has a density of states, the exact Bayes posterior's values
/// stand beside the network's. The network takes the numbers of training configurations at each temperature as its prior:
/// they should be equal.
///
/// Optimizer: Adam with the learning rate falling linearly to zero at the last update of the last epoch. Without field a
/// symmetric image may also be flipped; with a field it is not. `training_cross_entropy` is the mean over the updates of
/// an epoch, while the parameters move and with symmetric images.
///
/// # Errors
///
/// If a setting is impossible, the files do not fit together or are too small, the equation of state is for another
/// lattice, the training diverges, or `progress` asks to stop.
pub fn train(
    config: &ThermometerConfig,
    training: &Spins,
    test: &Spins,
    equation_of_state: Option<&EquationOfState>,
    progress: &dyn Progress,
) -> Result<Thermometer, TrainError> {
    config.check()?;
    let class_of_test = check_data(training, test)?;
    let posterior = match equation_of_state {
        Some(table) => comparison(training, table)?,
        None => None,
    };
    let selection = select(training, config.validation_fraction, config.seed)?;
    let fitted = fit(config, training, selection, progress)?;
    let labels: Vec<u16> = test.labels.iter().map(|&label| class_of_test[usize::from(label)]).collect();
    let calibration = calibrate(
        &fitted.layers,
        training.size,
        test.samples.view(),
        &labels,
        training.temperature.len(),
        posterior.as_ref(),
    );
    Ok(Thermometer {
        size: training.size,
        layers: fitted.layers,
        temperature: training.temperature.clone(),
        calibration,
        training_cross_entropy: fitted.training_cross_entropy,
        validation_cross_entropy: fitted.validation_cross_entropy,
        best_epoch: fitted.best_epoch,
    })
}

/// Checks both files and returns the class of each test temperature.
fn check_data(training: &Spins, test: &Spins) -> Result<Vec<u16>, DataError> {
    check(training, "training")?;
    check(test, "test")?;
    check_classes(&training.temperature).map_err(DataError::from)?;
    if training.size != test.size {
        return Err(DataError::SizeMismatch {
            training: training.size,
            role: "test configurations",
            found: test.size,
        });
    }
    if training.field != test.field {
        return Err(DataError::FieldMismatch { training: training.field, test: test.field });
    }
    match_classes(training, test)
}

/// The exact posterior to compare with, if the table has a density of states.
fn comparison(training: &Spins, table: &EquationOfState) -> Result<Option<BayesPosterior>, TrainError> {
    if table.size != training.size {
        return Err(DataError::SizeMismatch {
            training: training.size,
            role: "equation of state",
            found: table.size,
        }
        .into());
    }
    if training.field != 0.0 {
        return Err(DataError::FieldWithoutTable(training.field).into());
    }
    let Some(states) = &table.density_of_states else { return Ok(None) };
    Ok(Some(BayesPosterior::new(table.size, states, &training.temperature)?))
}

/// A trained network with its history.
struct Fitted {
    layers: Vec<Layer>,
    training_cross_entropy: Vec<f64>,
    validation_cross_entropy: Vec<f64>,
    best_epoch: u32,
}

fn fit(
    config: &ThermometerConfig,
    spins: &Spins,
    selection: Selection,
    progress: &dyn Progress,
) -> Result<Fitted, TrainError> {
    let Selection { training: mut order, validation } = selection;
    let mut widths = vec![spins.sites()];
    widths.extend(&config.hidden);
    widths.push(spins.temperature.len());
    let mut layers = initial_layers(&widths, &mut stream(config.seed, "thermometer initial weights", &[]));
    let mut best = layers.clone();
    let mut gradient = zeros_like(&layers);
    let mut adam = Adam::new(&layers);

    let samples = spins.samples.as_standard_layout();
    let validation_rows: Vec<usize> = validation.iter().map(|&row| row as usize).collect();
    let validation_spins = samples.select(ndarray::Axis(0), &validation_rows);
    let validation_labels: Vec<u16> = validation_rows.iter().map(|&row| spins.labels[row]).collect();

    let batch_size = config.batch_size.min(order.len());
    let updates = order.len().div_ceil(batch_size) as f64 * f64::from(config.epochs);
    let mut update = 0.0;
    let mut pass = Pass::new(&layers, batch_size, true);
    let mut labels = vec![0u16; batch_size];
    let symmetries = LatticeSymmetries::new(spins.size);
    let flips = spins.field == 0.0;

    let mut history = (Vec::new(), Vec::new());
    let mut best_epoch = 0;
    let mut best_value = f64::INFINITY;
    for epoch in 1..=config.epochs {
        let mut bits = Bits::from_stream(&mut stream(config.seed, "thermometer epoch", &[u64::from(epoch)]));
        shuffle(&mut order, &mut bits);
        let mut sum = 0.0;
        for batch in order.chunks(batch_size) {
            let rows = batch.len();
            for (slot, &row) in batch.iter().enumerate() {
                labels[slot] = spins.labels[row as usize];
                let original = samples.row(row as usize);
                let mut image = pass.input.row_mut(slot);
                match (config.augment, original.as_slice(), image.as_slice_mut()) {
                    (true, Some(original), Some(image)) => {
                        symmetries.apply(symmetries.draw(flips, &mut bits), original, image);
                    }
                    _ => image.zip_mut_with(&original, |out, &spin| *out = f32::from(spin)),
                }
            }
            pass.forward(&layers, rows, Some(&labels[..rows]));
            sum += pass.losses(rows).iter().sum::<f64>();
            pass.backward(&layers, rows, &labels[..rows], &mut gradient);
            let rate = f64::from(config.learning_rate) * (1.0 - update / updates);
            adam.step(&mut layers, &gradient, rate as f32);
            update += 1.0;
        }
        let training_value = sum / order.len() as f64;
        let value = cross_entropy(&layers, validation_spins.view(), &validation_labels);
        if !(training_value.is_finite() && value.is_finite()) {
            return Err(TrainError::Diverged { epoch, learning_rate: config.learning_rate });
        }
        history.0.push(training_value);
        history.1.push(value);
        if value < best_value {
            best_value = value;
            best_epoch = epoch;
            for (best, layer) in best.iter_mut().zip(&layers) {
                best.weights.assign(&layer.weights);
                best.bias.assign(&layer.bias);
            }
        }
        progress.report(f64::from(epoch) / f64::from(config.epochs))?;
        if epoch - best_epoch >= config.patience {
            break;
        }
    }
    Ok(Fitted {
        layers: best,
        training_cross_entropy: history.0,
        validation_cross_entropy: history.1,
        best_epoch,
    })
}
