//! Reading a request's body: whole, bounded in size, and given up when it is overdue.
//!
//! It must not look at what the body says.

use std::error::Error;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use bytes::{Bytes, BytesMut};
use hyper::body::{Body, Incoming};

use crate::exchange::Exchange;

/// The longest body that is read: 1 MiB.
pub(crate) const MAX_BODY_BYTES: usize = 1024 * 1024;

/// Why a body was not read to its end. The rest of it may still be on its way.
#[derive(Debug)]
pub(crate) enum BodyError {
    /// It is longer than [`MAX_BODY_BYTES`], or announced to be.
    TooLarge,
    /// It did not come in time.
    Overdue,
    /// It ended early, or its chunks are not well formed.
    Broken(hyper::Error),
}

impl BodyError {
    /// What hyper found wrong, for a message.
    pub(crate) fn reason(error: &hyper::Error) -> String {
        error.source().map_or_else(|| error.to_string(), ToString::to_string)
    }
}

/// Reads the whole body. One that came in one piece, as small ones do, is not copied.
pub(crate) async fn read(body: Incoming, exchange: &Exchange) -> Result<Bytes, BodyError> {
    let mut pieces = Pieces::of(body, exchange)?;
    let Some(first) = pieces.next().await? else {
        return Ok(Bytes::new());
    };
    let Some(second) = pieces.next().await? else {
        return Ok(first);
    };
    // Not the announced length at once: a client may announce a mebibyte and never send it.
    let mut whole = BytesMut::with_capacity(2 * (first.len() + second.len()));
    whole.extend_from_slice(&first);
    whole.extend_from_slice(&second);
    drop((first, second));
    while let Some(piece) = pieces.next().await? {
        whole.extend_from_slice(&piece);
    }
    Ok(whole.freeze())
}

/// Reads the body and forgets it, so that the connection can be used again.
pub(crate) async fn discard(body: Incoming, exchange: &Exchange) -> Result<(), BodyError> {
    let mut pieces = Pieces::of(body, exchange)?;
    while pieces.next().await?.is_some() {}
    Ok(())
}

/// The pieces of a body as they come, counted.
struct Pieces<'exchange> {
    body: Incoming,
    exchange: &'exchange Exchange,
    bytes: usize,
}

impl<'exchange> Pieces<'exchange> {
    /// Refuses a body that is announced to be too long before a byte of it is read.
    fn of(body: Incoming, exchange: &'exchange Exchange) -> Result<Self, BodyError> {
        if body.size_hint().lower() > MAX_BODY_BYTES as u64 {
            return Err(BodyError::TooLarge);
        }
        Ok(Self { body, exchange, bytes: 0 })
    }

    async fn next(&mut self) -> Result<Option<Bytes>, BodyError> {
        while !self.body.is_end_stream() {
            let frame = poll_fn(|context| match Pin::new(&mut self.body).poll_frame(context) {
                Poll::Pending if self.exchange.body_expired() => Poll::Ready(Err(BodyError::Overdue)),
                polled => polled.map(|frame| frame.transpose().map_err(BodyError::Broken)),
            });
            let Some(frame) = frame.await? else {
                return Ok(None);
            };
            // Trailers are allowed and mean nothing here.
            let Ok(piece) = frame.into_data() else { continue };
            self.bytes += piece.len();
            if self.bytes > MAX_BODY_BYTES {
                return Err(BodyError::TooLarge);
            }
            return Ok(Some(piece));
        }
        Ok(None)
    }
}
