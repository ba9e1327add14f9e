//! `rbmflow.spins`: sampled configurations with their observables.

use std::collections::HashMap;

use lattice::Lattice;
use ndarray::{Array2, ArrayD, Axis};

use crate::artifact::{Artifact, Version};
use crate::checks::{wrong_attribute, wrong_shape};
use crate::energy::{energy, magnetization};
use crate::label_kind::LabelKind;
use crate::observables::Observables;
use crate::tree::{ContentError, Tree};

/// How the lattice's edges meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Boundary {
    /// Opposite edges are neighbours: a torus.
    Periodic,
}

/// Configurations of spins on a lattice at several temperatures.
#[derive(Debug, Clone, PartialEq)]
pub struct Spins {
    /// The lattice.
    pub lattice: Lattice,
    /// How the edges meet.
    pub boundary: Boundary,
    /// The coupling J, the unit of energy: 1.
    pub coupling: f64,
    /// The uniform field h in J.
    pub field: f64,
    /// The sampler's name, and what was done to its configurations.
    pub algorithm: String,
    /// What the labels say.
    pub label_kind: LabelKind,
    /// The temperatures in J/k_B, or the numbers of the classes; 0 and ∞ are allowed, at least one.
    pub temperature: Vec<f64>,
    /// The configurations, `[n, sites]`, ±1, sites in the lattice's order; at least one.
    pub samples: Array2<i8>,
    /// The index into `temperature` of each configuration, `[n]`.
    pub labels: Vec<u16>,
    /// −J Σ⟨xy⟩ σσ of each configuration (the field's part is not included), in J, `[n]`.
    pub energy: Vec<i32>,
    /// Σσ of each configuration, `[n]`.
    pub magnetization: Vec<i32>,
    /// Observables per temperature.
    pub observables: Observables,
}

impl Spins {
    /// Configurations of any origin, with the index into `temperature` of each. Energy and magnetization are measured;
    /// there is no field, the algorithm is `unknown`, and there are no observables.
    ///
    /// # Errors
    ///
    /// If there is no configuration or no temperature, the configurations are of another number of sites or have other
    /// values than ±1, a temperature is negative or NaN, there is not one label for each configuration, or a label is
    /// beyond the temperatures.
    ///
    /// ```
    /// use datasets::Spins;
    /// let spins = Spins::from_samples("chain:3".parse()?, vec![1.0], ndarray::array![[1, -1, 1]], vec![0])?;
    /// assert_eq!((spins.energy[0], spins.magnetization[0]), (1, 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_samples(
        lattice: Lattice,
        temperature: Vec<f64>,
        samples: Array2<i8>,
        labels: Vec<u16>,
    ) -> Result<Self, ContentError> {
        let standard = samples.is_standard_layout();
        let samples = if standard { samples } else { samples.as_standard_layout().into_owned() };
        let samples = rows(samples.into_dyn(), lattice)?;
        let wrong = |path: &str, index: usize, found: String, expected: String| ContentError::WrongValue {
            path: path.to_owned(),
            index,
            found,
            expected,
        };
        if let Some((index, found)) = samples.iter().enumerate().find(|&(_, &s)| s != 1 && s != -1) {
            let expected = "+1 or -1 (of 0 and 1 in NumPy: 2 * samples.astype('i1') - 1)";
            return Err(wrong("samples", index, found.to_string(), expected.to_owned()));
        }
        if temperature.is_empty() {
            return Err(wrong_shape("temperature", &[0], "at least one temperature"));
        }
        if let Some(index) = temperature.iter().position(|t| t.is_nan() || *t < 0.0) {
            let expected = "a temperature, which is not negative".to_owned();
            return Err(wrong("temperature", index, temperature[index].to_string(), expected));
        }
        if labels.len() != samples.nrows() {
            let expected = format!("[{}], one for each configuration", samples.nrows());
            return Err(wrong_shape("labels", &[labels.len()], &expected));
        }
        if let Some(index) = labels.iter().position(|&label| usize::from(label) >= temperature.len()) {
            let expected = format!("an index below {}, into `temperature`", temperature.len());
            return Err(wrong("labels", index, labels[index].to_string(), expected));
        }
        let (energy, magnetization) = samples
            .outer_iter()
            .map(|row| {
                let row = row.to_slice().expect("rows in standard layout are contiguous");
                (energy(lattice, row), magnetization(row))
            })
            .unzip();
        Ok(Self {
            lattice,
            boundary: Boundary::Periodic,
            coupling: 1.0,
            field: 0.0,
            algorithm: "unknown".to_owned(),
            label_kind: LabelKind::Temperature,
            temperature,
            samples,
            labels,
            energy,
            magnetization,
            observables: Observables::default(),
        })
    }

    /// The number of sites.
    pub fn sites(&self) -> usize {
        self.lattice.sites()
    }

    /// The rows of `samples` at temperature number `index`, in file order: `[n at that temperature, sites]`.
    pub fn at(&self, index: usize) -> Array2<i8> {
        let rows: Vec<usize> = self
            .labels
            .iter()
            .enumerate()
            .filter(|&(_, &l)| usize::from(l) == index)
            .map(|(i, _)| i)
            .collect();
        self.samples.select(Axis(0), &rows)
    }

    /// The index of a temperature, if the file has it.
    pub fn index_of(&self, temperature: f64) -> Option<usize> {
        self.temperature.iter().position(|&t| t == temperature)
    }

    /// The configurations of several files one after the other, at the union of their temperatures: a training set over
    /// several fields, say. Of several files there are no observables, and `field` is NaN if they differ in it, so that
    /// the result is no artifact.
    ///
    /// # Errors
    ///
    /// If there is none, or if their lattices or the kinds of their labels differ.
    pub fn joined(parts: Vec<Self>) -> Result<Self, JoinError> {
        let mut parts = parts.into_iter();
        let mut all = parts.next().ok_or(JoinError::Nothing)?;
        for part in parts {
            if (part.lattice, part.samples.ncols()) != (all.lattice, all.samples.ncols()) {
                return Err(JoinError::Lattices { first: all.lattice, other: part.lattice });
            }
            if part.label_kind != all.label_kind {
                return Err(JoinError::Labels {
                    first: all.label_kind.name(),
                    other: part.label_kind.name(),
                });
            }
            let labels: Vec<usize> = part
                .temperature
                .iter()
                .map(|&t| {
                    all.index_of(t).unwrap_or_else(|| {
                        all.temperature.push(t);
                        all.temperature.len() - 1
                    })
                })
                .collect();
            if all.temperature.len() > usize::from(u16::MAX) + 1 {
                return Err(JoinError::Temperatures);
            }
            // The numbers fit: there are no more than 65,536 of them. A label beyond the part's own temperatures stays
            // beyond all.
            let relabelled = |&l: &u16| labels.get(usize::from(l)).map_or(u16::MAX, |&index| index as u16);
            all.labels.extend(part.labels.iter().map(relabelled));
            all.samples = ndarray::concatenate![Axis(0), all.samples, part.samples];
            all.energy.extend(part.energy);
            all.magnetization.extend(part.magnetization);
            all.observables = Observables::default();
            if part.field != all.field {
                all.field = f64::NAN;
            }
            if part.algorithm != all.algorithm {
                all.algorithm = format!("{}, {}", all.algorithm, part.algorithm);
            }
        }
        Ok(all)
    }
}

/// Configurations that cannot be one training set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JoinError {
    /// No file.
    #[error("there are no configurations")]
    Nothing,
    /// Different lattices.
    #[error("the configurations are of different lattices, {first} and {other}")]
    Lattices {
        /// That of the first.
        first: Lattice,
        /// The one that does not fit.
        other: Lattice,
    },
    /// Different kinds of labels.
    #[error("the labels of the configurations are of different kinds, `{first}` and `{other}`")]
    Labels {
        /// That of the first.
        first: &'static str,
        /// The one that does not fit.
        other: &'static str,
    },
    /// More temperatures than labels.
    #[error("the configurations have more than 65536 different temperatures")]
    Temperatures,
}

impl Artifact for Spins {
    const SCHEMA: &'static str = "rbmflow.spins";
    const VERSION: Version = Version { major: 2, minor: 1 };

    fn to_tree(&self) -> Tree {
        let mut tree = Tree::default();
        tree.set_lattice(self.lattice);
        tree.set("boundary", "periodic");
        tree.set("coupling", self.coupling);
        tree.set("field", self.field);
        tree.set("algorithm", self.algorithm.as_str());
        self.label_kind.put(&mut tree);
        tree.put(
            "samples",
            &self.samples,
            "sample,site",
            "1",
            "spins +1 or -1, sites in the order of the lattice, x fastest",
        );
        tree.put_list("labels", &self.labels, "sample", "1", "index into `temperature`");
        tree.put_list(
            "temperature",
            &self.temperature,
            "temperature",
            self.label_kind.units(),
            "temperatures, or numbers of classes",
        );
        tree.put_list("energy", &self.energy, "sample", "J", "total exchange energy -J sum_<xy> s_x s_y");
        tree.put_list("magnetization", &self.magnetization, "sample", "1", "sum of the spins");
        self.observables.put(&mut tree);
        tree
    }

    /// A file that was written by hand (with h5py, say) needs the attributes `lattice` and `shape` (for a square
    /// lattice `size` is enough) and the datasets `samples`, `[n, sites]` or `[n, …, L_y, L_x]`, and `temperature`, and
    /// `labels` unless there is a single temperature or one for each configuration. Labels of equal temperatures are
    /// taken for one. Without `energy` and `magnetization` these are computed; without `observables` these are empty;
    /// without `boundary`, `coupling`, `field`, `algorithm` and `label_kind` the lattice is periodic, J = 1, h = 0, the
    /// algorithm `unknown`, and labels are those of temperatures.
    fn from_tree(tree: &Tree) -> Result<Self, ContentError> {
        tree.refuse_nan()?;
        let lattice = tree.lattice()?;
        let boundary = match tree.optional("boundary", Tree::text)? {
            Some("periodic") | None => Boundary::Periodic,
            Some(other) => return Err(wrong_attribute("boundary", other, "`periodic`")),
        };
        let coupling = tree.optional("coupling", Tree::real)?.unwrap_or(1.0);
        if coupling != 1.0 {
            return Err(wrong_attribute("coupling", &coupling.to_string(), "1, as J is the unit of energy"));
        }
        let field = tree.optional("field", Tree::real)?.unwrap_or(0.0);
        if !field.is_finite() {
            return Err(wrong_attribute("field", &field.to_string(), "a finite number"));
        }
        tree.check_temperatures("temperature")?;
        let temperature = line("temperature", &tree.get("temperature")?)?;
        let samples = rows(tree.get("samples")?, lattice)?;
        let n = samples.nrows();
        let (temperature, labels) = match tree.has("labels") {
            false if temperature.len() == 1 => (temperature, vec![0; n]),
            false if temperature.len() == n => labelled(&temperature)?,
            _ => (temperature, tree.get_shaped::<u16, ndarray::Ix1>("labels", &[n])?.to_vec()),
        };
        let spins = Self::from_samples(lattice, temperature, samples, labels)?;
        let measured = tree.datasets.keys().any(|path| path.starts_with("observables/"));
        // A list that repeats a temperature means one temperature; what was summed up for its parts is not that of the
        // whole.
        let (temperature, labels) = without_repetitions(&spins.temperature, spins.labels);
        if measured && temperature.len() < spins.temperature.len() {
            let index = temperature.iter().zip(&spins.temperature).take_while(|(a, b)| a == b).count();
            return Err(ContentError::WrongValue {
                path: "temperature".to_owned(),
                index,
                found: format!("{} again", spins.temperature[index]),
                expected: "each temperature once beside `observables` (or none of these)".to_owned(),
            });
        }
        for (path, recomputed) in [("energy", &spins.energy), ("magnetization", &spins.magnetization)] {
            if tree.has(path) {
                let stored = tree.get_shaped::<i32, ndarray::Ix1>(path, &[n])?;
                if let Some(index) = stored.iter().zip(recomputed).position(|(a, b)| a != b) {
                    return Err(ContentError::WrongValue {
                        path: path.to_owned(),
                        index,
                        found: stored[index].to_string(),
                        expected: format!("{} as computed from `samples`", recomputed[index]),
                    });
                }
            }
        }
        let observables =
            if measured { Observables::take(tree, temperature.len())? } else { Observables::default() };
        Ok(Self {
            boundary,
            coupling,
            field,
            algorithm: tree.optional("algorithm", Tree::text)?.unwrap_or("unknown").to_owned(),
            label_kind: LabelKind::take(tree)?,
            temperature,
            labels,
            observables,
            ..spins
        })
    }
}

/// Each temperature once, in the order of the list, and the labels that go with it.
fn without_repetitions(temperature: &[f64], labels: Vec<u16>) -> (Vec<f64>, Vec<u16>) {
    let mut known = HashMap::new();
    let mut once = vec![];
    let mut place_of = |t: f64| {
        // −0 is 0.
        *known.entry((t + 0.0).to_bits()).or_insert_with(|| {
            once.push(t);
            once.len() - 1
        })
    };
    // No label names a temperature beyond number 65,535.
    let places: Vec<u16> = temperature.iter().map(|&t| place_of(t) as u16).collect();
    let labels = labels.iter().map(|&label| places[usize::from(label)]).collect();
    (once, labels)
}

/// The numbers of an array with one axis; a number without axes is one.
fn line(path: &str, array: &ArrayD<f64>) -> Result<Vec<f64>, ContentError> {
    if array.ndim() > 1 {
        return Err(wrong_shape(path, array.shape(), "one axis"));
    }
    Ok(array.iter().copied().collect())
}

/// Configurations `[n, sites]`, of which each may also be an array of the lattice's shape, `[n, …, L_y, L_x]`.
fn rows(samples: ArrayD<i8>, lattice: Lattice) -> Result<Array2<i8>, ContentError> {
    let sites = lattice.sites();
    let shape = samples.shape().to_vec();
    let array: Vec<usize> = lattice.shape().iter().rev().copied().collect();
    let n = shape.first().copied().unwrap_or(0);
    let fits = n > 0 && (shape[1..] == [sites] || shape[1..] == array);
    let rows = fits.then(|| samples.into_shape_with_order((n, sites)).ok()).flatten();
    rows.ok_or_else(|| {
        let sides: Vec<String> = array.iter().map(ToString::to_string).collect();
        let expected =
            format!("[n, {sites}] or [n, {}] for lattice {lattice}, n at least 1", sides.join(", "));
        wrong_shape("samples", &shape, &expected)
    })
}

/// The different temperatures of configurations, ascending, and the place of each configuration's in them.
fn labelled(each: &[f64]) -> Result<(Vec<f64>, Vec<u16>), ContentError> {
    let mut temperature = each.to_vec();
    temperature.sort_by(f64::total_cmp);
    temperature.dedup();
    let label = |t: &f64| u16::try_from(temperature.partition_point(|known| known < t)).ok();
    let labels = each.iter().map(label).collect::<Option<_>>().ok_or_else(|| {
        wrong_shape("temperature", &[temperature.len()], "at most 65536 different temperatures")
    })?;
    Ok((temperature, labels))
}
