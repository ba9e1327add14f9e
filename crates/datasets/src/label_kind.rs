//! What the labels of configurations say.

use crate::checks::wrong_attribute;
use crate::tree::{ContentError, Tree};

/// What the numbers by which configurations are told apart are: the list `temperature` of files of configurations, of
/// thermometers and of the starts of flows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LabelKind {
    /// Temperatures in J/k_B.
    #[default]
    Temperature,
    /// Classes of any kind, numbered: digits, say. They have no unit, and no mean.
    Class,
    /// Nothing: all configurations have one label, 1, that says nothing about them.
    None,
}

/// The attribute.
const NAME: &str = "label_kind";

impl LabelKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Temperature, Self::Class, Self::None];

    /// The name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Temperature => "temperature",
            Self::Class => "class",
            Self::None => "none",
        }
    }

    /// The unit of the labels in files.
    pub(crate) fn units(self) -> &'static str {
        if self == Self::Temperature { "J/k_B" } else { "1" }
    }

    pub(crate) fn put(self, tree: &mut Tree) {
        tree.set(NAME, self.name());
    }

    /// Where nothing is said they are temperatures.
    pub(crate) fn take(tree: &Tree) -> Result<Self, ContentError> {
        let Some(name) = tree.optional(NAME, Tree::text)? else { return Ok(Self::default()) };
        let kind = Self::ALL.into_iter().find(|kind| kind.name() == name);
        kind.ok_or_else(|| wrong_attribute(NAME, name, "`temperature`, `class` or `none`"))
    }
}
