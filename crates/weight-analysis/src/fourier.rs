//! The power of lattice images in shells of equal wave number.

use std::collections::BTreeSet;
use std::f64::consts::TAU;

use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

/// The power of each column of `images` [L², n] in each shell kx² + ky² = const, as a fraction of the column's own total:
/// ([n, shell], shells ascending). k runs over −L/2..L/2, so that k and k − L are the same wave.
///
/// # Panics
///
/// If there are not L² rows.
///
/// ```
/// let uniform = ndarray::Array2::from_elem((9, 1), 1.0 / 3.0);
/// let (power, shell) = weight_analysis::shell_power(3, uniform.view());
/// assert_eq!(shell, [0, 1, 2]);
/// assert!((power[[0, 0]] - 1.0).abs() < 1e-12);
/// ```
pub fn shell_power(size: usize, images: ArrayView2<f64>) -> (Array2<f64>, Vec<u32>) {
    assert_eq!(images.nrows(), size * size, "one row per site");
    let nearest = |k: usize| (k.min(size - k) as u32).pow(2);
    let shell_of = |kx: usize, ky: usize| nearest(kx) + nearest(ky);
    let shells: BTreeSet<u32> = (0..size).flat_map(|kx| (0..size).map(move |ky| shell_of(kx, ky))).collect();
    let shells: Vec<u32> = shells.into_iter().collect();
    // The place of the shell of each (kx, ky).
    let place: Vec<usize> = (0..size * size)
        .map(|k| shells.partition_point(|&shell| shell < shell_of(k % size, k / size)))
        .collect();
    let wave: Vec<(f64, f64)> = (0..size)
        .map(|j| {
            let angle = TAU * j as f64 / size as f64;
            (angle.cos(), angle.sin())
        })
        .collect();
    let mut power = vec![0.0; images.ncols() * shells.len()];
    power.par_chunks_mut(shells.len()).enumerate().for_each(|(n, power)| {
        let image = images.column(n).to_vec();
        let mut total = 0.0;
        for (k, strength) in transform(size, &image, &wave).into_iter().enumerate() {
            power[place[k]] += strength;
            total += strength;
        }
        if total > 0.0 {
            power.iter_mut().for_each(|value| *value /= total);
        }
    });
    let power =
        Array2::from_shape_vec((images.ncols(), shells.len()), power).expect("columns · shells values");
    (power, shells)
}

/// |Σ_x image(x) e^(−i k·x)|² for each k, rows of the lattice first, then columns.
fn transform(size: usize, image: &[f64], wave: &[(f64, f64)]) -> Vec<f64> {
    let mut along_rows = vec![(0.0, 0.0); size * size];
    for y in 0..size {
        for kx in 0..size {
            let mut sum = (0.0, 0.0);
            for x in 0..size {
                let (cosine, sine) = wave[kx * x % size];
                let value = image[y * size + x];
                sum.0 += value * cosine;
                sum.1 -= value * sine;
            }
            along_rows[y * size + kx] = sum;
        }
    }
    let mut power = vec![0.0; size * size];
    for ky in 0..size {
        for kx in 0..size {
            let mut sum = (0.0, 0.0);
            for y in 0..size {
                let (cosine, sine) = wave[ky * y % size];
                let (re, im) = along_rows[y * size + kx];
                sum.0 += re * cosine + im * sine;
                sum.1 += im * cosine - re * sine;
            }
            power[ky * size + kx] = sum.0 * sum.0 + sum.1 * sum.1;
        }
    }
    power
}
