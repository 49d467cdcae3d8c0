//! `bench serve`: the reference target in the foreground.

use crate::cli::ServeArgs;
use crate::failure::Failure;
use bench_target_rust::{ServeOptions, Settings, serve};
use std::process::ExitCode;

/// Serves until a signal comes.
pub(crate) fn main(args: &ServeArgs) -> Result<ExitCode, Failure> {
    let settings = Settings::from_environment("bench serve").map_err(Failure::usage)?;
    serve(&ServeOptions { host: args.host, port: args.port, threads: args.threads }, settings)?;
    Ok(ExitCode::SUCCESS)
}
