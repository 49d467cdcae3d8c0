//! What the findings of an audit mean, in words. Decides nothing.

use super::{Finding, LONGEST_TAIL, Law, Mean, Tail};

impl Finding {
    /// What was found, in sentences that can be checked with a pocket calculator.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::MedianAboveP99 { p50_us, p99_us } => format!(
                "the P50 of {} lies above the P99 of {}: no distribution has that; are they swapped?",
                time(*p50_us),
                time(*p99_us)
            ),
            Self::MeanOffTheLaw(law) => law.message(),
            Self::PercentilesAboveMean { least_us, mean } => {
                let ways_out = match mean {
                    Mean::Given(_) => "No distribution has that.",
                    Mean::Implied { .. } => {
                        "More requests would have been in flight than there were connections. The latencies may run \
                         from a time before the send, as they do under an open load, or the TPS may be of another run."
                    }
                };
                format!(
                    "{}, but the percentiles alone need a mean of {} or more. {ways_out}",
                    mean.words(),
                    time(*least_us)
                )
            }
            Self::Tail(tail) => tail.message(),
        }
    }
}

impl Mean {
    fn words(self) -> String {
        match self {
            Self::Given(us) => format!("the mean is said to be {}", time(us)),
            Self::Implied { us, tps, connections } => format!(
                "at {} TPS on {}, always busy, the mean latency is {}",
                thousands(tps),
                on(connections),
                time(us)
            ),
        }
    }
}

impl Law {
    fn message(&self) -> String {
        let Self { given_us, implied_us, in_flight, connections } = *self;
        let meaning = if in_flight > connections as f64 {
            "which is more than there can be on them: the latencies may run from a time before the send, as they do \
             under an open load"
        } else {
            "so connections stood idle, as they do behind a generator that is itself the bottleneck, or the mean leaves \
             out slow requests that the TPS counts"
        };
        let decimals = if in_flight < 10.0 { 2 } else { 1 };
        format!(
            "the mean is said to be {}, but on {}, always busy, it is {}. TPS x mean gives {in_flight:.decimals$} \
             requests in flight, {meaning}.",
            time(given_us),
            on(connections),
            time(implied_us)
        )
    }
}

impl Tail {
    fn message(&self) -> String {
        let tail = format!(
            "{}, but 99% of the requests are said to have taken {} at most. Both hold only if the slowest 1% took {} or \
             more on average, {:.0} times the P99",
            self.mean.words(),
            time(self.p99_us),
            time(self.slowest_us),
            self.times()
        );
        if self.times() <= LONGEST_TAIL {
            return format!("{tail}: possible, if the tail is that long.");
        }
        format!("{tail}{}. Otherwise {}.", self.beyond_the_recorded(), self.ways_out())
    }

    /// A tail that the generator could not even have seen.
    fn beyond_the_recorded(&self) -> String {
        match self.recorded_up_to_us {
            Some(limit) if self.slowest_us > limit => format!(
                ", which cannot be: the generator records no latency above {} unless told otherwise",
                time(limit)
            ),
            _ => String::new(),
        }
    }

    fn ways_out(&self) -> String {
        let busy = match (self.mean, self.in_flight_within_p99) {
            (Mean::Implied { connections, .. }, Some(in_flight)) => format!(
                "connections stood idle (had no request taken longer than the P99, at most {in_flight:.0} of \
                 {connections} were in flight), or "
            ),
            _ => String::new(),
        };
        let left_out = match self.recorded_up_to_us {
            Some(limit) => {
                format!(", as this generator does above its timeout, {} unless told otherwise", time(limit))
            }
            None => String::new(),
        };
        format!("{busy}the percentiles leave out slow requests that the TPS counts{left_out}")
    }
}

fn on(connections: u64) -> String {
    if connections == 1 { "1 connection".to_owned() } else { format!("{connections} connections") }
}

/// A time in microseconds as people say it: three digits or so, without trailing zeros.
fn time(us: f64) -> String {
    let (value, unit) = match us {
        us if us < 1e3 => (us, "us"),
        us if us < 1e6 => (us / 1e3, "ms"),
        us => (us / 1e6, "s"),
    };
    let text = if value < 10.0 { format!("{value:.2}") } else { format!("{value:.1}") };
    format!("{} {unit}", text.trim_end_matches('0').trim_end_matches('.'))
}

/// A number with commas between its thousands.
fn thousands(value: f64) -> String {
    let whole = format!("{value:.0}");
    let groups: Vec<&str> =
        (0..whole.len()).rev().step_by(3).map(|end| &whole[end.saturating_sub(2)..=end]).collect();
    groups.into_iter().rev().collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_for_people() {
        for (us, text) in [
            (42e3, "42 ms"),
            (54_253.5, "54.3 ms"),
            (311_526.5, "311.5 ms"),
            (1_267_300.0, "1.27 s"),
            (15_709e3, "15.7 s"),
            (110e3, "110 ms"),
            (250.0, "250 us"),
            (2e6, "2 s"),
        ] {
            assert_eq!(time(us), text);
        }
        for (value, text) in [(7.0, "7"), (999.6, "1,000"), (18_432.0, "18,432"), (1_234_567.0, "1,234,567")]
        {
            assert_eq!(thousands(value), text);
        }
    }
}
