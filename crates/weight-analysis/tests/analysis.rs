//! Whole analyses of machines whose properties are known.

use datasets::lattice::Lattice;
use std::collections::BTreeMap;

use datasets::{Artifact, Boundary, Observables, Rbm, Spins, Units, Weights};
use ndarray::{Array1, Array2, ArrayView2, Axis};
use numerics::bits::{Bits, unit_f64};
use numerics::streams::stream;
use weight_analysis::{
    AnalysisError, WeightsConfig, analyse, by_distance, receptive_fields, shell_power,
    translation_invariant_fraction,
};

fn machine(weights: Array2<f32>) -> Rbm {
    let (visible, hidden) = weights.dim();
    Rbm {
        units: Units::Spin,
        visible_bias: Array1::zeros(visible),
        hidden_bias: Array1::zeros(hidden),
        weights,
        training_temperatures: vec![],
        updates: 0,
        history_epoch: vec![],
        history: BTreeMap::new(),
    }
}

fn normal(bits: &mut Bits) -> f64 {
    // Box and Muller.
    let radius = (-2.0 * (1.0 - unit_f64(bits.next())).ln()).sqrt();
    radius * (std::f64::consts::TAU * unit_f64(bits.next())).cos()
}

fn random_weights(visible: usize, hidden: usize, seed: u64) -> Array2<f32> {
    let mut bits = Bits::from_stream(&mut stream(seed, "test weights", &[]));
    Array2::from_shape_simple_fn((visible, hidden), || normal(&mut bits) as f32)
}

/// `n` configurations at each of two temperatures: the two ground states at T = 0, independent spins at T = ∞.
fn square(size: usize) -> Lattice {
    Lattice::square(size).expect("a lattice")
}

fn two_temperatures(size: usize, n: usize) -> Spins {
    let sites = size * size;
    let mut bits = Bits::from_stream(&mut stream(9, "test spins", &[]));
    let samples = Array2::from_shape_fn((2 * n, sites), |(row, _)| {
        if row < n {
            if row % 2 == 0 { 1 } else { -1 }
        } else if bits.next() >> 63 == 1 {
            1i8
        } else {
            -1
        }
    });
    Spins {
        lattice: square(size),
        boundary: Boundary::Periodic,
        coupling: 1.0,
        field: 0.0,
        algorithm: "test".to_owned(),
        label_kind: datasets::LabelKind::Temperature,
        temperature: vec![0.0, f64::INFINITY],
        labels: (0..2 * n).map(|row| u16::from(row >= n)).collect(),
        energy: vec![0; 2 * n],
        magnetization: samples.map_axis(Axis(1), |row| row.iter().map(|&s| i32::from(s)).sum()).to_vec(),
        samples,
        observables: Observables::default(),
    }
}

fn analysed(weights: Array2<f32>) -> Weights {
    let size = weights.nrows().isqrt();
    analyse(&WeightsConfig::default(), &machine(weights), &two_temperatures(size, 200)).expect("valid")
}

fn largest(matrix: &Array2<f64>) -> f64 {
    matrix.iter().fold(0.0, |a, &b| a.max(b.abs()))
}

#[test]
fn the_parts_fit_together() {
    for hidden in [1, 7, 36, 50] {
        let found = analysed(random_weights(36, hidden, hidden as u64));
        let gram = found.gram.as_ref().expect("all of it");
        let diagonal = Array2::from_diag(&Array1::from(found.eigenvalues.clone()));
        let rebuilt = found.eigenvectors.dot(&diagonal).dot(&found.eigenvectors.t());
        assert!(largest(&(rebuilt - gram)) < 1e-11, "G = Σ λ u uᵀ at {hidden}");
        let residual = gram.dot(&found.eigenvectors) - found.eigenvectors.dot(&diagonal);
        assert!(largest(&residual) < 1e-11);
        let rank = hidden.min(36);
        assert_eq!(found.eigenvectors.slice(ndarray::s![.., ..rank]), found.left_singular_vectors);
        assert!(found.eigenvalues[rank..].iter().all(|&value| value == 0.0));
        // Sums over all modes: of the uniform vector, of a configuration, of each vector's power.
        assert!((found.uniform_overlap.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        for t in 0..2 {
            assert!((found.projection.row(t).sum() - 36.0).abs() < 1e-3);
        }
        for power in found.shell_power.outer_iter() {
            assert!((power.sum() - 1.0).abs() < 1e-12);
        }
        assert_eq!(found.shell, [0, 1, 2, 4, 5, 8, 9, 10, 13, 18]);
        let read = Weights::from_tree(&found.to_tree()).expect("the file layer accepts it");
        assert_eq!(read, found);
    }
}

#[test]
fn one_uniform_hidden_unit() {
    let found = analysed(Array2::from_elem((16, 1), -0.5));
    assert!((found.eigenvalues[0] - 4.0).abs() < 1e-12);
    assert!((found.uniform_overlap[0] - 1.0).abs() < 1e-12);
    assert!(found.eigenvectors.column(0).iter().all(|&value| (value - 0.25).abs() < 1e-12));
    assert!((found.right_singular_vectors[[0, 0]] + 1.0).abs() < 1e-12, "the sign goes with the left vector");
    assert!((found.shell_power[[0, 0]] - 1.0).abs() < 1e-12);
    assert!((found.translation_invariant_fraction.expect("a lattice") - 1.0).abs() < 1e-12);
    // On the uniform vector the projection is the magnetization's square.
    for t in 0..2 {
        assert!((found.projection[[t, 0]] / found.squared_magnetization[t] - 1.0).abs() < 1e-5);
    }
    assert!((found.squared_magnetization[0] - 16.0).abs() < 1e-12);
    assert!(found.projection_error[[0, 0]] < 1e-6, "all ground states are equal");
    // At infinite temperature N⟨m²⟩ is 1, with variance 2 − 2/N over configurations; 200 of them, 4 deviations.
    let error = found.projection_error[[1, 0]];
    assert!((error / ((2.0 - 2.0 / 16.0) / 200f64).sqrt() - 1.0).abs() < 0.5, "{error}");
    assert!((found.projection[[1, 0]] - 1.0).abs() < 4.0 * error);
}

/// W = a circulant of the torus: W·Wᵀ is translation-invariant, and its eigenvalues are squared Fourier transforms.
#[test]
fn translation_invariant_weights() {
    let size = 6;
    let kernel = |dx: usize, dy: usize| {
        let near = |d: usize| d.min(size - d) as f64;
        (-0.7 * (near(dx) + near(dy))).exp() as f32
    };
    let weights = Array2::from_shape_fn((36, 36), |(i, j)| {
        kernel((j % size + size - i % size) % size, (j / size + size - i / size) % size)
    });
    let found = analysed(weights);
    assert!((found.translation_invariant_fraction.expect("a lattice") - 1.0).abs() < 1e-12);
    assert!(found.gram_by_distance_deviation[..2].iter().all(|&d| d < 1e-6));
    let mut expected = Vec::new();
    for kx in 0..size {
        for ky in 0..size {
            let mut sum = 0.0;
            for dx in 0..size {
                for dy in 0..size {
                    let angle = std::f64::consts::TAU * (kx * dx + ky * dy) as f64 / size as f64;
                    sum += f64::from(kernel(dx, dy)) * angle.cos();
                }
            }
            expected.push(sum * sum);
        }
    }
    expected.sort_by(|a: &f64, b| b.total_cmp(a));
    for (found, expected) in found.eigenvalues.iter().zip(&expected) {
        assert!((found - expected).abs() < 1e-9 * expected.max(1.0), "{found} {expected}");
    }
    assert!(found.uniform_overlap[0] > 1.0 - 1e-9);
    // The next four are the longest waves, whatever their rotation.
    for mode in 1..5 {
        assert!((found.shell_power[[mode, 1]] - 1.0).abs() < 1e-9);
    }
}

/// Independent normal weights: ⟨‖G‖²⟩ = N(H² + 2H) + N(N − 1)H, of which N H² + 2H + (N − 1 + t)H is left by averaging
/// over translations, with t the number of translations that are their own inverse (3 on an even torus).
#[test]
fn the_translation_invariant_fraction_of_random_weights() {
    let (n, h) = (36.0, 20.0);
    let expected = (n * h * h + 2.0 * h + (n - 1.0 + 3.0) * h) / (n * (h * h + 2.0 * h) + n * (n - 1.0) * h);
    let values: Vec<f64> = (0..60)
        .map(|seed| {
            let weights = random_weights(36, 20, 100 + seed).mapv(f64::from);
            translation_invariant_fraction(square(6), weights.dot(&weights.t()).view()).expect("a geometry")
        })
        .collect();
    let mean = values.iter().sum::<f64>() / 60.0;
    let deviation = (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / 59.0).sqrt();
    // Four standard errors, false alarm 6e-5, and 1 % for the ratio of means instead of the mean of ratios.
    assert!((mean - expected).abs() < 4.0 * deviation / 60f64.sqrt() + 0.01 * expected, "{mean} {expected}");
}

#[test]
fn elements_by_distance() {
    let size = 10;
    let distance_squared = |i: usize, j: usize| {
        let near = |a: usize, b: usize| (a.abs_diff(b)).min(size - a.abs_diff(b)) as f64;
        near(i % size, j % size).powi(2) + near(i / size, j / size).powi(2)
    };
    let matrix = Array2::from_shape_fn((100, 100), |(i, j)| 3.0 - 0.25 * distance_squared(i, j));
    let found = by_distance(square(size), matrix.view()).expect("a geometry");
    assert_eq!(found.distance.len(), 20, "values of dx² + dy² with dx, dy up to 5; 3, 4 and 5, 0 coincide");
    assert_eq!(found.distance[..3], [0.0, 1.0, 2f64.sqrt()]);
    assert_eq!(found.distance[19], 50f64.sqrt());
    for (distance, mean) in found.distance.iter().zip(&found.mean) {
        assert!((mean - (3.0 - 0.25 * distance * distance)).abs() < 1e-12);
    }
    assert!(found.deviation.iter().all(|&d| d < 1e-12));
    // Alternating diagonal: mean 2, deviation 1.
    let diagonal = Array2::from_diag(&Array1::from_shape_fn(100, |i| if i % 2 == 0 { 1.0 } else { 3.0 }));
    let found = by_distance(square(size), diagonal.view()).expect("a geometry");
    assert!((found.mean[0] - 2.0).abs() < 1e-12 && (found.deviation[0] - 1.0).abs() < 1e-12);
}

#[test]
fn plane_waves_fall_into_their_shells() {
    let size = 8;
    let wave = |kx: usize, ky: usize| {
        Array1::from_shape_fn(64, |i| {
            (std::f64::consts::TAU * (kx * (i % size) + ky * (i / size)) as f64 / size as f64 + 0.3).cos()
        })
    };
    for ((kx, ky), shell) in [((0, 0), 0), ((1, 0), 1), ((0, 7), 1), ((3, 6), 13), ((4, 4), 32), ((5, 1), 10)]
    {
        let image = wave(kx, ky).insert_axis(Axis(1));
        let (power, shells) = shell_power(square(size), image.view()).expect("a geometry");
        let place = shells.iter().position(|&s| s == shell).expect("the shell exists");
        assert!((power[[0, place]] - 1.0).abs() < 1e-12, "({kx}, {ky})");
    }
}

#[test]
fn images_of_the_hidden_units() {
    let weights = Array2::from_shape_fn((4, 3), |(i, a)| (10 * a + i) as f32);
    let images = receptive_fields(square(2), weights.view());
    assert_eq!(images.index_axis(Axis(0), 2), ndarray::array![[20.0, 21.0], [22.0, 23.0]].into_dyn());
}

#[test]
fn fewer_independent_samples_give_larger_errors() {
    let mut spins = two_temperatures(4, 200);
    let rbm = machine(random_weights(16, 4, 1));
    let all = analyse(&WeightsConfig::default(), &rbm, &spins).expect("valid");
    spins.observables.effective_samples = vec![200.0, 50.0];
    let fewer = analyse(&WeightsConfig::default(), &rbm, &spins).expect("valid");
    let ratio = fewer.projection_error[[1, 0]] / all.projection_error[[1, 0]];
    assert!((ratio - 2.0).abs() < 1e-12);
    assert_eq!(fewer.projection, all.projection);
}

#[test]
fn threads_change_nothing() {
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| analysed(random_weights(36, 20, 5)))
    };
    assert_eq!(with(1), with(3));
}

#[track_caller]
fn refused(config: &WeightsConfig, weights: ArrayView2<f32>, spins: &Spins, expected: &str) {
    let error = analyse(config, &machine(weights.to_owned()), spins).expect_err("refused");
    assert!(error.to_string().contains(expected), "{error}");
}

#[test]
fn nonsense_is_refused_by_name() {
    let spins = two_temperatures(4, 3);
    let all = WeightsConfig::default();
    let good = random_weights(16, 3, 1);
    refused(&all, random_weights(15, 3, 1).view(), &spins, "15 visible units");
    refused(&all, random_weights(1, 3, 1).view(), &spins, "1 visible units");
    refused(&all, random_weights(16, 0, 1).view(), &spins, "no hidden units");
    refused(
        &all,
        random_weights(25, 3, 1).view(),
        &spins,
        "25 visible units but the configurations are of lattice square:4x4",
    );
    let mut bad = good.clone();
    bad[[3, 2]] = f32::NAN;
    refused(&all, bad.view(), &spins, "weight [3, 2] is NaN");
    let other = WeightsConfig { temperatures: Some(vec![0.0, 1.5]), modes: None };
    refused(&other, good.view(), &spins, "1.5 is not in");
    let nan = WeightsConfig { temperatures: Some(vec![f64::NAN]), modes: None };
    refused(&nan, good.view(), &spins, "NaN is not in");
    refused(&all, good.view(), &two_temperatures(4, 1), "at least 2");
    let none = WeightsConfig { temperatures: Some(vec![]), modes: None };
    let found = analyse(&none, &machine(good), &spins).expect("no projections at all is fine");
    assert_eq!(found.projection.dim(), (0, 16));
    assert!(matches!(
        analyse(&all, &machine(random_weights(15, 1, 1)), &spins),
        Err(AnalysisError::OtherLattice { visible: 15, .. })
    ));
}

/// Weights as trained ones are: a few strong modes, waves of equal strength among them, and noise.
fn like_trained(size: usize, hidden: usize) -> Array2<f32> {
    let sites = size * size;
    let noise = random_weights(sites, hidden, 5);
    let pattern = random_weights(sites, hidden, 6);
    let angle = |i: usize| std::f32::consts::TAU * i as f32 / size as f32;
    Array2::from_shape_fn((sites, hidden), |(i, a)| {
        let (x, y) = (angle(i % size), angle(i / size));
        let waves = x.cos() * pattern[[1, a]]
            + x.sin() * pattern[[2, a]]
            + y.cos() * pattern[[3, a]]
            + y.sin() * pattern[[4, a]];
        2.0 * pattern[[0, a]] + waves + 0.05 * noise[[i, a]]
    })
}

#[test]
fn the_leading_modes_are_those_of_the_complete_decomposition() {
    for (size, hidden) in [(12, 200), (12, 100), (20, 30)] {
        let weights = like_trained(size, hidden);
        let spins = two_temperatures(size, 50);
        let all = analyse(&WeightsConfig::default(), &machine(weights.clone()), &spins).expect("valid");
        let config = WeightsConfig { modes: Some(20), ..WeightsConfig::default() };
        let some = analyse(&config, &machine(weights.clone()), &spins).expect("valid");
        assert!(some.gram.is_none() && some.eigenvalues.len() == 20);
        let residual = some.residual.as_ref().expect("measured");
        for (k, &bound) in residual.iter().enumerate() {
            let difference = (some.singular_values[k] - all.singular_values[k]).abs();
            assert!(difference <= bound + 1e-12 * all.singular_values[0], "value {k}: {difference:e}");
            assert!(bound <= 1e-7 * all.singular_values[0], "value {k}: {bound:e}");
            // The eigenvalues of noise lie close together, so vectors are compared only where there is a gap.
            if k == 0 {
                let overlap = some.eigenvectors.column(k).dot(&all.eigenvectors.column(k));
                assert!((overlap - 1.0).abs() < 1e-10, "{overlap}");
                assert!((some.uniform_overlap[k] - all.uniform_overlap[k]).abs() < 1e-9);
                assert!((some.projection[[0, k]] / all.projection[[0, k]] - 1.0).abs() < 1e-5);
            }
        }
        let products = some.left_singular_vectors.t().dot(&some.left_singular_vectors);
        assert!(largest(&(products - Array2::<f64>::eye(20))) < 1e-10);
        // The structure by distance is that of all of W·Wᵀ.
        assert_eq!(some.distance, all.distance);
        for d in 0..some.distance.len() {
            assert!((some.gram_by_distance[d] - all.gram_by_distance[d]).abs() < 1e-9);
            assert!((some.gram_by_distance_deviation[d] - all.gram_by_distance_deviation[d]).abs() < 1e-7);
        }
        let fraction = |found: &Weights| found.translation_invariant_fraction.expect("a lattice");
        let invariant = (fraction(&some), fraction(&all));
        assert!((invariant.0 - invariant.1).abs() < 1e-12, "{invariant:?}");
        let read = Weights::from_tree(&some.to_tree()).expect("the file layer accepts it");
        assert_eq!(read, some);
        // "Accurate" is relative to the largest value, so that powers of two change nothing else.
        for scale in [2f32.powi(10), 2f32.powi(-20)] {
            let scaled = analyse(&config, &machine(&weights * scale), &spins).expect("valid");
            let expected: Vec<f64> =
                some.singular_values.iter().map(|value| value * f64::from(scale)).collect();
            assert_eq!(scaled.singular_values, expected);
        }
    }
}

#[test]
fn a_matrix_of_low_rank_has_fewer_leading_modes_and_zero_none() {
    let column = random_weights(36, 1, 3);
    let weights = Array2::from_shape_fn((36, 20), |(i, a)| column[[i, 0]] * (a + 1) as f32);
    let config = WeightsConfig { modes: Some(5), ..WeightsConfig::default() };
    let spins = two_temperatures(6, 10);
    let found = analyse(&config, &machine(weights), &spins).expect("valid");
    assert!(
        found.singular_values[0] > 0.0
            && found.singular_values[1..].iter().all(|&s| s < 1e-6 * found.singular_values[0])
    );
    let none = analyse(&config, &machine(Array2::zeros((36, 20))), &spins);
    assert_eq!(none, Err(weight_analysis::AnalysisError::AllZero));
    let nothing = WeightsConfig { modes: Some(0), ..WeightsConfig::default() };
    assert_eq!(
        analyse(&nothing, &machine(Array2::ones((36, 20))), &spins),
        Err(weight_analysis::AnalysisError::NoModes)
    );
}

#[test]
fn large_machines_are_truncated_by_themselves() {
    let default = WeightsConfig::default();
    assert_eq!(default.truncation(1024), None);
    assert_eq!(default.truncation(4096), Some(weight_analysis::MODES));
    assert_eq!(WeightsConfig { modes: Some(200), ..default }.truncation(100), None);
}

/// Machines and configurations of other programs may lie in memory column by column.
#[test]
fn arrays_by_columns_give_the_same() {
    fn by_columns<T: Copy + PartialEq>(array: &Array2<T>) -> Array2<T> {
        let turned = Array2::from_shape_fn(ndarray::ShapeBuilder::f(array.dim()), |index| array[index]);
        assert!(turned.as_slice().is_none() && turned == *array);
        turned
    }
    let (rbm, spins) = (machine(random_weights(16, 5, 3)), two_temperatures(4, 10));
    let other = Rbm { weights: by_columns(&rbm.weights), ..rbm.clone() };
    let turned = Spins { samples: by_columns(&spins.samples), ..spins.clone() };
    for modes in [None, Some(3)] {
        let config = WeightsConfig { modes, ..WeightsConfig::default() };
        let expected = analyse(&config, &rbm, &spins).expect("a small machine");
        assert_eq!(analyse(&config, &other, &turned), Ok(expected));
    }
}

/// ⟨(u·v)²⟩ of independent spins: over 2000 repetitions its spread is the quoted error within 5 % (the spread is good
/// to 1.6 %). Fewer effectively independent configurations raise the error as their number says.
#[test]
fn errors_of_projections_are_their_spread() {
    let (repetitions, n) = (2000, 100);
    let rbm = machine(random_weights(9, 2, 3));
    let mut bits = Bits::from_stream(&mut stream(5, "test spins", &[]));
    let mut spins = two_temperatures(3, n);
    let config = WeightsConfig { temperatures: Some(vec![f64::INFINITY]), modes: None };
    let (mut sum, mut squares, mut quoted) = (0.0, 0.0, 0.0);
    let mut last = 0.0;
    for _ in 0..repetitions {
        spins
            .samples
            .slice_mut(ndarray::s![n.., ..])
            .mapv_inplace(|_| if bits.next() >> 63 == 1 { 1 } else { -1 });
        let found = analyse(&config, &rbm, &spins).expect("analyses");
        // A unit vector, so that independent spins have 1.
        let difference = found.projection[[0, 0]] - 1.0;
        last = found.projection_error[[0, 0]];
        sum += difference;
        squares += difference * difference;
        quoted += last * last;
    }
    let count = f64::from(repetitions);
    let spread = (squares / count - (sum / count).powi(2)).sqrt();
    let error = (quoted / count).sqrt();
    assert!((sum / count).abs() < 4.5 * error / count.sqrt(), "{sum}");
    assert!((spread / error - 1.0).abs() < 0.05, "{spread} {error}");
    spins.observables.effective_samples = vec![n as f64, n as f64 / 4.0];
    let found = analyse(&config, &rbm, &spins).expect("analyses");
    assert!((found.projection_error[[0, 0]] / (2.0 * last) - 1.0).abs() < 1e-9);
}

/// In more than one batch, and of two configurations alone, mean and error are those of the textbook in double precision.
#[test]
fn moments_of_projections_are_those_of_the_textbook() {
    let rbm = machine(random_weights(9, 2, 3));
    for n in [2, 3, 2500] {
        let spins = two_temperatures(3, n);
        let found = analyse(&WeightsConfig::default(), &rbm, &spins).expect("an analysis");
        for k in 0..2 {
            let u = found.eigenvectors.column(k);
            let squares: Vec<f64> = spins
                .samples
                .outer_iter()
                .skip(n)
                .map(|v| v.iter().zip(u).map(|(&v, u)| f64::from(v) * u).sum::<f64>().powi(2))
                .collect();
            let mean = squares.iter().sum::<f64>() / n as f64;
            let sum: f64 = squares.iter().map(|square| (square - mean).powi(2)).sum();
            let error = (sum / (n as f64 * (n - 1) as f64)).sqrt();
            assert!((found.projection[[1, k]] - mean).abs() < 1e-5 * mean, "{n}");
            assert!((found.projection_error[[1, k]] - error).abs() < 1e-5 * error, "{n}");
        }
    }
}

/// J_ij as the average of v_i v_j ln p(v) over all configurations, as it is defined.
#[test]
fn the_couplings_of_an_analysis_are_those_of_all_configurations() {
    let rbm = machine(random_weights(9, 4, 5) * 0.4);
    let lattice = square(3);
    let found = analyse(&WeightsConfig::default(), &rbm, &two_temperatures(3, 10)).expect("an analysis");
    let couplings = found.couplings.expect("couplings");
    let all = Array2::from_shape_fn((512, 9), |(v, i)| if v >> i & 1 == 1 { 1i8 } else { -1 });
    let log = -rbm_core::model::free_energy(&rbm, all.view());
    let pairs = Array2::from_shape_fn((9, 9), |(i, j)| {
        let sum: f64 = log.iter().enumerate().map(|(v, l)| l * f64::from(all[[v, i]] * all[[v, j]])).sum();
        if i == j { 0.0 } else { sum / 512.0 }
    });
    let expected = by_distance(lattice, pairs.view()).expect("a lattice");
    assert_eq!(found.distance, expected.distance);
    for (found, expected) in
        [(&couplings.by_distance, expected.mean), (&couplings.deviation, expected.deviation)]
    {
        for (a, b) in found.iter().zip(expected) {
            assert!((a - b).abs() < 1e-12, "{a} {b}");
        }
    }
    let temperature = couplings.encoded_temperature.expect("a temperature");
    assert!((temperature.value * couplings.by_distance[1] - 1.0).abs() < 1e-12);
    // A machine without couplings encodes no temperature.
    let none = analysed(Array2::zeros((9, 4)));
    assert_eq!(none.couplings.expect("couplings").encoded_temperature, None);
}

/// Of data without a lattice there are spectra, vectors and projections, and nothing by distance or wave number.
#[test]
fn weights_without_a_lattice_have_spectra() {
    let weights = Array2::from_shape_fn((7, 3), |(i, a)| ((i * 5 + a * 11) % 13) as f32 / 13.0 - 0.4);
    let samples = Array2::from_shape_fn((4, 7), |(row, site)| if (row + site) % 3 == 0 { 1 } else { -1 });
    let rbm = Rbm::new(Units::Binary, weights, Array1::zeros(7), Array1::zeros(3)).expect("a machine");
    for modes in [None, Some(2)] {
        let config = WeightsConfig { temperatures: None, modes };
        let on = |lattice: &str| {
            let spins = Spins::from_samples(
                lattice.parse().expect("a lattice"),
                vec![1.0],
                samples.clone(),
                vec![0; 4],
            );
            analyse(&config, &rbm, &spins.expect("configurations")).expect("an analysis")
        };
        let (bare, chain) = (on("none:7"), on("chain:7"));
        assert!(bare.distance.is_empty() && bare.gram_by_distance.is_empty() && bare.shell.is_empty());
        assert_eq!((bare.translation_invariant_fraction, &bare.couplings), (None, &None));
        assert!(chain.translation_invariant_fraction.is_some() && !chain.shell.is_empty());
        assert_eq!((&bare.singular_values, &bare.projection), (&chain.singular_values, &chain.projection));
        assert_eq!(Weights::from_tree(&bare.to_tree()), Ok(bare));
    }
}
