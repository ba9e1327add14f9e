//! From a job back to the arguments that describe it.

use anyhow::Context as _;
use clap::CommandFactory as _;
use toml::{Table, Value};

use super::Arguments;
use crate::job::Job;
use crate::temperatures::Temperatures;

/// The words of the command line that does a job; settings that are the defaults are left out.
pub(crate) fn command_line(job: &Job) -> anyhow::Result<Vec<String>> {
    let mut words = vec!["rbmflow".to_owned()];
    let stage = job.stage.name();
    words.extend(stage.split(' ').map(str::to_owned));
    if let Some(arguments) = job.stage.arguments(&job.inputs, &job.output) {
        words.extend(arguments);
        return Ok(words);
    }
    for (index, input) in job.inputs.iter().enumerate() {
        // Several of the first kind are several arguments.
        if index > 0 && input.role != job.inputs[0].role {
            words.push(format!("--{}", input.role));
        }
        words.push(input.path.display().to_string());
    }
    let arguments = arguments_of(stage);
    let settings: Table = job.stage.config()?.parse().context("the settings are TOML")?;
    for (key, value) in &settings {
        if key == "stage" || job.stage.is_default(key) {
            continue;
        }
        if arguments.contains(key) {
            words.push(format!("--{}={}", key.replace('_', "-"), text(value)));
        } else {
            words.extend(["--set".to_owned(), format!("{key}={value}")]);
        }
    }
    words.extend(["--out".to_owned(), job.output.display().to_string()]);
    Ok(words)
}

/// The names of the arguments that a verb has.
fn arguments_of(stage: &str) -> Vec<String> {
    let mut command = Arguments::command();
    for word in stage.split(' ') {
        match command.find_subcommand(word) {
            Some(found) => command = found.clone(),
            None => return vec![],
        }
    }
    command.get_arguments().map(|argument| argument.get_id().to_string()).collect()
}

fn text(value: &Value) -> String {
    let numbers = |items: &[Value]| items.iter().map(Value::as_float).collect::<Option<Vec<f64>>>();
    match value {
        Value::String(text) => text.clone(),
        Value::Float(number) => number.to_string(),
        // The sides of a lattice.
        Value::Array(items) if items.iter().all(Value::is_integer) => {
            items.iter().map(text).collect::<Vec<_>>().join("x")
        }
        Value::Array(items) => match numbers(items).map(Temperatures::new) {
            Some(Ok(temperatures)) => temperatures.text(),
            _ => items.iter().map(text).collect::<Vec<_>>().join(","),
        },
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use clap::Parser as _;

    use super::super::{StageVerb, Verb};
    use super::*;
    use crate::experiment::Experiment;
    use crate::plan::Plan;
    use crate::stages::report;

    fn parsed(words: &[String]) -> Job {
        match Arguments::parse_from(words).verb {
            Verb::Stage(StageVerb::Report(arguments)) => {
                report::job(arguments.figures, arguments.out).expect("a folder")
            }
            Verb::Stage(verb) => verb.job().expect("sensible settings").expect("a job"),
            other => panic!("{other:?} is no stage"),
        }
    }

    #[test]
    fn every_job_of_the_shipped_experiments_is_its_own_command_line() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/experiments");
        for entry in std::fs::read_dir(folder).expect("the shipped experiments") {
            let experiment = Experiment::read(&entry.expect("a file").path()).expect("an experiment");
            let plan = Plan::of(&experiment).expect("a plan");
            for planned in plan.below(Path::new("some/run")).jobs {
                let job = planned.job;
                let words = command_line(&job).expect("a command line");
                if job.stage.name() == "figures" {
                    assert_eq!(words, ["rbmflow", "figures", "some/run"]);
                    continue;
                }
                let back = parsed(&words);
                let config = |job: &Job| job.stage.config().expect("settings");
                assert_eq!(config(&back), config(&job), "{words:?}");
                assert_eq!((&back.inputs, &back.output), (&job.inputs, &job.output), "{words:?}");
            }
        }
    }
}
