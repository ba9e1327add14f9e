//! Extreme settings and data: a right result or a clear error.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use datasets::{Flow, Rbm, Spins, Units, Weights, file};
use ndarray::{Array1, Array2};

use crate::Extent;
use crate::program::{call, words};
use crate::row::{Outcome, Row};

pub(crate) fn rows(extent: Extent) {
    Row::of("smallest experiments", "run: L = 2, N_h = 1, one temperature, one sample", || smallest(extent));
    Row::of("data without variance", "train, thermometer, flow, weights of one repeated configuration", flat);
    Row::of("training that diverges", "train with learning rates up to 1e38", diverging);
    Row::of(
        "overflow of exp and of products",
        "flow, weights of machines with weights up to 3.4e38",
        overflow,
    );
    let each = extent.of(20_000, 250_000);
    let tried = format!("sample, train, flow of {} configurations", 4 * each);
    Row::of("very many samples", &tried, || many(each));
}

fn succeed(path: &Path, line: &str) -> Result<()> {
    call(&mut words(path, line)?)?.succeeded().with_context(|| line.to_owned())
}

fn smallest(extent: Extent) -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path();
    let (mut done, mut refused) = (0, 0);
    for temperatures in extent.of(&["0", "tc,1e-3,1e3"][..], &["0", "2", "inf", "0,inf", "tc,1e-3,1e3"]) {
        for samples in extent.of(&[1, 2][..], &[1, 2, 7]) {
            // One chain has no error, and is refused.
            let chains = samples.max(&2);
            let text = format!(
                "name = \"smallest\"\n[lattice]\nsize = 2\n[sample]\ntemperatures = \"{temperatures}\"\n\
                 samples_per_temperature = {samples}\n[equation_of_state]\ntemperatures = \"0:4:1\"\n\
                 [thermometer]\nsamples_per_temperature = {samples}\nepochs = 2\n\
                 [flow]\nstarts = \"0,inf\"\nchains = {chains}\nsteps = 3\n[map]\n[weights]\n\
                 [[training]]\nname = \"V\"\ntemperatures = \"{temperatures}\"\nhidden = 1\nepochs = 2\n"
            );
            std::fs::write(path.join("e.toml"), text)?;
            let ended = call(&mut words(path, "run -q e.toml -o out")?)?;
            let what = || format!("T = {temperatures}, {samples} samples");
            match ended.code {
                Some(0) => {
                    succeed(path, "verify -q out").with_context(what)?;
                    done += 1;
                }
                // What is impossible is named; nothing that is not a number is ever written.
                Some(code) => {
                    ended.refused(code, &[]).with_context(what)?;
                    ensure!(matches!(code, 1..=3), "{}: {}", what(), ended.err);
                    refused += 1;
                }
                None => ended.sane().with_context(what)?,
            }
            // What is refused before the first job leaves no folder.
            if path.join("out").exists() {
                std::fs::remove_dir_all(path.join("out"))?;
            }
        }
    }
    Ok((done + refused, format!("{done} done and verified, {refused} refused with the reason")))
}

/// Only the ground state with all spins up.
fn flat() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path();
    write_spins(&path.join("flat.h5"), &Array2::from_elem((50, 16), 1))?;
    write_spins(&path.join("flat-test.h5"), &Array2::from_elem((40, 16), 1))?;
    let lines = [
        "train -q flat.h5 --hidden 1 --epochs 30 -o rbm.h5",
        "train -q flat.h5 --hidden 3 --epochs 30 --units binary --set biases=true -o binary.h5",
        "equation-of-state -q -L 4 --temperatures 0:6:0.5 -o table.h5",
        "thermometer train -q flat.h5 --test flat-test.h5 --equation-of-state table.h5 --set epochs=3 -o thermometer.h5",
        "flow rbm -q rbm.h5 --starts flat.h5 --equation-of-state table.h5 --set chains=50 --steps 5 -o flow.h5",
        "weights -q rbm.h5 --spins flat.h5 -o weights.h5",
        "thermometer measure -q flat.h5 --equation-of-state table.h5",
        "info -q flat.h5",
    ];
    let (mut refused, mut said) = (0, vec![]);
    for line in lines {
        let ended = call(&mut words(path, line)?)?;
        if ended.code != Some(0) {
            ended.refused(ended.code.unwrap_or(0), &[]).with_context(|| line.to_owned())?;
            refused += 1;
            said.push(ended.err.trim().to_owned());
        }
    }
    Ok((
        lines.len() as u64,
        format!("{} done, {refused} refused: {}", lines.len() - refused, said.join(" / ")),
    ))
}

fn write_spins(path: &Path, samples: &Array2<i8>) -> Result<()> {
    let size = samples.ncols().isqrt();
    let mut tree = datasets::Tree::default();
    tree.set("size", size);
    tree.set("algorithm", "by hand");
    tree.put("samples", samples, "sample,site", "1", "");
    tree.put_list("labels", &vec![0_u16; samples.nrows()], "sample", "1", "");
    tree.put_list("temperature", &[1.0_f64], "temperature", "J/k_B", "");
    let spins = <Spins as datasets::Artifact>::from_tree(&tree)?;
    file::write(path, &spins, &provenance()).map(drop).map_err(Into::into)
}

fn provenance() -> datasets::Provenance {
    datasets::Provenance { producer: "a test".to_owned(), config: String::new(), seed: 0, inputs: vec![] }
}

fn diverging() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path();
    succeed(path, "sample -q -L 4 --temperatures 1:4:1 --samples-per-temperature 100 -o spins.h5")?;
    let (mut times, mut failed) = (0, 0);
    for rate in ["0.5", "10", "1e4", "1e10", "1e20", "1e30", "1e38"] {
        for more in
            ["", " --units binary --set biases=true", " --set momentum=0.99", " --set algorithm=\"pcd\""]
        {
            let line =
                format!("train -q spins.h5 --hidden 8 --epochs 50 --learning-rate {rate}{more} -o rbm.h5");
            let ended = call(&mut words(path, &line)?)?;
            match ended.code {
                Some(0) => {
                    let machine = file::read::<Rbm>(&path.join("rbm.h5"))?.content;
                    ensure!(
                        machine.weights.iter().all(|w| w.is_finite()),
                        "{line}: weights that are no numbers"
                    );
                    std::fs::remove_file(path.join("rbm.h5"))?;
                }
                _ => {
                    ended.refused(1, &["diverged", "learning"]).with_context(|| line.clone())?;
                    ensure!(!path.join("rbm.h5").exists(), "{line}: made a file all the same");
                    failed += 1;
                }
            }
            let _ = std::fs::remove_file(path.join("rbm.h5.checkpoint"));
            times += 1;
        }
    }
    Ok((times, format!("{failed} refused as diverged, exit code 1; otherwise all weights are finite")))
}

fn overflow() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path();
    succeed(path, "sample -q -L 4 --temperatures 1:4:1 --samples-per-temperature 20 -o spins.h5")?;
    let (mut times, mut done, mut said) = (0, 0, String::new());
    for weight in [1e-45_f32, 1e-38, 80.0, 1e3, 1e19, 1e30, f32::MAX] {
        for (name, sign) in [("equal", 0), ("alternating", 1)] {
            let pattern = |(i, j): (usize, usize)| if sign * (i + j) % 2 == 0 { weight } else { -weight };
            let machine = Rbm {
                units: Units::Spin,
                weights: Array2::from_shape_fn((16, 6), pattern),
                visible_bias: Array1::zeros(16),
                hidden_bias: Array1::zeros(6),
                training_temperatures: vec![1.0],
                updates: 1,
                history_epoch: vec![],
                history: Default::default(),
            };
            file::write(&path.join("rbm.h5"), &machine, &provenance())?;
            for (line, out) in [
                ("flow rbm -q rbm.h5 --starts spins.h5 --set chains=20 --steps 4 -o flow.h5", "flow.h5"),
                ("weights -q rbm.h5 --spins spins.h5 -o weights.h5", "weights.h5"),
            ] {
                let ended = call(&mut words(path, line)?)?;
                let what = || format!("{name} weights of {weight:e}: {line}");
                times += 1;
                if ended.code == Some(0) {
                    finite(&path.join(out)).with_context(what)?;
                    std::fs::remove_file(path.join(out))?;
                    done += 1;
                } else {
                    ended.refused(ended.code.unwrap_or(0), &[]).with_context(what)?;
                    ensure!(!path.join(out).exists(), "{}: made a file all the same", what());
                    said = ended.err.trim().chars().take(120).collect();
                }
            }
        }
    }
    let refused =
        if done == times { String::new() } else { format!(", {} refused, such as {said}", times - done) };
    Ok((times, format!("{done} done with finite numbers{refused}")))
}

/// The numbers that everything else is made from are numbers.
fn finite(path: &Path) -> Result<()> {
    let ok = if path.ends_with("flow.h5") {
        let flow = file::read::<Flow>(path)?.content;
        flow.energy_per_spin.value.iter().all(|x| x.is_finite())
            && flow.abs_magnetization.value.iter().all(|x| x.is_finite())
    } else {
        let weights = file::read::<Weights>(path)?.content;
        weights.gram.iter().flatten().chain(&weights.eigenvalues).all(|x| x.is_finite())
    };
    ensure!(ok, "numbers that are none");
    Ok(())
}

fn many(each: u64) -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path();
    succeed(
        path,
        &format!("sample -q -L 4 --temperatures 1:4:1 --samples-per-temperature {each} -o spins.h5"),
    )?;
    succeed(path, "train -q spins.h5 --hidden 4 --epochs 1 -o rbm.h5")?;
    succeed(path, "flow rbm -q rbm.h5 --starts spins.h5 --set chains=1000 --steps 1 -o flow.h5")?;
    let spins = file::read::<Spins>(&path.join("spins.h5"))?.content;
    ensure!(spins.samples.nrows() as u64 == 4 * each, "{} configurations", spins.samples.nrows());
    // Sums over so many must not lose digits.
    let observed = &spins.observables;
    let exact = observed.energy_per_spin_exact.as_ref().context("the exact energies")?;
    for ((mean, error), exact) in
        observed.energy_per_spin.iter().zip(&observed.energy_per_spin_error).zip(exact)
    {
        ensure!((mean - exact).abs() <= 5.0 * error + 1e-12, "energy {mean} ± {error}, exact {exact}");
    }
    Ok((3, "done; energies within 5 standard errors of the exact ones".to_owned()))
}
