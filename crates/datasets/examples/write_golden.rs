//! Writes the golden files of every schema into `data/golden/`: `<schema>-<major>.<minor>.h5`, a small file, and
//! `<schema>-<major>.<minor>.txt`, its layout.
//!
//! Run it once for each new version of a schema: `cargo run -p rbmflow-datasets --example write_golden`. Files that exist are
//! left alone: they are what users may have.

#[path = "../tests/samples/mod.rs"]
mod samples;

use datasets::{Artifact, file};
use samples::for_every_schema;

fn main() {
    for_every_schema!(write);
}

fn write<T: Artifact>(artifact: &T) {
    let name = format!("{}-{}", T::SCHEMA, T::VERSION);
    let path = samples::golden(&format!("{name}.h5"));
    if path.exists() {
        println!("{name} exists");
        return;
    }
    std::fs::create_dir_all(samples::golden("")).expect("the folder can be made");
    file::write(&path, artifact, &samples::provenance()).expect("the file can be written");
    std::fs::write(samples::golden(&format!("{name}.txt")), samples::layout(artifact))
        .expect("the layout too");
    println!("{name} written");
}
