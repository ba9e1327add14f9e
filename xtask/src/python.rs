//! The Python package: its tests, and the door that its users come through.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

use crate::commands::{built, root, run};

/// What the tests need besides the package.
const NEEDED: [&str; 14] = [
    "pytest>=8",
    "mypy>=1.13",
    "xarray",
    "h5netcdf",
    "netCDF4",
    "kerchunk",
    "zarr>=3",
    "h5py>=3.10",
    "scikit-learn>=1.6",
    "tqdm",
    "nbclient",
    "ipykernel",
    "matplotlib==3.10.7",
    "numpy",
];

/// Prints the energy of ten ground states of the 4 × 4 torus, which have −32 J each.
const DOOR: &str = "import rbmflow; print(rbmflow.sample(4, [0.0], 10, seed=1).energy.sum())";

/// Builds the wheel, installs it as a user does, and runs its tests beside the program that is built already.
pub(crate) fn test() -> anyhow::Result<()> {
    let place = built("tmp");
    let wheels = place.join("wheels");
    let environment = place.join("package");
    let python = environment.join("bin/python");
    if !python.exists() {
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&environment))?;
    }
    // Wheels of earlier versions would be found as well.
    if wheels.exists() {
        std::fs::remove_dir_all(&wheels).context("old wheels cannot be deleted")?;
    }
    let package = root().join("crates/python");
    run(pip(&python).args(["wheel", "--no-deps", "--wheel-dir"]).arg(&wheels).arg(&package))?;
    let wheel = only_file(&wheels)?;
    run(pip(&python).args(["install", "--upgrade"]).args(NEEDED))?;
    run(pip(&python).args(["install", "--force-reinstall", "--no-deps"]).arg(&wheel))?;
    door(&place, &wheel)?;
    let mut pytest = Command::new(&python);
    pytest.env("RBMFLOW", built("release").join("rbmflow")).current_dir(&package);
    run(pytest.args(["-m", "pytest", "-q", "-p", "no:cacheprovider"]))
}

/// A stranger's first minute: a new environment with nothing but the wheel, in another folder.
fn door(place: &Path, wheel: &Path) -> anyhow::Result<()> {
    let environment = place.join("door");
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&environment))?;
    run(pip(&environment.join("bin/python")).arg("install").arg(wheel))?;
    let printed = |program: &str, arguments: &[&str]| -> anyhow::Result<String> {
        let mut command = Command::new(environment.join("bin").join(program));
        let output = command.current_dir(std::env::temp_dir()).args(arguments).output()?;
        if !output.status.success() {
            bail!("the wheel's `{program}` failed:\n{}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let energy = printed("python", &["-c", DOOR])?;
    if energy != "-320" {
        bail!("ten ground states have the energy {energy}, not -320");
    }
    let version = printed("rbmflow", &["--version"])?;
    if version != concat!("rbmflow ", env!("CARGO_PKG_VERSION")) {
        bail!("the wheel's command says `{version}`");
    }
    Ok(())
}

fn pip(python: &Path) -> Command {
    let mut command = Command::new(python);
    // In another folder than that of the repository, as a user may be.
    command.current_dir(std::env::temp_dir());
    command.args(["-m", "pip", "--quiet", "--disable-pip-version-check"]);
    command
}

fn only_file(folder: &Path) -> anyhow::Result<PathBuf> {
    let mut files = std::fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path()));
    let file = files.next().with_context(|| format!("no wheel in {}", folder.display()))??;
    Ok(file)
}
