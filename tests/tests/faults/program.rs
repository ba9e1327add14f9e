//! The program under test as a process.

use std::io::Read as _;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process, setrlimit};

/// No call takes longer, even on a machine that is very busy; one that does hangs.
const HANG: Duration = Duration::from_secs(900);

/// A call of `rbmflow run` without talk.
pub(crate) fn run(experiment: &Path, folder: &Path) -> Result<Command> {
    let mut command = rbmflow_tests::rbmflow();
    command.args(["run", "--quiet"]).arg(experiment).arg("--out").arg(folder);
    Ok(command)
}

/// A call of `rbmflow` in a folder, of words separated by spaces.
pub(crate) fn words(folder: &Path, words: &str) -> Result<Command> {
    let mut command = rbmflow_tests::rbmflow();
    command.current_dir(folder).args(words.split_whitespace());
    Ok(command)
}

/// The same call in a process whose memory (address space) or files may not grow beyond some bytes.
pub(crate) fn limited(command: &Command, resource: &str, bytes: u64) -> Result<Command> {
    let mut limited = Command::new(std::env::current_exe()?);
    limited.args(["limited", resource, &bytes.to_string()]);
    limited.arg(command.get_program()).args(command.get_args());
    if let Some(folder) = command.get_current_dir() {
        limited.current_dir(folder);
    }
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => limited.env(name, value),
            None => limited.env_remove(name),
        };
    }
    Ok(limited)
}

/// Becomes the program that `words` name, after `memory` or `files` and a number of bytes.
pub(crate) fn become_limited(words: &[&str]) -> ExitCode {
    let [resource, bytes, program, arguments @ ..] = words else { return ExitCode::FAILURE };
    let resource = if *resource == "memory" { Resource::As } else { Resource::Fsize };
    if let Ok(bytes) = bytes.parse()
        && limit(resource, bytes).is_ok()
    {
        // Returns only if it fails.
        eprintln!("{}", Command::new(program).args(arguments).exec());
    }
    ExitCode::FAILURE
}

/// Limits this process.
pub(crate) fn limit(resource: Resource, bytes: u64) -> Result<()> {
    Ok(setrlimit(resource, Rlimit { current: Some(bytes), maximum: Some(bytes) })?)
}

/// How a call ended.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) signal: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ended {
    /// Success, with nothing said that sounds like a mistake in the program.
    pub(crate) fn succeeded(&self) -> Result<()> {
        self.sane()?;
        ensure!(self.code == Some(0), "ended with {}: {}", self.how(), self.err);
        Ok(())
    }

    /// Refused with one line that has all of some texts in it, and an exit code.
    pub(crate) fn refused(&self, code: i32, texts: &[&str]) -> Result<()> {
        self.sane()?;
        ensure!(self.code == Some(code), "ended with {}, expected {code}: {}", self.how(), self.err);
        let lines: Vec<&str> = self.err.lines().filter(|line| !line.starts_with("warning: ")).collect();
        ensure!(
            lines.iter().all(|line| line.starts_with("error: ")) && !lines.is_empty(),
            "said: {}",
            self.err
        );
        for text in texts {
            ensure!(self.err.contains(text), "does not say `{text}`: {}", self.err);
        }
        Ok(())
    }

    /// No panic and no crash.
    pub(crate) fn sane(&self) -> Result<()> {
        let mistake = self.err.contains("panicked") || self.err.contains("a mistake in the program");
        ensure!(!mistake && self.signal.is_none(), "ended with {}: {}", self.how(), self.err);
        Ok(())
    }

    /// The exit code or signal.
    pub(crate) fn how(&self) -> String {
        match (self.code, self.signal) {
            (Some(code), _) => format!("exit code {code}"),
            (None, Some(signal)) => format!("signal {signal}"),
            (None, None) => "neither exit code nor signal".to_owned(),
        }
    }
}

/// A call in progress.
pub(crate) struct Running {
    child: Child,
}

/// Starts a call.
pub(crate) fn start(command: &mut Command) -> Result<Running> {
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    Ok(Running { child: child.with_context(|| format!("{command:?} cannot be started"))? })
}

/// Starts a call and waits for its end.
pub(crate) fn call(command: &mut Command) -> Result<Ended> {
    start(command)?.wait()
}

impl Running {
    /// Whether it has not ended.
    pub(crate) fn goes_on(&mut self) -> Result<bool> {
        Ok(self.child.try_wait()?.is_none())
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, signal: Signal) -> Result<()> {
        let pid = Pid::from_raw(i32::try_from(self.child.id())?).context("a process has a number")?;
        Ok(kill_process(pid, signal)?)
    }

    /// The number of the process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for the end. What is said is short enough for the pipes to hold it meanwhile.
    pub(crate) fn wait(mut self) -> Result<Ended> {
        let since = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait()? {
                break status;
            }
            if since.elapsed() > HANG {
                self.child.kill()?;
                self.child.wait()?;
                anyhow::bail!("hangs: no end within {} s", HANG.as_secs());
            }
            std::thread::sleep(Duration::from_millis(2));
        };
        let (mut out, mut err) = (String::new(), String::new());
        self.child.stdout.take().map(|mut pipe| pipe.read_to_string(&mut out)).transpose()?;
        self.child.stderr.take().map(|mut pipe| pipe.read_to_string(&mut err)).transpose()?;
        Ok(Ended { code: status.code(), signal: status.signal(), out, err })
    }
}
