//! A plan as scripts for Slurm: one array of jobs for each level.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use super::Export;
use super::requests::Request;
use super::text::shell;
use crate::arguments::ClusterSettings;
use crate::plan::{Level, Plan, Planned};
use crate::results::role_of;

/// How often a task that ran out of time is queued again: enough for a training of weeks, and an end for a job that
/// never gets anywhere.
const MOST_RESTARTS: u32 = 50;

impl Plan {
    /// Scripts that do this plan, whose paths are relative to the run's folder.
    pub(super) fn slurm(
        &self,
        name: &str,
        settings: &ClusterSettings,
        program: &Path,
    ) -> anyhow::Result<Export> {
        let bundles = self.bundles(settings.bundle_minutes * 60.0);
        let mut files = vec![("submit.sh".to_owned(), submit(name, &bundles, program))];
        let mut summary = String::new();
        writeln!(
            summary,
            "{:>5} {:>7} {:>9} {:>11} {:>9} {:>8}  stages",
            "level", "jobs", "tasks", "core hours", "limit", "memory"
        )?;
        for level in &bundles {
            let request = level
                .tasks
                .iter()
                .map(|task| Request::of(task.iter().map(|&job| &self.jobs[job]), settings))
                .fold(Request::NOTHING, Request::max);
            let jobs: Vec<&Planned> = level.tasks.iter().flatten().map(|&job| &self.jobs[job]).collect();
            let hours = jobs.iter().map(|planned| planned.cost.core_seconds).sum::<f64>() / 3600.0;
            let stages: BTreeSet<&str> = jobs.iter().map(|planned| planned.job.stage.name()).collect();
            let stages = stages.into_iter().collect::<Vec<_>>().join(", ");
            let (number, tasks) = (level.number, level.tasks.len());
            let memory = format!("{} MB", request.mebibytes);
            let limit = format!("{} min", request.minutes);
            writeln!(
                summary,
                "{number:>5} {:>7} {tasks:>9} {hours:>11.3} {limit:>9} {memory:>8}  {stages}",
                jobs.len()
            )?;
            files.push((format!("level-{number}.sbatch"), self.script(name, level, request, &stages)));
        }
        let hours = self.core_seconds() / 3600.0;
        writeln!(summary, "{} jobs, about {hours:.2} core hours", self.jobs.len())?;
        Ok(Export { files, summary, command: "{}/submit.sh" })
    }

    fn script(&self, name: &str, level: &Level, request: Request, stages: &str) -> String {
        let Level { number: level, tasks } = level;
        let Request { minutes, mebibytes } = request;
        let count = tasks.len();
        let time = format!("{:02}:{:02}:00", minutes / 60, minutes % 60);
        let list: String = tasks
            .iter()
            .enumerate()
            .map(|(index, task)| {
                let names: Vec<String> =
                    task.iter().take(8).map(|&job| role_of(&self.jobs[job].job.output)).collect();
                let more =
                    if task.len() > 8 { format!(" and {} more", task.len() - 8) } else { String::new() };
                format!("#   {}: {}{more}\n", index + 1, names.join(" "))
            })
            .collect();
        format!(
            r#"#!/bin/bash
#SBATCH --job-name={name}-{level}
#SBATCH --array=1-{count}
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=1
#SBATCH --mem={mebibytes}M
#SBATCH --time={time}
#SBATCH --signal=B:USR1@30
#SBATCH --requeue
#SBATCH --open-mode=append
# Level {level} of the experiment {name}: {stages}. Written by `rbmflow plan --format slurm`; call submit.sh.
# The tasks of the array:
{list}
run=$1
program=$2
# A folder of the node alone, for outputs before they are moved into the run's folder; none unless it is set.
scratch=${{RBMFLOW_SCRATCH:-}}

# The program ends by itself before the time limit, of which Slurm tells it. Where it does not, it is told with USR1.
# Either way it saves its trainings and is queued again.
stopped=
trap 'kill -TERM "$child" 2>/dev/null' USR1
trap 'stopped=1; kill -TERM "$child" 2>/dev/null' TERM INT
"$program" run "$run/experiment.toml" --out "$run" --level {level} --task "$SLURM_ARRAY_TASK_ID/{count}" \
  --jobs "${{SLURM_CPUS_PER_TASK:-1}}" --memory {mebibytes} ${{scratch:+--scratch "$scratch"}} &
child=$!
# A signal ends `wait` before the program has ended.
while wait "$child"; code=$?; [ "$code" -gt 128 ] && kill -0 "$child" 2>/dev/null; do :; done

# 130: out of time, or told to stop. Whoever cancels the job does not want it back.
if [ "$code" -eq 130 ] && [ -z "$stopped" ]; then
  if [ "${{SLURM_RESTART_COUNT:-0}}" -ge {MOST_RESTARTS} ]; then
    echo "error: still not done after {MOST_RESTARTS} restarts; raise the time limit (submit.sh --time=...)" >&2
    exit 1
  fi
  scontrol requeue "${{SLURM_ARRAY_JOB_ID}}_${{SLURM_ARRAY_TASK_ID}}" && sleep 60
fi
exit "$code"
"#
        )
    }
}

fn submit(name: &str, bundles: &[Level], program: &Path) -> String {
    let program = shell(&[program.display().to_string()]);
    let levels = bundles.len();
    let longest = bundles.iter().map(|level| level.tasks.len()).max().unwrap_or(0);
    format!(
        r#"#!/bin/bash
# Submits the experiment {name} to Slurm: one array of jobs for each level of its plan, each after the one before it.
# Submitted again after a failure or a cancellation, it does what is missing; what is done is kept.
# Arguments are handed on to sbatch, for example: submit.sh --partition=long --account=physics
# RBMFLOW is the program, RBMFLOW_SCRATCH a folder on the nodes for outputs before they are moved (it may contain
# variables of the node's environment if a script sets it there).
set -euo pipefail
here=$(cd "$(dirname "${{BASH_SOURCE[0]}}")" && pwd)
program=${{RBMFLOW:-{program}}}
# Slurm numbers the tasks of an array below this.
most=$(scontrol show config 2>/dev/null | sed -n 's/^MaxArraySize *= *//p')
if [ "${{most:-100000000}}" -le {longest} ]; then
  echo "error: an array of {longest} tasks is more than MaxArraySize = $most allows;" \
    "plan again with a larger --bundle-minutes" >&2
  exit 1
fi
mkdir -p "$here/log"
after=()
for level in $(seq 1 {levels}); do
  job=$(sbatch --parsable --output="${{here//%/%%}}/log/%x-%a.txt" ${{after[@]+"${{after[@]}}"}} "$@" \
    "$here/level-$level.sbatch" "$(dirname "$here")" "$program")
  job=${{job%%;*}}
  echo "level $level of {levels}: job $job"
  after=(--dependency="afterok:$job" --kill-on-invalid-dep=yes)
done
"#
    )
}
