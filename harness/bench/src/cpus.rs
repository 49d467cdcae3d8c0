//! Which CPUs the target and the generator run on.
