//! Training a network: mini-batches of random symmetric images, and the epoch that is best on validation data.

use datasets::{EquationOfState, LabelKind, Layer, Progress, Spins, Thermometer};
use ndarray::{Axis, CowArray, Ix2};
use numerics::bit_matrix::{BitMatrix, BitRows};
use numerics::bits::{Bits, shuffle};
use numerics::streams::stream;

use crate::calibration::{calibrate, cross_entropy};
use crate::classes::check_classes;
use crate::config::ThermometerConfig;
use crate::error::{DataError, TrainError};
use crate::network::{Pass, initial_layers};
use crate::optimizer::{Adam, zeros_like};
use crate::posterior::BayesPosterior;
use crate::selection::{Selection, check, match_classes, select};
use crate::symmetry::LatticeSymmetries;

/// Trains a network to name the temperature of a configuration.
///
/// The classes are the temperatures of `training`. A part of `training` chooses the best epoch; `test` is looked at once,
/// at the end, for the calibration. If the equation of state has a density of states, the exact Bayes posterior's values
/// stand beside the network's. The network takes the numbers of training configurations at each temperature as its prior:
/// they should be equal.
///
/// Optimizer: Adam with the learning rate falling linearly to zero at the last update of the last epoch. Without field
/// a symmetric image may also be flipped; with a field it is not. `training_cross_entropy` is the mean over the updates
/// of an epoch, while the parameters move and with symmetric images. Classes that are no temperatures have no symmetric
/// images: a digit is another one upside down.
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
    config.check_parameters(training.sites(), training.temperature.len())?;
    let posterior = match equation_of_state {
        Some(table) => comparison(training, table)?,
        None => None,
    };
    let selection = select(training, config.validation_fraction, config.seed)?;
    let fitted = fit(config, training, selection, progress)?;
    let labels: Vec<u16> = test.labels.iter().map(|&label| class_of_test[usize::from(label)]).collect();
    let calibration = calibrate(
        &fitted.layers,
        training.lattice,
        BitMatrix::of_spins(test.samples.view()).view(),
        &labels,
        training.temperature.len(),
        posterior.as_ref(),
    );
    Ok(Thermometer {
        lattice: training.lattice,
        label_kind: training.label_kind,
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
    if training.lattice != test.lattice {
        return Err(DataError::LatticeMismatch {
            training: training.lattice,
            role: "test configurations",
            found: test.lattice,
        });
    }
    if training.label_kind != test.label_kind {
        let (training, test) = (training.label_kind.name(), test.label_kind.name());
        return Err(DataError::LabelMismatch { training, test });
    }
    if training.field != test.field {
        return Err(DataError::FieldMismatch { training: training.field, test: test.field });
    }
    match_classes(training, test)
}

/// The exact posterior to compare with, if the table has a density of states.
fn comparison(training: &Spins, table: &EquationOfState) -> Result<Option<BayesPosterior>, TrainError> {
    if table.lattice != training.lattice {
        return Err(DataError::LatticeMismatch {
            training: training.lattice,
            role: "equation of state",
            found: table.lattice,
        }
        .into());
    }
    if training.field != 0.0 {
        return Err(DataError::FieldWithoutTable(training.field).into());
    }
    let Some(states) = &table.density_of_states else { return Ok(None) };
    Ok(Some(BayesPosterior::new(table.lattice, states, &training.temperature)?))
}

/// A trained network with its history.
struct Fitted {
    layers: Vec<Layer>,
    training_cross_entropy: Vec<f64>,
    validation_cross_entropy: Vec<f64>,
    best_epoch: u32,
}

/// The training configurations in the order of an epoch, as batches of symmetric images.
struct Batches<'a> {
    samples: CowArray<'a, i8, Ix2>,
    labels: &'a [u16],
    symmetries: Option<LatticeSymmetries>,
    flips: bool,
    originals: Vec<i8>,
    image: Vec<i8>,
    images: BitMatrix,
    image_labels: Vec<u16>,
}

impl<'a> Batches<'a> {
    fn new(spins: &'a Spins, augment: bool, batch_size: usize) -> Self {
        Self {
            samples: spins.samples.as_standard_layout(),
            labels: &spins.labels,
            symmetries: augment.then(|| LatticeSymmetries::new(spins.lattice)),
            // In a field the flipped configuration is not as probable.
            flips: spins.field == 0.0,
            originals: vec![0; batch_size * spins.sites()],
            image: vec![0; spins.sites()],
            images: BitMatrix::zeros(batch_size, spins.sites()),
            image_labels: vec![0; batch_size],
        }
    }

    /// The images and labels of a batch of row numbers.
    ///
    /// The rows are scattered over memory; copying them first lets the processor fetch many at a time, which indexing
    /// them one by one does not.
    fn fill(&mut self, batch: &[u32], bits: &mut Bits) -> (BitRows<'_>, &[u16]) {
        let sites = self.samples.ncols();
        let used = batch.len() * sites;
        let samples = self.samples.as_slice().expect("a row-major array is contiguous");
        let slots = self.originals.chunks_exact_mut(sites).zip(&mut self.image_labels);
        for ((original, label), &row) in slots.zip(batch) {
            let row = row as usize;
            *label = self.labels[row];
            original.copy_from_slice(&samples[row * sites..(row + 1) * sites]);
        }
        let labels = &self.image_labels[..batch.len()];
        for (row, original) in self.originals[..used].chunks_exact(sites).enumerate() {
            if let Some(symmetries) = &self.symmetries {
                symmetries.apply(symmetries.draw(self.flips, bits), original, &mut self.image);
                self.images.set_spins(row, &self.image);
            } else {
                self.images.set_spins(row, original);
            }
        }
        (self.images.range(0, batch.len()), labels)
    }
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
    let mut gradient = zeros_like(&layers);
    let mut adam = Adam::new(&layers);

    let validation: Vec<usize> = validation.iter().map(|&row| row as usize).collect();
    let validation_spins = BitMatrix::of_spins(spins.samples.select(Axis(0), &validation).view());
    let validation_labels: Vec<u16> = validation.iter().map(|&row| spins.labels[row]).collect();

    let batch_size = config.batch_size.min(order.len());
    let augment = config.augment && spins.label_kind == LabelKind::Temperature;
    let mut batches = Batches::new(spins, augment, batch_size);
    let mut pass = Pass::new(&layers, batch_size, true);
    let updates = order.len().div_ceil(batch_size) as f64 * f64::from(config.epochs);
    let mut update = 0.0;

    let mut best_value = f64::INFINITY;
    let mut fitted = Fitted {
        layers: layers.clone(),
        training_cross_entropy: Vec::new(),
        validation_cross_entropy: Vec::new(),
        best_epoch: 0,
    };
    for epoch in 1..=config.epochs {
        let mut bits = Bits::from_stream(&mut stream(config.seed, "thermometer epoch", &[u64::from(epoch)]));
        shuffle(&mut order, &mut bits);
        let mut sum = 0.0;
        for batch in order.chunks(batch_size) {
            let (images, labels) = batches.fill(batch, &mut bits);
            pass.forward(&layers, images, Some(labels));
            sum += pass.losses(labels.len()).iter().sum::<f64>();
            pass.backward(&layers, images, labels, &mut gradient);
            let rate = f64::from(config.learning_rate) * (1.0 - update / updates);
            adam.step(&mut layers, &gradient, rate as f32);
            update += 1.0;
        }
        let training_value = sum / order.len() as f64;
        let value = cross_entropy(&layers, validation_spins.view(), &validation_labels);
        if !(training_value.is_finite() && value.is_finite()) {
            return Err(TrainError::Diverged { epoch, learning_rate: config.learning_rate });
        }
        fitted.training_cross_entropy.push(training_value);
        fitted.validation_cross_entropy.push(value);
        if value < best_value {
            best_value = value;
            fitted.best_epoch = epoch;
            for (best, layer) in fitted.layers.iter_mut().zip(&layers) {
                best.weights.assign(&layer.weights);
                best.bias.assign(&layer.bias);
            }
        }
        progress.report(f64::from(epoch) / f64::from(config.epochs))?;
        if epoch - fitted.best_epoch >= config.patience {
            break;
        }
    }
    Ok(fitted)
}
