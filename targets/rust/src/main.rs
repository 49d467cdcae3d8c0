//! The reference server as a program of its own: reads the command line and serves.
//!
//! It must not hold logic: `bench serve` calls the same library.

use std::error::Error;
use std::net::IpAddr;
use std::process::ExitCode;
use std::time::Duration;

use bench_target_rust::{Limits, ServeOptions, Settings, serve_with_limits};
use clap::Parser;

/// Serve what targets/CONTRACT.md asks for until SIGTERM or SIGINT.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Arguments {
    /// Address to listen on.
    #[arg(long, default_value = "127.0.0.1")]
    host: IpAddr,
    /// Port to listen on; 0 takes a free one.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Threads to serve with; one for each usable CPU unless given.
    #[arg(long)]
    threads: Option<usize>,
    /// Time for a header to arrive, in milliseconds; then 408.
    #[arg(long, value_name = "MS")]
    header_timeout_ms: Option<u64>,
    /// Time for a body to arrive, in milliseconds; then 408.
    #[arg(long, value_name = "MS")]
    body_timeout_ms: Option<u64>,
    /// Time without a byte moving after which a connection is closed, in milliseconds.
    #[arg(long, value_name = "MS")]
    idle_timeout_ms: Option<u64>,
    /// Time for requests in flight to finish after a signal, in milliseconds.
    #[arg(long, value_name = "MS")]
    drain_timeout_ms: Option<u64>,
}

impl Arguments {
    fn options(&self) -> ServeOptions {
        ServeOptions { host: self.host, port: self.port, threads: self.threads }
    }

    fn limits(&self) -> Limits {
        let or = |given: Option<u64>, default| given.map_or(default, Duration::from_millis);
        let default = Limits::default();
        Limits {
            header: or(self.header_timeout_ms, default.header),
            body: or(self.body_timeout_ms, default.body),
            idle: or(self.idle_timeout_ms, default.idle),
            drain: or(self.drain_timeout_ms, default.drain),
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let settings = Settings::from_environment("bench-target-rust")?;
    Ok(serve_with_limits(&arguments.options(), settings, &arguments.limits())?)
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
