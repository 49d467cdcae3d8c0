//! The machine that a run is made on.
