//! How good probabilities are: cross entropy with its standard error, mean posteriors, confusion.

use datasets::lattice::Lattice;
use datasets::{Calibration, Layer};
use ising_mc::ensemble::Ensemble;
use ndarray::Array2;
use numerics::bit_matrix::BitRows;

use crate::network::for_each_block;
use crate::posterior::BayesPosterior;

/// Mean −ln p(true class) over configurations, in nats.
pub(crate) fn cross_entropy(layers: &[Layer], configurations: BitRows, labels: &[u16]) -> f64 {
    let mut sum = 0.0;
    for_each_block(layers, configurations, Some(labels), |_, pass, rows| {
        sum += pass.losses(rows).iter().sum::<f64>();
    });
    sum / labels.len() as f64
}

/// Sums over the configurations of each class.
struct PerClass {
    count: Vec<f64>,
    loss: Vec<f64>,
    squared_loss: Vec<f64>,
    probabilities: Array2<f64>,
    largest: Array2<f64>,
}

impl PerClass {
    fn new(classes: usize) -> Self {
        Self {
            count: vec![0.0; classes],
            loss: vec![0.0; classes],
            squared_loss: vec![0.0; classes],
            probabilities: Array2::zeros((classes, classes)),
            largest: Array2::zeros((classes, classes)),
        }
    }

    fn add(&mut self, class: usize, loss: f64, probabilities: impl Iterator<Item = f64>) {
        self.count[class] += 1.0;
        self.loss[class] += loss;
        self.squared_loss[class] += loss * loss;
        let mut peak = (0, f64::NEG_INFINITY);
        for (k, p) in probabilities.enumerate() {
            self.probabilities[[class, k]] += p;
            if p > peak.1 {
                peak = (k, p);
            }
        }
        self.largest[[class, peak.0]] += 1.0;
    }

    /// The mean over classes of the mean loss, and its standard error.
    fn cross_entropy(&self) -> (f64, f64) {
        let classes = self.count.len() as f64;
        let mut mean = 0.0;
        let mut variance = 0.0;
        for ((&n, &sum), &squares) in self.count.iter().zip(&self.loss).zip(&self.squared_loss) {
            mean += sum / n / classes;
            let spread = ((squares - sum * sum / n) / (n - 1.0)).max(0.0);
            variance += spread / n / (classes * classes);
        }
        (mean, variance.sqrt())
    }

    fn row_means(&self, sums: &Array2<f64>) -> Array2<f64> {
        let mut means = sums.clone();
        for (mut row, &n) in means.rows_mut().into_iter().zip(&self.count) {
            row /= n;
        }
        means
    }
}

/// The calibration on test data with at least two configurations of each class.
///
/// Every class has the same weight, as in the posterior's uniform prior, whatever the number of its configurations; the
/// standard error is that of a sample stratified by class.
pub(crate) fn calibrate(
    layers: &[Layer],
    lattice: Lattice,
    configurations: BitRows,
    labels: &[u16],
    classes: usize,
    posterior: Option<&BayesPosterior>,
) -> Calibration {
    let mut network = PerClass::new(classes);
    for_each_block(layers, configurations, Some(labels), |start, pass, rows| {
        let probabilities = pass.probabilities(rows);
        for ((row, &loss), &label) in
            probabilities.rows().into_iter().zip(pass.losses(rows)).zip(&labels[start..])
        {
            network.add(usize::from(label), loss, row.iter().map(|&p| f64::from(p)));
        }
    });
    let (cross_entropy, cross_entropy_error) = network.cross_entropy();
    let bayes = posterior.map(|posterior| {
        let mut exact = PerClass::new(classes);
        let energies = Ensemble::new(lattice, configurations).energies();
        for (energy, &label) in energies.into_iter().zip(labels) {
            let class = usize::from(label);
            let loss = -posterior.log_probability(energy, class);
            exact.add(class, loss, posterior.probabilities(energy).iter().copied());
        }
        exact
    });
    Calibration {
        mean_posterior: network.row_means(&network.probabilities),
        confusion: network.row_means(&network.largest),
        cross_entropy,
        cross_entropy_error,
        bayes_cross_entropy: bayes.as_ref().map(|exact| exact.cross_entropy().0),
        bayes_mean_posterior: bayes.as_ref().map(|exact| exact.row_means(&exact.probabilities)),
        bayes_optimum: posterior.map(BayesPosterior::optimum),
    }
}

#[cfg(test)]
mod tests {
    use numerics::bits::{Bits, unit_f64};
    use numerics::streams::stream;

    use super::*;

    /// Classes with other numbers, means and spreads of losses: the error is √(Σ σ²/n) / classes, and over 4000
    /// repetitions it is the spread of the cross entropy within 5 % (the spread itself is good to 1.1 %).
    #[test]
    fn error_of_the_cross_entropy_is_its_spread() {
        let classes = [(40usize, 2.0f64, 0.1f64), (15, 0.5, 1.0), (90, 3.0, 2.0)];
        let exact =
            classes.iter().map(|&(n, _, width)| width * width / 12.0 / n as f64).sum::<f64>().sqrt() / 3.0;
        let mut bits = Bits::from_stream(&mut stream(1, "test losses", &[]));
        let repetitions = 4000;
        let (mut sum, mut squares, mut quoted) = (0.0, 0.0, 0.0);
        for _ in 0..repetitions {
            let mut losses = PerClass::new(3);
            for (class, &(n, mean, width)) in classes.iter().enumerate() {
                for _ in 0..n {
                    let loss = mean + width * (unit_f64(bits.next()) - 0.5);
                    losses.add(class, loss, [0.2, 0.3, 0.5].into_iter());
                }
            }
            let (value, error) = losses.cross_entropy();
            let difference: f64 = value - 5.5 / 3.0;
            sum += difference;
            squares += difference * difference;
            quoted += error * error;
        }
        let count = f64::from(repetitions);
        let (spread, quoted) = ((squares / count).sqrt(), (quoted / count).sqrt());
        assert!((sum / count).abs() < 4.5 * exact / count.sqrt(), "{sum}");
        assert!((spread / exact - 1.0).abs() < 0.05, "{spread} {exact}");
        assert!((quoted / exact - 1.0).abs() < 0.01, "{quoted} {exact}");
    }

    /// Of classes that are equally probable the first is the peak.
    #[test]
    fn the_first_of_equal_probabilities_is_the_peak() {
        let mut found = PerClass::new(3);
        found.add(1, 1.0, [0.2, 0.4, 0.4].into_iter());
        assert_eq!(found.largest, ndarray::array![[0.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]);
    }

    #[test]
    fn rows_are_means_over_the_class() {
        let mut found = PerClass::new(2);
        found.add(0, 1.0, [0.75, 0.25].into_iter());
        found.add(0, 2.0, [0.25, 0.75].into_iter());
        found.add(1, 4.0, [0.125, 0.875].into_iter());
        found.add(1, 4.0, [0.375, 0.625].into_iter());
        assert_eq!(found.row_means(&found.probabilities), ndarray::array![[0.5, 0.5], [0.25, 0.75]]);
        assert_eq!(found.row_means(&found.largest), ndarray::array![[0.5, 0.5], [0.0, 1.0]]);
        // By hand: means 1.5 and 4; the first has the variance 0.5 / 2, a quarter of which counts.
        assert_eq!(found.cross_entropy(), (2.75, 0.25));
    }
}
