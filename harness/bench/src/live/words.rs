//! The figures of a live view in words, the same on a terminal as on a page. Rounds and names units; computes nothing that the
//! state does not hold.

use super::moment::Percentiles;
use super::series::Point;
use super::state::{State, Step};
use crate::report::amount::{self, bytes, number, seconds, time_us};
use bench_model::interval::Phase;

/// A figure that moves.
#[derive(Debug, Clone)]
pub(super) struct Gauge {
    /// A stable name for programs.
    pub(super) key: &'static str,
    pub(super) title: &'static str,
    /// Now.
    pub(super) value: String,
    /// So far, where that is more than now.
    pub(super) beside: String,
    /// Of a point.
    pub(super) of: fn(&Point) -> Option<f64>,
}

/// What is shown where there is nothing yet.
const NOTHING: &str = "-";

/// All gauges: throughput, target CPU, memory, generator CPU and errors.
pub(super) fn gauges(state: &State) -> [Gauge; 5] {
    let (now, window, setting) = (state.now.as_ref(), &state.window, &state.setting);
    let of_now =
        |value: &dyn Fn(&Point) -> Option<String>| now.and_then(value).unwrap_or_else(|| NOTHING.to_owned());
    let of_cpus = |busy: f64, cpus: usize| match cpus {
        0 => format!("{} CPUs", cpus_busy(busy)),
        cpus => format!("{} of {cpus}", cpus_busy(busy)),
    };
    let errors = window.counters.errors.total();
    let kinds = window.counters.errors.named().into_iter().filter(|(_, count)| *count > 0);
    let kinds: Vec<String> = kinds.map(|(name, count)| format!("{} {name}", amount::count(count))).collect();
    [
        Gauge {
            key: "tps",
            title: "Throughput",
            value: of_now(&|point| Some(format!("{} TPS", number(point.tps)))),
            beside: window.tps().map_or_else(String::new, |tps| format!("{} so far", number(tps))),
            of: |point| Some(point.tps),
        },
        Gauge {
            key: "target_cpus",
            title: "Target CPU",
            value: of_now(&|point| Some(of_cpus(point.target_cpus?, setting.target_cpus))),
            beside: window
                .cpu_us_per_request()
                .map_or_else(String::new, |cpu_us| format!("{} a request", time_us(cpu_us))),
            of: |point| point.target_cpus,
        },
        Gauge {
            key: "memory_bytes",
            title: "Memory",
            value: of_now(&|point| Some(bytes(point.memory_bytes?).to_string())),
            beside: window
                .memory_peak_bytes
                .map_or_else(String::new, |peak_bytes| format!("peak {}", bytes(peak_bytes))),
            of: |point| point.memory_bytes,
        },
        Gauge {
            key: "generator_cpus",
            title: "Generator CPU",
            value: of_now(&|point| Some(of_cpus(point.generator_cpus, setting.generator_cpus))),
            beside: String::new(),
            of: |point| Some(point.generator_cpus),
        },
        Gauge {
            key: "errors_per_s",
            title: "Errors",
            value: amount::count(errors),
            beside: kinds.join(", "),
            of: |point| Some(point.errors_per_s),
        },
    ]
}

/// The percentiles of the last interval with their names, the shortest first.
pub(super) fn percentiles(state: &State) -> [(&'static str, String); 5] {
    let values = state.now.and_then(|now| now.latency_us).map(|latency_us| latency_us.values());
    std::array::from_fn(|index| {
        let value = values.map_or_else(|| NOTHING.to_owned(), |values| time_us(values[index]).to_string());
        (Percentiles::NAMES[index], value)
    })
}

/// What is going on, in words.
pub(super) fn step(state: &State) -> String {
    match &state.step {
        Step::Doing(words) => words.clone(),
        Step::Loading { phase: Phase::WarmUp, done_s, length_s } => {
            format!("warming up, {} of at most {}", seconds(done_s.round()), seconds(*length_s))
        }
        Step::Loading { phase: Phase::Measure, done_s, length_s } => {
            format!("measuring, {} of {}", seconds(*done_s), seconds(*length_s))
        }
    }
}

/// How much of the load is done, 0 to 1.
pub(super) fn part_done(state: &State) -> Option<f64> {
    match state.step {
        Step::Loading { done_s, length_s, .. } if length_s > 0.0 => Some((done_s / length_s).clamp(0.0, 1.0)),
        _ => None,
    }
}

/// Which of several runs it is, in words.
pub(super) fn position(state: &State) -> Option<String> {
    let position = state.position.as_ref()?;
    let left = position.left.as_ref().map_or_else(String::new, |left| format!(", {left} left"));
    Some(format!("{}: {}{left}", position.place, position.label))
}

/// In two decimals: more would flicker.
fn cpus_busy(busy: f64) -> String {
    format!("{busy:.2}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::moment::{Moment, Position};
    use crate::live::state::tests::{after, moments};
    use crate::report::fixture;

    #[test]
    fn figures_in_words() {
        let record = fixture::stored();
        let state = after(moments(&record, 12));
        let said: Vec<(&str, String, String)> =
            gauges(&state).into_iter().map(|gauge| (gauge.title, gauge.value, gauge.beside)).collect();
        assert!(said[0].1.ends_with(" TPS") && said[0].2 == "51.99k so far", "{said:?}");
        assert!(said[1].1.ends_with(" of 1") && said[1].2 == "18.19 us a request", "{said:?}");
        assert!(said[2].1.ends_with(" MiB") && said[2].2 == "peak 26.89 MiB", "{said:?}");
        assert_eq!((said[4].1.as_str(), said[4].2.as_str()), ("0", ""));
        assert_eq!(step(&state), "measuring, 8 s of 8 s");
        assert_eq!(part_done(&state), Some(1.0));
        let errors = &gauges(&after(moments(&fixture::invalid(), 9)))[4];
        assert_eq!(
            (errors.value.as_str(), errors.beside.as_str()),
            ("6262", "1376 connect, 4812 reset, 71 status, 3 mismatch")
        );
    }

    #[test]
    fn before_anything_is_known() {
        let mut state = after([]);
        assert!(gauges(&state)[..4].iter().all(|gauge| gauge.value == NOTHING));
        assert_eq!(
            (step(&state).as_str(), part_done(&state), position(&state)),
            ("getting ready", None, None)
        );
        let place = "block 3 of 10, run 2 of 6".to_owned();
        let left = Some("34 min".to_owned());
        state.apply(Moment::Position(Position { label: "go".to_owned(), place, left }));
        assert_eq!(position(&state).unwrap(), "block 3 of 10, run 2 of 6: go, 34 min left");
    }
}
