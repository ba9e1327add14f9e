//! T_E and T_m against exact averages of small lattices.

use crate::exact::{equation_of_state, fine_grid};
use datasets::{EquationOfState, Source};
use temp_classifier::{ScaleError, TemperatureScale};

/// Temperatures between the nodes of every grid that is used here.
fn between() -> Vec<f64> {
    (0..340).map(|i| 0.613 + f64::from(i) * 0.0157).filter(|&t| t < 5.9).collect()
}

#[test]
fn exact_energies_give_back_their_temperature() {
    for size in [3, 4] {
        let scale = TemperatureScale::energy(&equation_of_state(size, &fine_grid())).unwrap();
        let truth = equation_of_state(size, &between());
        for (&t, &e) in truth.temperature.iter().zip(&truth.energy_per_spin) {
            let found = scale.temperature(e);
            assert!((found - t).abs() < 1e-4, "size {size}: T = {t} reads as {found}");
            assert!((scale.average(t) - e).abs() < 1e-5);
        }
    }
}

#[test]
fn exact_magnetizations_give_back_their_temperature() {
    for size in [3, 4] {
        let scale = TemperatureScale::magnetization(&equation_of_state(size, &fine_grid())).unwrap();
        let truth = equation_of_state(size, &between());
        for (&t, &m) in truth.temperature.iter().zip(&truth.abs_magnetization) {
            let found = scale.temperature(m);
            assert!((found - t).abs() < 1e-3, "size {size}: T = {t} reads as {found}");
        }
    }
}

#[test]
fn the_ground_state_reads_as_zero_and_knows_how_little_that_says() {
    let table = equation_of_state(4, &fine_grid());
    let scale = TemperatureScale::energy(&table).unwrap();
    let reading = scale.read(-2.0, 0.0, 1000);
    assert_eq!(reading.value, 0.0);
    // One excitation in 1000 configurations: e = −2 + 8 / 16 / 1000, reached near T = 0.8.
    let limit = scale.temperature(-2.0 + 0.5e-3);
    assert_eq!(reading.error, limit);
    assert!((0.7..0.9).contains(&limit), "{limit}");
    let reading = TemperatureScale::magnetization(&table).unwrap().read(1.0, 0.0, 1000);
    assert_eq!(reading.value, 0.0);
    assert!((0.5..1.0).contains(&reading.error), "{}", reading.error);
}

#[test]
fn readings_beyond_the_table_are_its_ends_with_large_errors() {
    let table = equation_of_state(4, &fine_grid());
    let energy = TemperatureScale::energy(&table).unwrap();
    let hot = energy.read(0.0, 0.01, 1000);
    assert_eq!(hot.value, 6.0);
    // e(6) is near −0.37 and rises by 0.07 per unit of T there.
    assert!(hot.error > 3.0 && hot.error <= 6.0, "{}", hot.error);
    assert_eq!(energy.read(2.0, 0.0, 1000).value, 6.0);
    assert_eq!(energy.read(-3.0, 0.0, 1000).value, 0.0);
    let magnetization = TemperatureScale::magnetization(&table).unwrap();
    let disordered = magnetization.read(0.0, 0.01, 1000);
    assert_eq!((disordered.value, disordered.error.is_finite()), (6.0, true));
    // A single configuration has no spread to take an error from.
    assert_eq!(energy.read(-1.0, f64::NAN, 1).error, 6.0);
}

#[test]
fn errors_go_through_the_slope() {
    let table = equation_of_state(4, &fine_grid());
    let scale = TemperatureScale::energy(&table).unwrap();
    let heat = equation_of_state(4, &[2.5]).specific_heat[0];
    let mean = equation_of_state(4, &[2.5]).energy_per_spin[0];
    let reading = scale.read(mean, 1e-3, 100_000);
    assert!((reading.error / (1e-3 / heat) - 1.0).abs() < 0.01, "{} {}", reading.error, 1e-3 / heat);
    let measured = EquationOfState {
        source: Source::Measured,
        energy_per_spin_error: vec![1e-3; table.temperature.len()],
        ..table
    };
    let reading = TemperatureScale::energy(&measured).unwrap().read(mean, 1e-3, 100_000);
    assert!((reading.error / (2f64.sqrt() * 1e-3 / heat) - 1.0).abs() < 0.01, "{}", reading.error);
}

/// Between nodes the error of a table is interpolated: here .01 J in the middle of a segment, on a slope of ½ J per J/k_B.
#[test]
fn errors_of_a_table_are_interpolated() {
    let table = EquationOfState {
        source: Source::Measured,
        energy_per_spin: vec![-2.0, -1.5, -1.0, -0.5],
        energy_per_spin_error: vec![0.0, 0.0, 0.02, 0.02],
        ..equation_of_state(4, &[0.0, 1.0, 2.0, 3.0])
    };
    let reading = TemperatureScale::energy(&table).unwrap().read(-1.25, 0.0, 1_000_000);
    assert!((reading.value - 1.5).abs() < 1e-12 && (reading.error - 0.02).abs() < 1e-4, "{reading:?}");
}

/// A specific heat that the energies beside it do not allow bends no curve back.
#[test]
fn a_steep_slope_does_not_make_a_curve_fall() {
    let table = EquationOfState {
        energy_per_spin: vec![-2.0, -1.9, 0.0],
        specific_heat: vec![0.0, 5.0, 0.1],
        ..equation_of_state(4, &[0.0, 1.0, 2.0])
    };
    let scale = TemperatureScale::energy(&table).unwrap();
    let averages: Vec<f64> = (0..=200).map(|k| scale.average(f64::from(k) * 0.01)).collect();
    assert!(averages.windows(2).all(|pair| pair[0] <= pair[1]), "{averages:?}");
}

/// The three-point formulas at the ends of a measured table are exact for a parabola.
#[test]
fn the_ends_of_a_measured_table_have_the_slopes_of_a_parabola() {
    let table = EquationOfState {
        source: Source::Measured,
        energy_per_spin: vec![1.0, 4.0, 16.0],
        ..equation_of_state(4, &[1.0, 2.0, 4.0])
    };
    let scale = TemperatureScale::energy(&table).unwrap();
    let (first, last) = (scale.average(1.0 + 1e-6) - 1.0, 16.0 - scale.average(4.0 - 1e-6));
    assert!((first / 1e-6 - 2.0).abs() < 1e-4 && (last / 1e-6 - 8.0).abs() < 1e-4, "{first} {last}");
}

#[test]
fn every_reading_is_finite() {
    let table = equation_of_state(3, &fine_grid());
    let scales =
        [TemperatureScale::energy(&table).unwrap(), TemperatureScale::magnetization(&table).unwrap()];
    for scale in scales {
        for step in -300..=300 {
            for error in [0.0, 1e-6, 0.1, 10.0] {
                let reading = scale.read(f64::from(step) * 0.01, error, 1000);
                assert!(reading.value.is_finite() && (0.0..=6.0).contains(&reading.value));
                assert!(reading.error > 0.0 && reading.error <= 6.0, "{step} {error}: {}", reading.error);
            }
        }
    }
}

#[test]
fn rounding_and_exact_zeros_do_not_move_the_ground_state() {
    // A flat beginning that rounding has left a little below the ground state.
    let mut table = equation_of_state(4, &fine_grid());
    for (index, e) in table.energy_per_spin[1..4].iter_mut().enumerate() {
        *e = -2.0 - 4e-16 * (3 - index) as f64;
    }
    assert_eq!(TemperatureScale::energy(&table).unwrap().read(-2.0, 0.0, 100).value, 0.0);
    // A measured table is exact at T = 0; noise beside it must not count as much.
    table.source = Source::Measured;
    table.energy_per_spin_error = vec![1e-2; table.temperature.len()];
    table.energy_per_spin_error[0] = 0.0;
    table.energy_per_spin[1] = -2.01;
    let scale = TemperatureScale::energy(&table).unwrap();
    assert!((scale.average(0.0) + 2.0).abs() < 1e-7, "{}", scale.average(0.0));
    assert!(scale.read(-2.0, 0.0, 100).value <= 0.5);
}

#[test]
fn a_noisy_table_is_made_monotone() {
    let mut table = equation_of_state(4, &fine_grid());
    table.source = Source::Measured;
    for (index, e) in table.energy_per_spin.iter_mut().enumerate() {
        *e += if index % 2 == 0 { 0.02 } else { -0.02 };
    }
    table.energy_per_spin_error = vec![0.02; table.temperature.len()];
    let scale = TemperatureScale::energy(&table).unwrap();
    let mut before = 0.0;
    for step in 0..=2000 {
        let t = scale.temperature(-2.0 + f64::from(step) * 1e-3);
        assert!(t >= before, "{t} after {before}");
        before = t;
    }
    let mean = equation_of_state(4, &[2.5]).energy_per_spin[0];
    assert!((scale.temperature(mean) - 2.5).abs() < 0.05);
}

/// A measured table whose configurations did not vary at low temperature.
#[test]
fn unknown_errors_of_a_table_count_as_none() {
    let exact = equation_of_state(4, &fine_grid());
    let mut measured = exact.clone();
    measured.energy_per_spin_error[..5].fill(f64::NAN);
    let read = |table: &EquationOfState| TemperatureScale::energy(table).unwrap().read(-1.99, 0.001, 1000);
    assert_eq!(read(&measured), read(&exact));
}

#[test]
fn unusable_tables_are_refused_by_name() {
    let table = equation_of_state(2, &[0.0, 1.0, 2.0]);
    let with = |change: &dyn Fn(&mut EquationOfState)| {
        let mut table = table.clone();
        change(&mut table);
        TemperatureScale::energy(&table).unwrap_err()
    };
    assert_eq!(with(&|t| t.temperature.truncate(1)), ScaleError::TooFewTemperatures(1));
    assert!(with(&|t| t.temperature[1] = 3.0).to_string().contains("temperature 2 is 2"));
    assert!(with(&|t| t.energy_per_spin[2] = f64::NAN).to_string().contains("energy_per_spin 2 is NaN"));
    assert!(with(&|t| t.energy_per_spin.fill(-1.0)).to_string().contains("energy_per_spin is not larger"));
    assert!(with(&|t| t.energy_per_spin.truncate(2)).to_string().contains("2 entries for 3 temperatures"));
}
