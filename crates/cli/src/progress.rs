//! What is shown while jobs are done: bars on a terminal, plain lines otherwise, nothing if quiet. All on stderr.

use std::io::IsTerminal as _;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use datasets::{Interrupted, Progress};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::interrupt::Stop;

/// Shows the progress of a number of jobs.
pub(crate) struct Display {
    how: How,
    total: usize,
    done: Mutex<usize>,
}

enum How {
    Quiet,
    Lines,
    Bars { all: MultiProgress, overall: ProgressBar },
}

/// How often the running bars are drawn at least.
const TICK: Duration = Duration::from_millis(200);

impl Display {
    /// For `total` jobs.
    pub(crate) fn new(quiet: bool, total: usize) -> Self {
        let how = if quiet {
            How::Quiet
        } else if std::io::stderr().is_terminal() {
            let all = MultiProgress::new();
            let overall = all.add(ProgressBar::new(total as u64));
            overall.set_style(style("{pos}/{len} jobs [{bar:30}] {elapsed}"));
            overall.enable_steady_tick(TICK);
            How::Bars { all, overall }
        } else {
            How::Lines
        };
        Self { how, total, done: Mutex::new(0) }
    }

    /// A job begins.
    pub(crate) fn start<'a>(&self, id: &str, stop: &'a Stop) -> Listener<'a> {
        let bar = match &self.how {
            How::Bars { all, .. } => {
                let bar = all.add(ProgressBar::new(1000).with_message(id.to_owned()));
                bar.set_style(style("  {msg:28} [{bar:20}] {elapsed}"));
                bar.enable_steady_tick(TICK);
                Some(bar)
            }
            _ => None,
        };
        Listener { stop, bar, since: Instant::now(), id: id.to_owned() }
    }

    /// A job has ended; how, unless it is not worth a line.
    pub(crate) fn finish(&self, listener: Listener, how: Option<&str>) {
        if let Some(bar) = &listener.bar {
            bar.finish_and_clear();
        }
        if let How::Bars { overall, .. } = &self.how {
            overall.inc(1);
        }
        let mut done = self.done.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *done += 1;
        if let Some(how) = how {
            let width = self.total.to_string().len();
            let seconds = listener.since.elapsed().as_secs_f64();
            self.say(&format!("[{done:>width$}/{}] {:<28} {how} {seconds:8.2} s", self.total, listener.id));
        }
    }

    /// Says a line.
    pub(crate) fn say(&self, line: &str) {
        match &self.how {
            How::Quiet => {}
            How::Lines => eprintln!("{line}"),
            // If the terminal is gone there is nobody to tell.
            How::Bars { all, .. } => drop(all.println(line)),
        }
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        if let How::Bars { overall, .. } = &self.how {
            overall.finish_and_clear();
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    let style = ProgressStyle::with_template(template);
    style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> ")
}

/// Listens to one job and hands on the wish to stop.
pub(crate) struct Listener<'a> {
    stop: &'a Stop,
    bar: Option<ProgressBar>,
    since: Instant,
    id: String,
}

impl Progress for Listener<'_> {
    fn report(&self, fraction: f64) -> Result<(), Interrupted> {
        if let Some(bar) = &self.bar {
            bar.set_position((fraction.clamp(0.0, 1.0) * 1000.0) as u64);
        }
        if self.stop.asked() { Err(Interrupted) } else { Ok(()) }
    }
}
