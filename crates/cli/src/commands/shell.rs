//! `completions` and `man`: the command line for shells and for `man`.

use anyhow::Context as _;
use clap::CommandFactory as _;

use super::say;
use crate::arguments::{Arguments, Completions, Man};
use crate::exit::Problem;

/// Writes the completions for a shell.
pub(crate) fn completions(arguments: &Completions) -> anyhow::Result<()> {
    let mut script = vec![];
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "rbmflow", &mut script);
    say(&String::from_utf8(script).context("completions are text")?)
}

/// Writes the manual page of the program or of a verb.
pub(crate) fn man(arguments: &Man) -> anyhow::Result<()> {
    let mut command = Arguments::command();
    command.build();
    for verb in &arguments.verb {
        let found = command.find_subcommand(verb).cloned();
        command = found
            .ok_or_else(|| Problem::usage(format!("there is no verb `{verb}`; see `rbmflow --help`")))?;
    }
    let mut page = vec![];
    clap_mangen::Man::new(command).render(&mut page)?;
    say(&String::from_utf8(page).context("the manual page is text")?)
}
