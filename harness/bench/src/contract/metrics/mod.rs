//! The cases of `GET /metrics`: its format, its names, and whether it counts what was sent.

mod counts;
mod exposition;
mod scrape;

use super::case::Case;

/// All of the group, in the order of the contract.
pub(super) const CASES: &[&[Case]] = &[exposition::CASES, counts::CASES];
