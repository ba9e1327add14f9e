//! What input files may not have in common: a file that is given twice, and a test on what was trained on.

use datasets::Spins;
use datasets::file::Header;
use ising_mc::SampleConfig;
use temp_classifier::overlap;

use crate::exit::Problem;
use crate::job::{Job, Stage};

/// Refuses one content in two places where it would count twice or be tested on itself.
pub(super) fn check(job: &Job, headers: &[Header]) -> Result<(), Problem> {
    let inputs: Vec<_> = job.inputs.iter().zip(headers).collect();
    for (place, (source, header)) in inputs.iter().enumerate() {
        for (other, earlier) in &inputs[..place] {
            let paths = format!("`{}` and `{}`", other.path.display(), source.path.display());
            let same = header.content_hash == earlier.content_hash;
            if same && source.role == other.role {
                return Err(Problem::Usage(format!("{paths} are the same file, which would count twice")));
            }
            if (other.role.as_str(), source.role.as_str()) != ("spins", "test") {
                continue;
            }
            if same {
                let cure = "test on configurations from `sample` with another --seed";
                return Err(Problem::Usage(format!("{paths} are the same file: that is no test; {cure}")));
            }
            if let Some(seed) = same_streams(earlier, header) {
                return Err(Problem::Usage(format!(
                    "{paths} were sampled with the same seed {seed}, so that they share configurations: that is no \
                     test; sample the test file with another --seed"
                )));
            }
        }
    }
    Ok(())
}

/// The seed of two files of configurations that were drawn with the same random numbers at a common temperature.
fn same_streams(one: &Header, other: &Header) -> Option<u64> {
    let sampled = |header: &Header| -> Option<SampleConfig> {
        match toml::from_str(&header.provenance.config) {
            Ok(Stage::Sample(config)) => Some(config),
            _ => None,
        }
    };
    let (one, other) = (sampled(one)?, sampled(other)?);
    let common = one.temperatures.iter().any(|t| other.temperatures.contains(t));
    let number = one.samples_per_temperature;
    let same =
        SampleConfig { temperatures: one.temperatures.clone(), samples_per_temperature: number, ..other }
            == one;
    (common && same).then_some(one.seed)
}

/// Refuses test configurations that are training configurations more often than by chance.
pub(super) fn refuse_common(training: &Spins, test: &Spins) -> Result<(), Problem> {
    let common = overlap(training, test);
    if common.is_remarkable() {
        let (found, all) = (common.found, test.labels.len());
        return Err(Problem::Usage(format!(
            "{found} of the {all} test configurations are training configurations ({:.0} ± {:.0} would be by chance): that is \
             no test; test on others",
            common.expected, common.error
        )));
    }
    Ok(())
}

/// What is to be said of the inputs of a job that are in order and may not be what was meant.
pub(crate) fn remark(job: &Job) -> anyhow::Result<Option<String>> {
    if !matches!(job.stage, Stage::Likelihood(_)) {
        return Ok(None);
    }
    let headers = job.headers()?;
    let of_role =
        |role: &str| job.inputs.iter().position(|source| source.role == role).map(|at| &headers[at]);
    let (Some(rbm), Some(spins)) = (of_role("rbm"), of_role("spins")) else { return Ok(None) };
    let trained = rbm.provenance.inputs.iter().any(|input| input.content_hash == spins.content_hash);
    Ok(trained.then(|| {
        "note: the machine was trained on these configurations: this is no test, for which others are needed".to_owned()
    }))
}
