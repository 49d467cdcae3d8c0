//! The one ledger of the process: its lock, its clock, and the news of sealed blocks.
//!
//! It must not know the ledger's rules, nor HTTP.

use std::sync::{Mutex, MutexGuard};
use std::time::Instant;

use tokio::sync::{Notify, watch};
use tokio::time::sleep_until;

use crate::ledger::Ledger;

/// The ledger as all threads share it.
#[derive(Debug)]
pub(crate) struct Node {
    ledger: Mutex<Ledger>,
    /// The height of the last sealed block.
    sealed: watch::Sender<u32>,
    /// Told when an empty block gets its first transaction.
    opened: Notify,
}

impl Node {
    pub(crate) fn new() -> Self {
        Self { ledger: Mutex::new(Ledger::new()), sealed: watch::Sender::new(0), opened: Notify::new() }
    }

    /// Lets `read` look at the ledger, which must be brief: everybody else waits.
    pub(crate) fn read<R>(&self, read: impl FnOnce(&Ledger) -> R) -> R {
        read(&self.lock())
    }

    /// Lets `change` change the ledger, as briefly, and tells who waits for sealed blocks. Nothing comes between two
    /// steps of one change.
    pub(crate) fn change<R>(&self, change: impl FnOnce(&mut Ledger, Instant) -> R) -> R {
        let mut ledger = self.lock();
        let (was_empty, height) = (ledger.due().is_none(), ledger.height());
        // Read under the lock, so that the ledger never sees it go back.
        let result = change(&mut ledger, Instant::now());
        let (is_empty, sealed) = (ledger.due().is_none(), ledger.height());
        // Waking others takes system calls, which nobody has to wait for.
        drop(ledger);
        if sealed > height {
            self.tell(sealed);
        }
        if was_empty && !is_empty {
            self.opened.notify_one();
        }
        result
    }

    /// The height of the last sealed block, and its changes.
    pub(crate) fn heights(&self) -> watch::Receiver<u32> {
        self.sealed.subscribe()
    }

    /// Seals blocks whose time has come, for ever. Under load a block is full long before: its successor's time is
    /// later still, so that this wakes once in 50 ms and no block has to tell it anything.
    pub(crate) async fn keep_time(&self) {
        loop {
            match self.read(Ledger::due) {
                Some(due) => sleep_until(due.into()).await,
                // If a block was opened since the look at it, this returns at once.
                None => self.opened.notified().await,
            }
            self.change(Ledger::seal_if_due);
        }
    }

    fn tell(&self, sealed: u32) {
        // Another thread may have been faster with a later block.
        self.sealed.send_if_modified(|height| {
            let later = sealed > *height;
            *height = sealed.max(*height);
            later
        });
    }

    fn lock(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().expect("no thread panicked inside the ledger")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Transfer;
    use std::sync::Arc;
    use std::time::Duration;

    fn put(node: &Node, id: &str) {
        let transfer = Transfer { id, from: "acct-0000", to: "acct-0001", amount: 1.0 };
        node.change(|ledger, now| ledger.apply(&transfer, now)).expect("applied");
    }

    #[test]
    fn the_timer_seals_one_block_after_another() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        runtime.block_on(async {
            let node = Arc::new(Node::new());
            let keeper = Arc::clone(&node);
            tokio::spawn(async move { keeper.keep_time().await });
            let mut heights = node.heights();
            for height in 1..=3 {
                let before = Instant::now();
                put(&node, &format!("t-{height}"));
                let sealed = heights.wait_for(|sealed| *sealed == height);
                tokio::time::timeout(Duration::from_secs(20), sealed).await.expect("sealed").expect("told");
                assert!(before.elapsed() >= Duration::from_millis(50));
            }
        });
    }

    #[test]
    fn a_full_block_is_told_without_the_timer() {
        let node = Node::new();
        let heights = node.heights();
        for number in 0..250 {
            put(&node, &format!("t-{number}"));
        }
        assert_eq!(*heights.borrow(), 2);
    }
}
