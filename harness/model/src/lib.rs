//! The values of `bench` and the arithmetic on them.
//!
//! Nothing here reads a clock, opens a socket or a file, starts a thread or knows a terminal: the same
//! input always gives the same output, so every rule can be tested by a table.

pub mod quantity;
pub mod random;

pub mod addresses;
pub mod body;
pub mod claim;
pub mod json;
pub mod load;
pub mod scenario;
pub mod source;
pub mod status;
pub mod suggest;
pub mod sweep;
pub mod target;

pub mod plan;

pub mod audit;
pub mod backoff;
pub mod clock;
pub mod counters;
pub mod distribution;
pub mod fresh;
pub mod hiccups;
pub mod interval;
pub mod latency;
pub mod latency_figures;
pub mod metric_figures;
pub mod resources;
pub mod steady;

pub mod ledger;
pub mod machine;
pub mod record;
pub mod report;
pub mod summary;
pub mod validity;
pub mod warning;

pub mod baseline;
pub mod capacity;
pub mod comparison;
pub mod gate;
pub mod history;
pub mod metric;
pub mod slo;
pub mod stats;
pub mod threshold;
