//! The verbs that are stages.

use std::fmt::Write as _;
use std::path::Path;

use datasets::{Reading, Spins, Value, file};
use serde_json::json;

use super::independence::independence;
use super::partial::Available;
use super::run::require;
use super::say;
use crate::arguments::StageVerb;
use crate::interrupt::Stop;
use crate::job::{Job, Stage};
use crate::memory::Allowance;
use crate::progress::Display;
use crate::stages::{self, Done};

/// Does one stage.
pub(crate) fn stage(verb: StageVerb, memory: &Allowance, quiet: bool, stop: &Stop) -> anyhow::Result<()> {
    use crate::arguments::{FlowVerb, ThermometerVerb};
    let job = match verb {
        StageVerb::Sample(arguments) => arguments.job()?,
        StageVerb::EquationOfState(arguments) => arguments.job()?,
        StageVerb::Train(arguments) => arguments.job()?,
        StageVerb::Thermometer(ThermometerVerb::Train(arguments)) => arguments.job()?,
        StageVerb::Thermometer(ThermometerVerb::Measure(arguments)) => {
            let json = arguments.json;
            let (spins, network, tables) = arguments.files();
            return measure(&spins, network, &tables, json);
        }
        StageVerb::Flow(FlowVerb::Rbm(arguments)) => arguments.job()?,
        StageVerb::Flow(FlowVerb::BlockSpin(arguments)) => arguments.job()?,
        StageVerb::Weights(arguments) => arguments.job()?,
        StageVerb::Likelihood(arguments) => arguments.job()?,
        StageVerb::Figures(arguments) => of_run(&arguments.folder, quiet)?.figures,
        StageVerb::Report(arguments) => {
            let (required, styles) = (arguments.require_claims, arguments.pictures.styles.clone());
            let job = match arguments.figures.is_dir() {
                true => {
                    let run = of_run(&arguments.figures, quiet)?;
                    one(&run.figures, memory, quiet, stop)?;
                    run.report(arguments.out)
                }
                false => arguments.job()?,
            };
            stages::report::want(job.output.parent().unwrap_or(Path::new("")), &styles)?;
            one(&job, memory, quiet, stop)?;
            return require(&job.output, required);
        }
    };
    one(&job, memory, quiet, stop)
}

fn one(job: &Job, memory: &Allowance, quiet: bool, stop: &Stop) -> anyhow::Result<()> {
    let display = Display::new(quiet, 1);
    let listener = display.start(&job.id, stop);
    // The figures of a run are the run's own, so an older version of them is replaced. Drawing takes no time: who asks for
    // it may have another version of the program, which is not noted where it is under development.
    let done = match job.stage {
        Stage::Figures(_) => stages::make(job, None, &listener),
        Stage::Report(_) => stages::make_again(job, &listener),
        _ => stages::make_new(job, memory, &listener),
    }?;
    match done {
        Done::Made => {
            display.finish(listener, Some("made"));
            if matches!(job.stage, Stage::Sample(_)) && !quiet {
                let spins = file::read::<Spins>(&job.output)?.content;
                display.say(independence(&spins, true).trim());
            }
        }
        Done::Kept => display.say(&format!("`{}` is up to date", job.output.display())),
    }
    if let Some(remark) = stages::remark(job)? {
        display.say(&remark);
    }
    Ok(())
}

/// What there is of a run; says what is missing.
fn of_run(folder: &Path, quiet: bool) -> anyhow::Result<Available> {
    let run = Available::of(folder)?;
    if let Some(lack) = run.lack() {
        Display::new(quiet, 0).say(&lack);
    }
    Ok(run)
}

fn measure(
    spins: &Path,
    network: Option<std::path::PathBuf>,
    tables: &[std::path::PathBuf],
    as_json: bool,
) -> anyhow::Result<()> {
    let measured = stages::measure(spins, network, tables)?;
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
        return say(&format!("{}\n", serde_json::to_string_pretty(&list)?));
    }
    let columns = ["T", "number", "network", "peak", "Bayes", "T_E", "T_m"];
    let mut text = columns.iter().fold(String::new(), |line, name| line + &format!("{name:>16}")) + "\n";
    for m in &measured {
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
    say(&text)
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
