//! Disks that are full, read-only, forbidden, gone or failing.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};

use crate::Extent;
use crate::kill::{Calm, files, tiny};
use crate::program::{self, Ended, call, limited, start, words};
use crate::row::{Outcome, Row};

pub(crate) fn rows(extent: Extent) {
    match in_namespace(extent.of("disks", "disks --long")) {
        Ok(rows) => rows.iter().for_each(|row| Row::hand_on(row)),
        Err(error) => {
            Row::not_tried("full disk, read-only disk, several disks", "run", &format!("{error:#}"));
        }
    }
    Row::of("files limited in size", "run under RLIMIT_FSIZE of 1 to 300 kB", || limited_files(extent));
    Row::of("permission denied", "run in a folder of another user", forbidden);
    Row::of("target removed while running", "run; the folder is deleted at some moment", || {
        removed(extent.of(2, 60))
    });
    let (fault, tried) = ("disk that fails late", "run; fsync fails with EIO or ENOSPC");
    match shim() {
        Ok(shim) => {
            Row::of(fault, tried, || failing_flush(&shim));
            let (fault, tried) =
                ("disk that turns read-only or full", "run; the n-th new file fails with EROFS or ENOSPC");
            Row::of(fault, tried, || turning(&shim, extent));
        }
        Err(error) => Row::not_tried(fault, tried, &format!("{error:#}")),
    }
}

/// Rows for which file systems are mounted, named by `words`: in a namespace of their own, which takes them along when
/// it ends.
pub(crate) fn in_namespace(words: &str) -> Result<Vec<String>> {
    let folder = tempfile::tempdir()?;
    let mut command = Command::new("unshare");
    command.arg("--mount");
    if !rustix::process::getuid().is_root() {
        command.args(["--user", "--map-root-user"]);
    }
    command.arg(std::env::current_exe()?).arg("mounted").arg(folder.path()).args(words.split(' '));
    let output = command.output().context("`unshare` cannot be started")?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let rows: Vec<String> = text.lines().map(str::to_owned).collect();
    if rows.is_empty() {
        bail!("no file systems can be mounted here: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(rows)
}

/// The rows of disks, in the namespace.
pub(crate) fn mounted(folder: &Path, extent: Extent) {
    Row::of("full disk", "run on file systems of 16 kB to 3 MB, enlarged afterwards", || {
        full(folder, extent)
    });
    Row::of("read-only disk", "run, writable again afterwards", || read_only(folder));
    Row::of("several disks", "run; `data`, `figures` and TMPDIR on disks of their own", || several(folder));
    Row::of("rename that cannot be done", "run; a result's name is itself a mount", || {
        occupied(folder, extent)
    });
}

pub(crate) fn mount(folder: &Path, options: &str) -> Result<()> {
    command(Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(folder))
}

fn command(command: &mut Command) -> Result<()> {
    let output = command.output().with_context(|| format!("{command:?}"))?;
    ensure!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr).trim());
    Ok(())
}

fn remount(folder: &Path, options: &str) -> Result<()> {
    command(Command::new("mount").args(["-o", &format!("remount,{options}")]).arg(folder))
}

/// After a failure: what is there is right, and nothing of it is temporary.
fn check_after(calm: &Calm, folder: &Path, ended: &Ended, texts: &[&str]) -> Result<usize> {
    ended.refused(5, texts)?;
    if !folder.exists() {
        return Ok(0);
    }
    let left = files(folder)?.into_keys().find(|name| name.to_string_lossy().ends_with("-temporary"));
    ensure!(left.is_none(), "{} is left over", left.unwrap_or_default().display());
    calm.check_part(folder)
}

fn full(folder: &Path, extent: Extent) -> Outcome {
    let experiment = tiny();
    let calm = Calm::of(&experiment)?;
    let sizes: &[u32] = extent.of(&[16, 1000], &[16, 100, 300, 600, 1000, 1500, 2000, 3000]);
    let mut kept = vec![];
    for size in sizes {
        let disk = folder.join(format!("disk{size}"));
        std::fs::create_dir(&disk)?;
        mount(&disk, &format!("size={size}k"))?;
        let out = disk.join("out");
        let ended = call(&mut program::run(&experiment, &out)?)?;
        kept.push(check_after(calm, &out, &ended, &["no space left"])?.to_string());
        remount(&disk, "size=64m")?;
        calm.check_continued(&experiment, &out)?;
    }
    let happened = format!(
        "exit code 5, `no space left`; {} results kept; same bytes once there was space",
        kept.join(", ")
    );
    Ok((sizes.len() as u64, happened))
}

fn read_only(folder: &Path) -> Outcome {
    let experiment = tiny();
    let calm = Calm::of(&experiment)?;
    let disk = folder.join("read-only");
    std::fs::create_dir(&disk)?;
    mount(&disk, "size=64m")?;
    let out = disk.join("out");
    remount(&disk, "ro")?;
    check_after(calm, &out, &call(&mut program::run(&experiment, &out)?)?, &["out"])?;
    remount(&disk, "rw")?;
    calm.check_continued(&experiment, &out)?;
    // When all is done nothing is written but the lock.
    remount(&disk, "ro")?;
    check_after(calm, &out, &call(&mut program::run(&experiment, &out)?)?, &["read-only"])?;
    call(words(folder, "verify -q")?.arg(&out))?.succeeded()?;
    Ok((2, "exit code 5 with the cause, verify works; same bytes once it was writable".to_owned()))
}

fn several(folder: &Path) -> Outcome {
    let experiment = tiny();
    let calm = Calm::of(&experiment)?;
    let out = folder.join("several");
    let elsewhere = folder.join("elsewhere");
    for place in [out.join("data"), out.join("data/r1"), out.join("figures"), elsewhere.clone()] {
        std::fs::create_dir_all(&place)?;
        mount(&place, "size=64m")?;
        std::fs::create_dir_all(out.join("data/r1"))?;
    }
    call(program::run(&experiment, &out)?.env("TMPDIR", &elsewhere))?.succeeded()?;
    let files = calm.check_whole(&out)?;
    ensure!(std::fs::read_dir(&elsewhere)?.next().is_none(), "something was written into TMPDIR");
    Ok((1, format!("{files} files with the same bytes: temporary files are beside their targets")))
}

fn occupied(folder: &Path, extent: Extent) -> Outcome {
    let experiment = tiny();
    let calm = Calm::of(&experiment)?;
    let out = folder.join("occupied");
    let targets: &[&str] = extent.of(
        &["data/r1/V-3/rbm.h5"],
        &["data/r0/spins.h5", "data/r1/V-3/rbm.h5", "claims.json", "report.html"],
    );
    for target in targets {
        let target = out.join(target);
        std::fs::create_dir_all(target.parent().context("a folder")?)?;
        std::fs::write(&target, "")?;
        command(Command::new("mount").arg("--bind").arg(&target).arg(&target))?;
        let ended = call(&mut program::run(&experiment, &out)?)?;
        let text = target.to_string_lossy();
        ended.refused(5, &[text.as_ref(), "renaming the temporary file failed"])?;
        command(Command::new("umount").arg(&target))?;
        calm.check_continued(&experiment, &out)?;
        std::fs::remove_dir_all(&out)?;
    }
    Ok((
        targets.len() as u64,
        "exit code 5, the target named; nothing left over; same bytes afterwards".to_owned(),
    ))
}

fn limited_files(extent: Extent) -> Outcome {
    let experiment = tiny();
    let calm = Calm::of(&experiment)?;
    let folder = tempfile::tempdir()?;
    let sizes: &[u64] = extent.of(&[1, 40], &[1, 5, 10, 20, 40, 70, 100, 150, 200, 300]);
    for kilobytes in sizes {
        let command = limited(&program::run(&experiment, folder.path())?, "files", kilobytes * 1000);
        check_after(calm, folder.path(), &call(&mut command?)?, &["no space left"])?;
    }
    calm.check_continued(&experiment, folder.path())?;
    Ok((sizes.len() as u64, "exit code 5, `no space left`; same bytes without the limit".to_owned()))
}

fn forbidden() -> Outcome {
    use std::os::unix::fs::PermissionsExt;
    let experiment = tiny();
    let calm = Calm::of(&experiment)?;
    let folder = tempfile::tempdir()?;
    let mode = |path: &Path, mode| std::fs::set_permissions(path, PermissionsExt::from_mode(mode));
    mode(folder.path(), 0o755)?;
    let out = folder.path().join("out");
    std::fs::create_dir(&out)?;
    mode(&out, 0o555)?;
    // The superuser is denied nothing, so it becomes nobody, who may not be able to see where the program is.
    let program = folder.path().join("rbmflow");
    std::fs::copy(rbmflow_tests::rbmflow().get_program(), &program)?;
    let own = folder.path().join("tiny.toml");
    std::fs::copy(&experiment, &own)?;
    let mut command = if rustix::process::getuid().is_root() {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(&program);
        command
    } else {
        Command::new(&program)
    };
    command.current_dir("/").args(["run", "--quiet"]).arg(&own).arg("--out").arg(&out);
    check_after(calm, &out, &call(&mut command)?, &["ermission denied"])?;
    mode(&out, 0o755)?;
    calm.check_continued(&experiment, &out)?;
    Ok((1, "exit code 5, `permission denied`; same bytes with permission".to_owned()))
}

fn removed(times: u64) -> Outcome {
    let experiment = tiny();
    let calm = Calm::of(&experiment)?;
    let mut failed = 0;
    for time in 0..times {
        let folder = tempfile::tempdir()?;
        let out = folder.path().join("out");
        let running = start(&mut program::run(&experiment, &out)?)?;
        std::thread::sleep(Duration::from_millis(30 + time * 71 % 500));
        // The run may write while the folder is being deleted.
        while out.exists() && std::fs::remove_dir_all(&out).is_err() {}
        let ended = running.wait()?;
        match ended.code {
            Some(0) => {}
            Some(3) => ended.refused(3, &["does not exist"])?,
            _ => ended.refused(5, &["out"])?,
        }
        failed += u64::from(ended.code != Some(0));
        if out.exists() {
            calm.check_part(&out)?;
        }
        calm.check_continued(&experiment, &out)?;
    }
    Ok((times, format!("{failed} times exit code 3 or 5 that names what is missing; same bytes afterwards")))
}

/// A library that makes system calls fail, put before the C library.
pub(crate) struct Shim {
    library: PathBuf,
    _folder: tempfile::TempDir,
}

/// Builds it.
pub(crate) fn shim() -> Result<Shim> {
    let folder = tempfile::tempdir()?;
    let (source, library) = (folder.path().join("shim.c"), folder.path().join("shim.so"));
    std::fs::write(&source, include_str!("shim.c"))?;
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
    command(Command::new(compiler).args(["-shared", "-fPIC", "-o"]).arg(&library).arg(&source))?;
    Ok(Shim { library, _folder: folder })
}

impl Shim {
    /// Lets a function fail in a command, always with the same error.
    pub(crate) fn fail<'a>(&self, command: &'a mut Command, function: &str, error: &str) -> &'a mut Command {
        command.env("LD_PRELOAD", &self.library).env("SHIM_FUNCTION", function).env("SHIM_ERROR", error)
    }

    /// As [`Shim::fail`], after a number of calls that do not fail.
    fn fail_after<'a>(
        &self,
        calls: u32,
        command: &'a mut Command,
        function: &str,
        error: &str,
    ) -> &'a mut Command {
        self.fail(command, function, error).env("SHIM_AFTER", calls.to_string())
    }
}

fn failing_flush(shim: &Shim) -> Outcome {
    let experiment = tiny();
    let calm = Calm::of(&experiment)?;
    let folder = tempfile::tempdir()?;
    for (error, text) in [("EIO", "flushing the temporary file failed"), ("ENOSPC", "no space left")] {
        let ended = call(shim.fail(&mut program::run(&experiment, folder.path())?, "fsync", error))?;
        let kept = check_after(calm, folder.path(), &ended, &[text])?;
        ensure!(kept == 0, "{kept} files got their names without being on the disk");
    }
    calm.check_continued(&experiment, folder.path())?;
    Ok((2, "exit code 5, no file under its name; same bytes afterwards".to_owned()))
}

fn turning(shim: &Shim, extent: Extent) -> Outcome {
    let experiment = tiny();
    let calm = Calm::of(&experiment)?;
    let folder = tempfile::tempdir()?;
    let mut times = 0;
    let mut kept = vec![];
    let moments: &[u32] = extent.of(&[5, 60], &[0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 70, 80, 85]);
    for &created in moments {
        for (error, text) in [("EROFS", "read-only"), ("ENOSPC", "no space left")] {
            let mut command = program::run(&experiment, folder.path())?;
            let ended = call(shim.fail_after(created, &mut command, "create", error))?;
            if ended.code != Some(0) {
                kept.push(check_after(calm, folder.path(), &ended, &[text])?.to_string());
            }
            times += 1;
        }
    }
    calm.check_continued(&experiment, folder.path())?;
    Ok((
        times,
        format!(
            "exit code 5 with the cause; {} results kept in turn; same bytes in the end",
            kept.join(", ")
        ),
    ))
}
