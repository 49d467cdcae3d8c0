//! Black-box tests: the program as a process of its own, spoken to in raw bytes over real sockets.
//!
//! Each test starts its own server on a free port. No test asserts a speed, and none knows the library.

mod client;
mod server;

mod compression;
mod drain;
mod endpoints;
mod http;
mod json;
mod ledger;
mod metrics;
mod session;
mod sizes;
mod startup;
mod timeouts;
mod transactions;
