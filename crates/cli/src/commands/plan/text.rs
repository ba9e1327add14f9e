//! Plans for people and for programs.

use std::fmt::Write as _;

use serde_json::json;

use crate::arguments::command_line;
use crate::plan::{Plan, Planned};
use crate::terminal::{cut, wrap};

impl Plan {
    /// The stages with the number of their jobs, and what they are expected to take.
    pub(super) fn summary(&self) -> String {
        let mut text = format!("{:<20}{:>6}{:>14}{:>12}\n", "stage", "jobs", "core time", "memory");
        for (stage, jobs) in by_stage(self.jobs.iter().map(|planned| (planned.job.stage.name(), planned))) {
            let seconds: f64 = jobs.iter().map(|planned| planned.cost.core_seconds).sum();
            let bytes = jobs.iter().map(|planned| planned.cost.memory_bytes).max().unwrap_or(0);
            let (time, memory) = (format!("{seconds:.1} s"), format!("{:.0} MB", bytes as f64 / 1e6));
            text.push_str(&format!("{stage:<20}{:>6}{time:>14}{memory:>12}\n", jobs.len()));
        }
        text + &format!("{}; --all shows each with its command\n", self.total())
    }

    /// All jobs: what each is expected to take, and the command that does it, on a terminal of so many columns below
    /// that.
    pub(crate) fn list(&self, width: Option<usize>) -> anyhow::Result<String> {
        let mut text = String::new();
        for Planned { job, cost, .. } in &self.jobs {
            let command = shell(&command_line(job)?);
            let megabytes = cost.memory_bytes as f64 / 1e6;
            let id = width.map_or(job.id.clone(), |width| cut(&job.id, width.saturating_sub(22)));
            write!(text, "{id:<28} {:>8.2} s {megabytes:>6.0} MB", cost.core_seconds)?;
            match width {
                Some(width) => {
                    writeln!(
                        text,
                        "\n  {}",
                        wrap(&command, width.saturating_sub(6).max(20)).join(" \\\n    ")
                    )?;
                }
                None => writeln!(text, "  {command}")?,
            }
        }
        writeln!(text, "{}", self.total())?;
        Ok(text)
    }

    fn total(&self) -> String {
        format!("{} jobs, about {:.0} core-seconds", self.jobs.len(), self.core_seconds())
    }

    /// The same as JSON.
    pub(crate) fn json(&self) -> anyhow::Result<String> {
        let jobs = self.jobs.iter().map(|Planned { job, cost, needs }| {
            Ok(json!({
                "id": job.id,
                "command": command_line(job)?,
                "config": job.stage.config()?,
                "inputs": job.inputs,
                "output": job.output,
                "needs": needs.iter().map(|&need| self.jobs[need].job.id.as_str()).collect::<Vec<_>>(),
                "core_seconds": cost.core_seconds,
                "memory_bytes": cost.memory_bytes,
            }))
        });
        let jobs = jobs.collect::<anyhow::Result<Vec<_>>>()?;
        Ok(serde_json::to_string_pretty(&json!({ "core_seconds": self.core_seconds(), "jobs": jobs }))?)
    }
}

/// Items by the name of their stage, in the order in which these come first.
pub(crate) fn by_stage<T>(items: impl Iterator<Item = (&'static str, T)>) -> Vec<(&'static str, Vec<T>)> {
    let mut groups: Vec<(&'static str, Vec<T>)> = vec![];
    for (stage, item) in items {
        match groups.iter_mut().find(|(name, _)| *name == stage) {
            Some((_, group)) => group.push(item),
            None => groups.push((stage, vec![item])),
        }
    }
    groups
}

/// A command line as a POSIX shell reads it.
pub(crate) fn shell(words: &[String]) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,+".contains(c);
    let quoted = words.iter().map(|word| {
        if !word.is_empty() && word.chars().all(plain) {
            word.clone()
        } else {
            format!("'{}'", word.replace('\'', r"'\''"))
        }
    });
    quoted.collect::<Vec<_>>().join(" ")
}
