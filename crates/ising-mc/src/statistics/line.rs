//! Straight lines through points with errors.

use datasets::Value;

/// A line a + b x.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    /// a.
    pub intercept: Value,
    /// b.
    pub slope: Value,
}

/// The line through points (x, y) by least squares with the weights 1/error²; `None` if they have fewer than two
/// different x, or an error that is not positive. Where the line misses the points by more than their errors, its own
/// errors grow in that proportion.
///
/// ```
/// use datasets::Value;
/// use ising_mc::statistics::line;
///
/// let at = |x: f64, y: f64| (x, Value { value: y, error: 0.5 });
/// let found = line(&[at(-1.0, 1.0), at(0.0, 3.0), at(1.0, 5.0)]).expect("three points");
/// assert_eq!((found.intercept.value, found.slope.value), (3.0, 2.0));
/// assert!((found.intercept.error - 0.5 / 3f64.sqrt()).abs() < 1e-15);
/// assert!((found.slope.error - 0.5 / 2f64.sqrt()).abs() < 1e-15);
/// ```
pub fn line(points: &[(f64, Value)]) -> Option<Line> {
    if !points
        .iter()
        .all(|(x, y)| x.is_finite() && y.value.is_finite() && y.error > 0.0 && y.error.is_finite())
    {
        return None;
    }
    let sum = |pick: &dyn Fn(f64, f64) -> f64| -> f64 {
        points.iter().map(|(x, y)| pick(*x, y.value) / (y.error * y.error)).sum()
    };
    let (s, sx, sy) = (sum(&|_, _| 1.0), sum(&|x, _| x), sum(&|_, y| y));
    let (sxx, sxy) = (sum(&|x, _| x * x), sum(&|x, y| x * y));
    let determinant = s * sxx - sx * sx;
    // Equal x leave rounding errors.
    if points.len() < 2 || determinant <= 1e-12 * s * sxx {
        return None;
    }
    let (a, b) = ((sxx * sy - sx * sxy) / determinant, (s * sxy - sx * sy) / determinant);
    let squares = sum(&|x, y| (y - a - b * x).powi(2));
    let freedom = points.len() - 2;
    let misfit = if freedom > 0 { (squares / freedom as f64).max(1.0) } else { 1.0 };
    Some(Line {
        intercept: Value { value: a, error: (sxx / determinant * misfit).sqrt() },
        slope: Value { value: b, error: (s / determinant * misfit).sqrt() },
    })
}
