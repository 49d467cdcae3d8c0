//! `bench`: builds, starts, verifies, pins, warms, loads, watches and compares servers in any language.

mod charts;
mod cpus;
mod machine;
mod report;
mod resources;
mod target;

fn main() {}
