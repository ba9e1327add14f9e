//! exp, tanh and the logistic function as our own polynomials, so that no platform's library decides a bit.

/// e^x for f32; 0 below −87 and e^88 above 88.
pub fn exp(x: f32) -> f32 {
    if x < -87.0 {
        return 0.0;
    }
    let x = x.min(88.0);
    let n = (x * std::f32::consts::LOG2_E).round_ties_even();
    let r = n.mul_add(-0.693_145_75, x);
    let r = n.mul_add(-1.428_606_8e-6, r);
    let p = r.mul_add(1.0 / 5040.0, 1.0 / 720.0);
    let p = p.mul_add(r, 1.0 / 120.0);
    let p = p.mul_add(r, 1.0 / 24.0);
    let p = p.mul_add(r, 1.0 / 6.0);
    let p = p.mul_add(r, 0.5);
    let p = p.mul_add(r, 1.0);
    let p = p.mul_add(r, 1.0);
    p * f32::from_bits((((n as i32) + 127) << 23) as u32)
}

/// 1 / (1 + e^−x).
pub fn logistic(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// tanh(x) = 2 logistic(2x) − 1.
pub fn tanh(x: f32) -> f32 {
    2.0f32.mul_add(logistic(2.0 * x), -1.0)
}

/// Replaces each x by logistic(x).
pub fn logistic_in_place(values: &mut [f32]) {
    for value in values {
        *value = logistic(*value);
    }
}

/// Replaces each x by tanh(x).
pub fn tanh_in_place(values: &mut [f32]) {
    for value in values {
        *value = tanh(*value);
    }
}
