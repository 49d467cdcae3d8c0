//! From end to end: a generator on real sockets against servers that behave, and servers that do not.

mod answers;
mod counts;
mod faults;
mod load;
mod open;
mod recovery;
mod server;
