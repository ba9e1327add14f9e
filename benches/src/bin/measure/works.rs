//! The works that can be measured.

use datasets::Units;
use datasets::lattice::Lattice;
use ising_mc::exact::critical_temperature_of;
use ising_mc::sampler::{Algorithm, Model, ensemble};
use ising_mc::{SampleConfig, sample};
use ndarray::Array2;
use numerics::bits::Bits;
use numerics::product::{multiply, multiply_parallel};
use numerics::streams::stream;
use numerics::vector::{Width, widest};
use rayon::{ThreadPool, ThreadPoolBuilder};
use rbm_core::{TrainConfig, Trainer};
use rbmflow_benches::{BATCH, Floor, spins};
use temp_classifier::{ThermometerConfig, train};

use crate::chains;

/// Something to be measured.
pub(crate) struct Work {
    /// Does it.
    pub(crate) run: Box<dyn FnMut()>,
    /// The number of units (epochs, attempted flips, …) of one run.
    pub(crate) units: f64,
}

impl Work {
    pub(crate) fn new(units: usize, run: impl FnMut() + 'static) -> Self {
        Self { run: Box::new(run), units: units as f64 }
    }
}

/// Makes the work of a request such as `ours cd1 100 64 25000` ready.
pub(crate) fn prepare(request: &str) -> Result<Work, String> {
    let mut words = request.split_whitespace();
    let (who, what) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let numbers: Result<Vec<usize>, _> = words.map(str::parse).collect();
    let numbers = numbers.map_err(|error| format!("`{request}`: {error}"))?;
    let unknown = || format!("`{request}` is no work of this program");
    match (who, what, &numbers[..]) {
        ("ours", "product", &[size]) => Ok(square(size, None)),
        ("ours", "product", &[size, threads]) => Ok(square(size, Some(pool(threads)?))),
        ("ours", "floor", &[visible, hidden, count]) => {
            let mut floor = Floor::new(visible, hidden);
            Ok(Work::new(1, move || (0..count / BATCH).for_each(|_| floor.update())))
        }
        ("ours", "cd1", &[visible, hidden, count]) => machine(visible, hidden, count, 1, false),
        ("ours", "cd1", &[visible, hidden, count, threads]) => {
            machine(visible, hidden, count, threads, false)
        }
        ("ours", "pcd1", &[visible, hidden, count]) => machine(visible, hidden, count, 1, true),
        ("ours", "monitored", &[visible, hidden, count]) => monitored(visible, hidden, count),
        ("ours", "gibbs", &[visible, hidden, count]) => chains::gibbs(visible, hidden, count),
        ("ours", "gibbs-floor", &[visible, hidden, count]) => Ok(chains::gibbs_floor(visible, hidden, count)),
        ("ours", "flow", &[visible, hidden, count]) => chains::flow(visible, hidden, count),
        ("ours", "job", &[visible, hidden, epochs]) => chains::job(visible, hidden, epochs),
        ("ours", "sample", &[size, count, threads]) => sampling(size, count, threads),
        ("ours", "classifier-floor", &[count]) => Ok(classifier_floor(count)),
        ("ours", "classifier", &[count]) => classifier(count),
        ("ours", name, &[size]) => lattice(name, size, widest()).ok_or_else(unknown),
        ("ours-avx2", name, &[size]) => {
            if widest() < Width::Avx2 {
                return Err("this machine has no AVX2".to_owned());
            }
            lattice(name, size, Width::Avx2).ok_or_else(unknown)
        }
        _ => Err(unknown()),
    }
}

pub(crate) fn pool(threads: usize) -> Result<ThreadPool, String> {
    ThreadPoolBuilder::new().num_threads(threads).build().map_err(|error| error.to_string())
}

fn uniform(shape: (usize, usize)) -> Array2<f32> {
    let mut bits = Bits::from_stream(&mut stream(1, "bench", &[shape.0 as u64, shape.1 as u64]));
    let mut values = Array2::zeros(shape);
    if let Some(values) = values.as_slice_mut() {
        bits.fill_uniform(values);
    }
    values
}

fn square(size: usize, pool: Option<ThreadPool>) -> Work {
    let (a, b, mut out) = (uniform((size, size)), uniform((size, size)), Array2::zeros((size, size)));
    Work::new(1, move || match &pool {
        None => multiply(a.view(), b.view(), out.view_mut()),
        Some(pool) => pool.install(|| multiply_parallel(a.view(), b.view(), out.view_mut())),
    })
}

/// A training that does not end by itself.
fn endless(hidden: usize) -> TrainConfig {
    TrainConfig { hidden, batch_size: BATCH, learning_rate: 1e-4, epochs: u32::MAX, ..TrainConfig::default() }
}

/// Epochs of CD-1 with the monitors at their default cadence.
fn monitored(visible: usize, hidden: usize, count: usize) -> Result<Work, String> {
    let config = endless(hidden);
    let every = config.monitor_every;
    let mut trainer = Trainer::new(&config, &spins(visible, count, 1)).map_err(|error| error.to_string())?;
    let pool = pool(1)?;
    Ok(Work::new(every as usize, move || {
        pool.install(|| (0..every).for_each(|_| trainer.advance().expect("the learning rate is small")));
    }))
}

/// An epoch of CD-1 with spins, or of PCD-1 with binary units.
fn machine(
    visible: usize,
    hidden: usize,
    count: usize,
    threads: usize,
    persistent: bool,
) -> Result<Work, String> {
    let config = TrainConfig {
        units: if persistent { Units::Binary } else { Units::Spin },
        algorithm: if persistent { rbm_core::Algorithm::Pcd } else { rbm_core::Algorithm::Cd },
        monitor_every: u32::MAX,
        ..endless(hidden)
    };
    let mut trainer = Trainer::new(&config, &spins(visible, count, 1)).map_err(|error| error.to_string())?;
    let pool = pool(threads)?;
    Ok(Work::new(1, move || pool.install(|| trainer.advance().expect("the learning rate is small"))))
}

/// A whole data set at 16 temperatures, in attempted and used samples: one unit is one sample.
fn sampling(size: usize, count: usize, threads: usize) -> Result<Work, String> {
    let temperatures: Vec<f64> = (0..16).map(|k| 1.5 + 0.125 * f64::from(k)).collect();
    let units = temperatures.len() * count;
    let config = SampleConfig {
        lattice: Lattice::square(size).map_err(|error| error.to_string())?,
        temperatures,
        samples_per_temperature: count,
        field: 0.0,
        algorithm: Algorithm::Metropolis,
        model: ising_mc::Model::Ising,
        seed: 1,
    };
    config.check().map_err(|error| error.to_string())?;
    let pool = pool(threads)?;
    Ok(Work::new(units, move || {
        let result = pool.install(|| sample(&config, &()));
        assert!(result.is_ok(), "the settings are checked");
    }))
}

/// Sweeps (one unit is one attempted flip) or cluster updates at the critical temperature, by an algorithm such as
/// `metropolis`, or `metropolis:triangular` on another lattice than a square.
fn lattice(name: &str, size: usize, width: Width) -> Option<Work> {
    let (name, kind) = name.split_once(':').unwrap_or((name, "square"));
    let algorithm = Algorithm::ALL.into_iter().find(|algorithm| algorithm.name() == name)?;
    let chains = if matches!(algorithm, Algorithm::Metropolis | Algorithm::HeatBath) { 512 } else { 1 };
    let lattice: Lattice = format!("{kind}:{size}").parse().ok()?;
    // A chain has no transition.
    let temperature = critical_temperature_of(lattice.kind()).filter(|&t| t > 0.0).unwrap_or(1.0);
    let model = Model { lattice, temperature, field: 0.0 };
    let mut chains_of_it = ensemble(algorithm, model, chains, width, &mut stream(1, "bench", &[]));
    let cluster = matches!(algorithm, Algorithm::Wolff | Algorithm::SwendsenWang);
    let sweeps = if cluster { 100 } else { (1_000_000 / (chains * lattice.sites())).max(1) };
    let each = if cluster { chains_of_it.updates_per_sweep() } else { (chains * lattice.sites()) as f64 };
    let mut advance = move |sweeps: usize| chains_of_it.sweep(sweeps as u64).is_ok();
    if !advance(if lattice.sites() < 50_000 { 200 } else { 10 }) {
        return None;
    }
    let units = (sweeps as f64 * each).round() as usize;
    Some(Work::new(units, move || assert!(advance(sweeps), "Markov chains always come to an end")))
}

/// The widths of the network thermometer of the table.
const WIDTHS: [usize; 3] = [100, 80, 25];

/// The five products of an epoch.
fn classifier_floor(count: usize) -> Work {
    let [x, h, y] = WIDTHS.map(|width| Array2::<f32>::ones((BATCH, width)));
    let [a, b] = [(WIDTHS[0], WIDTHS[1]), (WIDTHS[1], WIDTHS[2])].map(Array2::<f32>::ones);
    let (mut h_out, mut y_out, mut a_out, mut b_out) = (h.clone(), y.clone(), a.clone(), b.clone());
    Work::new(1, move || {
        for _ in 0..count / BATCH {
            multiply(x.view(), a.view(), h_out.view_mut());
            multiply(h.view(), b.view(), y_out.view_mut());
            multiply(h.t(), y.view(), b_out.view_mut());
            multiply(y.view(), b.t(), h_out.view_mut());
            multiply(x.t(), h.view(), a_out.view_mut());
        }
        std::hint::black_box((&h_out, &y_out, &a_out, &b_out));
    })
}

/// Epochs of Adam (more work than plain gradient descent), with the set-up and the validation that go with them.
fn classifier(count: usize) -> Result<Work, String> {
    const EPOCHS: u32 = 16;
    let classes = WIDTHS[2];
    // One configuration of each class for the validation, and two for the calibration.
    let training = spins(WIDTHS[0], count + classes, classes);
    let test = spins(WIDTHS[0], 2 * classes, classes);
    let config = ThermometerConfig {
        hidden: vec![WIDTHS[1]],
        epochs: EPOCHS,
        augment: false,
        validation_fraction: classes as f64 / (2 * training.labels.len()) as f64,
        learning_rate: 1e-4,
        ..ThermometerConfig::default()
    };
    let fit = move || train(&config, &training, &test, None, &()).map(|_| ());
    fit().map_err(|error| error.to_string())?;
    Ok(Work::new(EPOCHS as usize, move || fit().expect("it worked before")))
}
