//! exp, ln and their relatives in double precision, from additions, multiplications and divisions alone.
//!
//! The platform's functions differ in the last bit between C libraries and between processors with and without fused
//! multiply-add. These do not, so that monitored numbers, initial weights and likelihoods are the same everywhere.
//! Relative errors are below 4·10⁻¹⁶.

/// e^x; 0 below −708 and e^708 above 708.
#[inline]
pub(crate) fn exp(x: f64) -> f64 {
    // Adding 1.5·2⁵² rounds to an integer and leaves it in the lowest bits.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    const LN2_HIGH: f64 = 0.693_147_180_369_123_8;
    const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    let bounded = x.clamp(-708.0, 708.0);
    let shifted = bounded * std::f64::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = (bounded - n * LN2_HIGH) - n * LN2_LOW;
    // The Taylor series up to r¹³ / 13!, |r| < 0.347.
    let mut p = 1.0 / 6_227_020_800.0;
    for factor in [
        1.0 / 479_001_600.0,
        1.0 / 39_916_800.0,
        1.0 / 3_628_800.0,
        1.0 / 362_880.0,
        1.0 / 40_320.0,
        1.0 / 5_040.0,
        1.0 / 720.0,
        1.0 / 120.0,
        1.0 / 24.0,
        1.0 / 6.0,
        0.5,
        1.0,
        1.0,
    ] {
        p = p * r + factor;
    }
    let power = f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52);
    if x < -708.0 { 0.0 } else { p * power }
}

/// ln x of a positive normal number.
#[inline]
pub(crate) fn ln(x: f64) -> f64 {
    const ONE: u64 = 0x3ff0_0000_0000_0000;
    let bits = x.to_bits();
    let mut exponent = (bits >> 52) as i32 - 1023;
    let mut mantissa = f64::from_bits(bits & 0x000f_ffff_ffff_ffff | ONE);
    if mantissa > std::f64::consts::SQRT_2 {
        mantissa *= 0.5;
        exponent += 1;
    }
    // ln m = 2 artanh s with s = (m − 1) / (m + 1), |s| < 0.1716.
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let square = s * s;
    let mut p = 0.0;
    for odd in [23.0, 21.0, 19.0, 17.0, 15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0] {
        p = p * square + 1.0 / odd;
    }
    let fraction = 2.0 * s + 2.0 * s * square * p;
    f64::from(exponent) * std::f64::consts::LN_2 + fraction
}

/// ln(1 + e^x).
#[inline]
pub(crate) fn softplus(x: f64) -> f64 {
    x.max(0.0) + ln(1.0 + exp(-x.abs()))
}

/// 1 / (1 + e^−x), without cancellation on either side.
#[inline]
pub(crate) fn logistic(x: f64) -> f64 {
    let e = exp(-x.abs());
    if x >= 0.0 { 1.0 / (1.0 + e) } else { e / (1.0 + e) }
}

/// tanh x.
#[inline]
pub(crate) fn tanh(x: f64) -> f64 {
    let e = exp(-2.0 * x.abs());
    ((1.0 - e) / (1.0 + e)).copysign(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against the platform's own functions, which are correct to about one unit in the last place.
    #[test]
    fn functions_agree_with_the_platform() {
        for step in -70_000..=70_000 {
            let x = f64::from(step) * 0.01 + 0.001_3;
            assert!((exp(x) / x.exp() - 1.0).abs() < 6e-16, "exp({x})");
            let y = exp(x);
            assert!((ln(y) - y.ln()).abs() < 4e-16 * y.ln().abs().max(0.1), "ln({y})");
            let z = x * 0.01;
            assert!((tanh(z) - z.tanh()).abs() < 4e-16, "tanh({z})");
            assert!((logistic(z) * (1.0 + (-z).exp()) - 1.0).abs() < 8e-16, "logistic({z})");
            assert!((softplus(z) - z.exp().ln_1p()).abs() < 2e-15, "softplus({z})");
        }
        assert_eq!(exp(-1000.0), 0.0);
        assert_eq!(exp(0.0), 1.0);
        assert_eq!(ln(1.0), 0.0);
    }
}
