//! What is looked at beside the load, once an interval: the target, its own metrics, `bench` itself and the machine. Puts it
//! beside what the generator measured; stores and judges nothing.

use crate::meters::{Meters, Reading};
use crate::resources::{self, Sampler};
use crate::scrape::Scraper;
use bench_generator::{Generator, Measured};
use bench_model::interval::{Interval, Phase};
use bench_model::plan::Plan;
use bench_model::record::Observations;
use bench_model::resources::ResourceSample;
use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

/// All that runs beside the load, and ends with it.
#[derive(Debug)]
pub(crate) struct Watch {
    meters: Meters,
    scraper: Option<Scraper>,
}

/// What was seen in an interval.
struct Seen {
    reading: Reading,
    target: Option<ResourceSample>,
    metrics: BTreeMap<String, f64>,
}

impl Watch {
    /// Starts to look, just before the load on the target at this address begins.
    ///
    /// # Errors
    /// When a thread cannot be started.
    pub(crate) fn start(plan: &Plan, address: SocketAddr) -> io::Result<Self> {
        let interval = Duration::from_secs_f64(plan.interval_s);
        Ok(Self {
            // On the CPU of the first worker, whose delays are in the latencies as well.
            meters: Meters::start(plan.generator_cpus.first().copied())?,
            scraper: Scraper::start(address, plan.target.metrics(), interval)?,
        })
    }

    /// The interval that was measured just now, with what was seen in it.
    pub(crate) fn complete(
        &mut self,
        phase: Phase,
        measured: Measured,
        sampler: Option<&mut Sampler>,
    ) -> Interval {
        let seen = Seen {
            reading: self.meters.read(),
            target: sampler.and_then(Sampler::sample),
            metrics: self.scraper.as_ref().map(Scraper::take).unwrap_or_default(),
        };
        completed(phase, measured, seen)
    }

    /// Gives the histograms of a stored interval back to those who fill the next ones.
    pub(crate) fn recycle(&mut self, interval: Interval, generator: &mut Generator) {
        let Interval { latency_hdr, censored_hdr, service_hdr, lag_hdr, hiccup_hdr, .. } = interval;
        generator.recycle([latency_hdr, censored_hdr].into_iter().chain(service_hdr).chain(lag_hdr));
        self.meters.recycle(hiccup_hdr);
    }

    /// Ends, with what is known at the end alone.
    pub(crate) fn end(self, observations: &mut Observations) {
        observations.generator_rss_peak_bytes = resources::own_rss_peak_bytes();
        observations.clock = Some(self.meters.clock());
        observations.scrape_fault = self.scraper.as_ref().and_then(Scraper::fault);
    }
}

fn completed(phase: Phase, measured: Measured, seen: Seen) -> Interval {
    let (service_hdr, lag_hdr) = measured.open.map(|open| (open.service, open.lag)).unzip();
    let Seen { reading, target, metrics } = seen;
    Interval {
        phase,
        start_s: measured.start_ns as f64 / 1e9,
        duration_s: measured.duration_ns as f64 / 1e9,
        counters: measured.counters,
        latency_hdr: measured.latencies,
        service_hdr,
        lag_hdr,
        censored_hdr: measured.censored,
        target,
        generator_cpu_s: reading.own_cpu_s,
        generator_rss_bytes: reading.own_rss_bytes,
        steal_s: reading.machine.steal_s,
        machine_cpu_s: reading.machine.processes_s,
        hiccup_hdr: Some(reading.overslept),
        metrics,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::Machine;
    use bench_generator::OpenLatencies;
    use bench_model::counters::Counters;
    use bench_model::latency::Latencies;

    /// A histogram of so many samples, to be told from others by.
    fn samples(count: u64) -> Latencies {
        let mut latencies = Latencies::new();
        (0..count).for_each(|_| latencies.record(1_000));
        latencies
    }

    #[test]
    fn an_interval_has_all_that_was_read() {
        let measured = Measured {
            index: 3,
            start_ns: 3_000_000_000,
            duration_ns: 1_000_000_000,
            counters: Counters { requests: 1, ..Counters::default() },
            latencies: samples(1),
            censored: samples(2),
            open: Some(OpenLatencies { service: samples(3), lag: samples(4) }),
        };
        let reading = Reading {
            own_cpu_s: 0.5,
            machine: Machine { processes_s: 1.5, steal_s: 0.25 },
            own_rss_bytes: 6,
            overslept: samples(5),
        };
        let metrics = BTreeMap::from([("heap_bytes".to_owned(), 8.0)]);
        let target = Some(ResourceSample { rss_bytes: 7, ..ResourceSample::default() });
        let expected = Interval {
            phase: Phase::Measure,
            start_s: 3.0,
            duration_s: 1.0,
            counters: measured.counters.clone(),
            latency_hdr: samples(1),
            censored_hdr: samples(2),
            service_hdr: Some(samples(3)),
            lag_hdr: Some(samples(4)),
            target,
            generator_cpu_s: 0.5,
            generator_rss_bytes: 6,
            steal_s: 0.25,
            machine_cpu_s: 1.5,
            hiccup_hdr: Some(samples(5)),
            metrics: metrics.clone(),
        };
        assert_eq!(completed(Phase::Measure, measured, Seen { reading, target, metrics }), expected);
    }
}
