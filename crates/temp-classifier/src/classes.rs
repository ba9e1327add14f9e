//! The temperatures that a thermometer can tell apart.

/// A list of temperatures cannot serve as classes.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum ClassError {
    #[error("only {0} temperature: a thermometer needs at least 2 classes")]
    TooFew(usize),
    #[error("class {index} is T = {value}: it must not be negative or NaN")]
    InvalidTemperature { index: usize, value: f64 },
    #[error("T = {0} occurs twice among the classes")]
    Repeated(f64),
}

/// Checks a list of temperatures in J/k_B; 0 and ∞ are allowed.
pub(crate) fn check_classes(temperature: &[f64]) -> Result<(), ClassError> {
    if temperature.len() < 2 {
        return Err(ClassError::TooFew(temperature.len()));
    }
    for (index, &value) in temperature.iter().enumerate() {
        if value.is_nan() || value < 0.0 {
            return Err(ClassError::InvalidTemperature { index, value });
        }
        if temperature[..index].contains(&value) {
            return Err(ClassError::Repeated(value));
        }
    }
    Ok(())
}
