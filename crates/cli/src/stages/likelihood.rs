//! `likelihood`: a machine, configurations, and the law that they were drawn from.

use datasets::{Likelihood, LikelihoodMethod, Rbm, Spins};
use ising_mc::{Model, exact};
use rbm_core::LikelihoodConfig;
use rbm_core::likelihood::{self, DataLaw, Selection};

use super::refused;
use crate::job::Job;
use crate::terminal::tell;

pub(super) fn run(job: &Job, config: &LikelihoodConfig) -> anyhow::Result<Likelihood> {
    let rbm = job.read::<Rbm>("rbm")?.content;
    let spins = job.read::<Spins>("spins")?.content;
    let selection = config.select(&rbm, &spins).map_err(refused)?;
    let law = law_of(&spins, &selection);
    let found = likelihood::measure(config, &rbm, &spins, &selection, law.as_ref()).map_err(refused)?;
    if let (LikelihoodMethod::NotConverged, Some(lower), Some(upper)) =
        (found.method, found.lower, found.upper)
    {
        tell(&format!(
            "warning: annealed importance sampling has not converged for `{}`, which has no likelihood: ln Z is at least \
             {:.2} with 95 % probability; raise {}",
            job.output.display(),
            likelihood::lower_limit(lower.log_partition.value),
            likelihood::cure(
                lower.log_partition.value,
                upper.log_partition.value,
                config.steps,
                config.burn_in
            )
        ));
    }
    Ok(found)
}

/// What is exactly known of the configurations; nothing of those from another program or in a field.
fn law_of(spins: &Spins, selection: &Selection) -> Option<DataLaw> {
    let model = Model::of_algorithm(&spins.algorithm)?;
    let mixture = exact::mixture(model, spins.size, spins.field, &selection.components).ok()?;
    let of_row = |&row: &usize| mixture.log_probability(spins.energy[row], spins.magnetization[row]);
    Some(DataLaw {
        log_probability: selection.rows.iter().map(of_row).collect(),
        bound: mixture.entropy().map(|entropy| -entropy),
    })
}
