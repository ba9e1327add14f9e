//! The jobs of one machine: its data, its training, its flow, and the measurements on it.

use std::path::PathBuf;

use ising_mc::Model;
use rbm_core::{LikelihoodConfig, TrainConfig};
use rg_flow::{RbmFlowConfig, Surrogate};

use super::replica::{OnLattice, Replica, table};
use super::{MachineFiles, MachineSettings};
use crate::experiment::{Experiment, Group, Training};
use crate::stage::InputSizes;
use crate::temperatures::Temperatures;

/// One machine of a training.
pub(super) struct Variant<'a> {
    pub(super) training: &'a Training,
    /// The name of its training set, if the training has several.
    pub(super) set: String,
    /// The temperatures of the training set.
    pub(super) temperatures: &'a Temperatures,
    /// The settings of `train`, none of them a list.
    pub(super) config: TrainConfig,
    /// Their difference from those of the other machines of the training.
    pub(super) name: String,
    pub(super) hidden: usize,
    pub(super) epochs: u32,
    /// The weights that its flow runs with.
    pub(super) weights: Surrogate,
}

/// The training data of a machine.
struct Data {
    spins: Vec<PathBuf>,
    model: Model,
    fields: Vec<f64>,
    /// The number of temperatures.
    temperatures: usize,
    /// The number of configurations.
    samples: usize,
}

impl Replica<'_> {
    /// The configurations at the temperatures of `[sample]`, if the training needs no others.
    fn training_data(
        &mut self,
        Variant { training, set, temperatures, .. }: &Variant<'_>,
        on: &OnLattice,
    ) -> anyhow::Result<Data> {
        let main = &self.experiment.sample;
        let each = training.samples_per_temperature.unwrap_or(main.samples_per_temperature);
        let (own_model, own_field) = (self.experiment.model()?, self.experiment.field()?);
        let model = training.model.unwrap_or(own_model);
        let fields = training.fields.clone().unwrap_or_else(|| vec![own_field]);
        let samples = temperatures.0.len().saturating_mul(each).saturating_mul(fields.len());
        let mut spins = vec![];
        for &field in &fields {
            if self.experiment.shares_samples(training, on.lattice.kind(), field)? {
                spins.push(on.spins.clone());
                continue;
            }
            // Seeds come from what is in a file, so that trainings on the same data share it.
            let mut content = format!("spins {} {each}", temperatures.text());
            let mut name = format!("spins-{}", training.name);
            if !set.is_empty() {
                name.push_str(&format!("-{set}"));
            }
            let mut config = main.config(on.lattice, &temperatures.0, each, 0)?;
            if model != own_model {
                content.push_str(&format!(" {}", model.name()));
                config.model = model;
            }
            if field != own_field {
                content.push_str(&format!(" field {field}"));
                name.push_str(&format!("-field-{field}"));
                config.field = field;
            }
            config.seed = self.seed(&self.named(&content, on.lattice));
            let output = self.path(&self.named(&name, on.lattice));
            spins.push(self.jobs.make(config, &output, &[], InputSizes::default())?);
        }
        Ok(Data { spins, model, fields, temperatures: temperatures.0.len(), samples })
    }

    pub(super) fn machine(&mut self, variant: &Variant<'_>, on: &OnLattice) -> anyhow::Result<MachineFiles> {
        let Experiment { sample, flow, map, weights, .. } = self.experiment;
        let Variant { training, set, temperatures, config, name, hidden, epochs, weights: surrogate } =
            variant;
        let trained = surrogate.is_trained();
        let (hidden, epochs, lattice) = (*hidden, *epochs, on.lattice);
        let sites = lattice.sites();
        let data = self.training_data(variant, on)?;
        let mut folder = format!("{}-{hidden}", training.name);
        if !set.is_empty() {
            folder.push_str(&format!("-{set}"));
        }
        if !name.is_empty() {
            folder.push_str(&format!("-{name}"));
        }
        if training.epochs.is_series() {
            folder.push_str(&format!("-e{epochs}"));
        }
        if !trained {
            folder.push_str(&format!("-{surrogate}"));
        }
        let folder = self.named(&folder, lattice);
        // Seeds do not depend on names or epochs: machines that are the same are trained once, and those of a series
        // of epochs are states of one training.
        let purpose = self.named(&format!("train {} {hidden}", temperatures.text()), lattice);

        let config = TrainConfig {
            hidden,
            epochs,
            temperatures: Some(temperatures.0.clone()),
            seed: self.seed(&purpose),
            ..config.clone()
        };
        let settings = MachineSettings {
            lattice,
            model: data.model,
            fields: data.fields.clone(),
            temperatures: temperatures.0.clone(),
            train: config.clone(),
            weights: *surrogate,
        };
        let sizes = InputSizes { sites, samples: data.samples, ..InputSizes::default() };
        let output = self.path(&format!("{folder}/rbm"));
        let inputs: Vec<(&str, &PathBuf)> = data.spins.iter().map(|path| ("spins", path)).collect();
        let rbm = self.jobs.make(config, &output, &inputs, sizes)?;

        // A machine that knows one field is read against the averages at that field.
        let field = if let [only] = settings.fields[..] { only } else { self.experiment.field()? };
        let table = table(self.jobs, self.experiment, lattice, field)?;
        let seed = self.seed(&format!("flow, {purpose} {epochs}"));
        let stage = flow.config(&on.start_temperatures.0, flow.chains, flow.steps, seed)?;
        let stage = RbmFlowConfig { weights: *surrogate, ..stage };
        let starts = |temperatures: usize, each: usize| InputSizes {
            sites,
            hidden,
            samples: temperatures.saturating_mul(each),
            temperatures,
            classes: on.temperatures.0.len(),
            ..InputSizes::default()
        };
        let sizes = starts(on.start_temperatures.0.len(), flow.chains);
        let with_thermometers = |starts| {
            [
                ("rbm", &rbm),
                ("starts", starts),
                ("thermometer", &on.thermometer),
                ("equation-of-state", &table),
            ]
        };
        let output = self.path(&format!("{folder}/flow"));
        let flow_file = self.jobs.make(stage, &output, &with_thermometers(&on.starts), sizes)?;

        // From what they were trained on.
        let contained = on.temperatures.contain(temperatures);
        let same_law = data.model == self.experiment.model()? && data.fields == [self.experiment.field()?];
        let map = match map {
            Some(map) if trained && training.group != Group::Sweep && contained && same_law => {
                let seed = self.seed(&format!("map, {purpose} {epochs}"));
                let each = sample.samples_per_temperature;
                let stage = flow.config(&temperatures.0, each, map.steps, seed)?;
                let sizes = starts(temperatures.0.len(), each);
                let output = self.path(&format!("{folder}/map"));
                Some(self.jobs.make(stage, &output, &with_thermometers(&on.spins), sizes)?)
            }
            _ => None,
        };
        let weights = match weights {
            Some(weights) if trained => {
                let output = self.path(&format!("{folder}/weights"));
                let inputs = [("rbm", &rbm), ("spins", &on.spins)];
                let sizes = starts(on.temperatures.0.len(), sample.samples_per_temperature);
                Some(self.jobs.make(weights.get()?.clone(), &output, &inputs, sizes)?)
            }
            _ => None,
        };
        let likelihood = if trained {
            let seed = self.seed(&format!("likelihood, {purpose} {epochs}"));
            self.likelihood(&folder, hidden, on, &data, &rbm, seed)?
        } else {
            None
        };
        Ok(MachineFiles {
            training: training.name.clone(),
            group: training.group,
            shown: trained && training.group != Group::Sweep && lattice == self.experiment.lattice.0,
            settings,
            hidden,
            rbm,
            flow: flow_file,
            table,
            map,
            weights,
            likelihood,
        })
    }

    /// The likelihood of configurations: fresh ones where there are any of its kind, otherwise the training
    /// set.
    fn likelihood(
        &mut self,
        folder: &str,
        hidden: usize,
        on: &OnLattice,
        data: &Data,
        rbm: &PathBuf,
        seed: u64,
    ) -> anyhow::Result<Option<PathBuf>> {
        let Some(section) = &self.experiment.likelihood else { return Ok(None) };
        let [own] = data.spins.as_slice() else { return Ok(None) };
        let each = self.experiment.thermometer.samples_per_temperature;
        let (spins, samples) = if *own == on.spins {
            (&on.more_spins, each.saturating_mul(data.temperatures))
        } else {
            (own, data.samples)
        };
        let stage = LikelihoodConfig { seed, ..section.get()?.clone() };
        let sizes = InputSizes { sites: on.lattice.sites(), hidden, samples, ..InputSizes::default() };
        let output = self.path(&format!("{folder}/likelihood"));
        let inputs = [("rbm", rbm), ("spins", spins)];
        Ok(Some(self.jobs.make(stage, &output, &inputs, sizes)?))
    }
}
