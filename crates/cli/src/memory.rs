//! The memory that may be used: a job that needs more is refused before it starts instead of being killed.

use std::path::{Component, Path, PathBuf};

use crate::exit::Problem;

/// The memory that jobs may be expected to need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Allowance {
    /// The most, in bytes.
    pub(crate) bytes: u64,
    /// The source of the limit.
    reason: String,
}

impl Allowance {
    /// A number of megabytes, or otherwise the memory that is left to this process.
    pub(crate) fn of(megabytes: Option<u64>) -> Self {
        match megabytes {
            Some(megabytes) => {
                Self { bytes: megabytes.saturating_mul(1_000_000), reason: "--memory".to_owned() }
            }
            None => Self::left(Path::new("/")),
        }
    }

    /// The least of what the machine has free and what the limits of the process and of its control groups leave (on
    /// Linux; elsewhere there is no limit), as the files below `root` tell.
    fn left(root: &Path) -> Self {
        let free = free_memory(root).map(|bytes| (bytes, "free on this machine".to_owned()));
        let limits = left_in_limits(root).into_iter().chain(left_in_groups(root)).chain(free);
        let least = limits.min_by_key(|(bytes, _)| *bytes);
        let (bytes, reason) = least.unwrap_or((u64::MAX, "no limit is known".to_owned()));
        Self { bytes, reason }
    }

    /// Refuses a job that needs more bytes.
    pub(crate) fn require(&self, job: &str, needed: u64) -> Result<(), Problem> {
        if needed <= self.bytes {
            return Ok(());
        }
        let (needed, allowed) = (needed.div_ceil(1_000_000), self.bytes / 1_000_000);
        let cure = "choose smaller settings or another machine, or raise --memory";
        let reason = &self.reason;
        Err(Problem::Usage(format!(
            "`{job}` needs about {needed} MB of memory, {allowed} MB are allowed ({reason}); {cure}"
        )))
    }
}

/// The memory that the machine has free, in bytes.
fn free_memory(root: &Path) -> Option<u64> {
    let text = std::fs::read_to_string(root.join("proc/meminfo")).ok()?;
    kilobytes(&text, "MemAvailable:")
}

/// The memory that the limits of this process (`ulimit -v`, `ulimit -d`) leave.
fn left_in_limits(root: &Path) -> Vec<(u64, String)> {
    let read = |name: &str| std::fs::read_to_string(root.join("proc/self").join(name)).unwrap_or_default();
    let (limits, status) = (read("limits"), read("status"));
    let left = |name: &str, used: &str| {
        let limit = limits.lines().find_map(|line| line.strip_prefix(name))?;
        let limit: u64 = limit.split_whitespace().next()?.parse().ok()?;
        let used = kilobytes(&status, used).unwrap_or(0);
        Some((limit.saturating_sub(used), format!("left of the process's {}", name.to_lowercase())))
    };
    let kinds = [("Max address space", "VmSize:"), ("Max data size", "VmData:")];
    kinds.iter().filter_map(|(name, used)| left(name, used)).collect()
}

/// A number of bytes that a file of the kernel has in kilobytes, behind a name.
fn kilobytes(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

/// The files of a control group, which versions 1 and 2 name differently.
struct Names {
    /// The folders of groups, below the root.
    folders: &'static [&'static str],
    limit: &'static str,
    usage: &'static str,
    /// The part of the usage that is a cache of files, which makes room when it is needed.
    cache: [&'static str; 2],
}

const VERSION_1: Names = Names {
    folders: &["sys/fs/cgroup/memory"],
    limit: "memory.limit_in_bytes",
    usage: "memory.usage_in_bytes",
    cache: ["total_inactive_file", "total_active_file"],
};

const VERSION_2: Names = Names {
    folders: &["sys/fs/cgroup", "sys/fs/cgroup/unified"],
    limit: "memory.max",
    usage: "memory.current",
    cache: ["inactive_file", "active_file"],
};

/// The memory that the limits of the control groups of this process, and of those around them, leave. Batch systems and
/// containers set them; more than that ends the process without a word.
fn left_in_groups(root: &Path) -> Vec<(u64, String)> {
    let groups = std::fs::read_to_string(root.join("proc/self/cgroup")).unwrap_or_default();
    let mut found = vec![];
    for line in groups.lines() {
        // Such as `0::/user.slice` (version 2) or `7:cpu,memory:/slurm/job_1` (version 1).
        let mut parts = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(group)) = (parts.next(), parts.next()) else { continue };
        let names = match controllers {
            "" => &VERSION_2,
            list if list.split(',').any(|name| name == "memory") => &VERSION_1,
            _ => continue,
        };
        // In a container the path may be that outside of it: then the group is what is mounted as the root.
        let parts = Path::new(group).components();
        let group: PathBuf = parts.filter(|part| matches!(part, Component::Normal(_))).collect();
        for folder in names.folders {
            let folder = root.join(folder);
            for group in group.ancestors() {
                if let Some(left) = left_in_group(&folder.join(group), names) {
                    found.push((left, format!("left of the limit of control group `/{}`", group.display())));
                }
            }
        }
    }
    found
}

/// The memory that one group's limit leaves, if it has one.
fn left_in_group(folder: &Path, names: &Names) -> Option<u64> {
    let number =
        |name: &str| -> Option<u64> { std::fs::read_to_string(folder.join(name)).ok()?.trim().parse().ok() };
    let limit = number(names.limit)?;
    let details = std::fs::read_to_string(folder.join("memory.stat")).unwrap_or_default();
    let cached: u64 = details
        .lines()
        .filter_map(|line| line.split_once(' '))
        .filter(|(name, _)| names.cache.contains(name))
        .filter_map(|(_, bytes)| bytes.parse::<u64>().ok())
        .fold(0, u64::saturating_add);
    let used = number(names.usage).unwrap_or(0).saturating_sub(cached);
    Some(limit.saturating_sub(used))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A root with some files.
    fn root(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().expect("a temporary folder");
        for (name, text) in files {
            let path = root.path().join(name);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("writable");
            std::fs::write(path, text).expect("writable");
        }
        root
    }

    #[track_caller]
    fn check(files: &[(&str, &str)], bytes: u64, reason: &str) {
        let left = Allowance::left(root(files).path());
        assert_eq!(left.bytes, bytes, "{left:?}");
        assert!(left.reason.contains(reason), "{left:?}");
    }

    const MACHINE: (&str, &str) = ("proc/meminfo", "MemTotal:  9000 kB\nMemAvailable:    8000 kB\n");

    #[test]
    fn the_machine_limits() {
        check(&[MACHINE], 8_192_000, "this machine");
        check(&[], u64::MAX, "no limit");
        check(&[("proc/meminfo", "MemAvailable: many kB\n")], u64::MAX, "no limit");
    }

    #[test]
    fn the_process_limits() {
        let limits = "Limit                     Soft Limit           Hard Limit           Units     \n\
                      Max data size             unlimited            unlimited            bytes     \n\
                      Max address space         5000000              unlimited            bytes     \n";
        let status = ("proc/self/status", "VmSize:\t 1000 kB\nVmData:\t 10 kB\n");
        check(&[MACHINE, ("proc/self/limits", limits), status], 3_976_000, "max address space");
        let data = limits.replace("size             unlimited", "size             2000000  ");
        check(&[MACHINE, ("proc/self/limits", &data), status], 1_989_760, "max data size");
    }

    #[test]
    fn groups_of_version_2_limit_and_so_do_those_around_them() {
        let own = ("proc/self/cgroup", "0::/batch/job\n");
        let limit = ("sys/fs/cgroup/batch/memory.max", "3000000\n");
        check(&[MACHINE, own, limit], 3_000_000, "`/batch`");
        let usage = ("sys/fs/cgroup/batch/memory.current", "2500000\n");
        check(&[MACHINE, own, limit, usage], 500_000, "`/batch`");
        let cache =
            ("sys/fs/cgroup/batch/memory.stat", "anon 400000\ninactive_file 1900000\nactive_file 100000\n");
        check(&[MACHINE, own, limit, usage, cache], 2_500_000, "`/batch`");
        let none = ("sys/fs/cgroup/batch/job/memory.max", "max\n");
        check(&[MACHINE, own, none], 8_192_000, "this machine");
        let lower = ("sys/fs/cgroup/batch/job/memory.max", "1000\n");
        check(&[MACHINE, own, limit, lower], 1000, "`/batch/job`");
    }

    #[test]
    fn groups_of_version_1_limit() {
        let own = ("proc/self/cgroup", "12:pids:/x\n7:cpu,memory:/slurm/job_1\n0::/x\n");
        let limit = ("sys/fs/cgroup/memory/slurm/job_1/memory.limit_in_bytes", "4000000\n");
        check(&[MACHINE, own, limit], 4_000_000, "job_1");
        let no_limit = ("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
        check(&[MACHINE, own, no_limit], 8_192_000, "this machine");
        // As seen from within a container: the path is that outside.
        let mounted = ("sys/fs/cgroup/memory/memory.limit_in_bytes", "2000000\n");
        check(&[MACHINE, own, mounted], 2_000_000, "`/`");
        check(&[MACHINE, ("proc/self/cgroup", "0::/../../other\n"), mounted], 8_192_000, "this machine");
    }

    #[test]
    fn more_is_refused_with_need_limit_and_cure() {
        let allowance = Allowance::of(Some(3));
        assert_eq!(allowance.require("train", 3_000_000), Ok(()));
        let text = allowance.require("train", 3_000_001).expect_err("too much").to_string();
        for part in ["`train`", "4 MB", "3 MB", "--memory"] {
            assert!(text.contains(part), "{text}");
        }
    }
}
