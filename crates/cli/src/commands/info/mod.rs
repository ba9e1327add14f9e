//! `info`: what a file says about itself.

mod content;
mod spark;

use std::fmt::Write as _;

use console::Style;
use datasets::Attribute;
use datasets::file::{self, Header, Integrity};
use serde_json::json;

use super::say;
use crate::arguments::Info;
use crate::terminal::{printable, styled};

/// Shows what is in a file.
pub(crate) fn info(arguments: &Info) -> anyhow::Result<()> {
    let header = file::read_header(&arguments.file)?;
    if arguments.json {
        return say(&format!("{}\n", serde_json::to_string_pretty(&as_json(&header))?));
    }
    let content = content::content(&header.schema, &arguments.file)?;
    let gap = if content.is_empty() { "" } else { "\n" };
    say(&emphasize(&printable(&format!("{content}{gap}{}", summary(&header)?))))
}

/// The first line and the headings stand out.
fn emphasize(text: &str) -> String {
    let lines = text.lines().enumerate().map(|(number, line)| {
        let heading = number == 0 || matches!(line, "config" | "datasets");
        if heading { styled(line, Style::new().bold()) } else { line.to_owned() }
    });
    lines.map(|line| line + "\n").collect()
}

fn summary(header: &Header) -> anyhow::Result<String> {
    let mut text = String::new();
    writeln!(text, "schema    {} {}", header.schema, header.version)?;
    writeln!(text, "producer  {}", header.provenance.producer)?;
    writeln!(text, "seed      {}", header.provenance.seed)?;
    writeln!(text, "content   {}", header.content_hash)?;
    match header.integrity {
        Integrity::AsMade => {}
        Integrity::Annotated => {
            writeln!(text, "note      annotated or repacked by another program; the content is as made")?
        }
        Integrity::WithoutHash => writeln!(text, "note      without a hash: changes cannot be seen")?,
    }
    for input in &header.provenance.inputs {
        writeln!(text, "input     {} ({} {})", input.role, input.schema, &input.content_hash)?;
    }
    for (name, value) in &header.attributes {
        writeln!(text, "{name:<9} {}", attribute(value))?;
    }
    if !header.provenance.config.is_empty() {
        text.push_str("\nconfig\n");
        for line in header.provenance.config.lines() {
            writeln!(text, "  {line}")?;
        }
    }
    text.push_str("\ndatasets\n");
    for dataset in &header.datasets {
        let axes: Vec<String> = dataset
            .dims
            .iter()
            .zip(&dataset.shape)
            .map(|(name, length)| format!("{name} {length}"))
            .collect();
        let units = if dataset.units == "1" { String::new() } else { format!(", in {}", dataset.units) };
        let axes = axes.join(", ");
        writeln!(
            text,
            "  {:<40} {} [{axes}]  {}{units}",
            dataset.path, dataset.element, dataset.description
        )?;
    }
    Ok(text)
}

fn attribute(value: &Attribute) -> String {
    match value {
        Attribute::Text(text) => text.clone(),
        Attribute::Integer(number) => number.to_string(),
        Attribute::Integers(numbers) => numbers.iter().map(i64::to_string).collect::<Vec<_>>().join(" "),
        Attribute::Real(number) => number.to_string(),
        Attribute::Reals(numbers) => numbers.iter().map(f64::to_string).collect::<Vec<_>>().join(" "),
    }
}

fn as_json(header: &Header) -> serde_json::Value {
    let attributes: serde_json::Map<String, serde_json::Value> = header
        .attributes
        .iter()
        .map(|(name, value)| {
            let value = match value {
                Attribute::Text(text) => json!(text),
                Attribute::Integer(number) => json!(number),
                Attribute::Integers(numbers) => json!(numbers),
                Attribute::Real(number) => finite(*number),
                Attribute::Reals(numbers) => numbers.iter().map(|&number| finite(number)).collect(),
            };
            (name.clone(), value)
        })
        .collect();
    let datasets: Vec<_> = header
        .datasets
        .iter()
        .map(|dataset| {
            json!({
                "path": dataset.path,
                "type": dataset.element,
                "shape": dataset.shape,
                "dims": dataset.dims,
                "units": dataset.units,
                "description": dataset.description,
            })
        })
        .collect();
    json!({
        "schema": header.schema,
        "version": header.version.to_string(),
        "producer": header.provenance.producer,
        "seed": header.provenance.seed,
        "config": header.provenance.config,
        "inputs": header.provenance.inputs,
        "content_hash": header.content_hash,
        "integrity": match header.integrity {
            Integrity::AsMade => "as made",
            Integrity::Annotated => "annotated",
            Integrity::WithoutHash => "without hash",
        },
        "attributes": attributes,
        "datasets": datasets,
    })
}

/// JSON knows no infinity.
fn finite(number: f64) -> serde_json::Value {
    if number.is_finite() { json!(number) } else { json!(number.to_string()) }
}
