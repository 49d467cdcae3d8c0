//! Protocols: how a request becomes bytes, and bytes a response. One file, or folder, each.

pub mod http1;
