//! Fits of spectra with known laws.

use weight_analysis::fit_spectrum;

#[test]
fn laws_are_told_apart() {
    let exponential: Vec<f64> = (0..64).map(|k| 40.0 * (-0.1 * f64::from(k)).exp()).collect();
    let fit = fit_spectrum(&exponential).expect("enough values");
    assert!((fit.exponential.slope + 0.1).abs() < 1e-12 && fit.exponential.r_squared > 1.0 - 1e-12);
    assert!(fit.is_exponential() && fit.power_law.r_squared < 0.95);
    let power: Vec<f64> = (1..=64).map(|k| 40.0 * f64::from(k).powf(-1.5)).collect();
    let fit = fit_spectrum(&power).expect("enough values");
    assert!((fit.power_law.slope + 1.5).abs() < 1e-12 && fit.power_law.r_squared > 1.0 - 1e-12);
    assert!((fit.power_law.intercept - 40f64.ln()).abs() < 1e-12);
    assert!(!fit.is_exponential());
}

#[test]
fn zeros_are_left_out() {
    let mut values: Vec<f64> = (0..10).map(|k| 0.5f64.powi(k)).collect();
    values.extend([0.0, 1e-300, 0.0]);
    assert_eq!(fit_spectrum(&values).expect("enough values").count, 10);
    // Rounding noise is relative to the largest.
    let large: Vec<f64> = (0..10).map(|k| 1e6 * 0.5f64.powi(k)).chain([1e-7]).collect();
    assert_eq!(fit_spectrum(&large).expect("enough values").count, 10);
    let small: Vec<f64> = (0..10).map(|k| 1e-9 * 0.5f64.powi(k)).collect();
    assert_eq!(fit_spectrum(&small).expect("enough values").count, 10);
    assert_eq!(fit_spectrum(&[1.0, 0.5]), None);
    assert_eq!(fit_spectrum(&[0.0; 8]), None);
    assert_eq!(fit_spectrum(&[]), None);
    let flat = fit_spectrum(&[2.0; 5]).expect("enough values");
    assert_eq!((flat.exponential.slope, flat.exponential.r_squared), (0.0, 1.0));
}
