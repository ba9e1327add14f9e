//! What somebody writes who has the published crates and nothing else; each number is compared with one that is known.

use datasets::{Figures, Rbm, Spins, Units};
use ising_mc::{EquationOfStateConfig, equation_of_state};
use lattice::Lattice;
use ndarray::{Array1, Array2, array};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let lattice: Lattice = "square:10".parse()?;
    check("bonds", lattice.bond_count() as f64, 200.0);
    let critical = ising_mc::exact::critical_temperature();
    check("T_c", critical, 2.0 / (1.0 + 2f64.sqrt()).ln());
    let law = ising_mc::exact::magnetization_distribution(10, critical)?;
    check("<|m|> at T_c, L = 10", law.abs(), 0.756_274);

    // Without weights there is one half for each of 2^16 configurations, and the flow forgets its start at once.
    let rbm = Rbm::new(Units::Spin, Array2::zeros((16, 3)), Array1::zeros(16), Array1::zeros(3))?;
    let exact = rbm_core::likelihood::log_partition(&rbm)?;
    check("ln Z without weights", exact, 19.0 * 2f64.ln());
    let ordered =
        Spins::from_samples("square:4".parse()?, vec![0.0], Array2::ones((1000, 16)), vec![0; 1000])?;
    let config = rg_flow::RbmFlowConfig { steps: 1, chains: 1000, ..Default::default() };
    let flow = rg_flow::rbm_flow(&config, &rbm, &ordered, &(), &())?;
    check("|m| of the start", flow.abs_magnetization.value[[0, 0]], 1.0);
    // The mean modulus of a sum of 16 signs is 16 C(16, 8) / 2^16.
    let exact = 12_870.0 / 65_536.0;
    let found = flow.abs_magnetization.value[[0, 1]];
    assert!((found - exact).abs() < 4.5 * 0.16 / 1000f64.sqrt(), "|m| after a step: {found}, {exact}");
    println!("|m| after a step: {found}");

    let table = equation_of_state(&EquationOfStateConfig::new("square:2".parse()?, 0), &())?;
    let thermometers = temp_classifier::Thermometers::new(None, Some(&table), &[0.0, f64::INFINITY])?;
    let ground = thermometers.read("square:2".parse()?, array![[1, 1, 1, 1], [-1, -1, -1, -1]].view());
    check("T_E of the ground state", ground.energy_temperature.ok_or("no reading")?.value, 0.0);
    let found = weight_analysis::decompose(array![[3.0, 4.0], [6.0, 8.0]].view()).ok_or("no matrix")?;
    check("largest singular value", found.singular_values[0], 125f64.sqrt());
    check("tanh 1/2", f64::from(numerics::activation::tanh(0.5)), 0.462_117_157);
    let tested = figures::claims(&Figures::default())
        .iter()
        .filter(|claim| claim.verdict != figures::Verdict::NotTested)
        .count();
    check("claims tested without numbers", tested as f64, 0.0);
    let (canvas, _) = plot::Grid {
        count: 1,
        widths: &[300.0],
        height: 200.0,
        across: [60.0, 0.0, 20.0],
        down: plot::layout::NAMED,
    }
    .begin(plot::Style::Page, "nothing", &[]);
    assert!(canvas.finish("Nothing", "An empty picture").starts_with("<svg"));
    Ok(())
}

fn check(what: &str, found: f64, known: f64) {
    println!("{what}: {found}");
    assert!((found - known).abs() < 1e-6, "{what}: {found} instead of {known}");
}
