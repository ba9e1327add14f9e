//! Figures whose numbers are not what the pictures and claims expect: a file of them may come from anybody.

use anyhow::{Result, bail, ensure};
use datasets::{Artifact as _, Attribute, Figures, Tree, file};

use crate::Extent;
use crate::forged::variants;
use crate::kill::{Calm, tiny};
use crate::places::{Account, MEMORY, delegate};
use crate::row::{Outcome, Row};

/// Of how many pictures one is also turned into pixels.
const PIXELS: usize = 50;

pub(crate) fn rows(extent: Extent) {
    let tried = "every array and text of every figure of the tiny experiment changed, then drawn and judged";
    Row::of("figures with other numbers", tried, || drawn(extent.of(199, 5)));
}

fn drawn(stride: usize) -> Outcome {
    let calm = Calm::of(&tiny())?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("figures.h5");
    let bytes = calm.files.get(std::path::Path::new("data/figures.h5"));
    std::fs::write(&path, bytes.ok_or_else(|| anyhow::anyhow!("the tiny experiment has no figures"))?)?;
    let counts = delegate(&["drawn", &path.to_string_lossy(), &stride.to_string()])?;
    let sum = |of: fn(&crate::places::Count) -> u64| counts.iter().map(of).sum::<u64>();
    let (refused, accepted) = (sum(|count| count.refused), sum(|count| count.accepted));
    ensure!(refused + accepted > 0, "there were no cases");
    let figures = counts.len();
    Ok((
        refused + accepted,
        format!(
            "{figures} figures: {accepted} drawn, {refused} refused by name, no panic, within {} MiB",
            MEMORY >> 20
        ),
    ))
}

/// The worker: file, of how many cases one is tried, place for the number of the case.
pub(crate) fn work(words: &[&str]) -> Result<String> {
    let [path, stride, place] = words else { bail!("wrong words") };
    let tree = file::read::<Figures>(path.as_ref())?.content.to_tree();
    let stride: usize = stride.parse()?;
    let mut account = Account::new(place)?;
    let mut cases = 0;
    let mut check = |what: &str, change: &dyn Fn(&mut Tree)| -> Result<()> {
        cases += 1;
        if cases % stride != 0 {
            return Ok(());
        }
        let mut changed = tree.clone();
        change(&mut changed);
        let id = what.split(['/', '.']).next().unwrap_or(what);
        account.enter("drawn", id);
        let pixels = (cases / stride).is_multiple_of(PIXELS);
        account.case(None, || judge(&changed, id, pixels)).map_err(|error| error.context(what.to_owned()))
    };
    for (path, dataset) in &tree.datasets {
        check(path, &|tree| drop(tree.datasets.remove(path)))?;
        for (_, what, values) in variants(&dataset.values) {
            check(&format!("{path} {what}"), &|tree| {
                if let Some(dataset) = tree.datasets.get_mut(path) {
                    // As by a program that names axes as we do, and gets their lengths wrong.
                    if values.shape().len() != dataset.dims.len() {
                        dataset.dims = (0..values.shape().len()).map(|axis| format!("axis{axis}")).collect();
                    }
                    dataset.values = values.clone();
                }
            })?;
        }
    }
    for name in tree.attributes.keys() {
        check(name, &|tree| drop(tree.attributes.remove(name)))?;
        let long = "<&\u{301}\u{202e}\u{1f600}".repeat(2000);
        let values = [
            Attribute::Integer(i64::MIN),
            Attribute::Integer(0),
            Attribute::Real(f64::NAN),
            Attribute::Real(1e300),
            Attribute::Reals(vec![]),
            Attribute::Reals(vec![f64::INFINITY, -1.0]),
            Attribute::from(""),
            Attribute::from("]]><script>\u{0}"),
            Attribute::from(long.as_str()),
        ];
        for value in values {
            check(&format!("{name} {value:.40?}"), &|tree| {
                drop(tree.attributes.insert(name.clone(), value.clone()));
            })?;
        }
    }
    Ok(account.text())
}

/// The figure with this id as a picture, and the claims of all.
fn judge(tree: &Tree, id: &str, pixels: bool) -> Result<(), String> {
    let figures = Figures::from_tree(tree).map_err(|error| error.to_string())?;
    figures::check(&figures).map_err(|error| error.to_string())?;
    figures::claims(&figures);
    figures::warnings(&figures);
    let Some(figure) = figures.figures.get(id) else { return Err(format!("{id} is gone")) };
    let svg = figures::draw(id, figure).map_err(|error| error.to_string())?;
    if pixels {
        plot::png(&svg).map_err(|error| error.to_string())?;
    }
    Ok(())
}
