//! The plan of an experiment: its jobs with what they need, in an order in which they can be done.
//!
//! All paths are relative to the run's folder.

mod tasks;

use std::path::Path;

use crate::experiment::Experiment;
use crate::job::Job;
pub(crate) use crate::results::Planned;
use crate::results::{Results, results};
use crate::stage::{InputSizes, Stage};
use crate::stages::report::ReportConfig;
pub(crate) use tasks::{Level, Task};

/// The jobs of an experiment.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// All of them, each after those that it needs.
    pub(crate) jobs: Vec<Planned>,
    /// The files that the figures are made from.
    pub(crate) results: Results,
}

impl Plan {
    /// The plan of an experiment.
    pub(crate) fn of(experiment: &Experiment) -> anyhow::Result<Self> {
        let (mut jobs, results) = results(experiment)?;
        // Every result goes into the figures. Roles are names within `data`, so that files say what was used as what.
        let all = jobs.planned.iter().map(|planned| &planned.job);
        let figures = Job::new("figures", experiment.clone(), "data/figures.h5");
        let figures = all.fold(figures, |figures, job| figures.with(&job.id, &job.output));
        let sizes = InputSizes { files: figures.inputs.len(), ..InputSizes::default() };
        let cost = figures.stage.cost(&sizes);
        let figures = jobs.add(figures, cost)?;
        let report = ReportConfig::default();
        let cost = report.cost(&InputSizes::default());
        jobs.add(Job::new("report", report, "claims.json").with("figures", figures), cost)?;
        Ok(Self { jobs: jobs.planned, results })
    }

    /// The same plan with all paths of its jobs below a folder.
    pub(crate) fn below(&self, folder: &Path) -> Self {
        let mut plan = self.clone();
        plan.jobs.iter_mut().for_each(|planned| planned.job = planned.job.below(folder));
        plan
    }

    /// The expected core-seconds of all jobs.
    pub(crate) fn core_seconds(&self) -> f64 {
        self.jobs.iter().map(|planned| planned.cost.core_seconds).sum()
    }

    /// For each job the time in core-seconds from its start to the end of all that depends on it.
    pub(crate) fn urgency(&self) -> Vec<f64> {
        let mut urgency: Vec<f64> = self.jobs.iter().map(|planned| planned.cost.core_seconds).collect();
        for index in (0..self.jobs.len()).rev() {
            for &need in &self.jobs[index].needs {
                urgency[need] = urgency[need].max(self.jobs[need].cost.core_seconds + urgency[index]);
            }
        }
        urgency
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::PathBuf;

    use super::*;

    fn shipped(name: &str) -> Plan {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/experiments");
        let experiment = Experiment::read(&folder.join(name)).expect("a shipped experiment");
        let resolved = experiment.toml().expect("writable");
        assert_eq!(Experiment::parse(&resolved).expect("resolved"), experiment, "{resolved}");
        Plan::of(&experiment).expect("a plan")
    }

    #[test]
    fn shipped_experiments_have_plans_in_which_every_input_is_made_before() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/experiments");
        let files = std::fs::read_dir(folder).expect("the shipped experiments");
        let names: Vec<String> = files
            .map(|entry| entry.expect("an entry").file_name().into_string().expect("a plain name"))
            .collect();
        for wanted in [
            "quick",
            "paper",
            "map",
            "fixed-point",
            "likelihood",
            "controls",
            "copy-units",
            "size",
            "field",
            "lattices",
            "theory",
            "couplings",
        ] {
            assert!(names.contains(&format!("{wanted}.toml")), "{wanted} is not shipped");
        }
        for name in &names {
            let plan = shipped(name);

            let mut made = BTreeSet::new();
            for planned in &plan.jobs {
                for input in &planned.job.inputs {
                    assert!(made.contains(&input.path), "{}: {}", planned.job.id, input.path.display());
                }
                assert!(made.insert(planned.job.output.clone()), "{} is made twice", planned.job.id);
                assert!(
                    planned.cost.core_seconds > 0.0 && planned.cost.memory_bytes > 0,
                    "{}",
                    planned.job.id
                );
            }
        }
    }

    #[test]
    fn equal_trainings_are_planned_once_and_unequal_ones_have_their_own_seeds() {
        let text = |second: &str| {
            format!(
                "name = \"x\"\n[sample]\nsamples_per_temperature = 10\n\
                 [[training]]\nname = \"V\"\ntemperatures = \"V\"\nhidden = [4, 8]\nepochs = 3\n\
                 [[training]]\nname = \"other\"\ngroup = \"range\"\n{second}"
            )
        };
        let trainings = |second: &str| {
            let plan = Plan::of(&Experiment::parse(&text(second)).expect("an experiment")).expect("a plan");
            let seeds: Vec<u64> = plan
                .jobs
                .iter()
                .filter(|planned| planned.job.stage.name() == "train")
                .map(|planned| planned.job.stage.seed())
                .collect();
            let distinct: BTreeSet<u64> = seeds.iter().copied().collect();
            (plan.results.replicas[0].machines.len(), seeds.len(), distinct.len())
        };
        assert_eq!(trainings("temperatures = \"0:6:0.25\"\nhidden = 4\nepochs = 3\n"), (3, 2, 2));
        // A longer training of the same machine begins like the shorter one.
        assert_eq!(trainings("temperatures = \"0:6:0.25\"\nhidden = 4\nepochs = 4\n"), (3, 3, 2));
        assert_eq!(trainings("temperatures = \"0:5:0.25\"\nhidden = 4\nepochs = 3\n"), (3, 3, 3));
    }

    #[test]
    fn experiments_of_the_guide_have_plans() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/experiment.md");
        let guide = std::fs::read_to_string(path).expect("the guide");
        let machines: Vec<usize> = guide
            .split("```toml\n")
            .skip(1)
            .map(|part| {
                let text = part.split("```").next().expect("the end of a block");
                let plan = Plan::of(&Experiment::parse(text).expect(text)).expect("a plan");
                plan.results.replicas[0].machines.len()
            })
            .collect();
        assert_eq!(machines, [2, 3 * 2 * 3 * 2 * 2]);
    }

    #[test]
    fn tables_take_the_critical_temperature_of_their_lattice() {
        let text = "name = \"x\"\nlattice = \"triangular:4\"\n[equation_of_state]\ntemperatures = \"0:2:0.5tc,12\"\n";
        let experiment = Experiment::parse(text).expect("an experiment");
        let config = experiment.equation_of_state.config(experiment.lattice.0, 0).expect("settings");
        // 4/ln 3 on the triangular lattice.
        let tc = 4.0 / 3f64.ln();
        assert_eq!(config.temperatures, [0.0, 0.5 * tc, tc, 1.5 * tc, 2.0 * tc, 12.0]);
        assert_eq!(Experiment::parse(&experiment.toml().expect("writable")).expect("resolved"), experiment);
    }

    #[test]
    fn lists_of_settings_are_sweeps() {
        let text = "name = \"x\"\nreplicas = 2\n[sample]\nsamples_per_temperature = 10\n[weights]\n[likelihood]\n\
                    [[training]]\nname = \"map\"\ngroup = \"sweep\"\ntemperatures = \"V\"\nsize = [4, 6]\n\
                    hidden = [\"0.5N\", 3]\nepochs = [1, 2]\nunits = [\"spin\", \"binary\"]\ngibbs_steps = [1, 5]\n\
                    [[training]]\nname = \"field\"\ngroup = \"sweep\"\ntemperatures = \"V\"\nfields = [0.0, 0.5]\n";
        let experiment = Experiment::parse(text).expect("an experiment");
        assert_eq!(Experiment::parse(&experiment.toml().expect("writable")).expect("resolved"), experiment);
        let plan = Plan::of(&experiment).expect("a plan");
        let machines = &plan.results.replicas[1].machines;
        assert_eq!(machines.len(), 2 * 2 * 2 * 2 * 2 + 1);
        let distinct: BTreeSet<&PathBuf> = machines.iter().map(|machine| &machine.rbm).collect();
        assert_eq!(distinct.len(), machines.len());
        assert!(machines.iter().all(|machine| !machine.shown));
        assert!(machines[..32].iter().all(|machine| machine.likelihood.is_some()));
        let halves: BTreeSet<(usize, usize)> = machines
            .iter()
            .map(|machine| (machine.settings.lattice.size().expect("a square"), machine.hidden))
            .collect();
        assert_eq!(halves, BTreeSet::from([(4, 8), (4, 3), (6, 18), (6, 3), (10, 64)]));
        let both =
            plan.jobs.iter().find(|planned| planned.job.output == machines[32].rbm).expect("a training");
        assert_eq!(both.job.inputs.iter().filter(|input| input.role == "spins").count(), 2);
    }

    #[test]
    fn urgency_is_the_longest_way_to_the_end() {
        let plan = shipped("quick.toml");
        let urgency = plan.urgency();
        for (index, planned) in plan.jobs.iter().enumerate() {
            for &need in &planned.needs {
                assert!(urgency[need] >= urgency[index] + plan.jobs[need].cost.core_seconds);
            }
        }
    }
}
