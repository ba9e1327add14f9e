//! From a job back to the arguments that describe it.

use std::path::Path;

use anyhow::Context as _;
use clap::CommandFactory as _;
use toml::{Table, Value};

use super::Arguments;
use crate::experiment::{from_table, to_table};
use crate::job::{Job, Stage};
use crate::temperatures::Temperatures;

/// The words of the command line that does a job; settings that are the defaults are left out.
pub(crate) fn command_line(job: &Job) -> anyhow::Result<Vec<String>> {
    let mut words = vec!["rbmflow".to_owned()];
    let settings = to_table(&job.stage)?;
    let stage = settings.get("stage").and_then(Value::as_str).context("a stage has a name")?;
    words.extend(stage.split(' ').map(str::to_owned));
    match &job.stage {
        Stage::Figures(_) => {
            let data = job.output.parent().unwrap_or(Path::new(""));
            words.push(folder(data.parent()));
            return Ok(words);
        }
        Stage::Report(_) => {
            words.extend(job.inputs.iter().map(|input| input.path.display().to_string()));
            words.extend(["--out".to_owned(), folder(job.output.parent())]);
            return Ok(words);
        }
        _ => {}
    }
    for (index, input) in job.inputs.iter().enumerate() {
        // Several of the first kind are several arguments.
        if index > 0 && input.role != job.inputs[0].role {
            words.push(format!("--{}", input.role));
        }
        words.push(input.path.display().to_string());
    }
    let arguments = arguments_of(stage);
    for (key, value) in &settings {
        if key == "stage" || is_default(&settings, key, &job.stage) {
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

fn folder(path: Option<&Path>) -> String {
    match path {
        Some(path) if path != Path::new("") => path.display().to_string(),
        _ => ".".to_owned(),
    }
}

/// Whether the stage is the same without a setting.
fn is_default(settings: &Table, key: &str, stage: &Stage) -> bool {
    let mut others = settings.clone();
    others.remove(key);
    from_table::<Stage>(others).is_ok_and(|other| other == *stage)
}

fn text(value: &Value) -> String {
    let numbers = |items: &[Value]| items.iter().map(Value::as_float).collect::<Option<Vec<f64>>>();
    match value {
        Value::String(text) => text.clone(),
        Value::Float(number) => number.to_string(),
        Value::Array(items) => match numbers(items).map(Temperatures::new) {
            Some(Ok(temperatures)) => temperatures.text(),
            _ => items.iter().map(text).collect::<Vec<_>>().join(","),
        },
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::super::stages::{FlowVerb, ThermometerVerb};
    use super::super::{StageVerb, Verb};
    use super::*;
    use crate::experiment::Experiment;
    use crate::plan::Plan;

    fn parsed(words: &[String]) -> Job {
        let Verb::Stage(verb) = Arguments::parse_from(words).verb else { panic!("{words:?} is no stage") };
        match verb {
            StageVerb::Sample(arguments) => arguments.job(),
            StageVerb::EquationOfState(arguments) => arguments.job(),
            StageVerb::Train(arguments) => arguments.job(),
            StageVerb::Thermometer(ThermometerVerb::Train(arguments)) => arguments.job(),
            StageVerb::Flow(FlowVerb::Rbm(arguments)) => arguments.job(),
            StageVerb::Flow(FlowVerb::BlockSpin(arguments)) => arguments.job(),
            StageVerb::Weights(arguments) => arguments.job(),
            StageVerb::Likelihood(arguments) => arguments.job(),
            StageVerb::Report(arguments) => arguments.job(),
            other => panic!("{other:?} makes no file by itself"),
        }
        .expect("sensible settings")
    }

    #[test]
    fn every_job_of_the_shipped_experiments_is_its_own_command_line() {
        for name in ["quick.toml", "paper.toml"] {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/experiments").join(name);
            let plan = Plan::of(&Experiment::read(&path).expect("an experiment")).expect("a plan");
            for planned in plan.below(Path::new("some/run")).jobs {
                let job = planned.job;
                let words = command_line(&job).expect("a command line");
                if matches!(job.stage, Stage::Figures(_)) {
                    assert_eq!(words, ["rbmflow", "figures", "some/run"]);
                    continue;
                }
                let back = parsed(&words);
                let same =
                    (&back.stage, &back.inputs, &back.output) == (&job.stage, &job.inputs, &job.output);
                assert!(same, "{words:?}\n{back:?}\n{job:?}");
            }
        }
    }
}
