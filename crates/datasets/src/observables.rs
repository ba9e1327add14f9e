//! Observables of configurations, temperature by temperature, as they are stored with them.

use crate::tree::{ContentError, Tree};

/// Observables per temperature with errors. All vectors have one entry per temperature; all are empty where nothing was
/// measured (spins from another program).
///
/// Values are finite; an error is infinite where a single sample does not tell. An `exact` vector is present only if the
/// exact value is known at every temperature.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Observables {
    /// Mean exchange energy per site in J, without the field's part.
    pub energy_per_spin: Vec<f64>,
    /// Its standard error; as any of these NaN where the configurations do not tell it.
    pub energy_per_spin_error: Vec<f64>,
    /// Its exact value.
    pub energy_per_spin_exact: Option<Vec<f64>>,
    /// Mean |m|, m = Σσ / sites.
    pub abs_magnetization: Vec<f64>,
    /// Its standard error.
    pub abs_magnetization_error: Vec<f64>,
    /// Its exact value.
    pub abs_magnetization_exact: Option<Vec<f64>>,
    /// Specific heat per site in k_B: (⟨H²⟩ − ⟨H⟩²) / (sites T²) with the whole energy H = E − hM; 0 at T = 0 and at T
    /// = ∞.
    pub specific_heat: Vec<f64>,
    /// Its standard error.
    pub specific_heat_error: Vec<f64>,
    /// Its exact value.
    pub specific_heat_exact: Option<Vec<f64>>,
    /// Susceptibility per site of |m|: sites (⟨m²⟩ − ⟨|m|⟩²) / T; 0 at T = 0 and at T = ∞.
    pub susceptibility: Vec<f64>,
    /// Its standard error.
    pub susceptibility_error: Vec<f64>,
    /// Its exact value.
    pub susceptibility_exact: Option<Vec<f64>>,
    /// Binder cumulant 1 − ⟨m⁴⟩ / (3 ⟨m²⟩²).
    pub binder_cumulant: Vec<f64>,
    /// Its standard error.
    pub binder_cumulant_error: Vec<f64>,
    /// Its exact value.
    pub binder_cumulant_exact: Option<Vec<f64>>,
    /// Integrated autocorrelation time in sweeps, the largest over energy and |m|, as measured in the pilot runs; NaN
    /// where these saw no change.
    pub autocorrelation_time: Vec<f64>,
    /// Sweeps before the first sample.
    pub thermalization: Vec<f64>,
    /// Sweeps between two samples of one chain.
    pub thinning: Vec<f64>,
    /// Number of effectively independent samples.
    pub effective_samples: Vec<f64>,
}

/// The series of [`Observables`]: path below `observables/`, unit, description.
const SERIES: [(&str, &str, &str); 5] = [
    ("energy_per_spin", "J", "mean energy per site"),
    ("abs_magnetization", "1", "mean absolute magnetization per site"),
    ("specific_heat", "k_B", "specific heat per site, (<E^2> - <E>^2) / (sites T^2)"),
    ("susceptibility", "1/J", "susceptibility of |m| per site, sites (<m^2> - <|m|>^2) / T"),
    ("binder_cumulant", "1", "Binder cumulant, 1 - <m^4> / (3 <m^2>^2)"),
];

/// Value, error, and exact value if there is one.
type Series<'a> = (&'a Vec<f64>, &'a Vec<f64>, &'a Option<Vec<f64>>);
/// The same, to be filled.
type SeriesMut<'a> = (&'a mut Vec<f64>, &'a mut Vec<f64>, &'a mut Option<Vec<f64>>);

impl Observables {
    fn series(&self) -> [Series<'_>; 5] {
        [
            (&self.energy_per_spin, &self.energy_per_spin_error, &self.energy_per_spin_exact),
            (&self.abs_magnetization, &self.abs_magnetization_error, &self.abs_magnetization_exact),
            (&self.specific_heat, &self.specific_heat_error, &self.specific_heat_exact),
            (&self.susceptibility, &self.susceptibility_error, &self.susceptibility_exact),
            (&self.binder_cumulant, &self.binder_cumulant_error, &self.binder_cumulant_exact),
        ]
    }

    fn series_mut(&mut self) -> [SeriesMut<'_>; 5] {
        [
            (&mut self.energy_per_spin, &mut self.energy_per_spin_error, &mut self.energy_per_spin_exact),
            (
                &mut self.abs_magnetization,
                &mut self.abs_magnetization_error,
                &mut self.abs_magnetization_exact,
            ),
            (&mut self.specific_heat, &mut self.specific_heat_error, &mut self.specific_heat_exact),
            (&mut self.susceptibility, &mut self.susceptibility_error, &mut self.susceptibility_exact),
            (&mut self.binder_cumulant, &mut self.binder_cumulant_error, &mut self.binder_cumulant_exact),
        ]
    }

    /// Nothing is known of files that were written by hand, and then nothing is written.
    pub(crate) fn put(&self, tree: &mut Tree) {
        if *self == Self::default() {
            return;
        }
        for ((name, units, description), (value, error, exact)) in SERIES.iter().zip(self.series()) {
            tree.put_list(&format!("observables/{name}"), value, "temperature", units, description);
            let what = format!("standard error of {name}");
            tree.put_list(&format!("observables/{name}_error"), error, "temperature", units, &what);
            if let Some(exact) = exact {
                let what = format!("exact value of {name} on this lattice");
                tree.put_list(&format!("observables/{name}_exact"), exact, "temperature", units, &what);
            }
        }
        for (name, value, units, what) in [
            (
                "autocorrelation_time",
                &self.autocorrelation_time,
                "sweeps",
                "integrated autocorrelation time, the largest over energy and |m|, measured in pilot runs",
            ),
            ("thermalization", &self.thermalization, "sweeps", "sweeps before the first sample of a chain"),
            ("thinning", &self.thinning, "sweeps", "sweeps between two samples of one chain"),
            ("effective_samples", &self.effective_samples, "1", "number of effectively independent samples"),
        ] {
            tree.put_list(&format!("observables/{name}"), value, "temperature", units, what);
        }
    }

    /// Those of a file that has them.
    pub(crate) fn take(tree: &Tree, temperatures: usize) -> Result<Self, ContentError> {
        let shape = [temperatures];
        let list = |name: &str| -> Result<Vec<f64>, ContentError> {
            let path = format!("observables/{name}");
            if name.ends_with("_error") {
                tree.check_errors(&path)?;
            } else if name == "autocorrelation_time" {
                let valid = |time: f64| time.is_nan() || time.is_finite() && time >= 0.0;
                tree.check::<f64>(&path, "a finite time that is not negative, or NaN if unknown", valid)?;
            } else {
                tree.check_finite(&path)?;
            }
            Ok(tree.get_shaped::<f64, ndarray::Ix1>(&path, &shape)?.to_vec())
        };
        let mut observables = Self::default();
        for ((name, ..), (value, error, exact)) in SERIES.iter().zip(observables.series_mut()) {
            *value = list(name)?;
            *error = list(&format!("{name}_error"))?;
            if tree.has(&format!("observables/{name}_exact")) {
                *exact = Some(list(&format!("{name}_exact"))?);
            }
        }
        observables.autocorrelation_time = list("autocorrelation_time")?;
        observables.thermalization = list("thermalization")?;
        observables.thinning = list("thinning")?;
        observables.effective_samples = list("effective_samples")?;
        Ok(observables)
    }
}
