//! When an end state reads the critical temperature.
//!
//! A state whose sites are independent, with the same mean m, has the energy −(z/2) m² per site, z the coordination. So
//! its T_E is T_c exactly where m² is the energy per bond of the critical point: √2/2 on the infinite square lattice.

use datasets::{EquationOfState, Value};
use ising_mc::exact::critical_temperature_of;
use lattice::Lattice;

/// −e / ((z/2) m²): 1 if the energy of a state is that of independent sites with its magnetization. The errors of e and
/// m are taken as independent.
///
/// ```
/// use datasets::Value;
/// let torus = "square:4".parse().unwrap();
/// let exact = |value| Value { value, error: 0.0 };
/// assert_eq!(rg_flow::theory::independent_energy_ratio(torus, exact(-0.5), exact(0.5)).value, 1.0);
/// ```
pub fn independent_energy_ratio(lattice: Lattice, energy_per_spin: Value, magnetization: Value) -> Value {
    let m = magnetization.value;
    let value = -energy_per_spin.value / (lattice.bonds_per_site() * m * m);
    let relative = (energy_per_spin.error / energy_per_spin.value).hypot(2.0 * magnetization.error / m);
    Value { value, error: value.abs() * relative }
}

/// m² at which independent sites have the energy of the critical point: −e(T_c) / (z/2), the energy per bond there,
/// from a table of the lattice's thermal averages; `None` in a field, without a critical point (the chain), or if the
/// table does not reach it.
pub fn critical_squared_magnetization(table: &EquationOfState) -> Option<f64> {
    let critical = critical_temperature_of(table.lattice.kind()).filter(|_| table.field == 0.0)?;
    independent_squared_magnetization(table, critical)
}

/// m² at which independent sites have the energy of a temperature in J/k_B: −e(T) / (z/2), from a table of the
/// lattice's thermal averages without field by linear interpolation; `None` if the table does not reach it, or on a
/// lattice without bonds.
pub fn independent_squared_magnetization(table: &EquationOfState, temperature: f64) -> Option<f64> {
    let (t, e) = (&table.temperature, &table.energy_per_spin);
    let above = t.iter().position(|&t| t >= temperature)?;
    let energy = match above.checked_sub(1) {
        Some(below) => {
            let part = (temperature - t[below]) / (t[above] - t[below]);
            e[below] + part * (e[above] - e[below])
        }
        None => Some(e[above]).filter(|_| t[above] == temperature)?,
    };
    Some(-energy / table.lattice.bonds_per_site()).filter(|m| m.is_finite())
}
