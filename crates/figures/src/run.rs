//! What a run produced, in memory: the input of [`crate::numbers`].

use datasets::lattice::Lattice;
use datasets::{EquationOfState, Flow, Spins, Thermometer};

use crate::critical::critical_temperature;
use crate::machine::{Group, Machine, Settings};
use crate::point::Point;

/// A run of an experiment with all its replicas.
#[derive(Debug, Clone)]
pub struct Run {
    /// The experiment's name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// The full resolved experiment as TOML.
    pub config: String,
    /// The master seed.
    pub seed: u64,
    /// The Ising model's thermal averages on the lattice of the training data.
    pub equation_of_state: Option<EquationOfState>,
    /// The same on other lattices and at other fields.
    pub tables: Vec<EquationOfState>,
    /// Independent repetitions: data, machines and thermometer each.
    pub replicas: Vec<Replica>,
    /// Every machine of every replica, those of sweeps too, which are nowhere else.
    pub points: Vec<Point>,
    /// The command that makes the run.
    pub command: String,
}

/// One independent repetition. Whatever is missing is left out of the figures, which say so.
#[derive(Debug, Clone)]
pub struct Replica {
    /// The configurations that machines are trained on.
    pub spins: Option<Spins>,
    /// The neural network that reads temperatures.
    pub thermometer: Option<Thermometer>,
    /// The block-spin flow from a larger lattice.
    pub block_spin: Option<Flow>,
    /// The configurations that the block-spin flow starts from.
    pub block_spin_spins: Option<Spins>,
    /// The trained machines with all that was measured on them.
    pub machines: Vec<Machine>,
}

impl Run {
    /// The lattice of the experiment: of its table, its configurations, or its first machine.
    pub(crate) fn lattice(&self) -> Lattice {
        let table = self.equation_of_state.as_ref().map(|table| table.lattice);
        let spins = || self.replicas.iter().find_map(|replica| Some(replica.spins.as_ref()?.lattice));
        let machine = || self.points.first().map(|point| point.settings.lattice);
        table.or_else(spins).or_else(machine).unwrap_or(Settings::default().lattice)
    }

    /// T_c of the lattice of the experiment.
    pub(crate) fn critical_temperature(&self) -> f64 {
        critical_temperature(self.lattice().kind())
    }

    /// The training type whose machines are compared at different N_h: `V`, or the first main one that is neither H nor
    /// L if there is no V.
    pub(crate) fn main_training(&self) -> &str {
        let main = || self.machines().filter(|m| m.group == Group::Main).map(|m| m.training.as_str());
        if main().any(|t| t == "V") {
            return "V";
        }
        main().find(|t| *t != "H" && *t != "L").or_else(|| main().next()).unwrap_or("V")
    }

    /// Every machine of every replica.
    pub(crate) fn machines(&self) -> impl Iterator<Item = &Machine> {
        self.replicas.iter().flat_map(|r| r.machines.iter())
    }

    /// The N_h of the main machines of one type, ascending.
    pub(crate) fn hidden_of(&self, training: &str) -> Vec<usize> {
        let mut hidden: Vec<usize> = self
            .machines()
            .filter(|m| m.group == Group::Main && m.training == training)
            .map(|m| m.hidden)
            .collect();
        hidden.sort_unstable();
        hidden.dedup();
        hidden
    }

    /// The N_h of the main picture of one type: 64, or the middle one of those that exist.
    pub(crate) fn main_hidden(&self, training: &str) -> Option<usize> {
        let hidden = self.hidden_of(training);
        if hidden.contains(&64) { Some(64) } else { hidden.get(hidden.len() / 2).copied() }
    }

    /// The main machines of one type and N_h, one for each replica that has it.
    pub(crate) fn main_machines(&self, training: &str, hidden: usize) -> Vec<&Machine> {
        self.replicas
            .iter()
            .filter_map(|r| {
                r.machines
                    .iter()
                    .find(|m| m.group == Group::Main && m.training == training && m.hidden == hidden)
            })
            .collect()
    }

    /// The main machines at the main N_h of one type.
    pub(crate) fn main_picture(&self, training: &str) -> Vec<&Machine> {
        self.main_hidden(training).map(|h| self.main_machines(training, h)).unwrap_or_default()
    }

    /// Where the errors come from, for texts.
    pub(crate) fn errors_text(&self) -> String {
        match self.replicas.len() {
            0 | 1 => "standard error over the chains of one replica".to_owned(),
            n => format!("standard error over {n} replicas, not below what the errors over chains give"),
        }
    }
}
