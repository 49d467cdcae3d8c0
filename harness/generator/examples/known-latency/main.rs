//! A server whose delays are known: what a load generator says of them can be checked against the closed form.
//!
//!     known-latency --latency constant:5ms|bimodal:1ms,50ms,0.98|lognormal:5ms,0.5 [--seed N] [--busy] [PORT]
//!     known-latency --at-once [--work 50us] [--busy] [PORT]
//!
//! One thread. An answer leaves so long after its request was read whole as the distribution has it; thousands can wait
//! at the same time. `--at-once` answers without delay. `--work` keeps the CPU busy for so long for each request, which
//! makes the server the bottleneck. `--busy` never sleeps: it reads a request and sends an answer as soon as can be, and
//! takes a whole CPU for it. It listens on 127.0.0.1, on a free port without one, and prints which. On SIGUSR1 and on
//! SIGTERM, which ends it, it prints a line of JSON: the requests that it read, the answers that it sent, and the
//! quantiles of the delays that it really gave besides those of the closed form. The caller pins it with `taskset`.

mod delay;
mod request;
mod server;

use bench_model::quantity::parse_duration;
use delay::{Delays, Distribution};
use rustix::net;
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};
use server::{Options, Server};
use std::io::Write as _;
use std::net::TcpListener;

/// The quantiles that are printed, with their names.
const QUANTILES: [(&str, f64); 6] =
    [("p50", 0.5), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99), ("p99_9", 0.999), ("p99_99", 0.9999)];

/// What was typed.
struct Typed {
    distribution: Distribution,
    seed: u64,
    options: Options,
    port: u16,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let typed = typed(std::env::args().skip(1))?;
    let listener = TcpListener::bind(("127.0.0.1", typed.port))?;
    // The queue that std asks for overflows when a thousand connections are opened at once.
    net::listen(&listener, 4096)?;
    listener.set_nonblocking(true)?;
    let mut output = std::io::stdout();
    writeln!(output, "listening on http://{}", listener.local_addr()?)?;
    let mut server = Server::new(listener, Delays::new(typed.distribution, typed.seed), typed.options)?;
    loop {
        let is_last = server.serve()?;
        writeln!(output, "{}", counted(&server, typed.distribution))?;
        if is_last {
            return Ok(());
        }
    }
}

fn typed(mut arguments: impl Iterator<Item = String>) -> Result<Typed, String> {
    let mut distribution = None;
    let mut typed = Typed {
        distribution: Distribution::Constant { delay_ns: 0.0 },
        seed: 1,
        options: Options { work_ns: 0, busy: false },
        port: 0,
    };
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| format!("{argument} needs a value after it"));
        match argument.as_str() {
            "--latency" => distribution = Some(value()?.parse()?),
            "--at-once" => distribution = Some(Distribution::Constant { delay_ns: 0.0 }),
            "--seed" => typed.seed = value()?.parse().map_err(|error| format!("--seed: {error}"))?,
            "--work" => {
                let work = parse_duration(&value()?).map_err(|error| format!("--work: {error}"))?;
                typed.options.work_ns = work.as_nanos() as u64;
            }
            "--busy" => typed.options.busy = true,
            port => {
                typed.port = port.parse().map_err(|_| format!("`{port}` is neither a flag nor a port"))?;
            }
        }
    }
    typed.distribution =
        distribution.ok_or("say how long answers take: --latency constant:5ms or --at-once")?;
    Ok(typed)
}

/// What the server counted so far.
fn counted(server: &Server, distribution: Distribution) -> Value {
    let cpu = clock_gettime(ClockId::ProcessCPUTime);
    let given = server.given.histogram();
    let of = |quantile: &dyn Fn(f64) -> f64| {
        let us = QUANTILES.iter().map(|&(name, part)| (name.to_owned(), json!(quantile(part) / 1e3)));
        Value::Object(us.collect())
    };
    let mut given_us = of(&|part| given.value_at_quantile(part) as f64);
    given_us["max"] = json!(given.max() as f64 / 1e3);
    json!({
        "read": server.read,
        "answered": server.answered,
        "refused": server.refused,
        "connections": server.accepted,
        "cpu_s": cpu.tv_sec as f64 + cpu.tv_nsec as f64 / 1e9,
        "given_us": given_us,
        "closed_form_us": of(&|part| distribution.quantile_ns(part)),
    })
}
