//! The programs that are measured: ours, and the peers in Python.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::Context;

use crate::commands::{built, root, run};

/// Something that measures works.
pub(crate) trait Stopwatch {
    /// The seconds by the clock and of processor time of one unit of a work, or why there are none.
    fn seconds(&mut self, request: &str) -> Result<[f64; 2], String>;
}

/// Both programs, waiting for requests.
pub(crate) struct Programs {
    ours: Program,
    peers: Option<Program>,
}

impl Programs {
    /// Starts our program, which must have been built, and the peers' if asked for.
    pub(crate) fn start(peers: bool) -> anyhow::Result<Self> {
        let ours = Program::start(&mut Command::new(built("release").join("measure")))?;
        let peers = if peers {
            let python = environment()?;
            Some(Program::start(Command::new(python).arg(root().join("benches/peers/peers.py")))?)
        } else {
            None
        };
        Ok(Self { ours, peers })
    }

    /// The names and versions of all that is measured.
    pub(crate) fn versions(&mut self) -> Vec<String> {
        let programs = [Some(&mut self.ours), self.peers.as_mut()];
        let ask = |program: &mut Program| program.ask("versions").unwrap_or_else(|reason| reason);
        programs.into_iter().flatten().map(ask).collect()
    }
}

impl Stopwatch for Programs {
    fn seconds(&mut self, request: &str) -> Result<[f64; 2], String> {
        let program = if request.starts_with("ours") { Some(&mut self.ours) } else { self.peers.as_mut() };
        let answer = program.ok_or("the peers were not started")?.ask(request)?;
        parse(&answer)
    }
}

/// The two numbers of an answer, or the reason that it gives.
pub(crate) fn parse(answer: &str) -> Result<[f64; 2], String> {
    if let Some(reason) = answer.strip_prefix('!') {
        return Err(reason.trim().to_owned());
    }
    let mut numbers = answer.split_whitespace().map(|word| word.parse::<f64>().ok());
    match (numbers.next().flatten(), numbers.next().flatten()) {
        (Some(clock), Some(processor)) if clock > 0.0 && processor > 0.0 => Ok([clock, processor]),
        _ => Err(format!("`{answer}` is no time")),
    }
}

/// A child that answers each line with a line.
struct Program {
    child: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Program {
    fn start(command: &mut Command) -> anyhow::Result<Self> {
        for variable in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS"] {
            command.env(variable, "1");
        }
        // Peers shall choose the kernels that suit the machine, whatever somebody has set for other purposes.
        command.env_remove("OPENBLAS_CORETYPE").env_remove("OPENBLAS_L2_SIZE");
        let name = command.get_program().to_string_lossy().into_owned();
        let mut child = command
            .current_dir(root())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("{name} could not be started"))?;
        let requests = child.stdin.take().context("the child has no standard input")?;
        let answers = BufReader::new(child.stdout.take().context("the child has no standard output")?);
        Ok(Self { child, requests, answers })
    }

    fn ask(&mut self, request: &str) -> Result<String, String> {
        let mut answer = String::new();
        let asked = writeln!(self.requests, "{request}").and_then(|()| self.requests.flush());
        match asked.and_then(|()| self.answers.read_line(&mut answer)) {
            Ok(1..) => Ok(answer.trim().to_owned()),
            Ok(0) => Err("the program has stopped".to_owned()),
            Err(error) => Err(format!("the program has stopped: {error}")),
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It waits for requests, or hangs in one that nobody will read.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The Python of the peers' private environment, made if there is none for the present list of peers.
///
/// A peer that cannot be installed is left out with a notice; its rows will say that it is missing.
fn environment() -> anyhow::Result<std::path::PathBuf> {
    let list = root().join("benches/peers/requirements.txt");
    let wanted = std::fs::read_to_string(&list).with_context(|| format!("reading {}", list.display()))?;
    let folder = built("peers");
    let (python, stamp) = (folder.join("bin/python"), folder.join("installed.txt"));
    if python.is_file() && std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    if folder.exists() {
        std::fs::remove_dir_all(&folder).with_context(|| format!("removing {}", folder.display()))?;
    }
    run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    let mut complete = true;
    for peer in wanted.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let mut install = Command::new(&python);
        install
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
            .args(peer.split_whitespace());
        if let Err(error) = run(&mut install) {
            eprintln!("NOTICE: {peer} is left out: {error:#}");
            complete = false;
        }
    }
    if complete {
        std::fs::write(&stamp, wanted).with_context(|| format!("writing {}", stamp.display()))?;
    }
    Ok(python)
}
