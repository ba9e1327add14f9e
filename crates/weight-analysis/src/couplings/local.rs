//! The coupling of two sites in the surroundings of a configuration: exact, and without an expansion.

use datasets::Rbm;
use ndarray::ArrayView2;
use numerics::elementary::{exp, ln};
use rayon::prelude::*;

use super::CouplingError;
use super::parameters::{HiddenUnit, Parameters};

/// Couplings of pairs of sites, averaged over configurations.
#[derive(Debug, Clone, PartialEq)]
pub struct LocalCouplings {
    /// The mean of D_ij over the configurations, `[pair]`.
    pub mean: Vec<f64>,
    /// Its standard deviation over the configurations (not of the mean), `[pair]`: 0 if there are no couplings of more
    /// than two sites with these two among them.
    pub deviation: Vec<f64>,
}

/// The number of factors between 1 and 2 whose products cannot overflow.
const FACTORS: usize = 256;

/// D_ij(v) = ¼ [ln p(++) + ln p(−−) − ln p(+−) − ln p(−+)] of each of `pairs`, the two sites with these signs and all
/// others as in v, over the rows v of `configurations` [n, visible] of ±1 (+1 for the state 1 of 0/1 units).
///
/// D_ij(v) = Σ_{S∋i,j} J_S Π_{l∈S∖{i,j}} v_l: the coupling of the pair and all higher ones in the surroundings v.
///
/// # Errors
///
/// If the biases are not one per unit or a parameter is not finite; if a pair is not of two different sites of the
/// machine; if there are no configurations, or they are of another length or not of ±1.
pub fn local_couplings(
    rbm: &Rbm,
    configurations: ArrayView2<i8>,
    pairs: &[[usize; 2]],
) -> Result<LocalCouplings, CouplingError> {
    let Parameters { fields, hidden } = Parameters::new(rbm)?;
    let (count, sites) = configurations.dim();
    if sites != fields.len() {
        return Err(CouplingError::OtherSites { visible: fields.len(), sites });
    }
    if count == 0 {
        return Err(CouplingError::NoConfigurations);
    }
    if let Some(((configuration, site), &found)) =
        configurations.indexed_iter().find(|&(_, &v)| v != 1 && v != -1)
    {
        return Err(CouplingError::NotASpin { configuration, site, found });
    }
    for &[i, j] in pairs {
        if i == j || i.max(j) >= sites {
            return Err(CouplingError::Sites { sites: vec![i, j], visible: sites });
        }
    }
    // [n, hidden]: c_a + Σ_l W_la v_l.
    let inputs: Vec<Vec<f64>> = (0..count)
        .into_par_iter()
        .map(|n| hidden.iter().map(|unit| input(unit, configurations.row(n).iter())).collect())
        .collect();
    let statistics = |&[i, j]: &[usize; 2]| {
        let values: Vec<f64> = (0..count)
            .map(|n| {
                local(&hidden, &inputs[n], [i, j], [i, j].map(|site| f64::from(configurations[[n, site]])))
            })
            .collect();
        let mean = values.iter().sum::<f64>() / count as f64;
        let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count as f64;
        (mean, variance.sqrt())
    };
    let (mean, deviation) = pairs.par_iter().map(statistics).unzip();
    Ok(LocalCouplings { mean, deviation })
}

fn input<'a>(unit: &HiddenUnit, configuration: impl Iterator<Item = &'a i8>) -> f64 {
    unit.weights.iter().zip(configuration).fold(unit.bias, |sum, (w, &v)| sum + w * f64::from(v))
}

/// ¼ Σ_a of the four ln 2 cosh x = |x| + ln(1 + e^{−2|x|}), one logarithm for many hidden units.
fn local(hidden: &[HiddenUnit], inputs: &[f64], [i, j]: [usize; 2], [v_i, v_j]: [f64; 2]) -> f64 {
    let (mut sum, mut logarithms) = (0.0, 0.0);
    for (hidden, inputs) in hidden.chunks(FACTORS / 2).zip(inputs.chunks(FACTORS / 2)) {
        let (mut equal, mut opposite) = (1.0, 1.0);
        for (unit, input) in hidden.iter().zip(inputs) {
            let (w_i, w_j) = (unit.weights[i], unit.weights[j]);
            let others = input - w_i * v_i - w_j * v_j;
            let [a, b] = [others + (w_i + w_j), others - (w_i + w_j)].map(f64::abs);
            let [c, d] = [others + (w_i - w_j), others - (w_i - w_j)].map(f64::abs);
            sum += (a + b) - (c + d);
            equal *= (1.0 + exp(-2.0 * a)) * (1.0 + exp(-2.0 * b));
            opposite *= (1.0 + exp(-2.0 * c)) * (1.0 + exp(-2.0 * d));
        }
        logarithms += ln(equal / opposite);
    }
    0.25 * (sum + logarithms)
}
