//! Where a machine's flow goes, as its weights alone tell.

use numerics::elementary::ln;

use crate::checks::{check_ascending, wrong_shape};
use crate::tree::{ContentError, Tree};

/// What is taken to be independent of what in a prediction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PredictionClosure {
    /// Sites are independent; each remembers its own spin.
    Memory,
    /// Means and covariances of Gaussian fields.
    Covariance,
}

/// A state that a step of the flow does not change.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PredictedPoint {
    /// What it was found with.
    pub closure: PredictionClosure,
    /// ⟨m⟩.
    pub magnetization: f64,
    /// ⟨|m|⟩.
    pub abs_magnetization: f64,
    /// Energy per site in J.
    pub energy_per_spin: f64,
    /// T_E in J/k_B; none without that thermometer, as for the next.
    pub energy_temperature: Option<f64>,
    /// T_m in J/k_B.
    pub magnetization_temperature: Option<f64>,
    /// By what one step multiplies a small deviation, in the end: stable below 1 in magnitude.
    pub slope: f64,
}

impl PredictedPoint {
    /// Whether small deviations shrink.
    pub fn is_stable(&self) -> bool {
        self.slope.abs() < 1.0
    }

    /// [`relaxation_steps`] of the slope.
    pub fn relaxation_steps(&self) -> f64 {
        relaxation_steps(self.slope)
    }
}

/// The number of steps in which a deviation that each step multiplies by `slope` shrinks to 1/e (or grows e-fold):
/// 1/|ln |slope||.
pub fn relaxation_steps(slope: f64) -> f64 {
    1.0 / ln(slope.abs()).abs()
}

/// Where the flow of a machine goes, from its weights alone: no random numbers, no configurations.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// The fixed points, stable and unstable, by descending magnetization, \[point\].
    pub points: Vec<PredictedPoint>,
    /// The point at which the flow from all spins up ends, as an index into `points`; none if it reaches none.
    pub from_order: Option<usize>,
    /// The point at which the flow from a state with next to no magnetization ends.
    pub from_disorder: Option<usize>,
    /// m at which the map of a uniform state was taken, ascending over −1..=1, \[k\].
    pub uniform_magnetization: Vec<f64>,
    /// The mean m′ after one step from there, \[k\].
    pub uniform_image: Vec<f64>,
}

impl Prediction {
    /// The one state at which flows from order and from disorder both end, up to the sign of m: `None` if these are two.
    pub fn end(&self) -> Option<&PredictedPoint> {
        let (order, disorder) = (&self.points[self.from_order?], &self.points[self.from_disorder?]);
        let same = (order.abs_magnetization - disorder.abs_magnetization).abs() < 1e-6
            && (order.energy_per_spin - disorder.energy_per_spin).abs() < 1e-6;
        same.then_some(order)
    }
}

/// The numbers of a point: name, unit, description, whether it may be unknown.
const NUMBERS: [(&str, &str, &str, bool); 6] = [
    ("magnetization", "1", "mean magnetization per site at the fixed point", false),
    ("abs_magnetization", "1", "mean absolute magnetization per site at the fixed point", false),
    ("energy_per_spin", "J", "energy per site at the fixed point", false),
    ("energy_temperature", "J/k_B", "T_E at the fixed point; NaN without that thermometer", true),
    ("magnetization_temperature", "J/k_B", "T_m at the fixed point; NaN without that thermometer", true),
    ("slope", "1", "factor by which one step multiplies a small deviation, in the end", false),
];

impl PredictedPoint {
    fn numbers(&self) -> [f64; 6] {
        [
            self.magnetization,
            self.abs_magnetization,
            self.energy_per_spin,
            self.energy_temperature.unwrap_or(f64::NAN),
            self.magnetization_temperature.unwrap_or(f64::NAN),
            self.slope,
        ]
    }
}

impl Prediction {
    pub(super) fn put(&self, tree: &mut Tree) {
        let closure: Vec<u16> =
            self.points.iter().map(|p| u16::from(p.closure == PredictionClosure::Covariance)).collect();
        let what = "0: independent sites with memory, 1: means and covariances";
        tree.put_list("prediction/closure", &closure, "point", "1", what);
        for (index, (name, units, what, _)) in NUMBERS.into_iter().enumerate() {
            let values: Vec<f64> = self.points.iter().map(|point| point.numbers()[index]).collect();
            tree.put_list(&format!("prediction/{name}"), &values, "point", units, what);
        }
        for (name, end) in [("from_order", self.from_order), ("from_disorder", self.from_disorder)] {
            let what = "index of the fixed point at which this flow ends; -1 for none";
            let index = end.map_or(-1, |end| end as i32);
            tree.put_scalar(&format!("prediction/{name}"), index, "1", what);
        }
        let what = "mean of all sites before a step";
        tree.put_list("prediction/uniform_magnetization", &self.uniform_magnetization, "mean", "1", what);
        let what = "mean over the sites after one step";
        tree.put_list("prediction/uniform_image", &self.uniform_image, "mean", "1", what);
    }

    /// None if there is none in a file.
    pub(super) fn take(tree: &Tree) -> Result<Option<Self>, ContentError> {
        if !tree.datasets.keys().any(|path| path.starts_with("prediction/")) {
            return Ok(None);
        }
        let closure = tree.list::<u16>("prediction/closure")?;
        tree.check::<u16>("prediction/closure", "0 or 1", |closure| closure <= 1)?;
        let mut columns = vec![];
        for (name, _, _, may_be_unknown) in NUMBERS {
            let path = format!("prediction/{name}");
            if may_be_unknown {
                tree.check::<f64>(&path, "a temperature, or NaN without a reading", |t| {
                    t.is_nan() || t >= 0.0
                })?;
            } else {
                tree.check_finite(&path)?;
            }
            columns.push(tree.get_shaped::<f64, ndarray::Ix1>(&path, &[closure.len()])?);
        }
        let known = |t: f64| Some(t).filter(|t| !t.is_nan());
        let points = closure.iter().enumerate().map(|(p, &closure)| PredictedPoint {
            closure: if closure == 1 { PredictionClosure::Covariance } else { PredictionClosure::Memory },
            magnetization: columns[0][p],
            abs_magnetization: columns[1][p],
            energy_per_spin: columns[2][p],
            energy_temperature: known(columns[3][p]),
            magnetization_temperature: known(columns[4][p]),
            slope: columns[5][p],
        });
        let end = |name: &str| -> Result<Option<usize>, ContentError> {
            let path = format!("prediction/{name}");
            let expected = "-1, or the index of a fixed point";
            tree.check::<i32>(&path, expected, |end| {
                end >= -1 && (end < 0 || (end as usize) < closure.len())
            })?;
            Ok(usize::try_from(tree.scalar::<i32>(&path)?).ok())
        };
        let uniform_magnetization = tree.list::<f64>("prediction/uniform_magnetization")?;
        check_ascending("prediction/uniform_magnetization", &uniform_magnetization)?;
        let uniform_image = tree.list::<f64>("prediction/uniform_image")?;
        if uniform_image.len() != uniform_magnetization.len() {
            let expected = format!("[{}]", uniform_magnetization.len());
            return Err(wrong_shape("prediction/uniform_image", &[uniform_image.len()], &expected));
        }
        for path in ["prediction/uniform_magnetization", "prediction/uniform_image"] {
            tree.check::<f64>(path, "a number from -1 to 1", |m| (-1.0..=1.0).contains(&m))?;
        }
        Ok(Some(Self {
            points: points.collect(),
            from_order: end("from_order")?,
            from_disorder: end("from_disorder")?,
            uniform_magnetization,
            uniform_image,
        }))
    }
}
