//! Where the requests of one worker wait for their blocks to be sealed.
//!
//! A sealed block wakes each worker once, and the worker those who wait: handing each of a hundred waiting requests
//! from one thread to another would take a hundred system calls. It must not touch the ledger.

use std::cell::Cell;

use tokio::sync::{Notify, watch};

/// What a worker knows of sealed blocks.
#[derive(Debug, Default)]
pub(crate) struct Receipts {
    height: Cell<u32>,
    risen: Notify,
}

impl Receipts {
    /// Waits until the block of this height is sealed.
    pub(crate) async fn wait_for(&self, block: u32) {
        // Between the look and the wait nothing else runs on this thread.
        while self.height.get() < block {
            self.risen.notified().await;
        }
    }

    /// Passes on every new height, until no more can come.
    pub(crate) async fn follow(&self, mut heights: watch::Receiver<u32>) {
        loop {
            self.height.set(*heights.borrow_and_update());
            self.risen.notify_waiters();
            if heights.changed().await.is_err() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::rc::Rc;
    use std::task::Poll;
    use tokio::runtime::{Builder, LocalOptions};
    use tokio::task::{spawn_local, yield_now};

    #[test]
    fn those_who_wait_go_on_when_their_block_is_sealed() {
        let runtime = Builder::new_current_thread().build_local(LocalOptions::default()).expect("a runtime");
        runtime.block_on(async {
            let (sealed, heights) = watch::channel(0);
            let receipts = Rc::new(Receipts::default());
            let follower = Rc::clone(&receipts);
            spawn_local(async move { follower.follow(heights).await });
            receipts.wait_for(0).await;

            let early = Rc::clone(&receipts);
            let mut early = spawn_local(async move { early.wait_for(1).await });
            let mut late = std::pin::pin!(receipts.wait_for(3));
            yield_now().await;
            sealed.send_replace(2);
            (&mut early).await.expect("block 1 is sealed with block 2");
            let waits = std::future::poll_fn(|context| Poll::Ready(late.as_mut().poll(context).is_pending()));
            assert!(waits.await, "block 3 is not sealed");
            sealed.send_replace(3);
            late.await;
        });
    }
}
