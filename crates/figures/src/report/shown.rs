//! The figures of the page: their numbers, and links to them.

use plot::text::escape;

use super::story::experiment_with;

/// The figures of the page, in the order in which they appear.
#[derive(Debug)]
pub(super) struct Shown<'a> {
    pub(super) order: Vec<&'a str>,
    /// Where the errors of most figures come from.
    pub(super) errors: &'a str,
}

impl Shown<'_> {
    /// What a figure is called on the page: `Figure 3`, the third that appears; nothing if it does not.
    pub(super) fn name(&self, id: &str) -> Option<String> {
        self.order.iter().position(|other| *other == id).map(|place| format!("Figure {}", place + 1))
    }

    /// A link to a figure; where the run does not have it, which experiment has.
    pub(super) fn link(&self, id: &str) -> String {
        let id = escape(id);
        self.name(&id).map_or_else(
            || format!("in the experiment <code>{}</code>", experiment_with(&id)),
            |name| format!("<a href=\"#{id}\">{name}</a>"),
        )
    }
}
