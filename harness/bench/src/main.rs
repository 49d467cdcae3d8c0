//! `bench`: builds, starts, verifies, pins, warms, loads, watches and compares servers in any language.

mod address;
mod baselines;
mod build;
mod capacity;
mod catalogue;
mod charts;
mod check;
mod cli;
mod clock;
mod commands;
mod compare;
mod contract;
mod cpus;
mod credentials;
mod doctor;
mod event;
mod failure;
mod gate;
mod hiccups;
mod history;
mod ledger_audit;
mod limits;
mod live;
mod machine;
mod measurement;
mod meters;
mod open_load;
mod outputs;
mod progress;
mod prometheus;
mod ready;
mod rehearsal;
mod report;
mod requests;
mod resolve;
mod resources;
mod results;
mod scrape;
mod server;
mod session;
mod signals;
mod sources;
mod target;
mod thresholds;
mod warming;
mod watch;

use cli::Command;
use std::process::ExitCode;

fn main() -> ExitCode {
    let done = match cli::parse().command {
        Command::Run(args) => commands::run::main(&args),
        Command::Compare(args) => commands::compare::main(&args),
        Command::Gate(args) => commands::gate::main(&args),
        Command::Baseline(args) => commands::baseline::main(&args),
        Command::Capacity(args) => commands::capacity::main(&args),
        Command::Check(args) => commands::check::main(&args),
        Command::Report(args) => commands::report::main(&args),
        Command::Audit(args) => commands::audit::main(&args),
        Command::List(args) => commands::list::main(&args),
        Command::Doctor(args) => commands::doctor::main(&args),
        Command::Serve(args) => commands::serve::main(&args),
        Command::Init(args) => commands::init::main(&args),
        Command::Completions(args) => commands::completions::main(&args),
        Command::Man(args) => commands::man::main(&args),
        Command::Guard(args) => return target::guard(&args),
        Command::KeepTerminal => return live::keep(),
    };
    done.unwrap_or_else(|failure| failure.report())
}
