//! One connection from accept to close.
//!
//! hyper speaks HTTP; this file adds what hyper leaves out: 408 for a header that never ends, an end for idle
//! connections, and a close that does not destroy the answer on its way. It must not look at requests.

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::answer::answer;
use crate::exchange::Exchange;
use crate::reply::HEADER_TIMEOUT;
use crate::socket::Socket;
use crate::watchdog::{Overdue, Watchdog};
use crate::worker::Shared;

/// How long bytes of a client that still sends are thrown away after its answer. Closing with unread bytes
/// sends a reset, which makes the client's kernel throw away the answer.
const LINGER: Duration = Duration::from_secs(2);

/// How a connection's HTTP came to an end.
enum Ending {
    /// hyper is done; `cleanly` is false if it could not read what the client sent.
    Finished { cleanly: bool },
    /// The header took too long.
    HeaderOverdue,
    /// Nothing moved for too long.
    Abandoned,
}

/// Serves one connection; `_alive` is held until it ends.
pub(crate) async fn drive(stream: TcpStream, shared: Rc<Shared>, _alive: mpsc::Sender<Infallible>) {
    let exchange = Rc::new(Exchange::default());
    let service = service_fn(|request| answer(request, Rc::clone(&exchange), &shared.service));
    let socket = TokioIo::new(Socket::new(stream, Rc::clone(&exchange)));
    let mut connection = shared.http.serve_connection(socket, service);
    let mut watchdog = Watchdog::new(shared.limits);
    let mut drain = Box::pin(shared.drain.notified());
    let (mut registered, mut draining) = (false, false);

    let ending = poll_fn(|context| {
        if !registered {
            registered = true;
            // Once is enough: the waker of a task stays the same, and `draining` tells the rest.
            let _ = drain.as_mut().poll(context);
        }
        loop {
            // An error is the client's: it went away, or did not speak HTTP and hyper has told it so.
            if let Poll::Ready(result) = Pin::new(&mut connection).poll(context) {
                return Poll::Ready(Ending::Finished { cleanly: result.is_ok() });
            }
            if shared.draining.get() && !draining {
                draining = true;
                Pin::new(&mut connection).graceful_shutdown();
                continue;
            }
            match watchdog.poll(context, &exchange) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Overdue::Body) => exchange.expire_body(),
                Poll::Ready(Overdue::Header) => return Poll::Ready(Ending::HeaderOverdue),
                Poll::Ready(Overdue::Everything) => return Poll::Ready(Ending::Abandoned),
            }
        }
    })
    .await;

    let stream = connection.into_parts().io.into_inner().into_stream();
    // Boxed, so that the rare ways to end do not enlarge every connection's task.
    match ending {
        Ending::Finished { cleanly } if exchange.left_unread() || !cleanly => Box::pin(linger(stream)).await,
        Ending::HeaderOverdue => Box::pin(refuse(stream)).await,
        Ending::Finished { .. } | Ending::Abandoned => {}
    }
}

/// Answers 408 by hand: hyper cannot answer a request that it has not read.
async fn refuse(mut stream: TcpStream) {
    if let Ok(Ok(())) = timeout(LINGER, stream.write_all(HEADER_TIMEOUT)).await {
        linger(stream).await;
    }
}

/// Says that nothing more will be sent, then reads and forgets until the client closes too or has had its time.
async fn linger(mut stream: TcpStream) {
    let _ = timeout(LINGER, async {
        // A client that has gone makes this fail, and the reading end at once.
        let _ = stream.shutdown().await;
        while stream.readable().await.is_ok() {
            match stream.try_read(&mut [0; 4096]) {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                Err(_) => break,
            }
        }
    })
    .await;
}
