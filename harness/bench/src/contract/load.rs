//! The cases under load: many connections at once, many verified requests, and memory that does not climb.
//!
//! The generator that measures also checks here. One load answers both of its questions.

use super::case::{Case, Check, Group};
use super::fault::Fault;
use super::memory::Thirds;
use super::parallel;
use super::wire::Wire;
use crate::resources::Sampler;
use bench_generator::request::{PrepareError, PreparedRequest, Surroundings, prepare};
use bench_generator::{Generator, Job};
use bench_model::body::Body;
use bench_model::counters::Counters;
use bench_model::load::LoadModel;
use bench_model::plan::RequestPlan;
use bench_model::scenario::BodyExpectation;
use bench_model::status::StatusSet;
use std::time::{Duration, Instant};

/// Connections of the load.
const CONNECTIONS: usize = 64;
/// Different bodies: many times the connections, so that no two in flight are alike.
const BODIES: usize = 4096;
/// Length of one interval, after each of which memory may be read.
const INTERVAL: Duration = Duration::from_millis(20);
/// The longest time without any answer.
const NO_PROGRESS: Duration = Duration::from_secs(10);
/// Reading memory takes at most one part in this many of the time.
const REST_FOR_READING: u32 = 20;
/// Requests over which memory may climb before it counts: a heap that has just started fills up once.
const LONGEST_CLIMB: u64 = 100_000;

/// What is asked of the load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Question {
    /// Did every request come back right?
    Requests,
    /// Did memory climb?
    Memory,
}

pub(super) const CASES: &[Case] = &[
    Case {
        id: "parallel",
        group: Group::Load,
        what: "64 connections each get their own answers",
        contract: "each gets its own answer",
        check: Check::Talk(parallel::own_answers),
    },
    Case {
        id: "many-requests",
        group: Group::Load,
        what: "not one mismatch or error among many requests",
        contract: "each gets its own answer",
        check: Check::Load(Question::Requests),
    },
    Case {
        id: "memory",
        group: Group::Load,
        what: "memory does not climb under load",
        contract: "the memory that is used does not climb.",
        check: Check::Load(Question::Memory),
    },
];

/// The load's answers. Figures where it passed.
#[derive(Debug)]
pub(super) struct Answers {
    pub(super) requests: Result<String, Fault>,
    /// Absent where memory cannot be read.
    pub(super) memory: Option<Result<String, Fault>>,
}

/// What the load needs.
pub(super) struct Load<'a> {
    pub(super) wire: &'a Wire,
    /// Requests that must be verified.
    pub(super) wanted: u64,
    /// Makes a sampler of the target's memory, where there is one.
    pub(super) sampler: &'a dyn Fn() -> Option<Sampler>,
    /// Is told how many requests were verified.
    pub(super) show: &'a dyn Fn(u64),
}

impl Load<'_> {
    /// Loads the target until the questions are answered.
    pub(super) fn run(&self) -> Result<Answers, Fault> {
        let mut progress = Progress::default();
        let began = Instant::now();
        match self.load(&mut progress) {
            Err(interrupted @ Fault::Interrupted(_)) => return Err(interrupted),
            Err(fault) => return Ok(Answers { requests: Err(fault), memory: None }),
            Ok(()) => {}
        }
        let (verified, took_s) = (progress.counters.requests, began.elapsed().as_secs_f64());
        let memory = progress.judged.map(|thirds| {
            if !thirds.climb() {
                return Ok(thirds.shown());
            }
            let sent = format!("{verified} requests");
            Err(Fault::new(sent, "memory that stays within 10% + 8 MiB", thirds.shown()))
        });
        let requests = format!("{verified} verified in {took_s:.1} s on {CONNECTIONS} connections");
        Ok(Answers { requests: Ok(requests), memory })
    }

    /// One generator for all rounds: the first is the wanted requests, and more follow only while memory climbs.
    fn load(&self, progress: &mut Progress) -> Result<(), Fault> {
        let sent = format!("POST /echo on {CONNECTIONS} connections, {BODIES} different bodies");
        let broken = |error: String| Fault::new(&sent, "a load", error);
        let job = self.job().map_err(|error| broken(error.to_string()))?;
        let (mut generator, opened) = Generator::open(job).map_err(|error| broken(error.to_string()))?;
        if opened.open < CONNECTIONS {
            let why = opened.fault.unwrap_or_default();
            return Err(Fault::new(
                &sent,
                format!("{CONNECTIONS} connections"),
                format!("{}: {why}", opened.open),
            ));
        }
        generator.begin();
        let mut round_ends = self.wanted;
        let longest = (4 * self.wanted).max(LONGEST_CLIMB);
        let mut last_answer = Instant::now();
        loop {
            self.wire.go_on()?;
            let before = progress.counters.requests;
            match generator.next_interval(Duration::from_millis(50)) {
                Ok(Some(measured)) => progress.counters.add(&measured.counters),
                Ok(None) => {}
                Err(error) => return Err(broken(error.to_string())),
            }
            progress.fault(&sent)?;
            if progress.counters.requests > before {
                last_answer = Instant::now();
                progress.read(self.sampler);
                (self.show)(progress.counters.requests);
            } else if last_answer.elapsed() > NO_PROGRESS {
                return Err(Fault::new(
                    &sent,
                    "answers",
                    format!("none for {NO_PROGRESS:?}, after {before} verified ones"),
                ));
            }
            if progress.counters.requests >= round_ends {
                if !progress.needs_more() || progress.counters.requests >= longest {
                    return Ok(());
                }
                round_ends = progress.counters.requests + self.wanted;
            }
        }
    }

    fn job(&self) -> Result<Job, PrepareError> {
        let requests = requests(&self.wire.host)?;
        Ok(Job {
            address: self.wire.address,
            source_addresses: Vec::new(),
            order: (0..requests.len()).collect(),
            requests,
            first_serial: 0,
            load: LoadModel::Closed { connections: CONNECTIONS },
            threads: 1,
            cpus: Vec::new(),
            interval_ns: INTERVAL.as_nanos() as u64,
            timeout_ns: NO_PROGRESS.as_nanos() as u64,
            connect_timeout_ns: super::wire::PATIENCE.as_nanos() as u64,
            owns_cpus: false,
        })
    }
}

/// Bodies that are told apart by their mark, with numbers, text outside ASCII, and lengths from 150 to 600 bytes.
fn requests(host: &str) -> Result<Vec<PreparedRequest>, PrepareError> {
    let text = |words: &str| {
        format!(
            r#"{{"mark":"{{{{index}}}}-{{{{hex 16}}}}","n":{{{{int -1000000000 1000000000}}}},"x":{{{{float -1 1}}}},"ok":{{{{bool}}}},"text":"{words} é","list":[{{{{int 0 9}}}},null,{{"a":{{{{float 0 1000}}}}}}]}}"#
        )
    };
    let mut all = Vec::with_capacity(BODIES);
    for (seed, words) in
        ["{{word 10}}", "{{word 80}}", "{{word 200}}", "{{word 450}}"].into_iter().enumerate()
    {
        let plan = RequestPlan {
            method: "POST".to_owned(),
            path: "/echo".to_owned(),
            headers: [("Content-Type".to_owned(), "application/json".to_owned())].into(),
            body: Body::Template { template: text(words), count: BODIES / 4, seed: seed as u64 + 1 },
            expect_status: StatusSet::try_from("200".to_owned()).unwrap_or_default(),
            expect_body: BodyExpectation::SameJson,
            ..RequestPlan::default()
        };
        all.extend(prepare(&plan, 0, Surroundings { host, run: "" }, None)?);
    }
    Ok(all)
}

/// The load so far.
#[derive(Debug, Default)]
struct Progress {
    counters: Counters,
    /// Memory since the load began, in bytes.
    readings: Vec<u64>,
    judged: Option<Thirds>,
    next_reading: Option<Instant>,
}

impl Progress {
    fn read(&mut self, sampler: &dyn Fn() -> Option<Sampler>) {
        let now = Instant::now();
        if self.next_reading.is_some_and(|next| now < next) {
            return;
        }
        // A sampler of its own for each reading, since one that measures spares the target and repeats itself.
        let sample = sampler().and_then(|mut sampler| sampler.sample());
        self.readings.extend(sample.map(|sample| sample.pss_bytes.unwrap_or(sample.rss_bytes)));
        self.next_reading = Some(now + now.elapsed() * REST_FOR_READING);
    }

    /// Judges memory at the end of a round: whether another one is needed to know. All readings so far are judged, since
    /// within one round of many a steady leak would be little beside what has leaked already.
    fn needs_more(&mut self) -> bool {
        if self.readings.is_empty() {
            return false;
        }
        let Some(thirds) = Thirds::of(&self.readings) else { return true };
        self.judged = Some(thirds);
        thirds.climb()
    }

    /// What went wrong so far, if anything.
    fn fault(&self, sent: &str) -> Result<(), Fault> {
        let counters = &self.counters;
        let mut wrong: Vec<String> = counters
            .errors
            .named()
            .iter()
            .filter(|(_, count)| *count > 0)
            .map(|(name, count)| format!("{name} {count}"))
            .collect();
        if counters.resent > 0 {
            wrong.push(format!("connections closed without notice {}", counters.resent));
        }
        if wrong.is_empty() {
            return Ok(());
        }
        let statuses = counters.status.iter().filter(|(status, _)| **status != 200);
        wrong.extend(statuses.map(|(status, count)| format!("status {status}: {count}")));
        let came = format!("{} verified, then {}", counters.requests, wrong.join(", "));
        Err(Fault::new(sent, "every answer to be the value that was sent", came))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_steady_leak_never_settles_and_a_heap_that_fills_once_does() {
        const MIB: u64 = 1 << 20;
        let mut leak = Progress::default();
        let mut heap = Progress::default();
        for round in 0..30 {
            for reading in 0..9 {
                let since = 9 * round + reading;
                leak.readings.push((10 + 5 * since) * MIB);
                heap.readings.push((10 + 20 * since.min(8)) * MIB);
            }
            assert!(leak.needs_more(), "round {round}: {}", leak.judged.unwrap().shown());
            assert_eq!(heap.needs_more(), round == 0, "round {round}");
        }
    }

    #[test]
    fn no_two_bodies_are_alike() {
        let requests = requests("h").unwrap();
        let bytes: BTreeSet<&[u8]> = requests.iter().map(|request| request.bytes.as_slice()).collect();
        assert_eq!((requests.len(), bytes.len()), (BODIES, BODIES));
    }
}
