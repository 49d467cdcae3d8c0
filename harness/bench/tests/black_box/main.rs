//! The binary from the outside: nothing here knows how it is made.

mod audit;
mod capacity;
mod check;
mod check_state;
mod compare;
mod contract_server;
mod doctor;
mod faulty_ledger;
mod ledger_audit;
mod memory;
mod mistakes;
mod open;
mod pinning;
mod run;
mod scale;
mod scrape;
mod support;
mod targets;
mod validity;
mod warm_up;
