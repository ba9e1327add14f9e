//! What stands in the table of growth: the same work at several sizes, and with one and two threads.

use super::works::{Role, Row, Unit};

/// The rows of the table: within a work, the first is what the others are compared with.
pub(crate) fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    let mut push = |work: &str, who: String, request: String, unit, size: f64, by_the_clock| {
        let (work, role) = (work.to_owned(), Role::Ours);
        rows.push(Row { work, who, request, unit, role, by_the_clock, target: None, size });
    };
    for size in [8, 16, 32, 64, 128, 256, 512, 1024] {
        let request = format!("ours metropolis {size}");
        push(
            "Metropolis flip, 512 replicas",
            format!("L = {size}"),
            request,
            Unit::FlipsPerNanosecond,
            1.0,
            false,
        );
    }
    for samples in [5_000, 10_000, 20_000, 40_000, 80_000] {
        let request = format!("ours cd1 100 64 {samples}");
        let who = format!("{samples} samples");
        push("CD-1 epoch 100×64", who, request, Unit::Milliseconds, f64::from(samples), false);
    }
    for hidden in [16, 32, 64, 128, 256, 512, 1024] {
        let request = format!("ours cd1 100 {hidden} 10000");
        let who = format!("N_h = {hidden}");
        push(
            "CD-1 epoch, 100 visible, 10000 samples",
            who,
            request,
            Unit::Milliseconds,
            f64::from(hidden),
            false,
        );
    }
    for visible in [64, 144, 256, 576, 1024] {
        let request = format!("ours cd1 {visible} 64 10000");
        let who = format!("N_v = {visible}");
        push(
            "CD-1 epoch, 64 hidden, 10000 samples",
            who,
            request,
            Unit::Milliseconds,
            f64::from(visible),
            false,
        );
    }
    for (work, request, unit) in [
        ("product 2048³ on threads", "ours product 2048", Unit::Gflops(2048)),
        ("CD-1 epoch 1024×1024, 5000 samples, on threads", "ours cd1 1024 1024 5000", Unit::Milliseconds),
        ("CD-1 epoch 2048×1024, 2000 samples, on threads", "ours cd1 2048 1024 2000", Unit::Milliseconds),
        ("sampling 16 temperatures × 1000, L = 16, on threads", "ours sample 16 1000", Unit::Microseconds),
    ] {
        for threads in [1, 2] {
            let size = 1.0 / f64::from(threads);
            push(work, format!("{threads} threads"), format!("{request} {threads}"), unit, size, true);
        }
    }
    rows
}
