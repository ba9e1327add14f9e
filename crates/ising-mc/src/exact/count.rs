//! Numbers of states: unsigned integers of any length, made from their residues.

use numerics::elementary::ln;

use super::modular::Field;

/// A number of states, exact however large.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// Limbs, least significant first, without leading zeros.
    limbs: Vec<u64>,
}

impl Count {
    /// A small number.
    pub fn from_u128(value: u128) -> Self {
        Self { limbs: vec![value as u64, (value >> 64) as u64] }.trimmed()
    }

    /// 2 to a power.
    pub fn power_of_two(exponent: usize) -> Self {
        let mut limbs = vec![0; exponent / 64 + 1];
        limbs[exponent / 64] = 1 << (exponent % 64);
        Self { limbs }
    }

    /// The number below the product of all moduli that has these residues (Garner's mixed-radix form of the Chinese
    /// remainder theorem).
    pub(super) fn from_residues(residues: &[u64], fields: &[Field]) -> Self {
        let mut digits: Vec<u64> = Vec::with_capacity(fields.len());
        for (k, field) in fields.iter().enumerate() {
            // The value of the digits so far and the product of their moduli, modulo this prime.
            let mut value = 0;
            let mut weight = 1;
            for (digit, earlier) in digits.iter().zip(fields) {
                value = field.add(value, field.multiply(digit % field.prime(), weight));
                weight = field.multiply(weight, earlier.prime() % field.prime());
            }
            digits.push(field.multiply(field.subtract(residues[k], value), field.inverse(weight)));
        }
        let mut number = Self { limbs: Vec::new() };
        for (digit, field) in digits.iter().zip(fields).rev() {
            number.multiply_add(field.prime(), *digit);
        }
        number
    }

    /// self · factor + summand.
    fn multiply_add(&mut self, factor: u64, summand: u64) {
        let mut carry = u128::from(summand);
        for limb in &mut self.limbs {
            carry += u128::from(*limb) * u128::from(factor);
            *limb = carry as u64;
            carry >>= 64;
        }
        if carry != 0 {
            self.limbs.push(carry as u64);
        }
    }

    fn trimmed(mut self) -> Self {
        while self.limbs.last() == Some(&0) {
            self.limbs.pop();
        }
        self
    }

    /// Whether it is 0.
    pub fn is_zero(&self) -> bool {
        self.limbs.is_empty()
    }

    /// The number, if it fits.
    pub fn to_u128(&self) -> Option<u128> {
        match self.limbs.as_slice() {
            [] => Some(0),
            [low] => Some(u128::from(*low)),
            [low, high] => Some(u128::from(*low) | u128::from(*high) << 64),
            _ => None,
        }
    }

    /// The natural logarithm; −∞ for 0.
    pub fn ln(&self) -> f64 {
        let n = self.limbs.len();
        match self.to_u128() {
            Some(value) => ln(value as f64),
            None => {
                // The two highest limbs hold at least 65 bits, more than a f64 keeps.
                let high = u128::from(self.limbs[n - 1]) << 64 | u128::from(self.limbs[n - 2]);
                ln(high as f64) + (64 * (n - 2)) as f64 * std::f64::consts::LN_2
            }
        }
    }

    /// The sum.
    pub fn plus(&self, other: &Self) -> Self {
        let mut limbs = Vec::new();
        let mut carry = 0;
        for k in 0..self.limbs.len().max(other.limbs.len()) {
            let a = u128::from(self.limbs.get(k).copied().unwrap_or(0));
            let b = u128::from(other.limbs.get(k).copied().unwrap_or(0));
            carry += a + b;
            limbs.push(carry as u64);
            carry >>= 64;
        }
        limbs.push(carry as u64);
        Self { limbs }.trimmed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn residues_give_the_number_back() {
        let fields = Field::with_roots(20, 3);
        let value = (7u128 << 100) + 12_345;
        let residues: Vec<u64> = fields.iter().map(|f| (value % u128::from(f.prime())) as u64).collect();
        assert_eq!(Count::from_residues(&residues, &fields), Count::from_u128(value));
    }

    #[test]
    fn arithmetic() {
        assert_eq!(
            Count::from_u128(u128::MAX).plus(&Count::from_u128(1)).limbs,
            Count::power_of_two(128).limbs
        );
        let ln = Count::power_of_two(1000).ln();
        assert!((ln - 1000.0 * std::f64::consts::LN_2).abs() < 1e-12);
        assert!(Count::from_u128(0).is_zero());
        assert_eq!(Count::from_u128(6).ln(), 6f64.ln());
    }
}
