//! Being asked to stop: by SIGINT, by SIGTERM, or by a time limit.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGINT, SIGTERM};

use crate::exit;

/// Whether the program has been asked to stop.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stop {
    flag: Arc<AtomicBool>,
    deadline: Option<Instant>,
}

impl Stop {
    /// Listens to SIGINT and SIGTERM from now on: the first asks to stop at a safe point, the second ends the process
    /// at once. After `limit` the program also is to stop.
    pub(crate) fn listen(limit: Option<Duration>) -> std::io::Result<Self> {
        let flag = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            // In this order the first signal finds the flag unset.
            let code = i32::from(exit::INTERRUPTED);
            signal_hook::flag::register_conditional_shutdown(signal, code, Arc::clone(&flag))?;
            signal_hook::flag::register(signal, Arc::clone(&flag))?;
        }
        Ok(Self { flag, deadline: limit.and_then(|limit| Instant::now().checked_add(limit)) })
    }

    /// Whether to stop.
    pub(crate) fn asked(&self) -> bool {
        self.flag.load(Ordering::Relaxed) || self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }
}
