//! `equation-of-state`: a table of thermal averages, exact for small lattices, otherwise sampled.

use ising_mc::exact::ExactError;
use ising_mc::{EquationOfStateConfig, SampleError};

use crate::exit::Problem;
use crate::stage::{CONCURRENT, Cost, InputSizes, Stage, Work};
use crate::temperatures::{LatticeTemperatures, settle};
use crate::verb::{NoInputs, Shape, Verb, seed, settings};

settings! {
    /// The settings of `equation-of-state` that have an argument of their own.
    Settings {
        /// The lattice: chain, square, honeycomb, triangular or cubic [default: square]
        lattice: String,
        /// L: all sides of the lattice
        #[arg(short = 'L', required_unless_present = "shape")]
        size: usize,
        /// The sides of the lattice, such as `14x8`, instead of its size
        #[arg(conflicts_with = "size")]
        shape: Shape,
        /// Ascending temperatures in J/k_B from 0 on
        temperatures: LatticeTemperatures,
        /// The uniform field in J, for squares up to size 12 and chains [default: 0]
        field: f64,
        /// Where the lattice is too large for exact results: effectively independent configurations at each temperature
        effective_samples: usize,
        /// The master seed; needed where the lattice is too large for exact results [default: 0]
        #[arg(value_parser = seed())]
        seed: u64,
    }
}

impl Verb for EquationOfStateConfig {
    type Inputs = NoInputs;
    type Settings = Settings;

    /// Takes `tc` from the lattice.
    fn settle(mut settings: Settings) -> Result<Settings, Problem> {
        settle(settings.lattice.as_deref(), settings.temperatures.as_mut())?;
        Ok(settings)
    }
}

impl Stage for EquationOfStateConfig {
    fn name(&self) -> &'static str {
        "equation-of-state"
    }

    fn seed(&self) -> u64 {
        self.seed
    }

    fn check(&self, _: &InputSizes) -> Result<(), Problem> {
        EquationOfStateConfig::check(self).map_err(Problem::usage)
    }

    fn cost(&self, _: &InputSizes) -> Cost {
        // Of a square of as many sites.
        let size = (self.lattice.sites() as f64).sqrt();
        let temperatures = self.temperatures.len() as f64;
        let effective = self.effective_samples as f64;
        if self.has_strip() {
            // Measured on 10 × 10 triangular and 14 × 8 honeycomb lattices: states of a row for each kind of first row,
            // with a polynomial for each new site.
            let [a, b, _] = self.lattice.sides();
            let (width, sites) = (a.min(b) as f64, self.lattice.sites() as f64);
            let (bonds, rows) = (self.lattice.bond_count() as f64, width.exp2() / (4.0 * width));
            let each = 2.7e-9 * width.exp2() * rows * sites;
            return Cost::new(
                each * (sites * temperatures + bonds),
                2e7 + CONCURRENT * (width + 2.0).exp2() * bonds * 8.0,
            );
        }
        if size <= ising_mc::LARGEST_EXACT as f64 {
            // Measured at L = 8, 10 and 12: states of a row, sites, values of the magnetization, and caches that
            // overflow.
            return Cost::new(0.032 * 5.3f64.powf(size - 10.0) * temperatures, 2e7);
        }
        // Two measurements for each, of several temperatures at a time.
        let series = temperatures.min(CONCURRENT) * effective * 60.0;
        let each = effective * 6.6e-5 * (size / 20.0).powf(1.95);
        Cost::new(each * temperatures, 1e7 + series + temperatures.min(CONCURRENT) * size * size * 200.0)
    }

    fn run(&self, work: &Work) -> anyhow::Result<()> {
        let table = ising_mc::equation_of_state(self, work.progress).map_err(|error| match error {
            ExactError::Interrupted(_) | ExactError::Sample(SampleError::Interrupted(_)) => {
                Problem::Interrupted
            }
            other => Problem::usage(other),
        })?;
        work.write(&table)
    }
}
