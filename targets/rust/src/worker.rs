//! One thread of the server: its runtime, its accept loop, its connections, its end.
//!
//! A worker shares nothing with the others but the node and the order to stop. It must not look into HTTP.

use std::cell::Cell;
use std::convert::Infallible;
use std::io;
use std::rc::Rc;
use std::sync::{Arc, mpsc as blocking};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use hyper::server::conn::http1;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Handle, LocalOptions, LocalRuntime};
use tokio::sync::{Notify, mpsc, watch};
use tokio::time::{sleep, timeout};

use crate::metrics::{Metrics, Recorder};
use crate::node::Node;
use crate::receipts::Receipts;
use crate::service::Service;
use crate::settings::Settings;
use crate::{Limits, ServeError, connection};

/// The pause after an `accept` that failed for want of files or memory, so that the loop does not spin: the
/// connection stays in the queue, and closing another makes room.
const ACCEPT_PAUSE: Duration = Duration::from_millis(20);

/// The most that hyper buffers for one connection. It bounds the size of a header, and the memory that a
/// thousand slow uploads hold.
const MAX_BUFFER_BYTES: usize = 64 * 1024;

/// What a worker is given.
pub(crate) struct Orders {
    pub(crate) listener: std::net::TcpListener,
    pub(crate) limits: Limits,
    pub(crate) node: Arc<Node>,
    pub(crate) settings: Arc<Settings>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) pool: Handle,
    /// Becomes true when the worker has to stop.
    pub(crate) stop: watch::Receiver<bool>,
    /// Told when the worker ends, for whatever reason.
    pub(crate) ended: mpsc::UnboundedSender<()>,
}

/// What the connections of one worker share.
pub(crate) struct Shared {
    pub(crate) http: http1::Builder,
    pub(crate) limits: Limits,
    pub(crate) service: Service,
    /// Set once, when the worker stops accepting.
    pub(crate) draining: Cell<bool>,
    /// Wakes every connection when `draining` is set.
    pub(crate) drain: Notify,
}

/// Starts a worker on a thread of its own, and returns once it can accept.
pub(crate) fn start(orders: Orders) -> Result<JoinHandle<()>, ServeError> {
    let (report, started) = blocking::channel();
    let handle = thread::Builder::new()
        .name("serve".to_owned())
        .spawn(move || run(orders, &report))
        .map_err(|source| ServeError::Thread { source })?;
    match started.recv() {
        Ok(Ok(())) => Ok(handle),
        Ok(Err(source)) => Err(ServeError::Thread { source }),
        Err(blocking::RecvError) => Err(ServeError::ThreadLost),
    }
}

fn run(orders: Orders, report: &blocking::Sender<io::Result<()>>) {
    let Orders { listener, limits, node, settings, metrics, pool, stop, ended } = orders;
    let _notice = EndNotice(ended);
    match set_up(listener) {
        Ok((runtime, listener)) => {
            metrics.watch(runtime.handle().clone());
            // The receiver waits for this message and nothing else, so it is there.
            let _ = report.send(Ok(()));
            let recorder = Recorder::new(metrics);
            runtime.block_on(async {
                let receipts = receipts(&node);
                let service = Service { node, settings, pool, receipts, recorder };
                serve(listener, limits, service, stop).await;
            });
        }
        Err(error) => {
            let _ = report.send(Err(error));
        }
    }
}

fn set_up(listener: std::net::TcpListener) -> io::Result<(LocalRuntime, TcpListener)> {
    let runtime =
        Builder::new_current_thread().enable_io().enable_time().build_local(LocalOptions::default())?;
    let context = runtime.enter();
    let listener = TcpListener::from_std(listener)?;
    drop(context);
    Ok((runtime, listener))
}

/// Makes where requests wait for their blocks. Must be called inside the worker's runtime.
fn receipts(node: &Node) -> Rc<Receipts> {
    let receipts = Rc::new(Receipts::default());
    let (follower, heights) = (Rc::clone(&receipts), node.heights());
    tokio::task::spawn_local(async move { follower.follow(heights).await });
    receipts
}

/// Accepts until told to stop, then lets the connections finish.
async fn serve(listener: TcpListener, limits: Limits, service: Service, mut stop: watch::Receiver<bool>) {
    let draining = Cell::new(false);
    let shared = Rc::new(Shared { http: http(), limits, service, draining, drain: Notify::new() });
    // Each connection holds a sender; the channel closes when the last of them ends.
    let (alive, mut all_ended) = mpsc::channel::<Infallible>(1);
    tokio::select! {
        _ = stop.wait_for(|stop| *stop) => {}
        never = accept(&listener, &shared, &alive) => match never {},
    }
    drop(listener);
    drop(alive);
    shared.draining.set(true);
    shared.drain.notify_waiters();
    // Whatever is still busy at the deadline is cut off with the runtime.
    let _ = timeout(limits.drain, all_ended.recv()).await;
}

async fn accept(listener: &TcpListener, shared: &Rc<Shared>, alive: &mpsc::Sender<Infallible>) -> Infallible {
    let mut complained = false;
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                // Answers are written whole, so waiting for more bytes would only delay them. A client that
                // has already gone makes this fail, and its connection end at the first read.
                let _ = stream.set_nodelay(true);
                tokio::task::spawn_local(connection::drive(stream, Rc::clone(shared), alive.clone()));
            }
            Err(error) if is_clients_own(&error) => {}
            Err(error) => {
                if !complained {
                    eprintln!(
                        "cannot accept a connection: {error}; raise the limit of open files (ulimit -n) or open \
                         fewer connections; trying again, and saying this once"
                    );
                    complained = true;
                }
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// True if only the connection that was being accepted is lost, so that the next can be taken at once.
fn is_clients_own(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

/// How hyper is set up; the README tells why.
fn http() -> http1::Builder {
    let mut http = http1::Builder::new();
    http.max_buf_size(MAX_BUFFER_BYTES)
        // A client may close its sending side and still wait for the answer.
        .half_close(true)
        // The watchdog does this without a timer for each request, and answers 408 where hyper just closes.
        .header_read_timeout(None);
    http
}

/// Tells the main thread that the worker has ended, even if it panicked.
struct EndNotice(mpsc::UnboundedSender<()>);

impl Drop for EndNotice {
    fn drop(&mut self) {
        // At an orderly stop nobody listens any more.
        let _ = self.0.send(());
    }
}
