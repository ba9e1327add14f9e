//! Slurm with two nodes on this machine, in a folder of its own, and gone afterwards.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use super::{Setting, number_of_jobs, skip};
use crate::commands::{output, run};

/// The time after which the test gives up.
const PATIENCE: Duration = Duration::from_secs(900);

/// Ports of this test: of the controller, and of the two nodes.
const PORTS: [u16; 3] = [36_817, 36_818, 36_819];

pub(super) fn test(setting: &Setting, install: bool) -> anyhow::Result<()> {
    if let Err(why) = possible(install) {
        skip("Slurm", &why);
        return Ok(());
    }
    let jobs = number_of_jobs(setting)?;
    let cluster = Cluster::start(&setting.folder.join("slurm-state"))?;

    let folder = setting.export("slurm", "slurm")?;
    let since = Instant::now();
    cluster.submit(&folder)?;
    cluster.wait()?;
    setting.tell("Slurm with two nodes of one core", jobs, since.elapsed());
    setting.compare(&folder, &["slurm"])?;

    let mut cluster = cluster;
    let folder = setting.export("slurm", "slurm-killed")?;
    cluster.submit(&folder)?;
    let node = cluster.kill_a_busy_node()?;
    // What ran there is lost with it. Whatever is still queued is cancelled, and everything submitted again.
    run(cluster.command("scancel").args(["--user", "root"]))?;
    cluster.wait()?;
    cluster.start_node(node)?;
    cluster.submit(&folder)?;
    cluster.wait()?;
    setting.compare(&folder, &["slurm"])?;
    cluster.stop();
    Ok(())
}

/// Whether Slurm can run here; where that is asked for, the daemons are installed first.
fn possible(install: bool) -> Result<(), String> {
    if output("id", &["-u"]).as_deref() != Some("0") {
        return Err("it needs root for its daemons".to_owned());
    }
    let programs = ["slurmctld", "slurmd", "munged", "sbatch", "scancel", "setpriv"];
    let missing = || programs.into_iter().find(|program| output("which", &[program]).is_none());
    if install && missing().is_some() {
        let mut install = Command::new("apt-get");
        install.env("DEBIAN_FRONTEND", "noninteractive").args([
            "install",
            "--yes",
            "--no-install-recommends",
        ]);
        if run(Command::new("apt-get").arg("update")).is_ok() {
            // Whether it worked is seen by what there is now.
            let _ = run(install.args(["slurm-wlm", "munge"]));
        }
    }
    match missing() {
        None => Ok(()),
        Some(program) => Err(format!("there is no {program} (--install gets Debian's slurm-wlm and munge)")),
    }
}

/// The daemons, which end with this.
struct Cluster {
    folder: PathBuf,
    /// By name; none after it was killed.
    daemons: Vec<(String, Child)>,
}

impl Cluster {
    fn start(folder: &Path) -> anyhow::Result<Self> {
        for name in ["state", "spool1", "spool2"] {
            fs::create_dir_all(folder.join(name))?;
        }
        let host = output("hostname", &["-s"]).context("this machine has no name")?;
        fs::write(folder.join("slurm.conf"), configuration(&host, folder))?;
        let mut cluster = Self { folder: folder.to_owned(), daemons: vec![] };
        cluster.start_munge()?;
        let controller = cluster.daemon("slurmctld").arg("-D").spawn();
        cluster.daemons.push(("slurmctld".to_owned(), controller.context("slurmctld could not be started")?));
        cluster.start_node(1)?;
        cluster.start_node(2)?;
        cluster.until(
            "both nodes are idle",
            |states| states.lines().all(|state| state.starts_with("idle")) && !states.is_empty(),
            &["sinfo", "--noheader", "--Node", "--format", "%T"],
        )?;
        Ok(cluster)
    }

    /// The daemon that signs messages, with a key of this test alone.
    fn start_munge(&mut self) -> anyhow::Result<()> {
        // Its socket must not be below a folder that others may write to, and its path is short.
        let folder = self.folder.join("munge");
        fs::create_dir_all(&folder)?;
        let key = folder.join("key");
        fs::write(&key, random_bytes()?)?;
        run(Command::new("chmod").arg("0700").arg(&folder))?;
        run(Command::new("chmod").arg("0400").arg(&key))?;
        let option = |name: &str, file: &str| format!("--{name}={}", folder.join(file).display());
        let daemon = self
            .daemon("munged")
            .args(["--foreground", "--force"])
            .args([option("key-file", "key"), option("socket", "socket"), option("pid-file", "pid")])
            .args([option("log-file", "log"), option("seed-file", "seed")])
            .spawn();
        self.daemons.push(("munged".to_owned(), daemon.context("munged could not be started")?));
        let since = Instant::now();
        while !folder.join("socket").exists() {
            if since.elapsed() > Duration::from_secs(20) {
                bail!("munged made no socket; see {}", folder.join("log").display());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(())
    }

    fn start_node(&mut self, number: usize) -> anyhow::Result<()> {
        let name = format!("n{number}");
        self.daemons.retain(|(other, _)| *other != name);
        let daemon = self.daemon("slurmd").args(["-D", "-N", &name]).spawn();
        self.daemons.push((name.clone(), daemon.context("slurmd could not be started")?));
        std::thread::sleep(Duration::from_secs(1));
        // After a crash a node waits to be told that it may be used again.
        let _ =
            self.command("scontrol").args(["update", &format!("nodename={name}"), "state=resume"]).output();
        Ok(())
    }

    /// A daemon of Slurm that ends with this process, should that be killed.
    fn daemon(&self, program: &str) -> Command {
        let mut command = self.command("setpriv");
        command.args(["--pdeathsig", "TERM", program]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// A program of Slurm that talks to this cluster.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env("SLURM_CONF", self.folder.join("slurm.conf"));
        command
    }

    fn submit(&self, folder: &Path) -> anyhow::Result<()> {
        run(&mut self.command(&folder.join("slurm/submit.sh").display().to_string()))
    }

    /// Waits until what a command prints fulfils a condition.
    fn until(&self, what: &str, condition: impl Fn(&str) -> bool, command: &[&str]) -> anyhow::Result<()> {
        let since = Instant::now();
        let mut last = String::new();
        while since.elapsed() < PATIENCE {
            let output = self.command(command[0]).args(&command[1..]).output();
            if let Ok(output) =
                output.as_ref().map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
            {
                if condition(output.trim()) {
                    return Ok(());
                }
                last = output;
            }
            std::thread::sleep(Duration::from_millis(250));
        }
        bail!("{what} is still not so after {} s; last seen:\n{last}", PATIENCE.as_secs())
    }

    /// Waits until nothing is queued or running.
    fn wait(&self) -> anyhow::Result<()> {
        self.until("the queue is empty", str::is_empty, &["squeue", "--noheader"])
    }

    /// Kills the daemon of a node, and what it was computing, while something is running there; returns its number.
    fn kill_a_busy_node(&mut self) -> anyhow::Result<usize> {
        let busy = ["squeue", "--noheader", "--states=running", "--format", "%N"];
        self.until("something runs", |nodes| !nodes.is_empty(), &busy)?;
        std::thread::sleep(Duration::from_millis(700));
        let nodes = self.command(busy[0]).args(&busy[1..]).output()?;
        let nodes = String::from_utf8_lossy(&nodes.stdout).into_owned();
        let number = if nodes.lines().any(|node| node.trim() == "n2") { 2 } else { 1 };
        for (name, daemon) in &mut self.daemons {
            if *name == format!("n{number}") {
                // The steps of a job are other processes, children of the daemon: a machine that fails takes them
                // with it.
                for child in descendants(daemon.id()) {
                    let _ = Command::new("kill").args(["-KILL", &child.to_string()]).status();
                }
                daemon.kill().context("the node's daemon could not be killed")?;
                daemon.wait()?;
                eprintln!("killed the daemon of node {number}, process {}", daemon.id());
            }
        }
        Ok(number)
    }

    /// Ends the daemons, the last one first.
    fn stop(&mut self) {
        let _ = self.command("scancel").args(["--user", "root"]).output();
        while let Some((_, mut daemon)) = self.daemons.pop() {
            let _ = Command::new("kill").arg(daemon.id().to_string()).status();
            let since = Instant::now();
            while daemon.try_wait().is_ok_and(|ended| ended.is_none()) {
                if since.elapsed() > Duration::from_secs(10) {
                    let _ = daemon.kill();
                }
                std::thread::sleep(Duration::from_millis(50));
            }
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The processes that a process has started, and those that these have, as far as they can still be found.
fn descendants(of: u32) -> Vec<u32> {
    let children = output("pgrep", &["-P", &of.to_string()]).unwrap_or_default();
    let children: Vec<u32> = children.lines().filter_map(|line| line.parse().ok()).collect();
    let further: Vec<u32> = children.iter().flat_map(|&child| descendants(child)).collect();
    children.into_iter().chain(further).collect()
}

fn random_bytes() -> anyhow::Result<Vec<u8>> {
    use std::io::Read as _;
    let mut bytes = vec![0; 128];
    fs::File::open("/dev/urandom")
        .and_then(|mut file| file.read_exact(&mut bytes))
        .context("no random bytes")?;
    Ok(bytes)
}

fn configuration(host: &str, folder: &Path) -> String {
    let [controller, first, second] = PORTS;
    let folder = folder.display();
    format!(
        "ClusterName=rbmflow\n\
         SlurmctldHost={host}(127.0.0.1)\n\
         SlurmctldPort={controller}\n\
         SlurmUser=root\n\
         SlurmdUser=root\n\
         AuthType=auth/munge\n\
         AuthInfo=socket={folder}/munge/socket\n\
         CredType=cred/munge\n\
         ProctrackType=proctrack/linuxproc\n\
         TaskPlugin=task/none\n\
         SelectType=select/cons_tres\n\
         SelectTypeParameters=CR_Core\n\
         SchedulerType=sched/builtin\n\
         SchedulerParameters=sched_min_interval=100000\n\
         ReturnToService=2\n\
         SlurmdTimeout=10\n\
         MpiDefault=none\n\
         StateSaveLocation={folder}/state\n\
         SlurmctldPidFile={folder}/slurmctld.pid\n\
         SlurmctldLogFile={folder}/slurmctld.log\n\
         SlurmdSpoolDir={folder}/spool-%n\n\
         SlurmdPidFile={folder}/slurmd-%n.pid\n\
         SlurmdLogFile={folder}/slurmd-%n.log\n\
         NodeName=n1 NodeHostname=localhost NodeAddr=127.0.0.1 Port={first} CPUs=1 RealMemory=2000 State=UNKNOWN\n\
         NodeName=n2 NodeHostname=localhost NodeAddr=127.0.0.1 Port={second} CPUs=1 RealMemory=2000 State=UNKNOWN\n\
         PartitionName=all Nodes=n1,n2 Default=YES MaxTime=INFINITE State=UP\n"
    )
}
