//! Small pictures of numbers in a line of text.

/// From nothing to full.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// A curve of at most `width` characters: each is the mean of as many numbers as fall to it. Numbers that are not finite
/// leave a gap.
pub(super) fn curve(values: &[f64], width: usize) -> String {
    let width = width.min(values.len());
    let means: Vec<f64> = (0..width)
        .map(|i| {
            let part = &values[i * values.len() / width..(i + 1) * values.len() / width];
            let finite: Vec<f64> = part.iter().copied().filter(|v| v.is_finite()).collect();
            if finite.is_empty() { f64::NAN } else { finite.iter().sum::<f64>() / finite.len() as f64 }
        })
        .collect();
    let finite = || means.iter().copied().filter(|v| v.is_finite());
    let (low, high) = (finite().fold(f64::INFINITY, f64::min), finite().fold(f64::NEG_INFINITY, f64::max));
    let level = |v: f64| if high > low { ((v - low) / (high - low) * 7.0).round() as usize } else { 0 };
    means.iter().map(|&v| if v.is_finite() { BARS[level(v).min(7)] } else { ' ' }).collect()
}

/// How often numbers fall into each of `bins` equal parts of `low..=high`; a part with any is never blank.
pub(super) fn histogram(values: impl Iterator<Item = f64>, (low, high): (f64, f64), bins: usize) -> String {
    let mut counts = vec![0u64; bins];
    for value in values.filter(|v| v.is_finite()) {
        let part = if high > low { (value - low) / (high - low) * bins as f64 } else { 0.0 };
        counts[(part.max(0.0) as usize).min(bins - 1)] += 1;
    }
    let most = counts.iter().copied().max().unwrap_or(0).max(1);
    let level = |n: u64| ((n * 7) as f64 / most as f64).round() as usize;
    counts.into_iter().map(|n| if n == 0 { ' ' } else { BARS[level(n).min(7)] }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_rise_and_fall() {
        assert_eq!(curve(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0], 8), "▁▂▃▄▅▆▇█");
        assert_eq!(curve(&[7.0, f64::NAN, 0.0], 20), "█ ▁");
        assert_eq!(curve(&[2.0; 4], 4), "▁▁▁▁");
        assert_eq!(curve(&[0.0, 0.0, 7.0, 7.0], 2), "▁█");
        assert_eq!(curve(&[], 5), "");
    }

    #[test]
    fn histograms_count() {
        assert_eq!(histogram([0.0, 0.1, 0.9, 5.0].into_iter(), (0.0, 1.0), 4), "█  █");
        assert_eq!(histogram([1.0].into_iter(), (1.0, 1.0), 2), "█ ");
    }
}
