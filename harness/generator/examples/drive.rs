//! The generator alone, for measuring and profiling: `drive ADDRESS CONNECTIONS SECONDS [JSON]`.
//!
//! Sends `GET /`, or `POST /echo` with the JSON given and its echo expected, and prints one line: verified requests,
//! failed ones, and the CPU time of this process in microseconds for each verified request.

use bench_generator::request::prepare;
use bench_generator::{Generator, Job};
use bench_model::body::Body;
use bench_model::load::LoadModel;
use bench_model::plan::RequestPlan;
use bench_model::scenario::BodyExpectation;
use bench_model::status::StatusSet;
use rustix::time::{ClockId, clock_gettime};
use std::error::Error;
use std::io::Write as _;
use std::time::Duration;

const SECOND_NS: u64 = 1_000_000_000;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, connections, seconds, body @ ..] = arguments.as_slice() else {
        return Err("usage: drive ADDRESS CONNECTIONS SECONDS [JSON]".into());
    };
    let job = job(address, connections.parse()?, body.first())?;
    let seconds: usize = seconds.parse()?;
    let (mut generator, opened) = Generator::open(job)?;
    generator.begin();
    generator.stop_after(seconds);
    let (mut requests, mut failed) = (0, 0);
    for _ in 0..seconds {
        let interval = generator.next_interval(Duration::from_secs(10))?;
        let interval = interval.ok_or("an interval is missing")?;
        requests += interval.counters.requests;
        failed += interval.counters.errors.total();
    }
    generator.finish()?;
    let cpu = clock_gettime(ClockId::ProcessCPUTime);
    let cpu_us = cpu.tv_sec as f64 * 1e6 + cpu.tv_nsec as f64 / 1e3;
    writeln!(
        std::io::stdout(),
        "open {} requests {requests} failed {failed} cpu_us_per_request {:.3}",
        opened.open,
        cpu_us / requests as f64
    )?;
    Ok(())
}

fn job(address: &str, connections: usize, json: Option<&String>) -> Result<Job, Box<dyn Error>> {
    let plan = match json {
        None => request("GET", "/", Body::None, BodyExpectation::Any),
        Some(text) => {
            let body = Body::Text { text: text.clone() };
            request("POST", "/echo", body, BodyExpectation::SameJson)
        }
    };
    Ok(Job {
        address: address.parse()?,
        requests: prepare(&plan, address, None)?,
        load: LoadModel::Closed { connections },
        threads: 1,
        cpus: vec![],
        interval_ns: SECOND_NS,
        timeout_ns: 5 * SECOND_NS,
        connect_timeout_ns: 5 * SECOND_NS,
    })
}

fn request(method: &str, path: &str, body: Body, expect_body: BodyExpectation) -> RequestPlan {
    RequestPlan {
        method: method.into(),
        path: path.into(),
        headers: Default::default(),
        body,
        expect_status: StatusSet::default(),
        expect_body,
    }
}
