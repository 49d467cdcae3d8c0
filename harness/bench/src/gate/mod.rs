//! A gate's base, and how base and candidate are held against each other: the strong way, in blocks of runs of both, where
//! the base can be built; else against stored figures.
//!
//! Measuring is the business of comparisons, and judging that of the model.

mod base;
mod judged;

pub(crate) use crate::compare::base::short;
pub(crate) use base::{Base, Why};
pub(crate) use judged::{Asked, Judged, is_grave, judge};
