//! The reference server: what every other target is compared with.
//!
//! It serves `targets/CONTRACT.md` on hyper and tokio. One thread for each CPU owns a listener, a runtime and its
//! connections; what threads share while requests are served is the ledger, and counters.
//!
//! This file owns the public entry. It must not know of the harness, of its reports or of its command line.

mod options;
pub use options::{Limits, ServeOptions};

mod settings;
pub use settings::{Settings, SettingsError};

mod error;
pub use error::ServeError;

mod server;
pub use server::{serve, serve_with_limits};

mod listener;
mod worker;

mod connection;
mod exchange;
mod socket;
mod watchdog;

mod answer;
mod body;
mod coding;
mod record;
mod reply;
mod routes;
mod service;

mod echo;
mod session;
mod transactions;
mod views;

mod name;
mod token;
mod users;

mod ledger;
mod metrics;
mod node;
mod receipts;
