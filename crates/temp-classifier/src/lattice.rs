//! Energy and magnetization of configurations on the torus.

/// −Σ⟨xy⟩ σσ in J: each site with its right and lower neighbour.
pub(crate) fn energy(size: usize, spins: &[i8]) -> i32 {
    let mut sum = 0;
    for y in 0..size {
        let row = &spins[y * size..(y + 1) * size];
        let next = (y + 1) % size;
        let below = &spins[next * size..(next + 1) * size];
        let down: i32 = row.iter().zip(below).map(|(&a, &b)| i32::from(a * b)).sum();
        let right: i32 = row.windows(2).map(|pair| i32::from(pair[0] * pair[1])).sum();
        sum += down + right + i32::from(row[size - 1] * row[0]);
    }
    -sum
}

/// Σσ.
pub(crate) fn magnetization(spins: &[i8]) -> i32 {
    spins.iter().map(|&s| i32::from(s)).sum()
}
