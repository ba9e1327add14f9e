//! The verbs that are stages.

use std::fmt::Write as _;
use std::path::Path;

use datasets::{Reading, Value};
use figures::Style;
use serde_json::json;
use temp_classifier::Measurement;

use super::machines;
use super::partial::Available;
use super::predict::predict;
use super::run::{EXPERIMENT, require};
use super::say;
use crate::arguments::{FlowVerb, StageVerb, ThermometerVerb};
use crate::exit::Problem;
use crate::interrupt::Stop;
use crate::job::{Done, Job, make, make_again, make_new};
use crate::memory::Allowance;
use crate::progress::Display;
use crate::stage::Headers;
use crate::stages::{readout, report};

/// Does one stage.
pub(crate) fn stage(verb: StageVerb, memory: &Allowance, quiet: bool, stop: &Stop) -> anyhow::Result<()> {
    let perform = |job: &Job, how: How| perform(job, how, quiet, stop);
    match verb {
        StageVerb::Thermometer(ThermometerVerb::Measure(arguments)) => {
            let measured = readout::measure(&arguments.spins, arguments.thermometers)?;
            say(&measurements(&measured, arguments.json)?)
        }
        StageVerb::Flow(FlowVerb::Predict(arguments)) => predict(&arguments),
        StageVerb::Figures(arguments) => perform(&of_run(&arguments.folder, quiet)?.figures, How::Replacing),
        StageVerb::Report(arguments)
            if arguments.figures.is_dir() && !arguments.figures.join(EXPERIMENT).exists() =>
        {
            if arguments.require_claims {
                return Err(Problem::usage("claims are judged of runs; leave out --require-claims").into());
            }
            if arguments.pictures.styles.iter().any(|style| *style != Style::Page) {
                return Err(Problem::usage("only figures of runs have styles; leave out --style").into());
            }
            machines::report(&arguments.figures, arguments.out, quiet)
        }
        StageVerb::Report(arguments) => {
            let job = if arguments.figures.is_dir() {
                let run = of_run(&arguments.figures, quiet)?;
                perform(&run.figures, How::Replacing)?;
                run.report(arguments.out)
            } else {
                report::job(arguments.figures, arguments.out)?
            };
            report::make_folders(job.output.parent().unwrap_or(Path::new("")), &arguments.pictures.styles)?;
            perform(&job, How::Again)?;
            require(&job.output, arguments.require_claims)
        }
        verb => match verb.job()? {
            Some(job) => perform(&job, How::New(memory)),
            None => Err(Problem::Failed("the verb makes no file".to_owned()).into()),
        },
    }
}

/// The policy for a file under the name of an output.
enum How<'a> {
    /// Nothing, or the same output: the file is the user's. So much memory is allowed.
    New(&'a Allowance),
    /// An older version, which is replaced: the figures of a run are the run's own.
    Replacing,
    /// Even the same output, which is made again: drawing takes no time, and who asks for it may have another version
    /// of the program, which is not noted where it is under development.
    Again,
}

fn perform(job: &Job, how: How, quiet: bool, stop: &Stop) -> anyhow::Result<()> {
    let display = Display::new(quiet, 1);
    let headers = Headers::default();
    let listener = display.start(&job.id, stop);
    let done = match how {
        How::New(memory) => make_new(job, &headers, memory, &listener),
        How::Replacing => make(job, &headers, None, &listener),
        How::Again => make_again(job, &headers, &listener),
    }?;
    match done {
        Done::Made => display.finish(listener, Some("made")),
        Done::Kept => display.say(&format!("`{}` is up to date", job.output.display())),
    }
    if !quiet {
        let on_output = if done == Done::Made { job.stage.note_on_output(&job.output)? } else { None };
        let on_inputs = job.stage.note_on_inputs(&job.input_files(&headers)?);
        on_output.iter().chain(&on_inputs).for_each(|note| display.say(note));
    }
    Ok(())
}

/// The results of a run; tells the missing ones.
fn of_run(folder: &Path, quiet: bool) -> anyhow::Result<Available> {
    let run = Available::of(folder)?;
    if let Some(lack) = run.lack() {
        Display::new(quiet, 0).say(&lack);
    }
    Ok(run)
}

fn measurements(measured: &[Measurement], as_json: bool) -> anyhow::Result<String> {
    if as_json {
        let list: Vec<_> = measured
            .iter()
            .map(|m| {
                json!({
                    "temperature": number(m.temperature),
                    "configurations": m.configurations,
                    "nn_temperature": value(m.reading.nn_temperature),
                    "nn_peak": m.reading.nn_peak.map(number),
                    "bayes_temperature": value(m.reading.bayes_temperature),
                    "energy_temperature": value(m.reading.energy_temperature),
                    "magnetization_temperature": value(m.reading.magnetization_temperature),
                })
            })
            .collect();
        return Ok(serde_json::to_string_pretty(&list)? + "\n");
    }
    let columns = ["T", "number", "network", "peak", "Bayes", "T_E", "T_m"];
    let mut text = columns.iter().fold(String::new(), |line, name| line + &format!("{name:>16}")) + "\n";
    for m in measured {
        let Reading {
            nn_temperature,
            nn_peak,
            bayes_temperature,
            energy_temperature,
            magnetization_temperature,
            ..
        } = &m.reading;
        let peak = nn_peak.map_or("-".to_owned(), |t| t.to_string());
        write!(
            text,
            "{:>16}{:>16}{:>16}{peak:>16}",
            m.temperature,
            m.configurations,
            compact(*nn_temperature)
        )?;
        for reading in [bayes_temperature, energy_temperature, magnetization_temperature] {
            write!(text, "{:>16}", compact(*reading))?;
        }
        text.push('\n');
    }
    Ok(text)
}

/// JSON knows no infinity.
fn number(t: f64) -> serde_json::Value {
    if t.is_finite() { json!(t) } else { json!(t.to_string()) }
}

fn value(reading: Option<Value>) -> serde_json::Value {
    reading.map_or(serde_json::Value::Null, |v| json!({ "value": number(v.value), "error": number(v.error) }))
}

fn compact(reading: Option<Value>) -> String {
    reading.map_or("-".to_owned(), |v| format!("{:.4} ± {:.4}", v.value, v.error))
}
