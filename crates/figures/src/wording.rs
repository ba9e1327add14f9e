//! Numbers and settings in words, the same in captions, labels and claims.

use crate::machine::Machine;
use crate::statistics::Estimate;
use datasets::lattice::{Kind, Lattice};

/// A value with its error in the last digit: `2.03(1)`. Without an error, three decimals.
pub(crate) fn compact(value: f64, error: f64) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let minus = |text: String| {
        let zero = text.chars().all(|c| "-0.".contains(c));
        if zero { text.trim_start_matches('-').to_owned() } else { text.replace('-', "−") }
    };
    // Errors from rounding alone are none.
    if !error.is_finite() || error <= 1e-9 * value.abs().max(1.0) {
        return minus(format!("{value:.3}"));
    }
    // The exponent of the error after rounding it to one digit.
    let mut exponent = error.log10().floor() as i32;
    if (error / 10f64.powi(exponent)).round() >= 10.0 {
        exponent += 1;
    }
    let decimals = (-exponent).clamp(0, 8);
    let digit = (error * 10f64.powi(decimals)).round().max(1.0);
    format!("{}({digit:.0})", minus(format!("{value:.*}", decimals as usize)))
}

/// [`compact`] of an estimate.
pub(crate) fn written(estimate: Estimate) -> String {
    compact(estimate.value, estimate.error)
}

/// The mean of values of several replicas; each of them where they differ by more than a tenth, as no mean is like any
/// of them then.
pub(crate) fn by_replica(values: &[f64]) -> String {
    let each: Vec<Estimate> = values.iter().map(|&v| Estimate::bare(v)).collect();
    let (low, high) = plot::axis::extent(values.iter().copied());
    if high - low <= 0.1 {
        return written(crate::statistics::combine(&each));
    }
    let each: Vec<String> = values.iter().map(|v| format!("{v:.2}")).collect();
    format!("{} in the replicas", list(&each))
}

/// A value without superfluous zeros.
pub(crate) fn short(value: f64) -> String {
    if value.is_infinite() {
        return if value > 0.0 { "∞".to_owned() } else { "−∞".to_owned() };
    }
    let mut text = format!("{value:.3}");
    text.truncate(text.trim_end_matches('0').trim_end_matches('.').len());
    text.replace('-', "−")
}

/// A temperature, with `T_{c}` for the critical one.
pub(crate) fn temperature(value: f64, critical: f64) -> String {
    if critical > 0.0 && (value - critical).abs() < 1e-3 { "T_{c}".to_owned() } else { short(value) }
}

/// A list in words: `a, b and c`.
pub(crate) fn list(items: &[String]) -> String {
    match items {
        [] => "none".to_owned(),
        [only] => only.clone(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}

/// The lattice, the machine and its training in words.
pub(crate) fn machine(machine: &Machine) -> String {
    format!(
        "{}, type {}, N_{{h}} = {}, {} updates, {} units",
        lattice_in_short(machine.settings.lattice),
        machine.training,
        machine.hidden,
        machine.updates,
        machine.rbm.units.name()
    )
}

/// `L = 10` of a square lattice, `14 × 8 honeycomb lattice` of another one.
pub(crate) fn lattice_in_short(of: Lattice) -> String {
    match of.size().filter(|_| of.kind() == Kind::Square) {
        Some(size) => format!("L = {size}"),
        None => lattice(of),
    }
}

/// A lattice in words.
pub(crate) fn lattice(lattice: Lattice) -> String {
    let sides: Vec<String> = lattice.shape().iter().map(ToString::to_string).collect();
    let kind = match lattice.kind() {
        Kind::Square => "torus".to_owned(),
        kind => format!("{kind} lattice"),
    };
    format!("{} {kind}", sides.join(" × "))
}

/// Longer names of files and runs are cut.
const LONGEST: usize = 16;

/// The name of a file or a run, short enough for a picture.
pub(crate) fn cut(name: &str) -> String {
    // Braces after an underscore would be taken for a subscript.
    let plain = name.replace("_{", "_ {").replace("^{", "^ {");
    match plain.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &plain[..end]),
        None => plain,
    }
}

/// `1 replica`, `3 replicas`.
pub(crate) fn replicas(count: usize) -> String {
    format!("{count} replica{}", if count == 1 { "" } else { "s" })
}

/// The group of datasets of the machines with this N_h; sorts like the numbers.
pub(crate) fn hidden_group(hidden: usize) -> String {
    format!("hidden_{hidden:05}")
}

/// The N_h of a group of datasets.
pub(crate) fn hidden_of_group(group: &str) -> Option<usize> {
    group.strip_prefix("hidden_")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::critical::critical_temperature;

    #[test]
    fn values_carry_their_error_in_the_last_digit() {
        assert_eq!(compact(2.0312, 0.012), "2.03(1)");
        assert_eq!(compact(5.149, 0.0499), "5.15(5)");
        assert_eq!(compact(-0.01634, 0.0096), "−0.02(1)");
        assert_eq!(compact(0.0961, 0.0096), "0.10(1)");
        assert_eq!(compact(123.4, 7.0), "123(7)");
        assert_eq!(compact(1234.0, 70.0), "1234(70)");
        assert_eq!(compact(1.0, 0.0), "1.000");
        assert_eq!(compact(-0.0001, 0.01), "0.00(1)");
        assert_eq!(compact(f64::NAN, 0.1), "–");
    }

    #[test]
    fn temperatures_are_short() {
        let tc = 2.0 / (1.0 + 2f64.sqrt()).ln();
        assert_eq!(temperature(tc, critical_temperature(Kind::Square)), "T_{c}");
        assert_eq!(temperature(4.0 / 3f64.ln(), critical_temperature(Kind::Triangular)), "T_{c}");
        assert_eq!(temperature(2.25, tc), "2.25");
        assert_eq!(temperature(f64::INFINITY, tc), "∞");
        // The chain's critical temperature is that of its ground states.
        assert_eq!(temperature(0.0, critical_temperature(Kind::Chain)), "0");
    }

    #[test]
    fn lists_end_with_and() {
        let words = |w: &[&str]| list(&w.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>());
        assert_eq!(words(&[]), "none");
        assert_eq!(words(&["a", "b", "c"]), "a, b and c");
    }
}
