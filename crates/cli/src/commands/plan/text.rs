//! Plans for people and for programs.

use std::fmt::Write as _;

use serde_json::json;

use crate::arguments::command_line;
use crate::plan::{Plan, Planned};

impl Plan {
    /// A table: what is to be done, what it is expected to take, and the command line that does it.
    pub(crate) fn text(&self) -> anyhow::Result<String> {
        let mut text = String::new();
        for Planned { job, cost, .. } in &self.jobs {
            let command = shell(&command_line(job)?);
            let megabytes = cost.memory_bytes as f64 / 1e6;
            writeln!(text, "{:<28} {:>8.2} s {:>6.0} MB  {command}", job.id, cost.core_seconds, megabytes)?;
        }
        writeln!(text, "{} jobs, about {:.0} core-seconds", self.jobs.len(), self.core_seconds())?;
        Ok(text)
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
