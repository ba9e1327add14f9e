//! Draws every figure of a made-up run into a folder: `cargo run -p rbmflow-figures --example gallery -- OUTDIR [quick]`; those
//! of the other styles go into folders of its own.

#[path = "../tests/synthetic/mod.rs"]
mod synthetic;

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("usage: gallery OUTDIR [quick]")?);
    let quick = arguments.next().is_some_and(|word| word == "quick");
    fs::create_dir_all(&folder)?;
    let mut run = if quick {
        synthetic::run(1, &[16, 64])
    } else {
        synthetic::run(3, &[16, 25, 36, 64, 81, 100, 225, 400])
    };
    if quick {
        for replica in &mut run.replicas {
            replica.block_spin = None;
            replica.machines.retain(|m| m.group == figures::Group::Main);
        }
    }
    let numbers = figures::numbers(&run)?;
    let mut pictures = BTreeMap::new();
    for (id, figure) in &numbers.figures {
        let svg = figures::draw(id, figure)?;
        fs::write(folder.join(format!("{id}.svg")), &svg)?;
        fs::write(folder.join(format!("{id}.png")), plot::png(&svg)?)?;
        pictures.insert(id.clone(), svg);
        for (style, name) in [(figures::Style::Column, "column"), (figures::Style::Slides, "slides")] {
            let (svg, folder) = (figures::draw_in(style, id, figure)?, folder.join(name));
            fs::create_dir_all(&folder)?;
            fs::write(folder.join(format!("{id}.png")), plot::png_in(style, &svg)?)?;
            fs::write(folder.join(format!("{id}.svg")), svg)?;
        }
    }
    let claims = figures::claims(&numbers);
    for claim in &claims {
        println!("{:<6} {:<22} {}", claim.id, claim.verdict.words(), plot::text::plain(&claim.value));
    }
    let info = figures::RunInfo {
        name: run.name.clone(),
        description: run.description.clone(),
        config: run.config.clone(),
        seed: run.seed,
        replicas: run.replicas.len(),
        command: run.command.clone(),
        producer: "rbmflow 0.1.0".to_owned(),
        files: vec![],
        results: 0,
        missing: vec![],
        warnings: [vec!["The numbers are made up.".to_owned()], figures::warnings(&numbers)].concat(),
    };
    fs::write(folder.join("report.html"), figures::report(&info, &numbers, &claims, &pictures))?;
    Ok(())
}
