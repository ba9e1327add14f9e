//! `rbmflow.figures`: the numbers of every figure, from which alone the pictures are drawn.

use std::collections::BTreeMap;

use crate::artifact::{Artifact, Version};
use crate::checks::wrong_attribute;
use crate::tree::{ContentError, Tree};

/// The numbers of one figure: arrays with names, axes and units, and texts (title, caption, settings).
///
/// NaN stands where a series or a map has no value, so that nothing is drawn there.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Figure {
    /// Arrays by path and texts by name.
    pub numbers: Tree,
}

/// The figures of a run by id (`F02`, ...). An id has neither `/` nor `.`, and each figure at least one array or text.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Figures {
    /// By id.
    pub figures: BTreeMap<String, Figure>,
}

impl Artifact for Figures {
    const SCHEMA: &'static str = "rbmflow.figures";
    const VERSION: Version = Version { major: 1, minor: 1 };

    /// Texts of a figure become root attributes named `<id>.<name>`.
    fn to_tree(&self) -> Tree {
        let mut tree = Tree::default();
        for (id, figure) in &self.figures {
            for (path, dataset) in &figure.numbers.datasets {
                tree.datasets.insert(format!("{id}/{path}"), dataset.clone());
            }
            for (name, value) in &figure.numbers.attributes {
                tree.attributes.insert(format!("{id}.{name}"), value.clone());
            }
        }
        tree
    }

    /// What belongs to no figure is somebody's annotation.
    fn from_tree(tree: &Tree) -> Result<Self, ContentError> {
        let mut figures: BTreeMap<String, Figure> = BTreeMap::new();
        for (path, dataset) in &tree.datasets {
            let Some((id, rest)) = path.split_once('/') else { continue };
            if id.contains('.') {
                let expected =
                    "each array belongs to a figure, `<id>/<name>`, whose id has no dot".to_owned();
                return Err(ContentError::Unexpected { path: path.clone(), expected });
            }
            let figure = figures.entry(id.to_owned()).or_default();
            figure.numbers.datasets.insert(rest.to_owned(), dataset.clone());
        }
        for (path, value) in &tree.attributes {
            let Some((id, name)) = path.split_once('.') else { continue };
            if id.contains('/') {
                return Err(wrong_attribute(path, "an attribute of no figure", "a name `<id>.<name>`"));
            }
            let figure = figures.entry(id.to_owned()).or_default();
            figure.numbers.attributes.insert(name.to_owned(), value.clone());
        }
        Ok(Self { figures })
    }
}
