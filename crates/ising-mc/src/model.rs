//! Which law configurations have: the Ising model's, or one of two controls without geometry.

use serde::{Deserialize, Serialize};

use crate::sampler::Algorithm;

/// The law of the configurations.
#[derive(Serialize, Deserialize, Debug, Clone, Copy, PartialEq, Eq, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Model {
    /// The Ising model.
    #[default]
    Ising,
    /// Configurations of the Ising model whose spins are permuted within each configuration, each by its own random
    /// permutation: the magnetization is kept, all geometry is lost.
    Shuffled,
    /// The mean field of four neighbours, each spin coupled to every other one (P. Curie 1895, P. Weiss 1907): H =
    /// −(2/N) M² − h M with M = Σσ, T_c = 4 J/k_B. Exact independent draws of M from its law; `algorithm` is not used.
    CurieWeiss,
}

impl Model {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Ising, Self::Shuffled, Self::CurieWeiss];

    /// The name in configs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ising => "ising",
            Self::Shuffled => "shuffled",
            Self::CurieWeiss => "curie-weiss",
        }
    }

    /// The law of configurations that [`crate::sample`] made, from the `algorithm` of their file; none of files that
    /// another program wrote.
    ///
    /// ```
    /// use ising_mc::Model;
    /// assert_eq!(Model::of_algorithm("wolff, shuffled"), Some(Model::Shuffled));
    /// assert_eq!(Model::of_algorithm("unknown"), None);
    /// ```
    pub fn of_algorithm(name: &str) -> Option<Self> {
        let sampled = |name: &str| Algorithm::ALL.iter().any(|algorithm| algorithm.name() == name);
        match name.strip_suffix(", shuffled") {
            Some(name) => sampled(name).then_some(Self::Shuffled),
            None if name == Self::CurieWeiss.name() => Some(Self::CurieWeiss),
            None => sampled(name).then_some(Self::Ising),
        }
    }

    /// Whether any permutation of a configuration's spins is as probable as the configuration.
    pub fn is_exchangeable(self) -> bool {
        self != Self::Ising
    }
}
