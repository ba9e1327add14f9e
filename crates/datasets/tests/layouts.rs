//! The layouts of the schemas are those that were released under their versions.

mod samples;

use datasets::Artifact;
use samples::for_every_schema;

fn check<T: Artifact>(artifact: &T) {
    let name = format!("{}-{}.txt", T::SCHEMA, T::VERSION);
    let path = samples::golden(&name);
    let released =
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert!(
        samples::layout(artifact) == released,
        "the layout of {} {} is not the one in data/golden/{name}.\n\
         Files of the old layout exist: raise the schema's version (the minor part if old readers would only miss \
         something, otherwise the major part), then run `cargo run -p rbmflow-datasets --example write_golden`.\n\
         --- now ---\n{}",
        T::SCHEMA,
        T::VERSION,
        samples::layout(artifact),
    );
}

#[test]
fn a_layout_changes_only_with_its_version() {
    for_every_schema!(check);
}
