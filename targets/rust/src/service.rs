//! What the requests of one worker are answered from.
//!
//! Plain parts: nothing here looks at a request.

use std::rc::Rc;
use std::sync::Arc;

use crate::node::Node;
use crate::receipts::Receipts;
use crate::settings::Acknowledgement;

/// One worker's hold on what all of them share, and what is its own.
pub(crate) struct Service {
    pub(crate) node: Arc<Node>,
    pub(crate) acknowledgement: Acknowledgement,
    /// This worker's own.
    pub(crate) receipts: Rc<Receipts>,
}
