//! Arithmetic modulo 62-bit primes that contain the roots of unity of the lattice.

/// The integers modulo a prime p below 2^62, with a root of unity of a given order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Field {
    prime: u64,
    /// −p^−1 modulo 2^64, for Montgomery's reduction.
    negative_inverse: u64,
    /// 2^128 modulo p.
    square_of_radix: u64,
    /// An element whose powers are the `order`-th roots of unity.
    root: u64,
}

impl Field {
    /// The `count` largest primes p = 1 + k `order` below 2^62. `order` is even and not 0.
    pub(super) fn with_roots(order: u64, count: usize) -> Vec<Self> {
        let largest = ((1u64 << 62) - 1) / order;
        (1..=largest)
            .rev()
            .map(|k| k * order + 1)
            .filter(|&candidate| is_prime(candidate))
            .take(count)
            .map(|prime| Self::new(prime, order))
            .collect()
    }

    fn new(prime: u64, order: u64) -> Self {
        // Newton's iteration doubles the number of correct bits of the inverse: 3, 6, 12, 24, 48, 96.
        let mut inverse = prime;
        for _ in 0..5 {
            inverse = inverse.wrapping_mul(2u64.wrapping_sub(prime.wrapping_mul(inverse)));
        }
        let radix = (1u128 << 64) % u128::from(prime);
        let square_of_radix = (radix * radix % u128::from(prime)) as u64;
        let mut field = Self { prime, negative_inverse: inverse.wrapping_neg(), square_of_radix, root: 1 };
        let factors = prime_factors(order);
        field.root = (2..prime)
            .map(|base| field.power(base, (prime - 1) / order))
            .find(|&root| factors.iter().all(|&factor| field.power(root, order / factor) != 1))
            .unwrap_or(1);
        field
    }

    pub(super) fn prime(&self) -> u64 {
        self.prime
    }

    /// A primitive root of unity of the order the field was made for.
    pub(super) fn root(&self) -> u64 {
        self.root
    }

    pub(super) fn add(&self, a: u64, b: u64) -> u64 {
        let sum = a + b;
        if sum >= self.prime { sum - self.prime } else { sum }
    }

    pub(super) fn subtract(&self, a: u64, b: u64) -> u64 {
        if a >= b { a - b } else { a + self.prime - b }
    }

    /// a·b·2^−64 (Montgomery).
    fn reduced_product(&self, a: u64, b: u64) -> u64 {
        let product = u128::from(a) * u128::from(b);
        let multiple = (product as u64).wrapping_mul(self.negative_inverse);
        let sum = (product + u128::from(multiple) * u128::from(self.prime)) >> 64;
        let sum = sum as u64;
        if sum >= self.prime { sum - self.prime } else { sum }
    }

    pub(super) fn multiply(&self, a: u64, b: u64) -> u64 {
        self.reduced_product(self.reduced_product(a, b), self.square_of_radix)
    }

    pub(super) fn power(&self, base: u64, mut exponent: u64) -> u64 {
        let mut square = base % self.prime;
        let mut result = 1;
        while exponent > 0 {
            if exponent & 1 == 1 {
                result = self.multiply(result, square);
            }
            square = self.multiply(square, square);
            exponent >>= 1;
        }
        result
    }

    /// 1/a for a ≠ 0 (Fermat).
    pub(super) fn inverse(&self, a: u64) -> u64 {
        self.power(a, self.prime - 2)
    }

    /// The product of two polynomials, coefficients in ascending order.
    pub(super) fn product(&self, a: &[u64], b: &[u64]) -> Vec<u64> {
        let mut out = vec![0; a.len() + b.len() - 1];
        for (i, &x) in a.iter().enumerate() {
            if x != 0 {
                // One factor in Montgomery's form makes one reduction enough.
                let x = self.reduced_product(x, self.square_of_radix);
                for (out, &y) in out[i..].iter_mut().zip(b) {
                    *out = self.add(*out, self.reduced_product(x, y));
                }
            }
        }
        out
    }

    /// a + scale · b for polynomials.
    pub(super) fn combination(&self, a: &[u64], scale: u64, b: &[u64]) -> Vec<u64> {
        let at = |list: &[u64], k: usize| list.get(k).copied().unwrap_or(0);
        (0..a.len().max(b.len())).map(|k| self.add(at(a, k), self.multiply(scale, at(b, k)))).collect()
    }
}

fn prime_factors(mut n: u64) -> Vec<u64> {
    let mut factors = Vec::new();
    let mut candidate = 2;
    while candidate * candidate <= n {
        if n.is_multiple_of(candidate) {
            factors.push(candidate);
            while n.is_multiple_of(candidate) {
                n /= candidate;
            }
        }
        candidate += 1;
    }
    if n > 1 {
        factors.push(n);
    }
    factors
}

/// Miller–Rabin with the bases that decide every 64-bit number.
fn is_prime(n: u64) -> bool {
    const BASES: [u64; 12] = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37];
    if n < 2 || BASES.iter().any(|&base| n != base && n.is_multiple_of(base)) {
        return false;
    }
    let multiply = |a: u64, b: u64| (u128::from(a) * u128::from(b) % u128::from(n)) as u64;
    let twos = (n - 1).trailing_zeros();
    let odd = (n - 1) >> twos;
    BASES.iter().all(|&base| {
        if base % n == 0 {
            return true;
        }
        let mut power = 1;
        for bit in (0..64 - odd.leading_zeros()).rev() {
            power = multiply(power, power);
            if odd >> bit & 1 == 1 {
                power = multiply(power, base);
            }
        }
        if power == 1 || power == n - 1 {
            return true;
        }
        (1..twos).any(|_| {
            power = multiply(power, power);
            power == n - 1
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_primes() {
        let found: Vec<u64> = (0..60).filter(|&n| is_prime(n)).collect();
        assert_eq!(found, [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59]);
        assert!(!is_prime(3_215_031_751) && is_prime((1 << 61) - 1) && !is_prime((1 << 62) - 1));
    }

    #[test]
    fn field_laws() {
        for field in Field::with_roots(24, 2) {
            let p = u128::from(field.prime());
            let (a, b) = (field.prime() - 3, 1_234_567_890_123_456_789);
            assert_eq!(u128::from(field.multiply(a, b)), u128::from(a) * u128::from(b) % p);
            assert_eq!(field.multiply(b, field.inverse(b)), 1);
            assert_eq!(field.power(field.root(), 24), 1);
            assert_ne!(field.power(field.root(), 12), 1);
            assert_ne!(field.power(field.root(), 8), 1);
        }
    }
}
