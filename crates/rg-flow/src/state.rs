//! Thermodynamics of the state where a flow ends, from what flows record of it.

use datasets::Value;

/// (⟨E²⟩ − ⟨E⟩²) / (N T²) in k_B, from the variance of the energy per site in J² and the temperature in J/k_B that the
/// state is compared with.
///
/// ```
/// let variance = datasets::Value { value: 6.0, error: 0.5 };
/// assert_eq!(rg_flow::state::specific_heat(variance, 2.0).value, 1.5);
/// ```
pub fn specific_heat(energy_variance: Value, temperature: f64) -> Value {
    let scale = 1.0 / (temperature * temperature);
    Value { value: scale * energy_variance.value, error: scale * energy_variance.error }
}

/// N (⟨m²⟩ − ⟨|m|⟩²) / T in 1/J, from both averages over N sites. They rise and fall together, which is not recorded: the
/// error, made as if they did not, is too large rather than too small.
///
/// ```
/// use datasets::Value;
/// let [m, squared] = [0.5, 0.375].map(|value| Value { value, error: 0.0 });
/// assert_eq!(rg_flow::state::susceptibility(16, m, squared, 2.0).value, 1.0);
/// ```
pub fn susceptibility(
    sites: usize,
    abs_magnetization: Value,
    squared_magnetization: Value,
    temperature: f64,
) -> Value {
    let (m, squared) = (abs_magnetization, squared_magnetization);
    let scale = sites as f64 / temperature;
    let error = squared.error.hypot(2.0 * m.value * m.error);
    Value { value: scale * (squared.value - m.value * m.value), error: scale * error }
}

/// The entropy −⟨ln p⟩ / N = (⟨F⟩ + ln Z) / N in nats of a machine whose own configurations these are, from their mean
/// free energy for each of N sites and ln Z.
///
/// ```
/// use datasets::Value;
/// // Without weights: F = −ln 2 for the one hidden unit, Z = 2⁴ · 2.
/// let free = Value { value: -2f64.ln() / 4.0, error: 0.0 };
/// let ln_z = Value { value: 5.0 * 2f64.ln(), error: 0.0 };
/// assert!((rg_flow::state::entropy(4, free, ln_z).value - 2f64.ln()).abs() < 1e-15);
/// ```
pub fn entropy(sites: usize, free_energy: Value, log_partition: Value) -> Value {
    let sites = sites as f64;
    Value {
        value: free_energy.value + log_partition.value / sites,
        error: free_energy.error.hypot(log_partition.error / sites),
    }
}
