//! What stands in the table of peers: the works, who does them, and what ours is to reach.

/// A line of a table.
pub(crate) struct Row {
    /// What is done; consecutive rows with the same work belong together.
    pub(crate) work: String,
    /// Who does it.
    pub(crate) who: String,
    /// What the program that does it is asked.
    pub(crate) request: String,
    /// How its time is shown.
    pub(crate) unit: Unit,
    pub(crate) role: Role,
    /// Whether the clock counts, and not processor time: where several threads work.
    pub(crate) by_the_clock: bool,
    /// What ours is to reach.
    pub(crate) target: Option<Target>,
    /// For tables of growth: what the cost is expected to be proportional to; 0 where that makes no sense.
    pub(crate) size: f64,
}

/// Who a row belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// The main line of a work: the others are compared with it.
    Ours,
    /// Another way of ours.
    Variant,
    /// The matrix products that nobody can do without.
    Floor,
    Peer,
}

/// How seconds per unit are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// ms per epoch.
    Milliseconds,
    /// µs per update.
    Microseconds,
    /// Attempted flips per ns.
    FlipsPerNanosecond,
    /// GFLOP/s of a square product of this size.
    Gflops(u32),
}

/// What ours is to reach.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Target {
    /// At most this multiple of the floor (our own products), and never slower than a peer.
    Floor(f64),
    /// At least this many flips per ns.
    Flips(f64),
    /// At most this many µs.
    Microseconds(f64),
}

fn row(work: &str, who: &str, request: String, unit: Unit, role: Role) -> Row {
    Row {
        work: work.to_owned(),
        who: who.to_owned(),
        request,
        unit,
        role,
        by_the_clock: false,
        target: None,
        size: 0.0,
    }
}

/// The rows of the table of peers.
pub(crate) fn rows() -> Vec<Row> {
    let mut rows = product(2048);
    for (visible, hidden, count) in
        [(100, 100, 40_000), (100, 64, 25_000), (100, 400, 25_000), (1024, 1024, 10_000), (784, 500, 10_000)]
    {
        rows.extend(machine(visible, hidden, count));
    }
    rows.extend(chains(100, 64, 1000));
    for size in [10, 64, 512] {
        rows.extend(flips(size));
    }
    for (kind, size, theirs) in
        [("chain", 4096, 4096), ("honeycomb", 64, 45), ("triangular", 64, 64), ("cubic", 16, 16)]
    {
        rows.extend(lattice(kind, size, theirs));
    }
    rows.extend(clusters(64));
    rows.extend(classifier(25_000));
    rows.extend(job(100, 64, 100));
    rows
}

/// All that a user does: samples at 25 temperatures, a training, a flow from four ensembles.
fn job(visible: usize, hidden: usize, epochs: usize) -> Vec<Row> {
    let work = format!("sample, train {visible}×{hidden} for {epochs} epochs, flow of 4 × 1000 chains");
    let row = |who, what: &str, role| {
        row(&work, who, format!("{what} {visible} {hidden} {epochs}"), Unit::Milliseconds, role)
    };
    vec![
        row("rbmflow", "ours job", Role::Ours),
        row("mcising, scikit-learn, NumPy", "others job", Role::Peer),
    ]
}

fn product(size: u32) -> Vec<Row> {
    let work = format!("product {size}³, single precision");
    let row =
        |who, name: &str, role| row(&work, who, format!("{name} product {size}"), Unit::Gflops(size), role);
    vec![row("rbmflow", "ours", Role::Ours), row("NumPy (OpenBLAS)", "numpy", Role::Peer)]
}

fn machine(visible: usize, hidden: usize, count: usize) -> Vec<Row> {
    let work = format!("CD-1 epoch {visible}×{hidden}, {count} samples");
    let row = |who, what: &str, role| {
        let request = format!("{what} {visible} {hidden} {count}");
        row(&work, who, request, Unit::Milliseconds, role)
    };
    vec![
        Row { target: Some(Target::Floor(0.8)), ..row("rbmflow", "ours cd1", Role::Ours) },
        row("rbmflow, with monitors every 10 epochs", "ours monitored", Role::Variant),
        row("rbmflow, PCD-1, binary units", "ours pcd1", Role::Variant),
        row("floor: five products, rbmflow", "ours floor", Role::Floor),
        row("floor: five products, OpenBLAS", "numpy floor", Role::Floor),
        row("NumPy, usual style", "numpy cd1", Role::Peer),
        row("scikit-learn, PCD-1, binary units", "scikit-learn pcd1", Role::Peer),
        row("PyTorch", "torch cd1", Role::Peer),
        row("TorchRBM, PCD-1, binary units", "torch-rbm pcd1", Role::Peer),
    ]
}

fn chains(visible: usize, hidden: usize, chains: usize) -> Vec<Row> {
    let work = format!("step v→h→v of {chains} chains, {visible}×{hidden}");
    let row = |who, what: &str, role| {
        let request = format!("{what} {visible} {hidden} {chains}");
        row(&work, who, request, Unit::Microseconds, role)
    };
    vec![
        Row { target: Some(Target::Floor(0.85)), ..row("rbmflow", "ours gibbs", Role::Ours) },
        Row {
            target: Some(Target::Floor(1.2)),
            ..row("rbmflow, within a flow, E and M measured", "ours flow", Role::Variant)
        },
        row("floor: two products, rbmflow", "ours gibbs-floor", Role::Floor),
        row("floor: two products, OpenBLAS", "numpy gibbs-floor", Role::Floor),
        row("NumPy, usual style", "numpy gibbs", Role::Peer),
    ]
}

fn flips(size: usize) -> Vec<Row> {
    let work = format!("Metropolis sweeps at T_c, L = {size}");
    let row =
        |who, what: &str, role| row(&work, who, format!("{what} {size}"), Unit::FlipsPerNanosecond, role);
    vec![
        Row {
            target: Some(Target::Flips(15.0)),
            ..row("rbmflow, 512 replicas", "ours metropolis", Role::Ours)
        },
        Row {
            target: Some(Target::Flips(8.0)),
            ..row("rbmflow, 512 replicas, AVX2", "ours-avx2 metropolis", Role::Variant)
        },
        Row {
            target: (size >= 512).then_some(Target::Flips(3.0)),
            ..row("rbmflow, one lattice", "ours checkerboard", Role::Variant)
        },
        row("rbmflow, heat bath, 512 replicas", "ours heat-bath", Role::Variant),
        row("mcising", "mcising metropolis", Role::Peer),
        row("peapods", "peapods metropolis", Role::Peer),
    ]
}

/// The other lattices at their T_c, a chain at T = 1, with some 4096 sites. mcising's honeycombs have two sites a cell.
fn lattice(kind: &str, size: usize, theirs: usize) -> Vec<Row> {
    let temperature = if kind == "chain" { "T = 1" } else { "T_c" };
    let work = format!("Metropolis sweeps at {temperature}, {kind}, 4096 sites");
    let row = |who, what: &str, size: usize, role| {
        row(&work, who, format!("{what} metropolis:{kind} {size}"), Unit::FlipsPerNanosecond, role)
    };
    vec![
        row("rbmflow, 512 replicas", "ours", size, Role::Ours),
        row("mcising", "mcising", theirs, Role::Peer),
    ]
}

fn clusters(size: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    for (title, name, most) in [("Wolff", "wolff", 18.0), ("Swendsen-Wang", "swendsen-wang", 48.0)] {
        let work = format!("{title} update at T_c, L = {size}");
        let row = |who, what: &str, role| {
            row(&work, who, format!("{what} {name} {size}"), Unit::Microseconds, role)
        };
        rows.extend([
            Row { target: Some(Target::Microseconds(most)), ..row("rbmflow", "ours", Role::Ours) },
            row("mcising", "mcising", Role::Peer),
            row("peapods", "peapods", Role::Peer),
        ]);
    }
    rows
}

fn classifier(count: usize) -> Vec<Row> {
    let work = format!("classifier epoch 100→80→25, {count} samples");
    let row = |who, what: &str, role| row(&work, who, format!("{what} {count}"), Unit::Milliseconds, role);
    vec![
        Row { target: Some(Target::Floor(1.3)), ..row("rbmflow, Adam", "ours classifier", Role::Ours) },
        row("floor: five products, rbmflow", "ours classifier-floor", Role::Floor),
        row("floor: five products, OpenBLAS", "numpy classifier-floor", Role::Floor),
        row("NumPy, usual style, SGD", "numpy classifier", Role::Peer),
        row("scikit-learn, SGD", "scikit-learn classifier", Role::Peer),
    ]
}
