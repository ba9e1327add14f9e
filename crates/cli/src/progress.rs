//! The progress of jobs: an overview on a terminal, plain lines otherwise, nothing if quiet. All on stderr.
//!
//! The overview is a bar with the share of the expected work and the time left, a line with what is done of each stage,
//! and a bar for each running job. What is finished leaves no line there unless it failed.

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use datasets::{Interrupted, Progress};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::interrupt::Stop;
use crate::plan::Plan;
use crate::terminal::tell;

/// Shows the progress of a number of jobs.
pub(crate) struct Display {
    how: How,
    total: usize,
    since: Instant,
    work: Mutex<Work>,
}

enum How {
    Quiet,
    Lines,
    Bars { all: MultiProgress, overall: ProgressBar, stages: ProgressBar },
}

/// The work done of all jobs.
#[derive(Default)]
struct Work {
    /// The stage and the expected core-seconds of each job, by its name.
    jobs: BTreeMap<String, (&'static str, f64)>,
    /// Jobs done and jobs altogether of each stage, in the order of the plan.
    stages: Vec<(&'static str, usize, usize)>,
    /// Expected core-seconds of all jobs, of those whose output was there, and of those that were done.
    all: f64,
    kept: f64,
    made: f64,
    /// Expected core-seconds of what has been done of running jobs.
    running: BTreeMap<String, f64>,
    done: usize,
    reused: usize,
}

/// The longest time between two drawings of a running bar.
const TICK: Duration = Duration::from_millis(200);
/// Before this share of the work nothing is said about the time left.
const EARLY: f64 = 0.03;

impl Display {
    /// For `total` jobs.
    pub(crate) fn new(quiet: bool, total: usize) -> Self {
        Self::with(quiet, total, Work::default())
    }

    /// For the jobs of a plan.
    pub(crate) fn of_plan(quiet: bool, plan: &Plan) -> Self {
        let mut work = Work::default();
        for planned in &plan.jobs {
            let stage = planned.job.stage.name();
            work.all += planned.cost.core_seconds;
            work.jobs.insert(planned.job.id.clone(), (stage, planned.cost.core_seconds));
            match work.stages.iter_mut().find(|(name, ..)| *name == stage) {
                Some((_, _, all)) => *all += 1,
                None => work.stages.push((stage, 0, 1)),
            }
        }
        Self::with(quiet, plan.jobs.len(), work)
    }

    fn with(quiet: bool, total: usize, work: Work) -> Self {
        let how = if quiet {
            How::Quiet
        } else if std::io::stderr().is_terminal() {
            let all = MultiProgress::new();
            let overall = all.add(ProgressBar::new(1000));
            overall.set_style(style("[{bar:30}] {msg}"));
            let stages = all.add(ProgressBar::new_spinner());
            stages.set_style(style("{wide_msg}"));
            How::Bars { all, overall, stages }
        } else {
            How::Lines
        };
        let display = Self { how, total, since: Instant::now(), work: Mutex::new(work) };
        display.update(&display.lock());
        display
    }

    fn lock(&self) -> MutexGuard<'_, Work> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A job begins.
    pub(crate) fn start<'a>(&'a self, id: &str, stop: &'a Stop) -> Listener<'a> {
        let bar = match &self.how {
            How::Bars { all, .. } => {
                let bar = all.add(ProgressBar::new(1000).with_message(id.to_owned()));
                bar.set_style(style("  {msg:28} [{bar:20}] {elapsed}"));
                bar.enable_steady_tick(TICK);
                Some(bar)
            }
            _ => None,
        };
        Listener { display: self, stop, bar, since: Instant::now(), id: id.to_owned() }
    }

    /// A job has ended; how, unless its output had been there.
    pub(crate) fn finish(&self, listener: Listener, how: Option<&str>) {
        if let Some(bar) = &listener.bar {
            bar.finish_and_clear();
        }
        let mut work = self.lock();
        work.done += 1;
        work.running.remove(&listener.id);
        let job = work.jobs.get(&listener.id).copied();
        let made = how == Some("made");
        work.reused += usize::from(how.is_none());
        if let Some((stage, cost)) = job {
            if how.is_none() {
                work.kept += cost;
            } else {
                work.made += cost;
            }
            if let Some((_, done, _)) = work.stages.iter_mut().find(|(name, ..)| *name == stage) {
                *done += usize::from(made || how.is_none());
            }
        }
        self.update(&work);
        let done = work.done;
        drop(work);
        // On a terminal the overview says how many are done; what went wrong stays to be read.
        let told = matches!(self.how, How::Lines) || !made || self.total == 1;
        if let Some(how) = how.filter(|_| told) {
            let width = self.total.to_string().len();
            let seconds = listener.since.elapsed().as_secs_f64();
            self.say(&format!("[{done:>width$}/{}] {:<28} {how} {seconds:8.2} s", self.total, listener.id));
        }
    }

    /// Draws the overview.
    fn update(&self, work: &Work) {
        let How::Bars { overall, stages, .. } = &self.how else { return };
        let running: f64 = work.running.values().sum();
        let (share, left) = prospects(work, running, self.since.elapsed().as_secs_f64());
        let share = share.unwrap_or(work.done as f64 / self.total.max(1) as f64);
        overall.set_position((share * 1000.0) as u64);
        let left = left.map_or(String::new(), |seconds| format!(", {} left", duration(seconds)));
        let reused = if work.reused > 0 { format!(", {} reused", work.reused) } else { String::new() };
        overall.set_message(format!("{} of {} jobs{reused}{left}", work.done, self.total));
        stages.set_message(overview(&work.stages));
    }

    /// Says a line.
    pub(crate) fn say(&self, line: &str) {
        match &self.how {
            How::Quiet => {}
            How::Lines => tell(line),
            // If the terminal is gone there is nobody to tell.
            How::Bars { all, .. } => drop(all.println(crate::terminal::printable(line))),
        }
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        if let How::Bars { overall, stages, .. } = &self.how {
            stages.finish_and_clear();
            overall.finish_and_clear();
        }
    }
}

/// The share of the expected work that is done, and the seconds left at the speed so far, as soon as that says anything.
fn prospects(work: &Work, running: f64, elapsed: f64) -> (Option<f64>, Option<f64>) {
    if work.all <= 0.0 {
        return (None, None);
    }
    let share = ((work.kept + work.made + running) / work.all).min(1.0);
    let own = work.made + running;
    let to_do = work.all - work.kept;
    let left = (own > EARLY * to_do && own > 0.0).then(|| elapsed * ((to_do - own) / own).max(0.0));
    (Some(share), left)
}

/// `train 2/30 · flow rbm 0/30`: the stages of which something is left.
fn overview(stages: &[(&'static str, usize, usize)]) -> String {
    let open = stages.iter().filter(|(_, done, all)| done < all);
    let each: Vec<String> = open.map(|(name, done, all)| format!("{name} {done}/{all}")).collect();
    each.join(" · ")
}

/// A time in words that are not more exact than an estimate is.
fn duration(seconds: f64) -> String {
    match seconds {
        s if s < 10.0 => "a few seconds".to_owned(),
        s if s < 90.0 => format!("about {:.0} s", (s / 10.0).round() * 10.0),
        s if s < 90.0 * 60.0 => format!("about {:.0} min", (s / 60.0).round()),
        s => format!("about {:.1} h", s / 3600.0),
    }
}

fn style(template: &str) -> ProgressStyle {
    let style = ProgressStyle::with_template(template);
    style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> ")
}

/// Listens to one job and hands on the wish to stop.
pub(crate) struct Listener<'a> {
    display: &'a Display,
    stop: &'a Stop,
    bar: Option<ProgressBar>,
    since: Instant,
    id: String,
}

impl Progress for Listener<'_> {
    fn report(&self, fraction: f64) -> Result<(), Interrupted> {
        if let Some(bar) = &self.bar {
            let fraction = fraction.clamp(0.0, 1.0);
            let position = (fraction * 1000.0) as u64;
            if bar.position() != position {
                bar.set_position(position);
                let mut work = self.display.lock();
                if let Some(&(_, cost)) = work.jobs.get(&self.id) {
                    work.running.insert(self.id.clone(), cost * fraction);
                }
                self.display.update(&work);
            }
        }
        if self.stop.asked() { Err(Interrupted) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_follows_from_what_was_done_and_not_from_what_was_there() {
        let work = Work { all: 100.0, kept: 40.0, made: 15.0, ..Work::default() };
        // 20 of 60 core-seconds took 10 seconds: 20 more are left.
        let (share, left) = prospects(&work, 5.0, 10.0);
        assert!((share.expect("a share") - 0.6).abs() < 1e-12);
        assert!((left.expect("a time") - 20.0).abs() < 1e-9);
        let early = Work { all: 100.0, kept: 40.0, ..Work::default() };
        assert_eq!(prospects(&early, 0.5, 10.0).1, None, "too early to tell");
        assert_eq!(prospects(&Work::default(), 0.0, 1.0), (None, None));
    }

    #[test]
    fn times_are_no_more_exact_than_estimates() {
        assert_eq!(
            [3.0, 42.0, 100.0, 4000.0, 7200.0].map(duration),
            ["a few seconds", "about 40 s", "about 2 min", "about 67 min", "about 2.0 h"]
        );
    }
}
