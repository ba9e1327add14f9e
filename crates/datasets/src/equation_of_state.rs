//! `rbmflow.equation-of-state`: what the Ising model does at each temperature, the table that thermometers are read
//! against.

use lattice::Lattice;
use ndarray::Array2;

use crate::artifact::{Artifact, Version};
use crate::checks::{check_ascending, wrong_attribute, wrong_shape};
use crate::tree::{ContentError, Tree};

/// Where the numbers come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Exact, to floating-point precision; all errors are 0.
    Exact,
    /// Monte Carlo, with standard errors.
    Measured,
}

/// The exact number of states at each energy.
#[derive(Debug, Clone, PartialEq)]
pub struct DensityOfStates {
    /// The energies that occur, total in J, ascending.
    pub energy: Vec<i32>,
    /// The natural logarithm of the number of states at each.
    pub log_count: Vec<f64>,
}

/// Thermal averages on a lattice on a grid of temperatures. All vectors have one entry per
/// temperature.
#[derive(Debug, Clone, PartialEq)]
pub struct EquationOfState {
    /// The lattice.
    pub lattice: Lattice,
    /// The uniform field h in J. Files of version 1.0 have none, which is 0.
    pub field: f64,
    /// Exact or measured.
    pub source: Source,
    /// Ascending finite temperatures in J/k_B, from 0 to the largest tabulated one.
    pub temperature: Vec<f64>,
    /// ⟨E⟩ / sites in J; the field's part is not included.
    pub energy_per_spin: Vec<f64>,
    /// Its standard error.
    pub energy_per_spin_error: Vec<f64>,
    /// Specific heat per site in k_B at constant field; the field's part is included.
    pub specific_heat: Vec<f64>,
    /// Its standard error.
    pub specific_heat_error: Vec<f64>,
    /// ⟨|m|⟩.
    pub abs_magnetization: Vec<f64>,
    /// Its standard error.
    pub abs_magnetization_error: Vec<f64>,
    /// ⟨m²⟩.
    pub squared_magnetization: Vec<f64>,
    /// Its standard error.
    pub squared_magnetization_error: Vec<f64>,
    /// ⟨m⁴⟩.
    pub fourth_magnetization: Vec<f64>,
    /// Its standard error.
    pub fourth_magnetization_error: Vec<f64>,
    /// ⟨m⟩ with its sign, exact, in a field; none without field, where it is 0.
    pub magnetization: Option<Vec<f64>>,
    /// G(r) = ⟨σ_x σ_{x + r e}⟩ along the lattice's axes, exact, `[t, r]` with r = 0, 1, …, [`Lattice::axis_steps`];
    /// nothing is subtracted. None where it is not known, and in files of version 1.0.
    pub correlation: Option<Array2<f64>>,
    /// g(E), if it is known; in a field there is none, so that nothing is read from it that holds without one.
    pub density_of_states: Option<DensityOfStates>,
}

const SERIES: [(&str, &str, &str); 5] = [
    ("energy_per_spin", "J", "mean energy per site"),
    ("specific_heat", "k_B", "specific heat per site"),
    ("abs_magnetization", "1", "mean absolute magnetization per site"),
    ("squared_magnetization", "1", "mean squared magnetization per site"),
    ("fourth_magnetization", "1", "mean fourth power of the magnetization per site"),
];

impl EquationOfState {
    fn series(&self) -> [(&Vec<f64>, &Vec<f64>); 5] {
        [
            (&self.energy_per_spin, &self.energy_per_spin_error),
            (&self.specific_heat, &self.specific_heat_error),
            (&self.abs_magnetization, &self.abs_magnetization_error),
            (&self.squared_magnetization, &self.squared_magnetization_error),
            (&self.fourth_magnetization, &self.fourth_magnetization_error),
        ]
    }
}

impl Artifact for EquationOfState {
    const SCHEMA: &'static str = "rbmflow.equation-of-state";
    const VERSION: Version = Version { major: 2, minor: 1 };

    fn to_tree(&self) -> Tree {
        let mut tree = Tree::default();
        tree.set_lattice(self.lattice);
        tree.set("field", self.field);
        let source = match self.source {
            Source::Exact => "exact",
            Source::Measured => "measured",
        };
        tree.set("source", source);
        tree.put_list("temperature", &self.temperature, "temperature", "J/k_B", "temperatures");
        for ((name, units, description), (value, error)) in SERIES.iter().zip(self.series()) {
            tree.put_list(name, value, "temperature", units, description);
            let what = format!("standard error of {name}");
            tree.put_list(&format!("{name}_error"), error, "temperature", units, &what);
        }
        if let Some(magnetization) = &self.magnetization {
            let what = "mean magnetization per site in the field, with its sign";
            tree.put_list("magnetization", magnetization, "temperature", "1", what);
        }
        if let Some(correlation) = &self.correlation {
            let what = "mean of s_x s_y at distance 0, 1, 2, ... along an axis; nothing is subtracted";
            tree.put("correlation", correlation, "temperature,distance", "1", what);
        }
        if let Some(states) = &self.density_of_states {
            tree.put_list(
                "density_of_states/energy",
                &states.energy,
                "level",
                "J",
                "total energies that occur",
            );
            tree.put_list(
                "density_of_states/log_count",
                &states.log_count,
                "level",
                "1",
                "natural logarithm of the number of states at each energy",
            );
        }
        tree
    }

    fn from_tree(tree: &Tree) -> Result<Self, ContentError> {
        tree.refuse_nan()?;
        let lattice = tree.lattice()?;
        let field = tree.optional("field", Tree::real)?.unwrap_or(0.0);
        if !field.is_finite() {
            return Err(wrong_attribute("field", &field.to_string(), "a finite number"));
        }
        let source = match tree.text("source")? {
            "exact" => Source::Exact,
            "measured" => Source::Measured,
            other => {
                return Err(wrong_attribute("source", other, "`exact` or `measured`"));
            }
        };
        let temperature = tree.list::<f64>("temperature")?;
        tree.check::<f64>("temperature", "finite and not negative", |t| t >= 0.0 && t.is_finite())?;
        if temperature.is_empty() {
            return Err(wrong_shape("temperature", &[0], "at least one temperature"));
        }
        check_ascending("temperature", &temperature)?;
        let shape = [temperature.len()];
        let list = |name: &str| -> Result<Vec<f64>, ContentError> {
            if name.ends_with("_error") {
                tree.check_errors(name)?;
            } else {
                tree.check_finite(name)?;
            }
            Ok(tree.get_shaped::<f64, ndarray::Ix1>(name, &shape)?.to_vec())
        };
        let density_of_states = if tree.datasets.keys().any(|path| path.starts_with("density_of_states/")) {
            let energy = tree.list::<i32>("density_of_states/energy")?;
            let largest = lattice.bond_count();
            let expected = format!("an energy from -{largest} to {largest}");
            let within = |e: i32| e.unsigned_abs() as usize <= largest;
            tree.check::<i32>("density_of_states/energy", &expected, within)?;
            check_ascending("density_of_states/energy", &energy)?;
            let path = "density_of_states/log_count";
            tree.check::<f64>(path, "finite and not negative", |x| x >= 0.0 && x.is_finite())?;
            let log_count = tree.get_shaped::<f64, ndarray::Ix1>(path, &[energy.len()])?.to_vec();
            Some(DensityOfStates { energy, log_count })
        } else {
            None
        };
        let magnetization = tree.has("magnetization").then(|| list("magnetization")).transpose()?;
        let correlation = if tree.has("correlation") {
            let within = |g: f64| (-1.0 - 1e-9..=1.0 + 1e-9).contains(&g);
            tree.check::<f64>("correlation", "a number from -1 to 1", within)?;
            Some(tree.get_shaped("correlation", &[temperature.len(), lattice.axis_steps() + 1])?)
        } else {
            None
        };
        Ok(Self {
            lattice,
            field,
            source,
            energy_per_spin: list("energy_per_spin")?,
            energy_per_spin_error: list("energy_per_spin_error")?,
            specific_heat: list("specific_heat")?,
            specific_heat_error: list("specific_heat_error")?,
            abs_magnetization: list("abs_magnetization")?,
            abs_magnetization_error: list("abs_magnetization_error")?,
            squared_magnetization: list("squared_magnetization")?,
            squared_magnetization_error: list("squared_magnetization_error")?,
            fourth_magnetization: list("fourth_magnetization")?,
            fourth_magnetization_error: list("fourth_magnetization_error")?,
            temperature,
            magnetization,
            correlation,
            density_of_states,
        })
    }
}
