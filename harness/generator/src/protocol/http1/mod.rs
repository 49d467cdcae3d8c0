//! HTTP/1.1 as a client speaks it (RFC 9110 and 9112).

mod chunked;
mod head;
mod reader;
mod writer;

pub use reader::{Fault, Progress, Reader, Response};
pub use writer::{WriteError, write_head};
