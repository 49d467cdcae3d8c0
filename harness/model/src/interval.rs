//! An interval: one second of a run, or less where the window is no whole number of seconds.

use crate::counters::Counters;
use crate::latency::Latencies;
use crate::resources::ResourceSample;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What an interval is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Load that is not counted.
    WarmUp,
    /// The measured window.
    Measure,
}

/// One interval of a run, all workers together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// What it is part of.
    pub phase: Phase,
    /// When it began, in seconds after the load began.
    pub start_s: f64,
    /// Its length in seconds.
    pub duration_s: f64,
    /// What became of the requests that ended in it.
    pub counters: Counters,
    /// Latencies of the verified responses: under an open load from the due time, under a closed one from the send.
    pub latency_hdr: Latencies,
    /// Under an open load, from the send to the complete answer, of the verified responses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_hdr: Option<Latencies>,
    /// Under an open load, from the due time to the send, of every request that was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lag_hdr: Option<Latencies>,
    /// Lower bounds of the latencies of requests that timed out or, in the last interval, were still in flight or had
    /// not been sent.
    pub censored_hdr: Latencies,
    /// The target at the end of the interval, where it is sampled.
    pub target: Option<ResourceSample>,
    /// CPU time of `bench` itself in this interval, user and system, all threads, in seconds.
    pub generator_cpu_s: f64,
    /// Resident memory of `bench` itself at the end of the interval, in bytes.
    pub generator_rss_bytes: u64,
    /// CPU time that the hypervisor took from the machine in this interval, all CPUs together, in seconds.
    pub steal_s: f64,
    /// CPU time of all processes of the machine in this interval, `bench` and the target among them, in seconds.
    #[serde(default)]
    pub machine_cpu_s: f64,
    /// By how much a thread on the generator's first CPU overslept that slept for a millisecond or a few again and again; absent in
    /// runs made before it was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hiccup_hdr: Option<Latencies>,
    /// Readings of the target's own metrics, by their keys and in their units ([`crate::target::TargetMetric`]). One that was
    /// not had in this interval is missing.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metrics: BTreeMap<String, f64>,
}
