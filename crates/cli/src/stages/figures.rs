//! `figures`: the numbers of the figures, from all results of a run.

use std::path::Path;

use datasets::Artifact;
use figures::{Group, Machine, Point, Replica, Run, Settings};
use rbm_core::Optimizer;

use crate::exit::Problem;
use crate::experiment::{self, Experiment};
use crate::results::{MachineFiles, MachineSettings, ReplicaFiles, results, role_of};
use crate::stage::{Cost, InputSizes, Source, Stage, Work, settings_of};

/// The name of the stage.
pub(crate) const NAME: &str = "figures";

/// Its settings are the experiment.
impl Stage for Experiment {
    fn name(&self) -> &'static str {
        NAME
    }

    fn seed(&self) -> u64 {
        self.seed
    }

    fn check(&self, _: &InputSizes) -> Result<(), Problem> {
        Ok(())
    }

    fn cost(&self, sizes: &InputSizes) -> Cost {
        let files = sizes.files as f64;
        Cost::new(0.5 + 0.01 * files, 1e6 * files + 5e7)
    }

    fn run(&self, work: &Work) -> anyhow::Result<()> {
        let (_, results) = results(self)?;
        let loader = Loader(work);
        let mut points = vec![];
        let mut replicas = vec![];
        for (index, files) in results.replicas.iter().enumerate() {
            replicas.push(loader.replica(index, files, &mut points)?);
        }
        let tables = results.tables.iter().filter_map(|path| loader.load(path).transpose());
        let run = Run {
            name: self.name.clone(),
            description: self.description.clone(),
            config: self.toml()?,
            seed: self.seed,
            equation_of_state: loader.load(&results.equation_of_state)?,
            tables: tables.collect::<anyhow::Result<_>>()?,
            replicas,
            points,
            command: command(&self.name),
        };
        work.write(&figures::numbers(&run).map_err(Problem::usage)?)
    }

    /// The folder of the run.
    fn arguments(&self, _: &[Source], output: &Path) -> Option<Vec<String>> {
        let data = output.parent().unwrap_or(Path::new(""));
        Some(vec![folder(data.parent())])
    }
}

/// A folder as an argument.
pub(super) fn folder(path: Option<&Path>) -> String {
    match path {
        Some(path) if path != Path::new("") => path.display().to_string(),
        _ => ".".to_owned(),
    }
}

/// The experiment of figures with a `config`, which is checked like any other text; none if it holds none that is
/// possible.
pub(crate) fn experiment_of(config: &str) -> Option<Experiment> {
    settings_of::<Experiment>(config, NAME)?.resolved().ok()
}

/// The command that makes a run. It is the same on every machine, so it has no paths of this one.
pub(super) fn command(name: &str) -> String {
    format!("rbmflow run data/experiments/{name}.toml --out out/{name}")
}

/// Reads what the job has; of a run that is not complete it has not everything.
struct Loader<'a>(&'a Work<'a>);

impl Loader<'_> {
    fn load<T: Artifact>(&self, path: &Path) -> anyhow::Result<Option<T>> {
        self.0.read_optional(&role_of(path))
    }

    fn load_optional<T: Artifact>(&self, path: Option<&Path>) -> anyhow::Result<Option<T>> {
        Ok(path.map(|path| self.load(path)).transpose()?.flatten())
    }

    /// One replica; all its machines become points, and those that are shown one by one stay in memory.
    fn replica(
        &self,
        index: usize,
        files: &ReplicaFiles,
        points: &mut Vec<Point>,
    ) -> anyhow::Result<Replica> {
        let mut machines = vec![];
        for files in &files.machines {
            let Some(machine) = self.machine(files)? else { continue };
            points.push(Point::of(index, &machine));
            if files.shown {
                machines.push(machine);
            }
        }
        Ok(Replica {
            spins: self.load(&files.spins)?,
            thermometer: self.load(&files.thermometer)?,
            block_spin: self.load_optional(files.block_spin.as_deref())?,
            block_spin_spins: self.load_optional(files.block_spin_spins.as_deref())?,
            machines,
        })
    }

    /// None without the parameters.
    fn machine(&self, files: &MachineFiles) -> anyhow::Result<Option<Machine>> {
        let Some(rbm) = self.load::<datasets::Rbm>(&files.rbm)? else { return Ok(None) };
        Ok(Some(Machine {
            training: files.training.clone(),
            group: match files.group {
                experiment::Group::Main => Group::Main,
                experiment::Group::Updates => Group::Updates,
                experiment::Group::Range => Group::Range,
                experiment::Group::Control => Group::Control,
                experiment::Group::Sweep => Group::Sweep,
            },
            settings: settings(&files.settings),
            hidden: files.hidden,
            updates: rbm.updates,
            rbm,
            flow: self.load(&files.flow)?,
            map: self.load_optional(files.map.as_deref())?,
            weights: self.load_optional(files.weights.as_deref())?,
            likelihood: self.load_optional(files.likelihood.as_deref())?,
        }))
    }
}

/// The settings of a machine in the words of the figures.
fn settings(of: &MachineSettings) -> Settings {
    let train = &of.train;
    let mut trainer = train.algorithm.name().to_owned();
    if train.optimizer == Optimizer::Adam {
        trainer.push_str(", adam");
    }
    if train.centred {
        trainer.push_str(", centred");
    }
    Settings {
        lattice: of.lattice,
        units: train.units,
        biases: train.biases,
        trainer,
        gibbs_steps: train.gibbs_steps,
        learning_rate: decimal(train.learning_rate),
        weight_decay: decimal(train.weight_decay),
        model: of.model.name().to_owned(),
        temperatures: of.temperatures.clone(),
        fields: of.fields.clone(),
        weights: of.weights.to_string(),
    }
}

/// The double with the same few digits: 0.01 rather than 0.009999999776.
fn decimal(single: f32) -> f64 {
    single.to_string().parse().unwrap_or(f64::from(single))
}
