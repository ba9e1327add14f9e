//! What the symbols and the terms mean.

use std::fmt::Write as _;

use super::markup;

/// Symbols and terms as they are written, with their definitions.
const SYMBOLS: [(&str, &str); 17] = [
    (
        "T_{c}",
        "the critical temperature of the Ising model; on the square lattice 2/ln(1 + √2) = 2.269 J/k_{B} (exact)",
    ),
    ("T_{E}", "the temperature at which the Ising model has the ensemble's mean energy"),
    ("T_{m}", "the temperature at which the Ising model has the ensemble's mean |m|"),
    ("N_{h}", "the number of hidden units"),
    ("|m|", "the magnitude of the mean spin of a configuration"),
    ("m*", "the magnetization |m| where the flow ends"),
    (
        "c_{sr}",
        "the short-range correlation: ⟨σσ⟩ over nearest neighbours minus ⟨σσ⟩ over all pairs of sites",
    ),
    ("G(r)", "the correlation ⟨σσ⟩ of two sites at distance r along an axis of the lattice"),
    ("Binder cumulant", "U = 1 − ⟨m⁴⟩/(3⟨m²⟩²): 2/3 in an ordered state, 0 in a disordered one"),
    ("W·Wᵀ", "the product of the weight matrix with its transpose over the hidden units, visible × visible"),
    ("max|W|", "the largest magnitude of a weight"),
    ("R²", "the part of the variance that a straight line explains; 1 is a perfect line"),
    ("fixed point", "where the flow settles from every start, and all starts at one energy"),
    (
        "type",
        "what a machine was trained on: V all temperatures from 0 to 6, H high ones from 4 to 6, L zero temperature",
    ),
    (
        "block spin",
        "one spin for 2 × 2 spins by majority, ties at random: a step of the renormalization group",
    ),
    ("update", "one change of the weights, from one mini-batch"),
    ("peak", "the temperature to which the network gives the largest mean probability"),
];

fn list<'a>(html: &mut String, symbols: impl Iterator<Item = &'a (&'a str, &'a str)>) {
    html.push_str("<dl>\n");
    for (symbol, meaning) in symbols {
        let _ = writeln!(html, "<dt>{}</dt><dd>{}.</dd>", markup(symbol), markup(meaning));
    }
    html.push_str("</dl>\n");
}

/// The definitions of what some texts use; nothing if they use none.
pub(super) fn defined(html: &mut String, texts: &[&str]) {
    let used = |symbol: &&(&str, &str)| texts.iter().any(|text| text.contains(symbol.0));
    if SYMBOLS.iter().any(|symbol| used(&symbol)) {
        list(html, SYMBOLS.iter().filter(used));
    }
}

/// All definitions.
pub(super) fn section(html: &mut String) {
    html.push_str("<section id=\"symbols\">\n<h2>Symbols</h2>\n");
    list(html, SYMBOLS.iter());
    html.push_str("</section>\n");
}
