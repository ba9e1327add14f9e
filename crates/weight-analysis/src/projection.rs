//! How strongly the configurations of each temperature point along each vector.

use datasets::Spins;
use ndarray::{Array2, ArrayView2, s};
use rayon::prelude::*;

use crate::AnalysisError;

/// Configurations that are projected at once: bounds the memory, and fixes the order of the sums.
const BATCH: usize = 1024;

/// ⟨(u·v)²⟩ over the configurations v of each temperature.
pub(crate) struct Projections {
    /// [t, vector].
    pub(crate) mean: Array2<f64>,
    /// Its standard error, [t, vector].
    pub(crate) error: Array2<f64>,
    /// sites ⟨m²⟩, [t].
    pub(crate) squared_magnetization: Vec<f64>,
}

/// Projects the configurations at the given temperatures on the columns of `vectors` [sites, n].
///
/// The scalar products are in single precision, a relative error of about 10⁻⁶ beside statistical errors of per cents.
/// Standard errors are over configurations; where the file says that fewer of them are effectively independent, that
/// number counts.
pub(crate) fn project(
    vectors: ArrayView2<f64>,
    spins: &Spins,
    temperatures: &[f64],
) -> Result<Projections, AnalysisError> {
    let vectors = vectors.mapv(|value| value as f32);
    let rows: Vec<Vec<usize>> = temperatures
        .iter()
        .map(|&temperature| rows_at(spins, temperature))
        .collect::<Result<_, AnalysisError>>()?;
    let moments: Vec<Moments> = rows.par_iter().map(|rows| moments(vectors.view(), spins, rows)).collect();
    let shape = (temperatures.len(), vectors.ncols());
    let (mut mean, mut error) = (Array2::zeros(shape), Array2::zeros(shape));
    let mut squared_magnetization = Vec::with_capacity(temperatures.len());
    for (t, (rows, moments)) in rows.iter().zip(moments).enumerate() {
        let n = rows.len() as f64;
        let independent = spins
            .index_of(temperatures[t])
            .and_then(|index| spins.observables.effective_samples.get(index))
            .map_or(n, |&number| if number >= 1.0 { number.min(n) } else { n });
        for (k, (value, square)) in moments.mean.into_iter().zip(moments.squares).enumerate() {
            mean[[t, k]] = value;
            error[[t, k]] = (square / (n - 1.0) / independent).sqrt();
        }
        let sum: i64 = rows.iter().map(|&row| i64::from(spins.magnetization[row]).pow(2)).sum();
        squared_magnetization.push(sum as f64 / (spins.sites() as f64 * n));
    }
    Ok(Projections { mean, error, squared_magnetization })
}

fn rows_at(spins: &Spins, temperature: f64) -> Result<Vec<usize>, AnalysisError> {
    let index = spins.index_of(temperature).ok_or_else(|| AnalysisError::UnknownTemperature {
        temperature,
        available: spins.temperature.clone(),
    })?;
    let rows: Vec<usize> =
        (0..spins.labels.len()).filter(|&row| usize::from(spins.labels[row]) == index).collect();
    if rows.len() < 2 {
        return Err(AnalysisError::TooFewConfigurations { temperature, found: rows.len() });
    }
    Ok(rows)
}

/// Mean of the squared projection on each vector, and the sum of squared differences from it.
struct Moments {
    mean: Vec<f64>,
    squares: Vec<f64>,
}

fn moments(vectors: ArrayView2<f32>, spins: &Spins, rows: &[usize]) -> Moments {
    let (sites, n) = vectors.dim();
    let mut moments = Moments { mean: vec![0.0; n], squares: vec![0.0; n] };
    let mut seen = 0.0;
    let mut configurations = Array2::<f32>::zeros((BATCH.min(rows.len()), sites));
    let mut products = Array2::<f32>::zeros((BATCH.min(rows.len()), n));
    for batch in rows.chunks(BATCH) {
        for (mut out, &row) in configurations.outer_iter_mut().zip(batch) {
            out.zip_mut_with(&spins.samples.row(row), |out, &spin| *out = f32::from(spin));
        }
        let mut products = products.slice_mut(s![..batch.len(), ..]);
        let configurations = configurations.slice(s![..batch.len(), ..]);
        numerics::product::multiply(configurations, vectors, products.view_mut());
        let count = batch.len() as f64;
        let mut mean = vec![0.0; n];
        for row in products.outer_iter() {
            for (mean, &product) in mean.iter_mut().zip(row) {
                *mean += f64::from(product) * f64::from(product);
            }
        }
        mean.iter_mut().for_each(|mean| *mean /= count);
        let mut squares = vec![0.0; n];
        for row in products.outer_iter() {
            for ((square, mean), &product) in squares.iter_mut().zip(&mean).zip(row) {
                let difference = f64::from(product) * f64::from(product) - mean;
                *square += difference * difference;
            }
        }
        // Two sets of numbers joined (Chan, Golub and LeVeque 1979).
        let total = seen + count;
        for k in 0..n {
            let difference = mean[k] - moments.mean[k];
            moments.squares[k] += squares[k] + difference * difference * seen * count / total;
            moments.mean[k] += difference * count / total;
        }
        seen = total;
    }
    moments
}
