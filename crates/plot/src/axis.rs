//! Axes: from values to fractions, and round numbers to write beside them.

/// How values become positions.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Scale {
    Linear,
    Log,
    /// log(1 + x), for counts that start at 0.
    LogPlusOne,
}

/// An axis with a name, a range and ticks.
#[derive(Debug, Clone)]
pub struct Axis {
    /// What is written beside the axis, with markup.
    pub label: String,
    /// What the values are, whether or not the axis says it.
    pub quantity: String,
    /// The smallest value that is shown.
    pub low: f64,
    /// The largest.
    pub high: f64,
    scale: Scale,
    /// Value and text of each tick.
    pub ticks: Vec<(f64, String)>,
    /// Ticks without text.
    pub minor: Vec<f64>,
    /// Whether grid lines are drawn at the ticks.
    pub grid: bool,
}

/// More than any axis has.
const MOST_TICKS: i64 = 100;

impl Axis {
    /// A linear axis with round ticks. The texts of very small values are those of a power of ten times the quantity,
    /// which the name says.
    pub fn linear(label: &str, low: f64, high: f64) -> Self {
        let quantity = label.to_owned();
        let (low, high) = if high > low { (low, high) } else { (low - 0.5, low + 0.5) };
        let power = low.abs().max(high.abs()).log10().floor();
        let (label, times) = match (label, power) {
            (name, -12.0..-2.0) if !name.is_empty() => {
                (format!("10^{{{}}} {name}", -power), 10f64.powi(-power as i32))
            }
            _ => (label.to_owned(), 1.0),
        };
        let step = round_step((high - low) / 5.0);
        let first = (low / step - 1e-9).ceil() as i64;
        let last = (high / step + 1e-9).floor() as i64;
        // A range that is too small or too large for numbers has no round numbers in it.
        let few = step.is_normal() && last.saturating_sub(first) < MOST_TICKS;
        let last = if few { last } else { first.saturating_sub(1) };
        let text = |k: i64| tick_text(k as f64 * step * times, step * times);
        let ticks = (first..=last).map(|k| (k as f64 * step, text(k))).collect();
        Self { label, quantity, low, high, scale: Scale::Linear, ticks, minor: vec![], grid: true }
    }

    /// A linear axis that shows all values with a little room, and zero if it is near.
    pub fn around(label: &str, values: impl IntoIterator<Item = f64>) -> Self {
        let (low, high) = extent(values);
        // A single value, but for rounding, is shown in the middle.
        let room = if high - low > 1e-9 { 0.06 * (high - low) } else { 0.5 * high.abs().max(0.1) };
        let near_zero = low >= 0.0 && low < 0.35 * high;
        Self::linear(label, if near_zero { 0.0 } else { low - room }, high + room)
    }

    /// A logarithmic axis; the range must be positive.
    pub fn log(label: &str, low: f64, high: f64) -> Self {
        // Beyond these no power of ten is a number.
        let low = if low > 0.0 { low.clamp(1e-300, 1e299) } else { 1e-3 };
        let high = if high > low { high.min(1e300) } else { 10.0 * low };
        let (first, last) = (low.log10().floor() as i32, high.log10().ceil() as i32);
        let few = high / low < 300.0;
        let mut ticks = vec![];
        let mut minor = vec![];
        for decade in first..=last {
            let power = 10f64.powi(decade);
            for k in 1..10 {
                let value = power * f64::from(k);
                if value < low * (1.0 - 1e-9) || value > high * (1.0 + 1e-9) {
                    continue;
                }
                if k == 1 || (few && (k == 2 || k == 5)) {
                    ticks.push((value, log_tick_text(value, decade, k, last - first)));
                } else {
                    minor.push(value);
                }
            }
        }
        Self {
            label: label.to_owned(),
            quantity: label.to_owned(),
            low,
            high,
            scale: Scale::Log,
            ticks,
            minor,
            grid: true,
        }
    }

    /// An axis of log(1 + steps), from 0.
    pub fn steps(label: &str, high: f64) -> Self {
        let ticks = [0.0, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0, 10_000.0]
            .into_iter()
            .filter(|&t| t <= high)
            .map(|t| (t, tick_text(t, 1.0)))
            .collect();
        Self {
            label: label.to_owned(),
            quantity: label.to_owned(),
            low: 0.0,
            high: high.max(1.0),
            scale: Scale::LogPlusOne,
            ticks,
            minor: vec![],
            grid: true,
        }
    }

    /// Other ticks.
    pub fn with_ticks(mut self, ticks: Vec<(f64, String)>) -> Self {
        self.ticks = ticks;
        self.minor = vec![];
        self
    }

    /// No grid lines.
    pub fn without_grid(mut self) -> Self {
        self.grid = false;
        self
    }

    /// The same axis beside a neighbour that already carries the texts.
    pub fn without_texts(mut self) -> Self {
        self.label = String::new();
        for tick in &mut self.ticks {
            tick.1 = String::new();
        }
        self
    }

    /// Where a value is: 0 at the low end, 1 at the high end. Infinite values are beyond the ends.
    pub fn fraction(&self, value: f64) -> f64 {
        let map = |v: f64| match self.scale {
            Scale::Linear => v,
            Scale::Log => {
                if v > 0.0 {
                    v.ln()
                } else {
                    -1e3
                }
            }
            Scale::LogPlusOne => (1.0 + v.max(-0.9)).ln(),
        };
        let (low, high) = (map(self.low), map(self.high));
        ((map(value) - low) / (high - low)).clamp(-50.0, 50.0)
    }
}

/// The smallest and largest finite value; (0, 1) if there is none.
pub fn extent(values: impl IntoIterator<Item = f64>) -> (f64, f64) {
    let (low, high) = values
        .into_iter()
        .filter(|v| v.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(v), b.max(v)));
    if low <= high { (low, high) } else { (0.0, 1.0) }
}

/// 1, 2, 2.5 or 5 times a power of ten, near `raw`.
fn round_step(raw: f64) -> f64 {
    let power = 10f64.powf(raw.log10().floor());
    let factor = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().find(|f| f * power >= raw * 0.8).unwrap_or(10.0);
    factor * power
}

/// A number with the decimals that the step needs, and a proper minus sign.
pub fn tick_text(value: f64, step: f64) -> String {
    let decimals =
        (0..=6).find(|&d| (step * 10f64.powi(d) - (step * 10f64.powi(d)).round()).abs() < 1e-6).unwrap_or(6);
    let text = format!("{:.*}", decimals as usize, value.abs());
    let zero = text.chars().all(|c| c == '0' || c == '.');
    if value < 0.0 && !zero { format!("−{text}") } else { text }
}

fn log_tick_text(value: f64, decade: i32, digit: i32, decades: i32) -> String {
    if (-2..=4).contains(&decade) && (decades <= 5 || digit != 1) {
        tick_text(value, 10f64.powi(decade))
    } else if digit == 1 {
        format!("10^{{{}}}", tick_text(f64::from(decade), 1.0))
    } else {
        format!("{digit}·10^{{{}}}", tick_text(f64::from(decade), 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_numbers() {
        let texts = |a: Axis| a.ticks.into_iter().map(|t| t.1).collect::<Vec<_>>();
        assert_eq!(texts(Axis::linear("", 0.0, 6.0)), ["0", "1", "2", "3", "4", "5", "6"]);
        assert_eq!(texts(Axis::linear("", -2.0, 0.0)), ["−2.0", "−1.5", "−1.0", "−0.5", "0.0"]);
        assert_eq!(texts(Axis::linear("c", 0.0, 5e-4)), ["0", "1", "2", "3", "4", "5"]);
        assert_eq!(Axis::linear("c", 0.0, 5e-4).label, "10^{4} c");
        assert_eq!(texts(Axis::log("", 10.0, 500.0)), ["10", "20", "50", "100", "200", "500"]);
        assert_eq!(texts(Axis::log("", 1e-4, 10.0)), ["10^{−4}", "10^{−3}", "0.01", "0.1", "1", "10"]);
        assert_eq!(texts(Axis::steps("", 200.0)), ["0", "1", "3", "10", "30", "100"]);
    }

    #[test]
    fn axes_of_any_range_have_an_end() {
        let values = [0.0, -1.0, 5e-324, 1e-300, 1.0, 1e299, f64::MAX, f64::INFINITY, f64::NAN];
        for low in values {
            for high in values {
                for axis in
                    [Axis::log("", low, high), Axis::linear("", low, high), Axis::around("", [low, high])]
                {
                    assert!(axis.ticks.len() + axis.minor.len() < 10_000, "{low} {high}: {axis:?}");
                }
            }
        }
    }

    #[test]
    fn ends_are_zero_and_one() {
        for axis in [Axis::linear("", 2.0, 3.0), Axis::log("", 2.0, 3.0), Axis::steps("", 3.0)] {
            assert!(axis.fraction(axis.low).abs() < 1e-12);
            assert!((axis.fraction(axis.high) - 1.0).abs() < 1e-12);
        }
        assert!((Axis::log("", 1.0, 100.0).fraction(10.0) - 0.5).abs() < 1e-12);
        assert!(Axis::linear("", 0.0, 6.0).fraction(f64::INFINITY) > 1.0);
    }
}
