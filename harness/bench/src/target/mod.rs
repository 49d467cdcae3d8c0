//! The life of a target that `bench` starts.
