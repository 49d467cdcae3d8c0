//! From end to end: a generator on real sockets against servers that behave, that die, and that nobody finds. Those
//! that misbehave are in the test `hostile`.

mod answers;
mod counts;
mod fresh;
mod load;
mod open;
mod recovery;
mod server;
mod sources;
