//! A plan as a workflow for Snakemake.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::json;

use super::Export;
use super::requests::Request;
use super::text::shell;
use crate::arguments::{ClusterSettings, command_line};
use crate::output::SCRIPT;
use crate::plan::{Plan, Planned};
use crate::stages::report;

/// Jobs that are expected to take no longer, in seconds, are done where Snakemake itself runs.
const TINY: f64 = 2.0;

impl Plan {
    /// A workflow that does this plan, whose paths are relative to the run's folder.
    pub(super) fn snakemake(&self, settings: &ClusterSettings, program: &Path) -> anyhow::Result<Export> {
        let mut group = vec![None; self.jobs.len()];
        let mut bundles = vec![];
        if settings.bundle_minutes > 0.0 {
            for level in self.bundles(settings.bundle_minutes * 60.0) {
                for (index, task) in level.tasks.iter().enumerate() {
                    // A job that is long enough by itself needs no company.
                    if task.len() > 1 {
                        let name = format!("level{}_{}", level.number, index + 1);
                        bundles.push(format!("{name}={}", task.len()));
                        task.iter().for_each(|&job| group[job] = Some(name.clone()));
                    }
                }
            }
        }
        let jobs =
            self.jobs.iter().zip(&group).map(|(planned, group)| entry(planned, group.as_deref(), settings));
        let jobs = jobs.collect::<anyhow::Result<Vec<_>>>()?;
        let plan = serde_json::to_string_pretty(&json!({ "mark": SCRIPT.open(), "jobs": jobs }))? + "\n";
        let program = program.display().to_string();
        let snakefile = SNAKEFILE.replace("@PROGRAM@", &serde_json::to_string(&program)?);
        let mut summary = String::new();
        let hours = self.core_seconds() / 3600.0;
        writeln!(summary, "{} jobs, about {hours:.2} core hours, {} groups", self.jobs.len(), bundles.len())?;
        Ok(Export {
            files: vec![
                ("Snakefile".to_owned(), snakefile),
                ("plan.json".to_owned(), plan),
                ("profiles/default/config.yaml".to_owned(), profile(&bundles)),
            ],
            summary,
            command: "snakemake --snakefile {}/Snakefile --cores 2",
        })
    }
}

/// Snakemake finds this beside the Snakefile. Without it, jobs of a group that do not need each other are handed over
/// one by one.
fn profile(bundles: &[String]) -> String {
    let mut text = "# The number of jobs of each group that are handed over together.\n".to_owned();
    if !bundles.is_empty() {
        text.push_str("group-components:\n");
        bundles.iter().for_each(|bundle| text.push_str(&format!("  - {bundle}\n")));
    }
    text
}

fn entry(
    planned: &Planned,
    group: Option<&str>,
    settings: &ClusterSettings,
) -> anyhow::Result<serde_json::Value> {
    let Planned { job, cost, .. } = planned;
    let request = Request::of(std::iter::once(planned), settings);
    let words = command_line(job)?;
    Ok(json!({
        "id": job.id,
        "stage": job.stage.name(),
        "output": job.output,
        "inputs": job.inputs.iter().map(|input| &input.path).collect::<Vec<_>>(),
        "arguments": shell(&words[1..]),
        "mem_mb": request.mebibytes,
        "runtime": request.minutes,
        "local": cost.core_seconds <= TINY && job.stage.name() == report::NAME,
        "group": group,
    }))
}

const SNAKEFILE: &str = r#"# Written by `rbmflow plan --format snakemake`, with plan.json beside it.
#
#   snakemake --snakefile THIS --cores 8                  on this machine
#   snakemake --snakefile THIS --executor slurm --jobs 50 on a cluster (snakemake-executor-plugin-slurm)
#
# Every job of the plan is a job here, with the same command line, so results are the same bytes. Trainings that are
# stopped go on from their checkpoints. With an executor, jobs of one group are handed over together.
import json
import os
import shlex
from pathlib import Path

HERE = Path(workflow.basedir)
workdir: str(HERE.parent)

PROGRAM = shlex.quote(os.environ.get("RBMFLOW", @PROGRAM@))
with open(HERE / "plan.json") as file:
    JOBS = {job["output"]: job for job in json.load(file)["jobs"]}


def job(wildcards):
    return JOBS[f"data/{wildcards.name}.h5"]


localrules: all, report


rule all:
    input: "claims.json"


rule report:
    input: lambda _: JOBS["claims.json"]["inputs"]
    output: "claims.json"
    params: arguments=lambda _: JOBS["claims.json"]["arguments"]
    threads: 1
    resources:
        mem_mb=lambda _, attempt: attempt * JOBS["claims.json"]["mem_mb"],
        runtime=lambda _, attempt: attempt * JOBS["claims.json"]["runtime"],
    shell: "{PROGRAM} {params.arguments} --jobs {threads} --quiet"


rule job:
    input: lambda wildcards: job(wildcards)["inputs"]
    output: "data/{name}.h5"
    params: arguments=lambda wildcards: job(wildcards)["arguments"]
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: attempt * job(wildcards)["mem_mb"],
        runtime=lambda wildcards, attempt: attempt * job(wildcards)["runtime"],
    group: lambda wildcards: job(wildcards)["group"]
    shell: "{PROGRAM} {params.arguments} --jobs {threads} --quiet"
"#;
