//! A flow as named arrays, and back.

use lattice::Lattice;
use ndarray::{Array2, Array3, Array4};

use super::value::{put_measured, put_value, put_values, take_measured, take_value, take_values};
use super::{Balance, Exponents, FixedPoint, Flow, FlowKind, MachineCourse, Measured, Prediction, Response};
use crate::artifact::{Artifact, Version};
use crate::checks::{check_ascending, wrong_attribute, wrong_shape};
use crate::label_kind::LabelKind;
use crate::tree::{ContentError, Tree};

/// The measured quantities that every flow has: path, unit, description.
const REQUIRED: [(&str, &str, &str); 7] = [
    ("energy_per_spin", "J", "mean energy per site"),
    ("energy_variance", "J^2", "variance of the total energy per site"),
    ("abs_magnetization", "1", "mean absolute magnetization per site"),
    ("magnetization", "1", "mean signed magnetization per site"),
    ("squared_magnetization", "1", "mean squared magnetization per site"),
    ("binder_cumulant", "1", "Binder cumulant, 1 - <m^4> / (3 <m^2>^2)"),
    (
        "short_range_correlation",
        "1",
        "c_sr: <ss> over nearest neighbours minus <ss> over all pairs of different sites",
    ),
];
/// Those that need a thermometer.
const OPTIONAL: [(&str, &str, &str); 4] = [
    ("nn_temperature", "J/k_B", "mean temperature of nn_posterior"),
    ("bayes_temperature", "J/k_B", "mean temperature of bayes_posterior"),
    ("energy_temperature", "J/k_B", "T_E: the temperature whose exact mean energy is the ensemble's"),
    ("magnetization_temperature", "J/k_B", "T_m: the temperature whose exact <|m|> is the ensemble's"),
];

impl Flow {
    fn required(&self) -> [&Measured; 7] {
        [
            &self.energy_per_spin,
            &self.energy_variance,
            &self.abs_magnetization,
            &self.magnetization,
            &self.squared_magnetization,
            &self.binder_cumulant,
            &self.short_range_correlation,
        ]
    }

    fn optional(&self) -> [&Option<Measured>; 4] {
        [
            &self.nn_temperature,
            &self.bayes_temperature,
            &self.energy_temperature,
            &self.magnetization_temperature,
        ]
    }
}

/// A reading may be missing at some steps: there its value and its error are NaN.
fn take_reading(tree: &Tree, path: &str, shape: &[usize]) -> Result<Measured, ContentError> {
    let error = format!("{path}_error");
    tree.check::<f64>(path, "finite, or NaN where there is no reading", |value| !value.is_infinite())?;
    let expected = "not negative, or NaN where there is no reading";
    tree.check::<f64>(&error, expected, |error| error.is_nan() || error >= 0.0)?;
    Ok(Measured { value: tree.get_shaped(path, shape)?, error: tree.get_shaped(&error, shape)? })
}

impl Artifact for Flow {
    const SCHEMA: &'static str = "rbmflow.flow";
    const VERSION: Version = Version { major: 2, minor: 3 };

    fn to_tree(&self) -> Tree {
        let mut tree = Tree::default();
        let kind = match self.kind {
            FlowKind::Rbm => "rbm",
            FlowKind::BlockSpin => "block_spin",
        };
        tree.set("kind", kind);
        tree.set_lattice(self.lattice);
        tree.set("chains", self.chains);
        self.label_kind.put(&mut tree);
        tree.put_list(
            "start_temperature",
            &self.start_temperature,
            "start",
            self.label_kind.units(),
            "temperature of the start, or its class",
        );
        tree.put_list("step", &self.step, "step", "1", "number of applications of the map");
        let shapes = Array2::from_shape_fn((self.step.len(), self.lattice.shape().len()), |(s, axis)| {
            self.lattice_at_step[s].sides()[axis] as u32
        });
        tree.put("shape_at_step", &shapes, "step,axis", "1", "sides of the lattice at each step");
        tree.put_list(
            "class_temperature",
            &self.class_temperature,
            "class",
            "J/k_B",
            "temperature of each class",
        );
        for (path, posterior, what) in [
            ("nn_posterior", &self.nn_posterior, "mean probability of each class, neural network"),
            (
                "bayes_posterior",
                &self.bayes_posterior,
                "mean probability of each class, exact Bayes posterior",
            ),
        ] {
            if let Some(posterior) = posterior {
                tree.put(path, posterior, "start,step,class", "1", what);
            }
        }
        if let Some(peak) = &self.nn_peak {
            tree.put("nn_peak", peak, "start,step", "J/k_B", "most probable class of nn_posterior");
        }
        for ((path, units, what), measured) in REQUIRED.iter().zip(self.required()) {
            put_measured(&mut tree, path, measured, units, what);
        }
        for ((path, units, what), measured) in OPTIONAL.iter().zip(self.optional()) {
            if let Some(measured) = measured {
                put_measured(&mut tree, path, measured, units, what);
            }
        }
        tree.put_list(
            "correlation_at",
            &self.correlation_at,
            "record",
            "1",
            "index into `step` of each G(r)",
        );
        let what = "G(r) = <s_x s_(x+r)> along the lattice axes";
        tree.put("correlation", &self.correlation, "start,record,distance", "1", what);
        let what = "standard error of correlation over chains";
        tree.put("correlation_error", &self.correlation_error, "start,record,distance", "1", what);
        tree.put_list(
            "snapshot_at",
            &self.snapshot_at,
            "snapshot",
            "1",
            "index into `step` of each snapshot",
        );
        let what = "configurations of the first chains, +1 or -1";
        tree.put("snapshots", &self.snapshots, "start,snapshot,chain,site", "1", what);
        if let Some(machine) = &self.machine {
            machine.put(&mut tree);
        }
        if let Some(fixed) = &self.fixed_point {
            for (name, units, value) in [
                ("energy_temperature", "J/k_B", fixed.energy_temperature),
                ("magnetization_temperature", "J/k_B", fixed.magnetization_temperature),
                ("nn_temperature", "J/k_B", fixed.nn_temperature),
                ("abs_magnetization", "1", Some(fixed.abs_magnetization)),
                ("short_range_correlation", "1", Some(fixed.short_range_correlation)),
            ] {
                if let Some(value) = value {
                    let what = format!("{name} at the end of the flow, mean over starts");
                    put_value(&mut tree, &format!("fixed_point/{name}"), value, units, &what);
                }
            }
            let what = "mean energy per site at the end of the flow";
            put_values(&mut tree, "fixed_point/energy_per_spin", &fixed.energy_per_spin, "J", what);
            let what = "first step from which on the energy stays with its final value";
            tree.put_list("fixed_point/steps_needed", &fixed.steps_needed, "start", "1", what);
            let settled: Vec<u16> = fixed.settled.iter().map(|&s| u16::from(s)).collect();
            tree.put_list("fixed_point/settled", &settled, "start", "1", "1 if the flow has settled");
            let what = "1 if all starts end at the same energy";
            tree.put_scalar("fixed_point/ends_meet", u16::from(fixed.ends_meet), "1", what);
        }
        if let Some(prediction) = &self.prediction {
            prediction.put(&mut tree);
        }
        if let Some(balance) = &self.balance {
            balance.put(&mut tree);
        }
        if let Some(exponents) = &self.exponents {
            exponents.put(&mut tree);
        }
        if let Some(response) = &self.response {
            response.put(&mut tree);
        }
        tree
    }

    fn from_tree(tree: &Tree) -> Result<Self, ContentError> {
        let kind = match tree.text("kind")? {
            "rbm" => FlowKind::Rbm,
            "block_spin" => FlowKind::BlockSpin,
            other => {
                return Err(wrong_attribute("kind", other, "`rbm` or `block_spin`"));
            }
        };
        let lattice = tree.lattice()?;
        let start_temperature = tree.list::<f64>("start_temperature")?;
        let step = tree.list::<u32>("step")?;
        if step.is_empty() {
            return Err(wrong_shape("step", &[0], "at least one step"));
        }
        check_ascending("step", &step)?;
        let class_temperature = tree.list::<f64>("class_temperature")?;
        for path in ["start_temperature", "class_temperature"] {
            tree.check_temperatures(path)?;
        }
        let lattice_at_step = lattices(tree, lattice, step.len())?;
        let shape = [start_temperature.len(), step.len()];
        let cube = [shape[0], shape[1], class_temperature.len()];
        let required = |path: &str| take_measured(tree, path, &shape);
        let optional = |path: &str| tree.has(path).then(|| take_reading(tree, path, &shape)).transpose();
        let posterior = |path: &str| -> Result<Option<Array3<f64>>, ContentError> {
            if !tree.has(path) {
                return Ok(None);
            }
            let valid = |p: f64| p.is_nan() || (0.0..=1.0 + 1e-6).contains(&p);
            tree.check::<f64>(path, "a number from 0 to 1, or NaN where there is no reading", valid)?;
            tree.get_shaped(path, &cube).map(Some)
        };
        if tree.has("nn_peak") {
            let expected = "a temperature, or NaN where there is no reading";
            tree.check::<f64>("nn_peak", expected, |t| t.is_nan() || t >= 0.0)?;
        }
        let correlation_at = tree.list::<u32>("correlation_at")?;
        let snapshot_at = tree.list::<u32>("snapshot_at")?;
        for path in ["correlation_at", "snapshot_at"] {
            tree.check::<u32>(path, "an index into `step`", |i| (i as usize) < step.len())?;
        }
        let correlation: Array3<f64> = tree.get("correlation")?;
        let snapshots: Array4<i8> = tree.get("snapshots")?;
        tree.check::<i8>("snapshots", "+1 or -1", |s| s == 1 || s == -1)?;
        tree.check_finite("correlation")?;
        tree.check_errors("correlation_error")?;
        for (path, found, records) in [
            ("correlation", correlation.shape(), correlation_at.len()),
            ("snapshots", snapshots.shape(), snapshot_at.len()),
        ] {
            if found[0] != shape[0] || found[1] != records {
                return Err(wrong_shape(path, found, &format!("[{}, {records}, ...]", shape[0])));
            }
        }
        let distances = lattice.axis_steps() + 1;
        if correlation.shape()[2] != distances {
            let expected = format!("[starts, records, {distances}] for lattice {lattice}");
            return Err(wrong_shape("correlation", correlation.shape(), &expected));
        }
        if !snapshots.is_empty() && snapshots.shape()[3] != lattice.sites() {
            let expected = format!("[starts, snapshots, chains, {}] for lattice {lattice}", lattice.sites());
            return Err(wrong_shape("snapshots", snapshots.shape(), &expected));
        }
        Ok(Self {
            kind,
            lattice,
            lattice_at_step,
            chains: tree.count("chains")?,
            label_kind: LabelKind::take(tree)?,
            nn_posterior: posterior("nn_posterior")?,
            bayes_posterior: posterior("bayes_posterior")?,
            nn_temperature: optional("nn_temperature")?,
            nn_peak: tree.has("nn_peak").then(|| tree.get_shaped("nn_peak", &shape)).transpose()?,
            bayes_temperature: optional("bayes_temperature")?,
            energy_temperature: optional("energy_temperature")?,
            magnetization_temperature: optional("magnetization_temperature")?,
            energy_per_spin: required("energy_per_spin")?,
            energy_variance: required("energy_variance")?,
            abs_magnetization: required("abs_magnetization")?,
            magnetization: required("magnetization")?,
            squared_magnetization: required("squared_magnetization")?,
            binder_cumulant: required("binder_cumulant")?,
            short_range_correlation: required("short_range_correlation")?,
            correlation_error: tree.get_shaped("correlation_error", correlation.shape())?,
            correlation_at,
            correlation,
            snapshot_at,
            snapshots,
            machine: MachineCourse::take(tree, &shape)?,
            fixed_point: if tree.datasets.keys().any(|path| path.starts_with("fixed_point/")) {
                Some(take_fixed_point(tree, shape[0])?)
            } else {
                None
            },
            prediction: Prediction::take(tree)?,
            balance: Balance::take(tree, shape[0])?,
            exponents: Exponents::take(tree, shape[0], shape[1])?,
            response: Response::take(tree, shape[0])?,
            start_temperature,
            step,
            class_temperature,
        })
    }
}

/// The lattice at each step; before other lattices than squares, files had the size at each step.
fn lattices(tree: &Tree, start: Lattice, steps: usize) -> Result<Vec<Lattice>, ContentError> {
    let axes = start.shape().len();
    let path =
        if tree.has("size_at_step") && !tree.has("shape_at_step") { "size_at_step" } else { "shape_at_step" };
    let shapes: Array2<u32> = if path == "size_at_step" {
        let sizes = tree.get_shaped::<u32, ndarray::Ix1>(path, &[steps])?;
        Array2::from_shape_fn((steps, axes), |(step, _)| sizes[step])
    } else {
        tree.get_shaped(path, &[steps, axes])?
    };
    let lattice = |(step, shape): (usize, ndarray::ArrayView1<u32>)| {
        let sides: Vec<usize> = shape.iter().map(|&side| side as usize).collect();
        let lattice = Lattice::new(start.kind(), &sides).ok();
        lattice.filter(|lattice| lattice.sites() <= start.sites()).ok_or_else(|| ContentError::WrongValue {
            path: path.to_owned(),
            index: step,
            found: format!("{sides:?}"),
            expected: format!("the sides of a {} lattice no larger than {start}", start.kind()),
        })
    };
    shapes.outer_iter().enumerate().map(lattice).collect()
}

fn take_fixed_point(tree: &Tree, starts: usize) -> Result<FixedPoint, ContentError> {
    let value = |name: &str| take_value(tree, &format!("fixed_point/{name}"));
    let optional = |name: &str| tree.has(&format!("fixed_point/{name}")).then(|| value(name)).transpose();
    for path in ["fixed_point/settled", "fixed_point/ends_meet"] {
        tree.check::<u16>(path, "0 or 1", |flag| flag <= 1)?;
    }
    let energy_per_spin = take_values(tree, "fixed_point/energy_per_spin", starts)?;
    Ok(FixedPoint {
        energy_temperature: optional("energy_temperature")?,
        magnetization_temperature: optional("magnetization_temperature")?,
        nn_temperature: optional("nn_temperature")?,
        abs_magnetization: value("abs_magnetization")?,
        short_range_correlation: value("short_range_correlation")?,
        energy_per_spin,
        steps_needed: tree.get_shaped::<u32, ndarray::Ix1>("fixed_point/steps_needed", &[starts])?.to_vec(),
        settled: tree
            .get_shaped::<u16, ndarray::Ix1>("fixed_point/settled", &[starts])?
            .iter()
            .map(|&s| s != 0)
            .collect(),
        ends_meet: tree.scalar::<u16>("fixed_point/ends_meet")? != 0,
    })
}
