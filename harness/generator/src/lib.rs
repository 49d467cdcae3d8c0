//! The hot path of `bench`: connections, protocols and load models.
//!
//! A worker thread owns its connections, buffers and histograms; nothing is shared, locked or allocated for a
//! request. This crate starts no process and knows no file and no terminal.

mod book;
mod clock;
mod collect;
mod connection;
mod control;
mod fault;
pub mod fields;
pub mod fresh;
mod generator;
pub mod gzip;
mod inflate;
pub mod mismatch;
pub mod protocol;
pub mod request;
mod tally;
pub mod verify;
mod worker;

pub use book::{Book, Fate, RequestCounts};
pub use collect::{Measured, OpenLatencies};
pub use generator::{Generator, GeneratorError, Job, Opened};
