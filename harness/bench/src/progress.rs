//! What is shown of a run while it goes on: a line that moves on standard error, quiet when nobody is there to see it, and
//! the live view where one was asked for.

use crate::event::Event;
use crate::live::{Live, Position};
use crate::report::amount;
use bench_model::interval::Interval;
use bench_model::plan::Plan;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::cell::RefCell;
use std::io::IsTerminal as _;
use std::path::Path;
use std::time::Duration;

/// How often a phase without a known length shows that it lives.
const TICK: Duration = Duration::from_millis(100);

/// Shows a run's events.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
    /// Who is measured, where that changes.
    label: RefCell<String>,
    live: Option<Live>,
}

impl Progress {
    /// A display for a terminal; silent when standard error is none.
    pub(crate) fn new() -> Self {
        Self::watched(None)
    }

    /// The same beside a live view. Where that has the terminal, there is no line.
    pub(crate) fn watched(live: Option<Live>) -> Self {
        let has_terminal = live.as_ref().is_some_and(Live::has_terminal);
        let shown = std::io::stderr().is_terminal() && !has_terminal;
        let target =
            if shown { ProgressDrawTarget::stderr_with_hz(10) } else { ProgressDrawTarget::hidden() };
        Self { bar: ProgressBar::with_draw_target(None, target), label: RefCell::default(), live }
    }

    /// Shows what has happened.
    pub(crate) fn show(&self, event: &Event<'_>) {
        if let Some(live) = &self.live {
            live.show(event);
        }
        let words = || event.words().unwrap_or_default();
        match event {
            Event::Building { .. } => self.building(words()),
            Event::Ready { .. } | Event::Loading { .. } => self.bar.set_message(words()),
            Event::WarmingUp { longest_s } => self.begin("warming up", *longest_s),
            Event::Measuring { duration_s } => self.begin("measuring", *duration_s),
            Event::Measured(interval) => self.interval(interval),
            Event::Began(_) | Event::Seen(_) => {}
            Event::Starting { .. }
            | Event::Checking
            | Event::Case { .. }
            | Event::Opening { .. }
            | Event::Auditing
            | Event::Stopping
            | Event::Writing => self.spin(words()),
        }
    }

    /// Takes the line away, and gives the terminal back.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
        if let Some(live) = &self.live {
            live.leave_terminal();
        }
    }

    /// Hands the report that a folder holds to those who watch from elsewhere, once there is one.
    pub(crate) fn report(&self, folder: &Path) {
        if let Some(live) = &self.live {
            live.end(folder);
        }
    }

    /// Keeps the live view off the CPUs on which it could disturb, now that those of the plan are taken.
    pub(crate) fn keep_off(&self, plan: &Plan, allowed: &[usize]) {
        if let Some(live) = &self.live {
            live.keep_off(plan, allowed);
        }
    }

    /// Says who is measured in what follows.
    pub(crate) fn name(&self, label: &str) {
        label.clone_into(&mut self.label.borrow_mut());
    }

    /// Says which of several runs is made in what follows.
    pub(crate) fn position(&self, position: Position) {
        if let Some(live) = &self.live {
            live.position(position);
        }
    }

    /// Says something that stays, above the line that moves. Also where nobody watches.
    pub(crate) fn line(&self, text: &str) {
        if self.bar.is_hidden() {
            crate::failure::say(text);
        } else {
            self.bar.println(text);
            if let Some(live) = &self.live {
                live.line(text);
            }
        }
    }

    /// Takes the line away until there is more to show.
    pub(crate) fn clear(&self) {
        self.bar.disable_steady_tick();
        self.bar.set_message("");
        self.bar.reset();
    }

    fn spin(&self, message: String) {
        self.bar.set_style(style("{spinner} {msg}"));
        self.bar.set_message(message);
        self.bar.enable_steady_tick(TICK);
    }

    /// Builds take minutes, so they are named even where nobody watches: a log of CI shows what went on.
    fn building(&self, words: String) {
        if self.bar.is_hidden() {
            crate::failure::say(&words);
        }
        self.spin(words);
    }

    fn begin(&self, phase: &'static str, length_s: f64) {
        // A thread that redraws would cost CPU while the generator measures: the line moves with the intervals.
        self.bar.disable_steady_tick();
        self.bar.set_style(style("{prefix:>10} [{bar:20}] {msg}"));
        let label = self.label.borrow();
        let prefix = if label.is_empty() { phase.to_owned() } else { format!("{label}: {phase}") };
        self.bar.set_prefix(prefix);
        self.bar.set_length((length_s * 1000.0) as u64);
        self.bar.set_position(0);
        self.bar.set_message("");
    }

    fn interval(&self, interval: &Interval) {
        let counters = &interval.counters;
        let tps = counters.requests as f64 / interval.duration_s.max(f64::MIN_POSITIVE);
        let p99_us = interval.latency_hdr.quantile_ns(0.99) as f64 / 1e3;
        let errors = match counters.errors.total() {
            0 => String::new(),
            errors => format!(", {errors} errors"),
        };
        let message = format!("{} TPS, P99 {}{errors}", amount::number(tps), amount::time_us(p99_us));
        self.bar.set_message(message);
        self.bar.inc((interval.duration_s * 1000.0) as u64);
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("=> ")
}
