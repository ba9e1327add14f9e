//! `docs/format.md` lists what the code writes: every schema, attribute, dataset, axis and unit.
//!
//! `RBMFLOW_WRITE_DOCS=1 cargo test --package rbmflow-datasets --test format` writes its tables anew.

mod samples;

use std::fmt::Write as _;
use std::path::Path;

use datasets::{Artifact, Attribute};
use samples::for_every_schema;

/// The tables of one schema.
fn tables<T: Artifact>(artifact: &T) -> String {
    let tree = artifact.to_tree();
    let mut text = format!("### `{}` {}\n\n| attribute | type |\n| --- | --- |\n", T::SCHEMA, T::VERSION);
    for (name, value) in &tree.attributes {
        let kind = match value {
            Attribute::Text(_) => "text",
            Attribute::Integer(_) => "integer",
            Attribute::Integers(_) => "list of integers",
            Attribute::Real(_) => "real",
            Attribute::Reals(_) => "list of reals",
        };
        writeln!(text, "| `{name}` | {kind} |").unwrap();
    }
    text.push_str("\n| dataset | type | axes | unit | what it is |\n| --- | --- | --- | --- | --- |\n");
    for (path, dataset) in &tree.datasets {
        let (kind, axes) = (dataset.values.type_name(), dataset.dims.join(", "));
        let what = dataset.description.replace('|', "\\|");
        writeln!(text, "| `{path}` | {kind} | {axes} | {} | {what} |", dataset.units).unwrap();
    }
    text
}

fn collect<T: Artifact>(artifact: &T, all: &mut Vec<String>) {
    all.push(tables(artifact));
}

#[test]
fn the_reference_lists_what_is_written() {
    const MARKS: [&str; 2] = ["<!-- tables: made from the code -->\n", "<!-- end of the tables -->\n"];
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/format.md");
    let document = std::fs::read_to_string(&path).unwrap();
    let (head, rest) = document.split_once(MARKS[0]).expect("the beginning of the tables is marked");
    let (stored, tail) = rest.split_once(MARKS[1]).expect("the end of the tables is marked");
    let mut all = vec![];
    let artifacts = &mut all;
    for_every_schema!(collect, artifacts);
    let tables = format!("\n{}\n", all.join("\n"));
    if std::env::var_os("RBMFLOW_WRITE_DOCS").is_some() {
        std::fs::write(&path, [head, MARKS[0], &tables, MARKS[1], tail].concat()).unwrap();
    } else {
        assert!(
            stored == tables,
            "docs/format.md is not what the code writes; RBMFLOW_WRITE_DOCS=1 writes it anew"
        );
    }
}
