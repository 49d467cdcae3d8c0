//! The binary from the outside: nothing here knows how it is made.

mod audit;
mod memory;
mod check;
mod contract_request;
mod contract_server;
mod mistakes;
mod run;
mod support;
