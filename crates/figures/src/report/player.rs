//! The player of the flow: what its script needs, taken from the numbers of P01.

use std::fmt::Write as _;

use datasets::{Figure, Figures};
use ndarray::Array4;

use crate::error::FigureError;
use crate::p01_player::{BLOCK_SPIN, lattice_of};
use crate::record::Numbers;
use crate::wording::temperature;
use plot::panel::digits;

const SCRIPT: &str = include_str!("player.js");
/// The figure with the snapshots.
pub(super) const ID: &str = "P01";

/// The script of the player; empty if there is nothing to play.
pub(super) fn script(figures: &Figures) -> &'static str {
    let plays = figures.figures.get(ID).is_some_and(|figure| !figure.numbers.datasets.is_empty());
    if plays { SCRIPT } else { "" }
}

/// The place of the player and its data; empty if there is nothing to play.
pub(super) fn player(figure: &Figure) -> Result<String, FigureError> {
    let numbers = Numbers::new(ID, figure);
    let machines: Vec<&str> = numbers.groups().into_iter().filter(|group| *group != BLOCK_SPIN).collect();
    let block = numbers.has(&format!("{BLOCK_SPIN}/step"));
    if machines.is_empty() && !block {
        return Ok(String::new());
    }
    let mut order: Vec<(&str, &str, usize)> = machines
        .into_iter()
        .map(|group| {
            let hidden = numbers.count(&format!("{group}_hidden")).unwrap_or(0);
            (group, numbers.text(&format!("{group}_training")), hidden)
        })
        .collect();
    // The paper's types in their order, then the others by name.
    let rank = |training: &str| ["V", "H", "L"].iter().position(|t| *t == training).unwrap_or(3);
    order.sort_by_key(|(_, training, hidden)| (rank(training), *training, *hidden));
    let mut json = format!("{{\"main\":{},\"machines\":[", text(numbers.text("main")));
    for (i, (group, training, hidden)) in order.iter().enumerate() {
        let comma = if i > 0 { "," } else { "" };
        let settings = text(numbers.text(&format!("{group}_settings")));
        let _ = write!(
            json,
            "{comma}{{\"name\":{},\"training\":{},\"hidden\":{hidden},\"settings\":{settings},{}}}",
            text(group),
            text(training),
            course(numbers, group)?
        );
    }
    json.push_str("],\"block\":");
    if block {
        let sizes: Vec<f64> =
            numbers.counts(&format!("{BLOCK_SPIN}/size_at_step"))?.iter().map(|&s| s as f64).collect();
        let _ = write!(json, "{{\"sizes\":{},{}}}", list(&sizes), course(numbers, BLOCK_SPIN)?);
    } else {
        json.push_str("null");
    }
    json.push('}');
    Ok(format!(
        "<div class=\"player\" id=\"player\" role=\"group\" aria-label=\"Player of the flow\" hidden></div>\n\
         <script type=\"application/json\" id=\"player-data\">{json}</script>\n"
    ))
}

/// The members of one flow: steps, starts, packed configurations and readings, arrays flattened in row-major order.
fn course(numbers: Numbers<'_>, group: &str) -> Result<String, FigureError> {
    let path = |name: &str| format!("{group}/{name}");
    let configurations = numbers.configurations(&path("configurations"))?;
    let steps: Vec<f64> = numbers.counts(&path("step"))?.iter().map(|&s| s as f64).collect();
    let starts = numbers.list(&path("start_temperature"))?;
    let names: Vec<String> =
        starts.iter().map(|&t| text(&temperature(t, numbers.critical_temperature()))).collect();
    let (_, _, chains, sites) = configurations.dim();
    // Layers are below each other, and a chain is in lines like a text.
    let width = lattice_of(numbers, group, sites).map_or(sites, |lattice| match lattice.sides() {
        [length, 1, 1] => length.isqrt(),
        [width, ..] => width,
    });
    let mut json = format!(
        "\"steps\":{},\"starts\":[{}],\"temperatures\":{},\"chains\":{chains},\"width\":{width},\"sites\":{sites},\"bits\":\"{}\"",
        list(&steps),
        names.join(","),
        list(&starts),
        base64(&packed(&configurations)),
    );
    for (name, key) in [("energy_temperature", "energy"), ("abs_magnetization", "magnetization")] {
        if numbers.has(&path(name)) {
            let (value, error) = numbers.grid_with_error(&path(name))?;
            let flat = |grid: ndarray::Array2<f64>| list(&grid.iter().copied().collect::<Vec<_>>());
            let _ = write!(json, ",\"{key}\":{},\"{key}Error\":{}", flat(value), flat(error));
        }
    }
    if numbers.has(&path("nn_posterior")) {
        let posterior: Vec<f64> = numbers.cube(&path("nn_posterior"))?.iter().copied().collect();
        let classes = numbers.list(&path("class_temperature"))?;
        let _ = write!(json, ",\"classes\":{},\"posterior\":{}", list(&classes), short_list(&posterior));
    }
    Ok(json)
}

/// One bit for each spin, set for +1, the highest bit of a byte first.
fn packed(configurations: &Array4<i8>) -> Vec<u8> {
    let spins: Vec<i8> = configurations.iter().copied().collect();
    spins
        .chunks(8)
        .map(|chunk| chunk.iter().enumerate().fold(0, |byte, (i, &s)| byte | (u8::from(s > 0) << (7 - i))))
        .collect()
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let word = (0..3).fold(0u32, |word, i| (word << 8) | u32::from(chunk.get(i).copied().unwrap_or(0)));
        for i in 0..4 {
            let digit = DIGITS[(word >> (18 - 6 * i)) as usize & 63];
            out.push(if i <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    out
}

/// A JSON array with six significant digits; what JSON has no number for is null.
fn list(values: &[f64]) -> String {
    joined(values, |v| digits(v, 6))
}

/// A JSON array of probabilities with four decimals.
fn short_list(values: &[f64]) -> String {
    joined(values, |v| plot::text::number((v * 1e4).round() / 100.0))
}

fn joined(values: &[f64], write: impl Fn(f64) -> String) -> String {
    let numbers: Vec<String> =
        values.iter().map(|&v| if v.is_finite() { write(v) } else { "null".to_owned() }).collect();
    format!("[{}]", numbers.join(","))
}

/// A JSON text that cannot end a script element.
fn text(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            '<' | '>' | '&' => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c if c < ' ' => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_those_of_rfc_4648() {
        // The test vectors of RFC 4648, section 10.
        for (plain, coded) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }

    #[test]
    fn spins_are_packed_from_the_highest_bit() {
        let spins =
            Array4::from_shape_vec((1, 1, 1, 9), vec![1, -1, -1, -1, -1, -1, -1, 1, 1]).expect("nine");
        assert_eq!(packed(&spins), [0b1000_0001, 0b1000_0000]);
    }

    #[test]
    fn texts_cannot_leave_their_script() {
        assert_eq!(text("</script>\"\n"), "\"\\u003c/script\\u003e\\\"\\u000a\"");
        assert_eq!(list(&[1.5, f64::INFINITY]), "[1.5,null]");
        assert_eq!(short_list(&[0.123_456]), "[12.35]");
    }
}
