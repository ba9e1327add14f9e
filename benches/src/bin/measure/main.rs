//! Our side of `cargo xtask bench --peers`: measures one work at a time, as asked on standard input.
//!
//! A request is a line such as `ours cd1 100 64 25000`; the answer is a line with two numbers, or `! reason`: the seconds
//! by the clock and the seconds of processor time, of all threads together, that one unit of the work took (an epoch, an
//! attempted flip, a cluster update, a product). The first request of a kind prepares its data and warms up. So that the
//! table can take turns between programs, nothing runs between an answer and the next request.

mod chains;
mod works;

use std::collections::HashMap;
use std::io::{BufRead, Write};
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};
use works::Work;

/// A measurement repeats its work until it has taken at least this long.
const LEAST: Duration = Duration::from_millis(100);

/// A prepared work and how often a measurement repeats it.
struct Measurement {
    work: Work,
    repetitions: u32,
}

impl Measurement {
    fn new(request: &str) -> Result<Self, String> {
        let mut work = works::prepare(request)?;
        (work.run)();
        let start = Instant::now();
        (work.run)();
        let once = start.elapsed().max(Duration::from_nanos(1));
        let repetitions = (LEAST.as_secs_f64() / once.as_secs_f64()).round().max(1.0) as u32;
        Ok(Self { work, repetitions })
    }

    /// Seconds per unit, by the clock and of processor time.
    fn seconds(&mut self) -> [f64; 2] {
        let (start, start_of_processor) = (Instant::now(), processor_time());
        for _ in 0..self.repetitions {
            (self.work.run)();
        }
        let seconds = [start.elapsed(), processor_time().saturating_sub(start_of_processor)];
        seconds.map(|part| part.as_secs_f64() / (f64::from(self.repetitions) * self.work.units))
    }
}

/// What all threads of this process have used so far.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

fn main() -> std::io::Result<()> {
    let mut prepared = HashMap::new();
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let request = line?.trim().to_owned();
        if request == "versions" {
            writeln!(out, "rbmflow {} ({})", env!("CARGO_PKG_VERSION"), numerics::vector::widest().name())?;
        } else {
            let measurement = match prepared.remove(&request) {
                Some(measurement) => Ok(measurement),
                None => Measurement::new(&request),
            };
            match measurement {
                Ok(mut measurement) => {
                    let [clock, processor] = measurement.seconds();
                    writeln!(out, "{clock:e} {processor:e}")?;
                    prepared.insert(request, measurement);
                }
                Err(reason) => writeln!(out, "! {reason}")?,
            }
        }
        out.flush()?;
    }
    Ok(())
}
