//! What this machine is like as a place to measure on, and whether the targets' toolchains are here. Changes nothing.

mod equals;
mod idle;
pub(crate) mod noise;

use crate::build::{self, State};
use crate::catalogue;
use crate::{cpus, limits, machine};
use bench_model::clock;
use bench_model::machine::Machine;
use bench_model::target::{Manifest, Toolchain};
use serde::Serialize;
use std::fs;

/// How good a thing is found to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Health {
    /// As it should be.
    Good,
    /// Something to know when reading figures.
    Note,
    /// Something cannot be done here as it is.
    Bad,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    pub(crate) health: Health,
    /// What was looked at.
    pub(crate) name: String,
    /// How it is.
    pub(crate) found: String,
    /// What that means for a measurement, and what to do if it is not good.
    pub(crate) meaning: String,
}

impl Finding {
    fn new(health: Health, name: &str, found: impl Into<String>, meaning: impl Into<String>) -> Self {
        Self { health, name: name.to_owned(), found: found.into(), meaning: meaning.into() }
    }
}

/// Looks at the machine.
pub(crate) fn machine() -> Vec<Finding> {
    let machine = machine::fingerprint();
    vec![
        cpus_of(&machine),
        governor(machine.governor.as_deref()),
        clock(machine.clock_source.as_deref()),
        virtualised(&text("/proc/cpuinfo").unwrap_or_default()),
        open_files(limits::open_files().1),
        ports(text("/proc/sys/net/ipv4/ip_local_port_range").as_deref()),
        accept_queue(text("/proc/sys/net/core/somaxconn").as_deref()),
        load(text("/proc/loadavg").as_deref(), machine.cpus_allowed.len()),
    ]
}

/// Looks for the toolchains of every target in the catalogue, and for those that only variants need.
pub(crate) fn targets() -> Vec<Finding> {
    catalogue::targets()
        .into_iter()
        .flat_map(|(name, found)| match found {
            Ok(found) => of_target(&found.value),
            Err(failure) => vec![Finding::new(Health::Bad, &name, "cannot be used", failure.to_string())],
        })
        .collect()
}

fn of_target(manifest: &Manifest) -> Vec<Finding> {
    // With what the contract's stateful part needs beside the rest.
    let mut findings: Vec<Finding> =
        manifest.for_state().toolchain.iter().map(|needed| toolchain(&manifest.name, needed)).collect();
    if findings.is_empty() {
        findings.push(Finding::new(Health::Good, &manifest.name, "names no toolchain", ""));
    }
    for (variant, of) in &manifest.variant {
        let named = format!("{}:{variant}", manifest.name);
        findings.extend(of.toolchain.iter().map(|needed| match toolchain(&named, needed) {
            // A variant that cannot run here takes nothing from the target.
            finding if finding.health == Health::Bad => Finding { health: Health::Note, ..finding },
            finding => finding,
        }));
    }
    findings
}

fn toolchain(target: &str, needed: &Toolchain) -> Finding {
    let program = build::name(needed);
    match build::probe(needed) {
        State::Good(version) => Finding::new(
            Health::Good,
            target,
            format!("{program} {version}"),
            format!("{} or later will do", needed.least),
        ),
        bad => Finding::new(
            Health::Bad,
            target,
            format!("{program} {} or later is needed, {bad}", needed.least),
            needed.install.clone(),
        ),
    }
}

fn cpus_of(machine: &Machine) -> Finding {
    let allowed = cpus::format_list(&machine.cpus_allowed);
    let found = format!("{} of {} may be used ({allowed})", machine.cpus_allowed.len(), machine.cpus);
    match cpus::split(&machine.cpus_allowed, None, None) {
        Ok(split) if machine.cpus_allowed.len() > 1 => {
            let (target, generator) = (cpus::format_list(&split.target), cpus::format_list(&split.generator));
            let meaning = format!(
                "a target gets {target} and the generator {generator}; nothing else should run on either"
            );
            Finding::new(Health::Good, "CPUs", found, meaning)
        }
        _ => Finding::new(
            Health::Note,
            "CPUs",
            found,
            "target and generator share one, so each slows the other: throughput and latency here compare nothing",
        ),
    }
}

fn governor(governor: Option<&str>) -> Finding {
    match governor {
        Some("performance") => {
            Finding::new(Health::Good, "governor", "performance", "the clock rate is held high")
        }
        Some(other) => Finding::new(
            Health::Note,
            "governor",
            other,
            "the clock rate follows the load, which favours whoever loads the CPU more: cpupower frequency-set -g performance",
        ),
        None => Finding::new(
            Health::Note,
            "governor",
            "unknown",
            "the system does not tell, as is usual in virtual machines: the clock rate may change between runs",
        ),
    }
}

fn clock(source: Option<&str>) -> Finding {
    match source {
        Some(fast @ ("tsc" | "kvm-clock" | "arch_sys_counter" | "hyperv_clocksource_tsc_page")) => {
            Finding::new(Health::Good, "clock source", fast, "is read without a system call")
        }
        Some(poor) if clock::is_poor(poor) => Finding::new(
            Health::Note,
            "clock source",
            poor,
            "is slow to read or coarse, and every run here will say so: boot with clocksource=tsc",
        ),
        Some(slow) => Finding::new(
            Health::Note,
            "clock source",
            slow,
            "may take a system call to read, which costs the generator about a microsecond a request: prefer tsc",
        ),
        None => {
            Finding::new(Health::Note, "clock source", "unknown", "latencies may be read from a slow clock")
        }
    }
}

fn virtualised(cpuinfo: &str) -> Finding {
    let flags = cpuinfo.lines().find(|line| line.starts_with("flags")).unwrap_or("");
    if flags.split_whitespace().any(|flag| flag == "hypervisor") {
        return Finding::new(
            Health::Note,
            "hypervisor",
            "a virtual machine",
            "others share the hardware unseen: trust ratios of interleaved runs, never one absolute figure",
        );
    }
    Finding::new(Health::Good, "hypervisor", "none seen", "no neighbour takes CPU time unseen")
}

fn open_files(limit: u64) -> Finding {
    let found = if limit == u64::MAX { "no limit".to_owned() } else { limit.to_string() };
    let meaning = format!("at most {} connections in a run", limit.saturating_sub(64));
    if limit < 4096 {
        return Finding::new(
            Health::Note,
            "open files",
            found,
            meaning + ": raise the hard limit (ulimit -Hn)",
        );
    }
    Finding::new(Health::Good, "open files", found, if limit == u64::MAX { String::new() } else { meaning })
}

fn ports(range: Option<&str>) -> Finding {
    let bounds: Vec<u64> =
        range.unwrap_or("").split_whitespace().filter_map(|number| number.parse().ok()).collect();
    match bounds[..] {
        [low, high] if high >= low => {
            let count = high - low + 1;
            let health = if count < 10_000 { Health::Note } else { Health::Good };
            Finding::new(
                health,
                "local ports",
                format!("{low} to {high}"),
                format!("at most {count} connections to one address at a time, those just closed included"),
            )
        }
        _ => Finding::new(Health::Note, "local ports", "unknown", "the number of connections may be limited"),
    }
}

fn accept_queue(longest: Option<&str>) -> Finding {
    match longest.and_then(|text| text.trim().parse::<u64>().ok()) {
        Some(longest) if longest >= 1024 => Finding::new(
            Health::Good,
            "accept queue",
            longest.to_string(),
            "connections that may wait to be accepted",
        ),
        Some(longest) => Finding::new(
            Health::Note,
            "accept queue",
            longest.to_string(),
            "opening more connections than that at once takes retries of a second each: sysctl net.core.somaxconn=4096",
        ),
        None => {
            Finding::new(Health::Note, "accept queue", "unknown", "opening many connections may take retries")
        }
    }
}

fn load(average: Option<&str>, cpus: usize) -> Finding {
    let recent = average.and_then(|text| text.split_whitespace().next()?.parse::<f64>().ok());
    match recent {
        Some(load) if load > 0.2 * cpus as f64 => Finding::new(
            Health::Note,
            "load",
            format!("{load:.2}"),
            "something ran in the last minute; a run is invalid where others take 20% of the machine: wait, or stop it",
        ),
        Some(load) => Finding::new(Health::Good, "load", format!("{load:.2}"), "the machine is quiet"),
        None => Finding::new(Health::Note, "load", "unknown", "whether the machine is quiet cannot be told"),
    }
}

fn text(path: &str) -> Option<String> {
    fs::read_to_string(path).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn judgements() {
        for (finding, health, found) in [
            (governor(Some("performance")), Health::Good, "performance"),
            (governor(Some("powersave")), Health::Note, "powersave"),
            (governor(None), Health::Note, "unknown"),
            (clock(Some("tsc")), Health::Good, "tsc"),
            (clock(Some("hpet")), Health::Note, "hpet"),
            (virtualised("flags : fpu hypervisor sse\n"), Health::Note, "a virtual machine"),
            (virtualised("flags : fpu sse\n"), Health::Good, "none seen"),
            (open_files(1024), Health::Note, "1024"),
            (open_files(u64::MAX), Health::Good, "no limit"),
            (ports(Some("32768\t60999\n")), Health::Good, "32768 to 60999"),
            (ports(Some("1000 1999")), Health::Note, "1000 to 1999"),
            (ports(None), Health::Note, "unknown"),
            (accept_queue(Some("128\n")), Health::Note, "128"),
            (accept_queue(Some("4096\n")), Health::Good, "4096"),
            (load(Some("0.10 1 1"), 2), Health::Good, "0.10"),
            (load(Some("0.90 1 1"), 2), Health::Note, "0.90"),
        ] {
            assert_eq!((finding.health, finding.found.as_str()), (health, found), "{finding:?}");
        }
    }

    #[test]
    fn this_machine_can_be_looked_at() {
        assert_eq!(machine().len(), 8);
        assert!(targets().iter().any(|finding| finding.name == "rust"));
    }
}
