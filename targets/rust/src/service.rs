//! What the requests of one worker are answered from.
//!
//! Plain parts: nothing here looks at a request.

use std::rc::Rc;
use std::sync::Arc;

use tokio::runtime::Handle;

use crate::metrics::Recorder;
use crate::node::Node;
use crate::receipts::Receipts;
use crate::settings::Settings;

/// One worker's hold on what all of them share, and what is its own.
pub(crate) struct Service {
    pub(crate) node: Arc<Node>,
    pub(crate) settings: Arc<Settings>,
    /// Where work goes that takes milliseconds: as many threads as there are workers, for all of them together.
    pub(crate) pool: Handle,
    /// These are this worker's own.
    pub(crate) receipts: Rc<Receipts>,
    pub(crate) recorder: Recorder,
}
