//! The cases of compression: bodies that come compressed, and answers that are asked for so.

mod answers;
mod bodies;
mod gzip;

use super::case::Case;

/// All of the group, in the order of the contract.
pub(super) const CASES: &[&[Case]] = &[bodies::CASES, answers::CASES];
