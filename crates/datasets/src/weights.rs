//! `rbmflow.weights`: what the weight matrix W of a machine looks like.

use lattice::Lattice;
use ndarray::{Array1, Array2};

use crate::artifact::{Artifact, Version};
use crate::checks::wrong_shape;
use crate::flow::Value;
use crate::tree::{ContentError, Tree};

/// The pair couplings of the Hamiltonian that a machine has learnt, ln p(v) = Σ_S J_S Π_{i∈S} v_i, as those of an Ising
/// model in units of k_B T.
#[derive(Debug, Clone, PartialEq)]
pub struct PairCouplings {
    /// Mean J_ij of the pairs of sites at each distance, `[d]`; 0 at distance 0.
    pub by_distance: Vec<f64>,
    /// Standard deviation over these pairs, `[d]`.
    pub deviation: Vec<f64>,
    /// 1/J of nearest neighbours in J/k_B, with the error if bonds were independent; none if it is not finite.
    pub encoded_temperature: Option<Value>,
}

/// The analysis of one weight matrix. Vectors are columns; each has its largest component positive.
#[derive(Debug, Clone, PartialEq)]
pub struct Weights {
    /// The lattice of the visible units.
    pub lattice: Lattice,
    /// W·Wᵀ, `[visible, visible]`; none if only the leading modes were found.
    pub gram: Option<Array2<f64>>,
    /// Distances between sites on the torus that occur, ascending, `[d]`; none, as of shells and of fractions, without
    /// a lattice.
    pub distance: Vec<f64>,
    /// Mean element of W·Wᵀ at each distance, `[d]`.
    pub gram_by_distance: Vec<f64>,
    /// Standard deviation of the elements at each distance, `[d]`.
    pub gram_by_distance_deviation: Vec<f64>,
    /// The fraction of the squared Frobenius norm of W·Wᵀ that is left when each element is replaced by its mean over
    /// all translations: 1 for a translation-invariant matrix.
    pub translation_invariant_fraction: Option<f64>,
    /// Eigenvalues of W·Wᵀ, descending, `[mode]`: all of them, mode = visible, or the leading ones.
    pub eigenvalues: Vec<f64>,
    /// Eigenvectors in the columns, `[visible, mode]`.
    pub eigenvectors: Array2<f64>,
    /// Singular values of W, descending, `[rank]`: rank = min(visible, hidden), or mode if only the
    /// leading ones were found.
    pub singular_values: Vec<f64>,
    /// Left singular vectors in the columns, `[visible, rank]`.
    pub left_singular_vectors: Array2<f64>,
    /// Right singular vectors in the columns, `[hidden, rank]`; the sign of each goes with its left vector.
    pub right_singular_vectors: Array2<f64>,
    /// Of the leading singular values: the distance within which there is a singular value of W, `[rank]`; none if all
    /// were found.
    pub residual: Option<Vec<f64>>,
    /// Squared overlap of each eigenvector with the uniform unit vector, `[mode]`.
    pub uniform_overlap: Vec<f64>,
    /// Fraction of each eigenvector's power in each Fourier shell, `[mode, shell]`; shell number is kx² + ky² in
    /// `shell`.
    pub shell_power: Array2<f64>,
    /// kx² + ky² of each shell, in units of (2π/L)², ascending, `[shell]`.
    pub shell: Vec<u32>,
    /// Temperatures of the configurations that are projected, in J/k_B, `[t]`.
    pub temperature: Vec<f64>,
    /// ⟨(u_k·v)²⟩ of the configurations at each temperature on each eigenvector, `[t, mode]`.
    pub projection: Array2<f64>,
    /// Its standard error.
    pub projection_error: Array2<f64>,
    /// sites ⟨m²⟩ of the same configurations, `[t]`.
    pub squared_magnetization: Vec<f64>,
    /// The pair couplings; none of machines that are too large for it.
    pub couplings: Option<PairCouplings>,
}

impl Artifact for Weights {
    const SCHEMA: &'static str = "rbmflow.weights";
    const VERSION: Version = Version { major: 2, minor: 2 };

    fn to_tree(&self) -> Tree {
        let mut tree = Tree::default();
        tree.set_lattice(self.lattice);
        if let Some(gram) = &self.gram {
            tree.put("gram", gram, "visible,other_visible", "1", "W W^T");
        }
        tree.put_list("distance", &self.distance, "distance", "lattice constant", "distances on the torus");
        let what = "mean element of W W^T at each distance";
        tree.put_list("gram_by_distance", &self.gram_by_distance, "distance", "1", what);
        let what = "standard deviation of the elements of W W^T at each distance";
        tree.put_list("gram_by_distance_deviation", &self.gram_by_distance_deviation, "distance", "1", what);
        if let Some(fraction) = self.translation_invariant_fraction {
            let what = "fraction of the squared norm of W W^T left after averaging over translations";
            tree.put_scalar("translation_invariant_fraction", fraction, "1", what);
        }
        tree.put_list("eigenvalues", &self.eigenvalues, "mode", "1", "eigenvalues of W W^T, descending");
        let what = "eigenvectors of W W^T in the columns, largest component positive";
        tree.put("eigenvectors", &self.eigenvectors, "visible,mode", "1", what);
        tree.put_list(
            "singular_values",
            &self.singular_values,
            "rank",
            "1",
            "singular values of W, descending",
        );
        let what = "left singular vectors of W in the columns, largest component positive";
        tree.put("left_singular_vectors", &self.left_singular_vectors, "visible,rank", "1", what);
        let what = "right singular vectors of W in the columns";
        tree.put("right_singular_vectors", &self.right_singular_vectors, "hidden,rank", "1", what);
        if let Some(residual) = &self.residual {
            let what = "distance within which there is a singular value of W";
            tree.put_list("residual", residual, "rank", "1", what);
        }
        let what = "squared overlap of each eigenvector with the uniform vector";
        tree.put_list("uniform_overlap", &self.uniform_overlap, "mode", "1", what);
        let what = "fraction of each eigenvector's power in each Fourier shell";
        tree.put("shell_power", &self.shell_power, "mode,shell", "1", what);
        tree.put_list("shell", &self.shell, "shell", "(2 pi/L)^2", "kx^2 + ky^2 of each shell");
        let what = "temperature of the projected configurations";
        tree.put_list("temperature", &self.temperature, "temperature", "J/k_B", what);
        let what = "mean squared projection of configurations on each eigenvector";
        tree.put("projection", &self.projection, "temperature,mode", "1", what);
        let what = "standard error of projection";
        tree.put("projection_error", &self.projection_error, "temperature,mode", "1", what);
        let what = "sites <m^2> of the same configurations";
        tree.put_list("squared_magnetization", &self.squared_magnetization, "temperature", "1", what);
        if let Some(couplings) = &self.couplings {
            let what = "mean coupling J_ij / k_B T of the pairs of sites at each distance; 0 at distance 0";
            tree.put_list("coupling_by_distance", &couplings.by_distance, "distance", "1", what);
            let what = "standard deviation of the couplings at each distance";
            tree.put_list("coupling_by_distance_deviation", &couplings.deviation, "distance", "1", what);
            if let Some(temperature) = couplings.encoded_temperature {
                let what = "1 over the mean coupling of nearest neighbours";
                tree.put_scalar("encoded_temperature", temperature.value, "J/k_B", what);
                let what = "its standard error if bonds were independent";
                tree.put_scalar("encoded_temperature_error", temperature.error, "J/k_B", what);
            }
        }
        tree
    }

    fn from_tree(tree: &Tree) -> Result<Self, ContentError> {
        tree.refuse_nan()?;
        let lattice = tree.lattice()?;
        let visible = lattice.sites();
        // Configurations at infinite temperature may be projected too, and one configuration tells no error.
        tree.check_temperatures("temperature")?;
        tree.check_errors("projection_error")?;
        if tree.has("residual") {
            tree.check_errors("residual")?;
        }
        let others = ["shell", "temperature", "projection_error", "residual", "encoded_temperature_error"];
        for path in tree.datasets.keys().filter(|path| !others.contains(&path.as_str())) {
            tree.check_finite(path)?;
        }
        let invariant = "translation_invariant_fraction";
        for path in ["uniform_overlap", "shell_power", invariant] {
            if path != invariant || tree.has(path) {
                tree.check_fractions(path)?;
            }
        }
        let list = |path: &str, n: usize| -> Result<Vec<f64>, ContentError> {
            let values: Array1<f64> = tree.get_shaped(path, &[n])?;
            Ok(values.to_vec())
        };
        let distance = tree.list::<f64>("distance")?;
        let singular_values = tree.list::<f64>("singular_values")?;
        let rank = singular_values.len();
        let right: Array2<f64> = tree.get("right_singular_vectors")?;
        // All modes and the matrix, as in version 1.0, or the leading modes without it.
        let complete = tree.has("gram");
        let modes = if complete { visible } else { rank };
        let most = visible.min(right.nrows());
        if right.ncols() != rank || rank > most || (complete && rank != most) || (!complete && rank == 0) {
            let expected =
                "[hidden, min(visible, hidden)] (fewer columns without `gram`), and as many singular values";
            return Err(wrong_shape("right_singular_vectors", right.shape(), expected));
        }
        let couplings = || -> Result<PairCouplings, ContentError> {
            let temperature = || -> Result<Value, ContentError> {
                tree.check_errors("encoded_temperature_error")?;
                let error = tree.scalar("encoded_temperature_error")?;
                Ok(Value { value: tree.scalar("encoded_temperature")?, error })
            };
            Ok(PairCouplings {
                by_distance: list("coupling_by_distance", distance.len())?,
                deviation: list("coupling_by_distance_deviation", distance.len())?,
                encoded_temperature: tree.has("encoded_temperature").then(temperature).transpose()?,
            })
        };
        let couplings = tree.has("coupling_by_distance").then(couplings).transpose()?;
        let shell = tree.list::<u32>("shell")?;
        let temperature = tree.list::<f64>("temperature")?;
        let t = temperature.len();
        Ok(Self {
            lattice,
            gram: complete.then(|| tree.get_shaped("gram", &[visible, visible])).transpose()?,
            gram_by_distance: list("gram_by_distance", distance.len())?,
            gram_by_distance_deviation: list("gram_by_distance_deviation", distance.len())?,
            couplings,
            distance,
            translation_invariant_fraction: tree
                .has(invariant)
                .then(|| tree.scalar(invariant))
                .transpose()?,
            eigenvalues: list("eigenvalues", modes)?,
            eigenvectors: tree.get_shaped("eigenvectors", &[visible, modes])?,
            left_singular_vectors: tree.get_shaped("left_singular_vectors", &[visible, rank])?,
            right_singular_vectors: right,
            residual: tree.has("residual").then(|| list("residual", rank)).transpose()?,
            singular_values,
            uniform_overlap: list("uniform_overlap", modes)?,
            shell_power: tree.get_shaped("shell_power", &[modes, shell.len()])?,
            shell,
            projection: tree.get_shaped("projection", &[t, modes])?,
            projection_error: tree.get_shaped("projection_error", &[t, modes])?,
            squared_magnetization: list("squared_magnetization", t)?,
            temperature,
        })
    }
}
