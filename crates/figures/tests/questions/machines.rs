//! Made-up machines, whose answers are known.

use datasets::{EquationOfState, Figures, FixedPoint, Likelihood, LikelihoodMethod, Source, Value};
use figures::{Claim, End, Group, History, Point, Replica, Run, Settings, Style};

pub(crate) const SITES: f64 = 100.0;

pub(crate) fn critical() -> f64 {
    2.0 / (1.0 + 2f64.sqrt()).ln()
}

pub(crate) fn value(value: f64) -> Value {
    Value { value, error: 0.001 }
}

/// A table with energies that rise linearly from −2 at T = 0 to 0 at T = 6, ⟨m²⟩ = 1/4, ⟨m⁴⟩ = 1/8, and a parabola as
/// specific heat, whose maximum is between the tabulated temperatures.
pub(crate) fn table(size: usize, field: f64, maximum: f64) -> EquationOfState {
    let temperature: Vec<f64> = (0..=60).map(|k| 0.1 * f64::from(k)).collect();
    let n = temperature.len();
    let zeros = vec![0.0; n];
    EquationOfState {
        lattice: datasets::lattice::Lattice::square(size).unwrap(),
        field,
        source: Source::Exact,
        energy_per_spin: temperature.iter().map(|t| -2.0 + t / 3.0).collect(),
        energy_per_spin_error: zeros.clone(),
        specific_heat: temperature.iter().map(|t| 2.0 - 0.05 * (t - maximum).powi(2)).collect(),
        specific_heat_error: zeros.clone(),
        abs_magnetization: vec![0.4; n],
        abs_magnetization_error: zeros.clone(),
        squared_magnetization: vec![0.25; n],
        squared_magnetization_error: zeros.clone(),
        fourth_magnetization: vec![0.125; n],
        fourth_magnetization_error: zeros,
        magnetization: None,
        correlation: Some(ndarray::Array2::from_shape_fn((n, 6), |(t, r)| {
            if r == 0 { 1.0 } else { (1.0 - temperature[t] / 6.0) * 0.9f64.powi(r as i32 - 1) }
        })),
        density_of_states: None,
        temperature,
    }
}

/// The likelihood of a machine at a divergence from the law of its data, whose entropy is 40 nats.
pub(crate) fn likelihood(point: &Point, excess: f64) -> Likelihood {
    Likelihood {
        method: LikelihoodMethod::Exact,
        updates: point.updates,
        configurations: 10,
        on_training_data: Some(false),
        temperature: point.settings.temperatures.clone(),
        mean_free_energy: value(-50.0),
        log_partition: Some(value(70.0)),
        lower: None,
        upper: None,
        log_likelihood: Some(value(-40.0 - excess)),
        data_log_likelihood: Some(value(-40.0)),
        data_bound: Some(-40.0),
        excess: Some(value(excess)),
    }
}

/// A machine whose flow ends at a temperature.
pub(crate) fn point(replica: usize, hidden: usize, temperature: f64) -> Point {
    let energy = -2.0 + temperature / 3.0;
    let end = |start_temperature: f64| End {
        start_temperature,
        energy_temperature: Some(value(temperature)),
        magnetization_temperature: Some(value(temperature)),
        nn_temperature: Some(value(temperature)),
        nn_peak: Some(2.25),
        energy_per_spin: value(energy),
        energy_variance: value(1.0),
        abs_magnetization: value(0.4),
        magnetization: value(0.0),
        squared_magnetization: value(0.25),
        binder_cumulant: value(0.0),
        short_range_correlation: value(0.0),
        free_energy: Some(value(-0.5)),
        correlation: vec![value(1.0), value(0.25), value(0.25), value(0.25), value(0.25), value(0.25)],
        exponents: None,
        nn_posterior: vec![],
    };
    Point {
        replica,
        training: "V".to_owned(),
        group: Group::Sweep,
        settings: Settings { temperatures: vec![1.0, 2.0, 3.0], ..Settings::default() },
        hidden,
        updates: 1000,
        fixed_point: Some(FixedPoint {
            energy_temperature: Some(value(temperature)),
            magnetization_temperature: Some(value(temperature)),
            nn_temperature: Some(value(temperature)),
            abs_magnetization: value(0.4),
            short_range_correlation: value(0.0),
            energy_per_spin: vec![value(energy); 2],
            steps_needed: vec![1; 2],
            settled: vec![true; 2],
            ends_meet: true,
        }),
        ends: vec![end(0.0), end(f64::INFINITY)],
        starts: vec![],
        reconstructions: vec![],
        history: History {
            updates: vec![0.0, 400.0, 1000.0],
            max_abs_weight: vec![0.3, 0.5, 0.7],
            pseudo_log_likelihood_per_spin: vec![-0.6, -0.5, -0.4],
        },
        eigenvalues: vec![3.0, 2.0],
        uniform_overlap: Some(0.9),
        translation_invariant_fraction: Some(0.95),
        likelihood: None,
        prediction: None,
        balance: None,
        response: None,
        map: None,
        couplings: None,
        gram_by_distance: vec![],
    }
}

pub(crate) fn run(points: Vec<Point>) -> Run {
    let replicas = points.iter().map(|p| p.replica + 1).max().unwrap_or(1);
    let replica = Replica {
        spins: None,
        thermometer: None,
        block_spin: None,
        block_spin_spins: None,
        machines: vec![],
    };
    Run {
        name: "made-up".to_owned(),
        description: String::new(),
        config: String::new(),
        seed: 1,
        equation_of_state: Some(table(10, 0.0, 2.34)),
        tables: vec![],
        replicas: vec![replica; replicas],
        points,
        command: String::new(),
    }
}

/// The numbers and the answer to a question; its figure is drawn.
#[track_caller]
pub(crate) fn answer(run: &Run, id: &str) -> (Figures, Claim) {
    let figures = figures::numbers(run).expect("a run");
    // Two questions of one figure end in letters.
    for id in [id.trim_end_matches(|letter: char| letter.is_ascii_lowercase()), "F15"] {
        for style in Style::ALL {
            let svg = figures::draw_in(style, id, &figures.figures[id]).expect("a picture");
            crate::layout::check_picture(id, style, &svg);
        }
    }
    let claim = figures::claims(&figures).into_iter().find(|c| c.id == id).expect("an answer");
    (figures, claim)
}

pub(crate) fn number(claim: &Claim) -> f64 {
    claim.number.expect("a number")
}
