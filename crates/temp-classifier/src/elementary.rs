//! exp and ln for f64.

/// e^x.
pub(crate) fn exp(x: f64) -> f64 {
    x.exp()
}

/// ln x.
pub(crate) fn ln(x: f64) -> f64 {
    x.ln()
}
