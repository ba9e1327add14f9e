//! The layout of a schema as text, to be compared with the one that was released.

use std::fmt::Write;

use datasets::{Artifact, Attribute};

/// One line for each attribute and each dataset: name, type, axes, unit.
pub(crate) fn layout<T: Artifact>(artifact: &T) -> String {
    let tree = artifact.to_tree();
    let mut text = format!("schema {} {}\n", T::SCHEMA, T::VERSION);
    for (name, value) in &tree.attributes {
        let kind = match value {
            Attribute::Text(_) => "text",
            Attribute::Integer(_) => "i64",
            Attribute::Integers(_) => "i64[]",
            Attribute::Real(_) => "f64",
            Attribute::Reals(_) => "f64[]",
        };
        writeln!(text, "attribute {name}: {kind}").unwrap();
    }
    for (path, dataset) in &tree.datasets {
        let (kind, axes) = (dataset.values.type_name(), dataset.dims.join(","));
        writeln!(text, "dataset {path}: {kind}[{axes}] in {}", dataset.units).unwrap();
    }
    text
}

/// Calls a function with the sample of every schema.
#[allow(unused_macros, reason = "some tests need a single schema")]
macro_rules! for_every_schema {
    ($function:ident $(, $argument:expr)*) => {
        $function(&samples::spins() $(, $argument)*);
        $function(&samples::equation_of_state() $(, $argument)*);
        $function(&samples::rbm() $(, $argument)*);
        $function(&samples::thermometer() $(, $argument)*);
        $function(&samples::flow() $(, $argument)*);
        $function(&samples::weights() $(, $argument)*);
        $function(&samples::likelihood() $(, $argument)*);
        $function(&samples::figures() $(, $argument)*);
    };
}
pub(crate) use for_every_schema;
