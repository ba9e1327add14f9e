//! Probabilities as integers, computed alike on every machine.

/// The number of binary digits of an acceptance probability. Rounding to them changes a probability by at most 2^−49,
/// which no simulation of less than 10^28 decisions could detect.
pub(crate) const DIGITS: usize = 48;

/// e^x for x ≤ 0, good to 2 units in the last place. It uses only operations that IEEE 754 fixes to the last bit, so
/// that a threshold is the same integer everywhere.
pub(crate) fn exp(x: f64) -> f64 {
    if x < -700.0 {
        return 0.0;
    }
    let n = (x * std::f64::consts::LOG2_E).round_ties_even();
    // ln 2 in two parts; n times the first is exact.
    let r = n.mul_add(-6.931_471_803_691_238e-1, x);
    let r = n.mul_add(-1.908_214_929_270_587_7e-10, r);
    let mut sum = 1.0;
    for k in (1..=14).rev() {
        sum = (sum * r / f64::from(k)) + 1.0;
    }
    sum * f64::from_bits(((n as i64 + 1023) as u64) << 52)
}

/// 1 / (1 + e^x).
pub(crate) fn logistic_of_minus(x: f64) -> f64 {
    if x >= 0.0 {
        let small = exp(-x);
        small / (1.0 + small)
    } else {
        1.0 / (1.0 + exp(x))
    }
}

/// The nearest multiple of 2^−[`DIGITS`] below 1, as an integer.
pub(crate) fn threshold(probability: f64) -> u64 {
    let scale = (1u64 << DIGITS) as f64;
    ((probability * scale).round_ties_even() as u64).min((1 << DIGITS) - 1)
}

/// Whether a uniform 64-bit integer is below a threshold: true with probability threshold / 2^[`DIGITS`].
pub(crate) fn below(bits: u64, threshold: u64) -> bool {
    bits >> (64 - DIGITS) < threshold
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponential_agrees_with_the_library() {
        for k in 0..7000 {
            let x = -f64::from(k) * 0.097;
            let (ours, theirs) = (exp(x), x.exp());
            assert!((ours - theirs).abs() <= 4.0 * f64::EPSILON * theirs, "{x}: {ours} {theirs}");
        }
        assert_eq!(exp(0.0), 1.0);
        assert_eq!(exp(f64::NEG_INFINITY), 0.0);
    }

    #[test]
    fn thresholds_of_known_probabilities() {
        assert_eq!(threshold(0.5), 1 << (DIGITS - 1));
        assert_eq!(threshold(1.0), (1 << DIGITS) - 1);
        assert_eq!(threshold(0.0), 0);
        assert!(below(0, 1) && !below(0, 0) && !below(u64::MAX, threshold(1.0)));
        assert!((logistic_of_minus(2.0) + logistic_of_minus(-2.0) - 1.0).abs() < 1e-15);
    }
}
