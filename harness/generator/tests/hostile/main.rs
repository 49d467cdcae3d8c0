//! From end to end: a generator half of whose connections misbehave. A binary of its own, since it watches the memory
//! of its process and what the good half gets done: its cases run one after the other.

mod attendance;
mod bodies;
mod case;
mod closing;
mod framing;
mod heads;
mod judgement;
#[path = "../end_to_end/load.rs"]
mod load;
mod open;
mod phases;
mod run;
#[path = "../end_to_end/server.rs"]
mod server;
mod watch;
