//! What is measured on configurations with independent sites.

use lattice::Lattice;

/// −(1/N) Σ⟨xy⟩ m_x m_y over the bonds of a lattice in J: the energy per site of independent sites with these means. With
/// the same m on all sites −(z/2) m², z the coordination.
///
/// ```
/// let torus: rg_flow::theory::Lattice = "square:4x4".parse().unwrap();
/// assert_eq!(rg_flow::theory::energy_per_site(torus, &[0.5; 16]), -0.5);
/// ```
///
/// # Panics
///
/// If there is not one mean per site.
pub fn energy_per_site(lattice: Lattice, means: &[f64]) -> f64 {
    bond_energy(lattice, |x, y| means[x] * means[y], means.len())
}

/// −(1/N) Σ⟨xy⟩ f(x, y).
pub(super) fn bond_energy(lattice: Lattice, f: impl Fn(usize, usize) -> f64, sites: usize) -> f64 {
    assert_eq!(sites, lattice.sites(), "number of sites");
    let sum: f64 = lattice.bonds().iter().map(|&[x, y]| f(x as usize, y as usize)).sum();
    -sum / sites as f64
}

/// The mean of the means: ⟨M⟩/N.
pub fn magnetization(means: &[f64]) -> f64 {
    means.iter().sum::<f64>() / means.len() as f64
}

/// ⟨|M|⟩/N of independent spins with these means, exactly: the law of the number of up spins, site by site.
///
/// ```
/// // Two coins: M = ±2 half of the time, else 0.
/// assert_eq!(rg_flow::theory::abs_magnetization(&[0.0, 0.0]), 0.5);
/// ```
pub fn abs_magnetization(means: &[f64]) -> f64 {
    let n = means.len();
    let mut law = vec![0.0; n + 1];
    law[0] = 1.0;
    for (k, mean) in means.iter().enumerate() {
        let up = 0.5 * (1.0 + mean);
        for ups in (0..=k + 1).rev() {
            let from_below = if ups > 0 { law[ups - 1] * up } else { 0.0 };
            law[ups] = law[ups] * (1.0 - up) + from_below;
        }
    }
    let mean: f64 = law.iter().enumerate().map(|(ups, p)| p * (2.0 * ups as f64 - n as f64).abs()).sum();
    mean / n as f64
}
