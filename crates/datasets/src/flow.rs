//! `rbmflow.flow`: what becomes of ensembles of configurations under a repeated map, read by all thermometers.

use ndarray::{Array2, Array3, Array4};

use crate::artifact::{Artifact, Version};
use crate::tree::{ContentError, Tree};

/// The map that is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlowKind {
    /// v → h → v of a restricted Boltzmann machine.
    Rbm,
    /// 2 × 2 majority block spins; the lattice halves with each step.
    BlockSpin,
}

/// A number with its standard error.
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Value {
    pub value: f64,
    pub error: f64,
}

/// A quantity along a flow: [start, step], with standard errors over chains.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Measured {
    pub value: Array2<f64>,
    pub error: Array2<f64>,
}

impl Measured {
    /// Zeros.
    pub fn zeros(starts: usize, steps: usize) -> Self {
        Self { value: Array2::zeros((starts, steps)), error: Array2::zeros((starts, steps)) }
    }

    /// Sets one entry.
    pub fn set(&mut self, start: usize, step: usize, value: Value) {
        self.value[[start, step]] = value.value;
        self.error[[start, step]] = value.error;
    }
}

/// What all thermometers say about one ensemble of configurations.
///
/// Temperatures are in J/k_B. A reading that does not exist (no thermometer for this lattice) is `None`; one beyond the
/// thermometer's range is the end of the range.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The neural network's probabilities averaged over the ensemble, [class].
    pub nn_posterior: Option<Vec<f64>>,
    /// The mean temperature of that distribution.
    pub nn_temperature: Option<Value>,
    /// The temperature of its largest class.
    pub nn_peak: Option<f64>,
    /// The exact Bayes posterior averaged over the ensemble, [class].
    pub bayes_posterior: Option<Vec<f64>>,
    /// Its mean temperature.
    pub bayes_temperature: Option<Value>,
    /// T_E: the temperature whose ⟨E⟩ is the ensemble's mean energy.
    pub energy_temperature: Option<Value>,
    /// T_m: the temperature whose ⟨|m|⟩ is the ensemble's.
    pub magnetization_temperature: Option<Value>,
}

/// Where a flow comes to rest: averages over its last part and over the starts, with standard errors over chains.
#[derive(Debug, Clone, PartialEq)]
pub struct FixedPoint {
    /// T_E in J/k_B; none without that thermometer, as for the next two.
    pub energy_temperature: Option<Value>,
    /// T_m.
    pub magnetization_temperature: Option<Value>,
    /// The mean temperature of the network.
    pub nn_temperature: Option<Value>,
    /// ⟨|m|⟩.
    pub abs_magnetization: Value,
    /// c_sr.
    pub short_range_correlation: Value,
    /// The energy per site at which each start ends, [f].
    pub energy_per_spin: Vec<Value>,
    /// For each start the first step from which on the energy stays with its final value within the noise; the number of
    /// steps of the flow if it has not settled.
    pub steps_needed: Vec<u32>,
    /// For each start whether it has settled.
    pub settled: Vec<bool>,
    /// Whether all starts end at the same energy within the noise.
    pub ends_meet: bool,
}

/// Flows from several start ensembles.
///
/// What thermometers read is `None` if they read nothing anywhere, and NaN at the steps at which they do not read, such as
/// those of a block-spin flow whose lattice has no table.
#[derive(Debug, Clone, PartialEq)]
pub struct Flow {
    /// The map.
    pub kind: FlowKind,
    /// L of the start configurations.
    pub size: usize,
    /// L at each step (constant for the RBM, halving for block spins), [s].
    pub size_at_step: Vec<u32>,
    /// The number of chains of each start.
    pub chains: usize,
    /// The temperature of each start ensemble in J/k_B, [f].
    pub start_temperature: Vec<f64>,
    /// The recorded steps, [s]; 0 is the start itself.
    pub step: Vec<u32>,
    /// The temperatures of the thermometers' classes in J/k_B, [c].
    pub class_temperature: Vec<f64>,
    /// The network's mean probabilities, [f, s, c].
    pub nn_posterior: Option<Array3<f64>>,
    /// The exact posterior's mean probabilities, [f, s, c].
    pub bayes_posterior: Option<Array3<f64>>,
    /// Mean temperature of `nn_posterior`.
    pub nn_temperature: Option<Measured>,
    /// Most probable class of `nn_posterior`, as a temperature, [f, s].
    pub nn_peak: Option<Array2<f64>>,
    /// Mean temperature of `bayes_posterior`.
    pub bayes_temperature: Option<Measured>,
    /// T_E.
    pub energy_temperature: Option<Measured>,
    /// T_m.
    pub magnetization_temperature: Option<Measured>,
    /// Energy per site in J.
    pub energy_per_spin: Measured,
    /// Variance of the total energy per site, (⟨E²⟩ − ⟨E⟩²) / sites, in J².
    pub energy_variance: Measured,
    /// ⟨|m|⟩.
    pub abs_magnetization: Measured,
    /// ⟨m⟩.
    pub magnetization: Measured,
    /// ⟨m²⟩.
    pub squared_magnetization: Measured,
    /// Binder cumulant.
    pub binder_cumulant: Measured,
    /// c_sr: ⟨σσ⟩ over nearest neighbours minus ⟨σσ⟩ over all pairs of different sites.
    pub short_range_correlation: Measured,
    /// The steps at which G is recorded, [g] (indices into `step`).
    pub correlation_at: Vec<u32>,
    /// G(r) = ⟨σ_x σ_{x+r}⟩ along the lattice axes, r = 0..=L/2, [f, g, r]; beyond half the lattice of that step: 0.
    pub correlation: Array3<f64>,
    /// Its standard error.
    pub correlation_error: Array3<f64>,
    /// The steps of the snapshots, [k] (indices into `step`).
    pub snapshot_at: Vec<u32>,
    /// The first configurations of each start, [f, k, chain, sites], ±1; a block spin is shown on all sites of the start
    /// lattice that it stands for.
    pub snapshots: Array4<i8>,
    /// Where the flow comes to rest; none for block spins or for flows that are too short to say.
    pub fixed_point: Option<FixedPoint>,
}

/// One optional or required measured quantity: path, unit, description.
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

fn put_measured(tree: &mut Tree, path: &str, measured: &Measured, units: &str, description: &str) {
    tree.put(path, &measured.value, "start,step", units, description);
    let what = format!("standard error of {path} over chains");
    tree.put(&format!("{path}_error"), &measured.error, "start,step", units, &what);
}

fn take_measured(tree: &Tree, path: &str, shape: &[usize]) -> Result<Measured, ContentError> {
    let error = format!("{path}_error");
    tree.check::<f64>(path, "finite", f64::is_finite)?;
    tree.check::<f64>(&error, "finite", f64::is_finite)?;
    take_reading(tree, path, shape)
}

/// A reading may be missing at some steps.
fn take_reading(tree: &Tree, path: &str, shape: &[usize]) -> Result<Measured, ContentError> {
    let error = format!("{path}_error");
    tree.check::<f64>(path, "finite, or NaN where there is no reading", |value| !value.is_infinite())?;
    tree.check::<f64>(&error, "finite, or NaN where there is no reading", |value| !value.is_infinite())?;
    Ok(Measured { value: tree.get_shaped(path, shape)?, error: tree.get_shaped(&error, shape)? })
}

impl Artifact for Flow {
    const SCHEMA: &'static str = "rbmflow.flow";
    const VERSION: Version = Version { major: 1, minor: 0 };

    fn to_tree(&self) -> Tree {
        let mut tree = Tree::default();
        let kind = match self.kind {
            FlowKind::Rbm => "rbm",
            FlowKind::BlockSpin => "block_spin",
        };
        tree.set("kind", kind);
        tree.set("size", self.size);
        tree.set("chains", self.chains);
        tree.put_list(
            "start_temperature",
            &self.start_temperature,
            "start",
            "J/k_B",
            "temperature of the start",
        );
        tree.put_list("step", &self.step, "step", "1", "number of applications of the map");
        tree.put_list("size_at_step", &self.size_at_step, "step", "1", "lattice size at each step");
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
                    tree.put_scalar(&format!("fixed_point/{name}"), value.value, units, &what);
                    let path = format!("fixed_point/{name}_error");
                    tree.put_scalar(&path, value.error, units, "its standard error over chains");
                }
            }
            let value: Vec<f64> = fixed.energy_per_spin.iter().map(|energy| energy.value).collect();
            let error: Vec<f64> = fixed.energy_per_spin.iter().map(|energy| energy.error).collect();
            let what = "mean energy per site at the end of the flow";
            tree.put_list("fixed_point/energy_per_spin", &value, "start", "J", what);
            let what = "its standard error over chains";
            tree.put_list("fixed_point/energy_per_spin_error", &error, "start", "J", what);
            let what = "first step from which on the energy stays with its final value";
            tree.put_list("fixed_point/steps_needed", &fixed.steps_needed, "start", "1", what);
            let settled: Vec<u16> = fixed.settled.iter().map(|&s| u16::from(s)).collect();
            tree.put_list("fixed_point/settled", &settled, "start", "1", "1 if the flow has settled");
            let what = "1 if all starts end at the same energy";
            tree.put_scalar("fixed_point/ends_meet", u16::from(fixed.ends_meet), "1", what);
        }
        tree
    }

    fn from_tree(tree: &Tree) -> Result<Self, ContentError> {
        let kind = match tree.text("kind")? {
            "rbm" => FlowKind::Rbm,
            "block_spin" => FlowKind::BlockSpin,
            other => {
                return Err(ContentError::WrongAttribute {
                    name: "kind".to_owned(),
                    found: other.to_owned(),
                    expected: "`rbm` or `block_spin`".to_owned(),
                });
            }
        };
        let start_temperature = tree.list::<f64>("start_temperature")?;
        let step = tree.list::<u32>("step")?;
        let class_temperature = tree.list::<f64>("class_temperature")?;
        let shape = [start_temperature.len(), step.len()];
        let cube = [shape[0], shape[1], class_temperature.len()];
        let required = |path: &str| take_measured(tree, path, &shape);
        let optional = |path: &str| tree.has(path).then(|| take_reading(tree, path, &shape)).transpose();
        let posterior = |path: &str| tree.has(path).then(|| tree.get_shaped(path, &cube)).transpose();
        let correlation_at = tree.list::<u32>("correlation_at")?;
        let snapshot_at = tree.list::<u32>("snapshot_at")?;
        for path in ["correlation_at", "snapshot_at"] {
            tree.check::<u32>(path, "an index into `step`", |i| (i as usize) < step.len())?;
        }
        let correlation: Array3<f64> = tree.get("correlation")?;
        let snapshots: Array4<i8> = tree.get("snapshots")?;
        tree.check::<i8>("snapshots", "+1 or -1", |s| s == 1 || s == -1)?;
        for (path, found, records) in [
            ("correlation", correlation.shape(), correlation_at.len()),
            ("snapshots", snapshots.shape(), snapshot_at.len()),
        ] {
            if found[0] != shape[0] || found[1] != records {
                return Err(ContentError::WrongShape {
                    path: path.to_owned(),
                    found: found.to_vec(),
                    expected: format!("[{}, {records}, ...]", shape[0]),
                });
            }
        }
        Ok(Self {
            kind,
            size: tree.count("size")?,
            size_at_step: tree.get_shaped::<u32, ndarray::Ix1>("size_at_step", &[step.len()])?.to_vec(),
            chains: tree.count("chains")?,
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
            fixed_point: tree
                .has("fixed_point/ends_meet")
                .then(|| take_fixed_point(tree, shape[0]))
                .transpose()?,
            start_temperature,
            step,
            class_temperature,
        })
    }
}

fn take_fixed_point(tree: &Tree, starts: usize) -> Result<FixedPoint, ContentError> {
    for path in tree.datasets.keys().filter(|path| path.starts_with("fixed_point/")) {
        if !["steps_needed", "settled", "ends_meet"].iter().any(|name| path.ends_with(name)) {
            tree.check::<f64>(path, "finite", f64::is_finite)?;
        }
    }
    let value = |name: &str| -> Result<Value, ContentError> {
        Ok(Value {
            value: tree.scalar(&format!("fixed_point/{name}"))?,
            error: tree.scalar(&format!("fixed_point/{name}_error"))?,
        })
    };
    let optional = |name: &str| tree.has(&format!("fixed_point/{name}")).then(|| value(name)).transpose();
    let energy = tree.get_shaped::<f64, ndarray::Ix1>("fixed_point/energy_per_spin", &[starts])?;
    let error = tree.get_shaped::<f64, ndarray::Ix1>("fixed_point/energy_per_spin_error", &[starts])?;
    Ok(FixedPoint {
        energy_temperature: optional("energy_temperature")?,
        magnetization_temperature: optional("magnetization_temperature")?,
        nn_temperature: optional("nn_temperature")?,
        abs_magnetization: value("abs_magnetization")?,
        short_range_correlation: value("short_range_correlation")?,
        energy_per_spin: energy.iter().zip(error).map(|(&value, error)| Value { value, error }).collect(),
        steps_needed: tree.get_shaped::<u32, ndarray::Ix1>("fixed_point/steps_needed", &[starts])?.to_vec(),
        settled: tree
            .get_shaped::<u16, ndarray::Ix1>("fixed_point/settled", &[starts])?
            .iter()
            .map(|&s| s != 0)
            .collect(),
        ends_meet: tree.scalar::<u16>("fixed_point/ends_meet")? != 0,
    })
}
