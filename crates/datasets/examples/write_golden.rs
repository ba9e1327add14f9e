//! Writes a small file of every schema into `data/golden/`, named `<schema>-<major>.<minor>.h5`.
//!
//! Run it once for each new version of a schema: `cargo run -p datasets --example write_golden`. Files of versions that
//! exist already are left alone.

#[path = "../tests/samples/mod.rs"]
mod samples;

use std::path::Path;

use datasets::{Artifact, file};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/golden");
    std::fs::create_dir_all(&folder)?;
    write(&folder, &samples::spins())?;
    write(&folder, &samples::equation_of_state())?;
    write(&folder, &samples::rbm())?;
    write(&folder, &samples::thermometer())?;
    write(&folder, &samples::flow())?;
    write(&folder, &samples::weights())?;
    write(&folder, &samples::figures())
}

fn write<T: Artifact>(folder: &Path, artifact: &T) -> Result<(), Box<dyn std::error::Error>> {
    let path = folder.join(format!("{}-{}.h5", T::SCHEMA, T::VERSION));
    if path.exists() {
        println!("{} exists", path.display());
    } else {
        file::write(&path, artifact, &samples::provenance())?;
        println!("{} written", path.display());
    }
    Ok(())
}
