//! Prints what the exact results, the samplers and the estimators have been judged by, as three tables in Markdown; ends with 1
//! if a check fails. With `--short` it does less, with `--out FILE` it writes the tables to a file too.

use std::process::ExitCode;

use rbmflow_tests::evidence::{Effort, Table, estimators, oracles, samplers};

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<bool, Box<dyn std::error::Error>> {
    let (mut effort, mut out) = (Effort::Full, None);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--short" => effort = Effort::Short,
            "--out" => out = Some(arguments.next().ok_or("`--out` needs a file")?),
            other => return Err(format!("`{other}` is not known: --short, --out FILE").into()),
        }
    }
    let mut text = String::new();
    let mut failures = 0;
    for table in
        [oracles, samplers, estimators] as [fn(Effort) -> Result<Table, Box<dyn std::error::Error>>; 3]
    {
        let table = table(effort)?;
        failures += table.failures();
        println!("{}", table.markdown());
        text.push_str(&format!("{}\n", table.markdown()));
    }
    if let Some(path) = out {
        std::fs::write(&path, text).map_err(|error| format!("cannot write `{path}`: {error}"))?;
    }
    if failures > 0 {
        eprintln!("error: {failures} checks failed");
    }
    Ok(failures == 0)
}
