//! Computations away from the interpreter.
//!
//! The work has a thread of its own. The thread that called, which is the only one that Python tells of signals, waits
//! for it without holding the interpreter, and looks up now and then: for Ctrl-C, and to say how far the work is.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use datasets::{Interrupted, Progress};
use pyo3::prelude::*;

use crate::failure::Failure;

/// How often the waiting thread looks up.
const TICK: Duration = Duration::from_millis(50);
/// How long work that was asked to stop is waited for. Work that has no place to stop goes on behind the scenes, unheard.
const PATIENCE: Duration = Duration::from_millis(800);
/// The stack of a main thread.
const STACK: usize = 8 << 20;

/// What the work and the one who waits tell each other.
#[derive(Default)]
pub(crate) struct Listener {
    /// The bits of the fraction that is done.
    fraction: AtomicU64,
    stop: AtomicBool,
}

impl Progress for Listener {
    fn report(&self, fraction: f64) -> Result<(), Interrupted> {
        self.fraction.store(fraction.to_bits(), Ordering::Relaxed);
        if self.stop.load(Ordering::Relaxed) { Err(Interrupted) } else { Ok(()) }
    }
}

/// Does some work; `progress` is called with the fraction that is done, last with 1.
pub(crate) fn run<T: Send + 'static>(
    py: Python<'_>,
    progress: Option<Py<PyAny>>,
    work: impl FnOnce(&Listener) -> Result<T, Failure> + Send + 'static,
) -> PyResult<T> {
    let listener = Arc::new(Listener::default());
    let (sender, receiver) = channel();
    let theirs = Arc::clone(&listener);
    let thread = move || {
        let found = catch_unwind(AssertUnwindSafe(|| work(&theirs)));
        // Nobody listens any more after an interruption.
        drop(sender.send(found.unwrap_or_else(|panic| Err(mistake(&*panic)))));
    };
    std::thread::Builder::new()
        .name("rbmflow".to_owned())
        .stack_size(STACK)
        .spawn(thread)
        .map_err(|error| Failure::usage(format!("cannot start a thread: {error}")))?;
    let receiver = Mutex::new(receiver);
    let wait = |time| receiver.lock().unwrap_or_else(PoisonError::into_inner).recv_timeout(time);
    let tell = |fraction: f64| progress.as_ref().map_or(Ok(()), |call| call.call1(py, (fraction,)).map(drop));
    let mut told = 0.0;
    loop {
        match py.detach(|| wait(TICK)) {
            Ok(found) => {
                let found = found?;
                tell(1.0)?;
                return Ok(found);
            }
            Err(RecvTimeoutError::Timeout) => {
                let fraction = f64::from_bits(listener.fraction.load(Ordering::Relaxed));
                let news = if fraction > told { tell(fraction) } else { Ok(()) };
                told = f64::max(told, fraction);
                if let Err(error) = py.check_signals().and(news) {
                    listener.stop.store(true, Ordering::Relaxed);
                    drop(py.detach(|| wait(PATIENCE)));
                    return Err(error);
                }
            }
            Err(RecvTimeoutError::Disconnected) => {
                return Err(Failure::computation("the computation ended without a result").into());
            }
        }
    }
}

/// A panic in the crates, which is a mistake in them.
fn mistake(panic: &(dyn std::any::Any + Send)) -> Failure {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("panic");
    Failure::computation(format!("a mistake in the program: {text} (please report it)"))
}
