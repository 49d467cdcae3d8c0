//! The progress line of a run on standard error. Quiet when nobody is there to see it.

use crate::event::Event;
use crate::report::amount;
use bench_model::interval::Interval;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::cell::RefCell;
use std::io::IsTerminal as _;
use std::time::Duration;

/// How often a phase without a known length shows that it lives.
const TICK: Duration = Duration::from_millis(100);

/// Shows a run's events.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
    /// Who is measured, where that changes.
    label: RefCell<String>,
}

impl Progress {
    /// A display for a terminal; silent when standard error is none.
    pub(crate) fn new() -> Self {
        let shown = std::io::stderr().is_terminal();
        let target =
            if shown { ProgressDrawTarget::stderr_with_hz(10) } else { ProgressDrawTarget::hidden() };
        Self { bar: ProgressBar::with_draw_target(None, target), label: RefCell::default() }
    }

    /// Shows what has happened.
    pub(crate) fn show(&self, event: &Event<'_>) {
        match event {
            Event::Building { target, command } => self.building(target, &command.join(" ")),
            Event::Starting { target } => self.spin(format!("starting {target}")),
            Event::Ready { startup_ms } => {
                self.note(&format!("ready after {}", amount::time_us(startup_ms * 1e3)));
            }
            Event::Checking => self.spin("checking the answers".to_owned()),
            Event::Case { id, done, of } => self.spin(format!("{done} of {of} cases, {id}")),
            Event::Loading { verified, wanted } => self.note(&format!("{verified} of {wanted} requests")),
            Event::Opening { connections } => self.spin(format!("opening {connections} connections")),
            Event::WarmingUp { longest_s } => self.begin("warming up", *longest_s),
            Event::Measuring { duration_s } => self.begin("measuring", *duration_s),
            Event::Measured(interval) => self.interval(interval),
            Event::Auditing => self.spin("auditing the ledger".to_owned()),
            Event::Stopping => self.spin("stopping".to_owned()),
            Event::Writing => self.spin("writing results".to_owned()),
        }
    }

    /// Takes the line away.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }

    /// Says who is measured in what follows.
    pub(crate) fn name(&self, label: &str) {
        label.clone_into(&mut self.label.borrow_mut());
    }

    /// Says something that stays, above the line that moves. Also where nobody watches.
    pub(crate) fn line(&self, text: &str) {
        if self.bar.is_hidden() {
            crate::failure::say(text);
        } else {
            self.bar.println(text);
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
    fn building(&self, target: &str, command: &str) {
        if self.bar.is_hidden() {
            crate::failure::say(&format!("building {target}: {command}"));
        }
        self.spin(format!("building {target}: {command}"));
    }

    fn note(&self, message: &str) {
        self.bar.set_message(message.to_owned());
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
