//! The whole server: opens the port, starts the threads, waits for a signal, stops the threads.
//!
//! It must not touch a connection: those belong to the workers.

use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{mpsc, watch};

use crate::metrics::Metrics;
use crate::node::Node;
use crate::worker::{self, Orders};
use crate::{Limits, ServeError, ServeOptions, Settings, listener};

/// Serves until SIGTERM or SIGINT, finishes the requests in flight, and returns.
///
/// Prints one line on standard output once connections are accepted:
/// `listening on http://127.0.0.1:8080 with 2 threads`. Raises the soft limit of open files to the hard one.
/// Blocks, so it must not be called inside an async runtime; the signals are handled for the whole process.
///
/// # Errors
/// When the port, the threads or the signal handlers cannot be had, or when a thread is lost.
pub fn serve(options: &ServeOptions, settings: Settings) -> Result<(), ServeError> {
    serve_with_limits(options, settings, &Limits::default())
}

/// Like [`serve`], with other limits of time.
///
/// # Errors
/// As [`serve`].
pub fn serve_with_limits(
    options: &ServeOptions,
    settings: Settings,
    limits: &Limits,
) -> Result<(), ServeError> {
    let threads = options.threads.unwrap_or_else(usable_cpus);
    if threads == 0 {
        return Err(ServeError::NoThreads);
    }
    raise_open_files_limit();
    // For signals and the node's time, on this thread, and for what would hold up a worker, on others.
    let waiting = Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(threads)
        .thread_name("hash")
        .build()
        .map_err(|source| ServeError::Thread { source })?;
    // The handlers come before the announcement: whoever reads it may send a signal at once.
    let mut signals = Signals::listen(&waiting)?;
    let (address, listeners) = listener::open(SocketAddr::new(options.host, options.port), threads)?;

    let (node, settings) = (Arc::new(Node::new()), Arc::new(settings));
    let metrics = Arc::new(Metrics::new());
    let (stop, stopped) = watch::channel(false);
    let (ended, mut endings) = mpsc::unbounded_channel();
    let mut workers = Vec::with_capacity(threads);
    for listener in listeners {
        workers.push(worker::start(Orders {
            listener,
            limits: *limits,
            node: Arc::clone(&node),
            settings: Arc::clone(&settings),
            metrics: Arc::clone(&metrics),
            pool: waiting.handle().clone(),
            stop: stopped.clone(),
            ended: ended.clone(),
        })?);
    }
    announce(address, threads);

    let lost = waiting.block_on(async {
        tokio::spawn(async move { node.keep_time().await });
        let lost = tokio::select! {
            () = signals.recv() => false,
            _ = endings.recv() => true,
        };
        // Every worker may be gone already; then nobody is left to be told.
        let _ = stop.send(true);
        // Blocks are sealed until the last request has its receipt.
        for _ in usize::from(lost)..threads {
            endings.recv().await;
        }
        lost
    });
    let panicked = join(workers);
    // Nobody waits any more for what may still be hashed.
    waiting.shutdown_background();
    if lost || panicked { Err(ServeError::ThreadLost) } else { Ok(()) }
}

/// The CPUs that affinity and control groups leave to this process.
fn usable_cpus() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// Every connection is an open file, and the usual soft limit is 1024. Where the limit cannot be raised the
/// server still works, with fewer connections, and says so when it runs out.
fn raise_open_files_limit() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current != maximum {
        let _ = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
    }
}

/// Tells where the server listens. A reader who closed the pipe does not stop the server.
fn announce(address: SocketAddr, threads: usize) {
    let plural = if threads == 1 { "" } else { "s" };
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "listening on http://{address} with {threads} thread{plural}");
    let _ = out.flush();
}

/// Waits for every thread; true if one of them panicked.
fn join(workers: Vec<JoinHandle<()>>) -> bool {
    workers.into_iter().map(JoinHandle::join).filter(Result::is_err).count() > 0
}

/// The two signals that end the server.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen(runtime: &Runtime) -> Result<Self, ServeError> {
        let _context = runtime.enter();
        let listen = |kind| signal(kind).map_err(|source| ServeError::Signal { source });
        Ok(Self { terminate: listen(SignalKind::terminate())?, interrupt: listen(SignalKind::interrupt())? })
    }

    async fn recv(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
