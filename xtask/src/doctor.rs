//! `cargo xtask doctor`: what was found on this machine and what is missing.

use std::path::Path;

use anyhow::bail;

use crate::commands::{built, output};

/// Arguments of `doctor`.
#[derive(clap::Args)]
pub(crate) struct Doctor {}

/// One thing that was looked for.
struct Finding {
    what: &'static str,
    /// What was found, or the cure.
    found: Result<String, &'static str>,
    required: bool,
}

impl Doctor {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        println!("machine    {} {}, {} cores", std::env::consts::OS, std::env::consts::ARCH, cores());
        println!("vectors    {}", vectors());
        for finding in findings() {
            match finding.found {
                Ok(found) => println!("{:<10} {found}", finding.what),
                Err(cure) => {
                    let word = if finding.required { "MISSING" } else { "not found" };
                    println!("{:<10} {word}: {cure}", finding.what);
                }
            }
        }
        require()?;
        println!("\neverything that `cargo xtask reproduce` and `cargo xtask test` need is here");
        Ok(())
    }
}

/// Fails, with the cures, if something is missing without which nothing can be built.
pub(crate) fn require() -> anyhow::Result<()> {
    let missing: Vec<String> = findings()
        .into_iter()
        .filter(|finding| finding.required)
        .filter_map(|finding| finding.found.err().map(|cure| format!("{}: {cure}", finding.what)))
        .collect();
    if !missing.is_empty() {
        bail!("missing on this machine:\n  {}", missing.join("\n  "));
    }
    Ok(())
}

fn findings() -> Vec<Finding> {
    let first_line = |text: String| text.lines().next().unwrap_or_default().to_owned();
    let look = |program: &str, arguments: &[&str], cure| {
        output(program, arguments).map(first_line).filter(|line| !line.is_empty()).ok_or(cure)
    };
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
    // Python installs CMake where there is none that is new enough, and reads our files with h5py in the tests.
    let python =
        output("python3", &["-c", "import venv, sys; print('Python', sys.version.split()[0], 'with venv')"]);
    vec![
        Finding {
            what: "rust",
            found: look("rustc", &["--version"], "install Rust from rustup.rs"),
            required: true,
        },
        Finding {
            what: "compiler",
            found: look(&compiler, &["--version"], "install a C compiler (gcc or clang), or set CC"),
            required: true,
        },
        Finding {
            what: "python",
            found: python.ok_or("install python3 with its venv module (Debian: python3-venv)"),
            required: true,
        },
        Finding { what: "cmake", found: cmake(), required: false },
        Finding {
            what: "hdf5",
            found: look("pkg-config", &["--modversion", "hdf5"], "the bundled one is built (the usual way)")
                .map(|version| format!("{version} of the system; used only with --features system-hdf5")),
            required: false,
        },
        Finding {
            what: "cargo-deny",
            found: look("cargo-deny", &["--version"], "`cargo xtask ci` installs it below target/"),
            required: false,
        },
    ]
}

/// The CMake that the build will use, by the same rules as the script `xtask/cmake`.
fn cmake() -> Result<String, &'static str> {
    let private = built("cmake").join("cmake/data/bin/cmake");
    ["cmake".as_ref(), private.as_path()]
        .into_iter()
        .find_map(new_enough)
        .ok_or("none of version 3.26 or newer; the build installs one from PyPI below target/")
}

fn new_enough(program: &Path) -> Option<String> {
    let version = output(program.to_str()?, &["--version"])?;
    let number = version.lines().next()?.strip_prefix("cmake version ")?;
    let mut parts = number.split('.').map_while(|part| part.parse::<u32>().ok());
    let (major, minor) = (parts.next()?, parts.next()?);
    let place = if program.is_absolute() { " below target/" } else { "" };
    ((major, minor) >= (3, 26)).then(|| format!("cmake {number}{place}"))
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

#[cfg(target_arch = "x86_64")]
fn vectors() -> &'static str {
    if is_x86_feature_detected!("avx512f") {
        "AVX-512"
    } else if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
        "AVX2"
    } else {
        "portable (no AVX2)"
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn vectors() -> &'static str {
    "portable"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::root;

    #[test]
    fn the_repository_has_the_cmake_script_that_cargo_is_told_to_use() {
        let config = std::fs::read_to_string(root().join(".cargo/config.toml")).unwrap();
        assert!(config.contains("xtask/cmake"));
        assert!(root().join("xtask/cmake").is_file());
    }

    #[test]
    fn a_program_that_is_not_cmake_is_not_new_enough() {
        assert_eq!(new_enough(Path::new("true")), None);
        assert_eq!(new_enough(Path::new("/nowhere/cmake")), None);
    }
}
