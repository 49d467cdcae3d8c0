//! The binary from the outside: nothing here knows how it is made.

mod audit;
mod memory;
mod mistakes;
mod run;
mod support;
