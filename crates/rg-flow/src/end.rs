//! When a flow has come to its end.

use datasets::Value;
use serde::{Deserialize, Serialize};

use crate::error::FlowError;

/// The least number of steps of a flow of which a fixed point is estimated.
const SHORTEST: u32 = 8;

/// When a flow counts as settled, and two ends as the same.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FixedPointConfig {
    /// The last part of the steps, as a fraction of all of them, over which the fixed point is averaged; an equal part
    /// before it is what it is compared with. In 0..=0.5, without 0.
    pub window: f64,
    /// Differences of energies within this many standard errors are noise.
    pub deviations: f64,
    /// Differences of energies per site, in J, that are too small to matter are added to that.
    pub energy_tolerance: f64,
}

impl Default for FixedPointConfig {
    fn default() -> Self {
        Self { window: 0.25, deviations: 4.0, energy_tolerance: 0.01 }
    }
}

impl FixedPointConfig {
    pub(crate) fn check(&self) -> Result<(), FlowError> {
        let refuse =
            |name, found: f64, expected| Err(FlowError::Setting { name, found: found.to_string(), expected });
        if !(self.window > 0.0 && self.window <= 0.5) {
            return refuse("fixed_point.window", self.window, "above 0 and at most 0.5");
        }
        if !(self.deviations > 0.0 && self.deviations.is_finite()) {
            return refuse("fixed_point.deviations", self.deviations, "a positive number");
        }
        if !(self.energy_tolerance >= 0.0 && self.energy_tolerance.is_finite()) {
            return refuse(
                "fixed_point.energy_tolerance",
                self.energy_tolerance,
                "a number that is not negative",
            );
        }
        Ok(())
    }

    /// The number of steps of the window; none if the flow is too short to say whether it has settled.
    pub(crate) fn window_of(&self, steps: u32) -> u32 {
        if steps < SHORTEST { 0 } else { (self.window * f64::from(steps)) as u32 }
    }

    /// Whether two energies per site are the same.
    pub(crate) fn same(&self, a: Value, b: Value) -> bool {
        let noise = (a.error * a.error + b.error * b.error).sqrt();
        (a.value - b.value).abs() <= self.deviations * noise + self.energy_tolerance
    }
}
