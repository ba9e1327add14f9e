//! Colours with one meaning in all figures.

use plot::colour::{BLUE, GREEN, ORANGE, PURPLE, VERMILLION};

/// The colour of a type of training set.
pub(crate) fn of_training(training: &str) -> &'static str {
    match training {
        "V" => BLUE,
        "H" => VERMILLION,
        "L" => GREEN,
        _ => PURPLE,
    }
}

/// The colour of a start ensemble: cold to hot.
pub(crate) fn of_start(temperature: f64) -> &'static str {
    if temperature == 0.0 {
        BLUE
    } else if temperature < 3.0 {
        GREEN
    } else if temperature.is_finite() {
        ORANGE
    } else {
        VERMILLION
    }
}
