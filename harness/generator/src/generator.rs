//! A generator: its workers, from opening connections to the last interval.

use crate::book::Book;
use crate::clock::now_ns;
use crate::collect::{Collector, Measured, Slice};
use crate::control::Control;
use crate::request::PreparedRequest;
use crate::tally::Tally;
use crate::worker::{Worker, WorkerOpened};
use bench_model::latency::Latencies;
use bench_model::load::LoadModel;
use rustix::io::Errno;
use rustix::thread::{CpuSet, sched_setaffinity};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

/// How far ahead the load's beginning, or its end, is set, so that every worker can hear of it in time, in
/// nanoseconds. Workers look every 10 ms.
const LEAD_NS: u64 = 20_000_000;

/// What a generator does.
#[derive(Debug, Clone)]
pub struct Job {
    /// Where the target listens.
    pub address: SocketAddr,
    /// The addresses of this machine that connections come from, in turn; none for the system's choice.
    pub source_addresses: Vec<IpAddr>,
    /// The requests; at least 1.
    pub requests: Vec<PreparedRequest>,
    /// The order in which they are sent, over and over, by their place in `requests`; at least 1.
    pub order: Vec<usize>,
    /// The number of the first item that is given out: lower ones have been used before the load.
    pub first_serial: u64,
    /// How they are offered.
    pub load: LoadModel,
    /// Worker threads; at least 1. Not more than connections are used.
    pub threads: usize,
    /// The CPUs that the workers are pinned to, in turn; none for no pinning.
    pub cpus: Vec<usize>,
    /// Whether nothing else needs these CPUs, so that a worker may stay awake when a request is due soon.
    pub owns_cpus: bool,
    /// Length of one interval, in nanoseconds.
    pub interval_ns: u64,
    /// The longest wait for a complete answer, in nanoseconds.
    pub timeout_ns: u64,
    /// The longest wait for a connection, in nanoseconds.
    pub connect_timeout_ns: u64,
}

impl Job {
    /// How many numbers the requests have in the plan.
    pub(crate) fn numbers(&self) -> usize {
        self.requests.iter().map(|request| request.number + 1).max().unwrap_or(0)
    }
}

/// Why a generator cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum GeneratorError {
    /// The system refused something that the generator cannot do without.
    #[error("the generator could not use epoll or a timer: {0}")]
    System(#[from] Errno),
    /// A thread could not be started.
    #[error("the generator could not start a thread: {0}")]
    Thread(std::io::Error),
    /// A worker ended before its time.
    #[error("a generator thread ended before its time; this is a defect in bench")]
    WorkerDied,
}

/// How the connections were opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// Connections that are open.
    pub open: usize,
    /// Why the last one failed, if one did.
    pub fault: Option<String>,
}

/// A running generator. Dropping it stops the load at once; the answers in flight are not waited for.
#[derive(Debug)]
pub struct Generator {
    control: Arc<Control>,
    interval_ns: u64,
    workers: Vec<JoinHandle<Result<Book, Errno>>>,
    slices: Receiver<Slice>,
    collector: Collector,
}

impl Generator {
    /// Starts the workers and opens all connections, as far as they can be opened in the time allowed.
    ///
    /// # Errors
    /// When the system refuses threads, epoll or timers.
    pub fn open(job: Job) -> Result<(Self, Opened), GeneratorError> {
        let threads = job.threads.clamp(1, job.load.connections().max(1));
        let job = Arc::new(Job { threads, ..job });
        let control = Arc::new(Control::new());
        let (slice_sender, slices) = mpsc::channel();
        let (opened_sender, opened) = mpsc::channel();
        let (spare_senders, spares): (Vec<_>, Vec<_>) = (0..threads).map(|_| mpsc::channel()).unzip();
        let mut generator = Self {
            control: Arc::clone(&control),
            interval_ns: job.interval_ns,
            workers: Vec::new(),
            slices,
            collector: Collector::new(spare_senders, job.load.is_open()),
        };
        for (index, spares) in spares.into_iter().enumerate() {
            let share = job.load.share(index, threads);
            let cpu = job.cpus.get(index % job.cpus.len().max(1)).copied();
            let (job, control, slices) = (Arc::clone(&job), Arc::clone(&control), slice_sender.clone());
            let opened = opened_sender.clone();
            let body = move || {
                pin_to(cpu);
                let tally = Tally::new(job.load.is_open(), spares);
                let worker = Worker::new(index, share, job, control, slices, tally)?;
                work(worker, &opened)
            };
            let thread = std::thread::Builder::new().name(format!("generator-{index}"));
            generator.workers.push(thread.spawn(body).map_err(GeneratorError::Thread)?);
        }
        drop((slice_sender, opened_sender));
        let opened = generator.all_opened(&opened)?;
        Ok((generator, opened))
    }

    /// Lets the load begin. Intervals are counted from now.
    pub fn begin(&self) {
        self.control.begin(now_ns() + LEAD_NS);
    }

    /// Lets the stages of an open load begin with the interval of this index, which may have begun just now. Until then
    /// the first stage's beginning goes on.
    pub fn begin_window(&self, interval: usize) {
        let epoch_ns = self.control.epoch_ns().unwrap_or_else(now_ns);
        self.control.begin_window(epoch_ns.saturating_add(self.interval_ns.saturating_mul(interval as u64)));
    }

    /// Ends the load after so many intervals, or at an earlier time that was set before.
    pub fn stop_after(&self, intervals: usize) {
        let epoch_ns = self.control.epoch_ns().unwrap_or_else(now_ns);
        self.control.stop_at(epoch_ns.saturating_add(self.interval_ns.saturating_mul(intervals as u64)));
    }

    /// Ends the load as soon as every worker can hear of it: after 20 ms, for all of them at the same time.
    pub fn stop_now(&self) {
        self.control.stop_at(now_ns() + LEAD_NS);
    }

    /// Waits for the next interval, at most so long. `Ok(None)` when it is not complete by then.
    ///
    /// # Errors
    /// When the workers have ended.
    pub fn next_interval(&mut self, wait: Duration) -> Result<Option<Measured>, GeneratorError> {
        let deadline = std::time::Instant::now() + wait;
        loop {
            let left = deadline.saturating_duration_since(std::time::Instant::now());
            match self.slices.recv_timeout(left) {
                Ok(slice) => {
                    if let Some(measured) = self.collector.add(slice) {
                        return Ok(Some(measured));
                    }
                }
                Err(RecvTimeoutError::Timeout) => return Ok(None),
                // A worker that did not hear of the stop in time may have begun one interval more than the others.
                Err(RecvTimeoutError::Disconnected) => {
                    return self.collector.rest().map(Some).ok_or(GeneratorError::WorkerDied);
                }
            }
        }
    }

    /// Takes the histograms of an interval back that is done with, for a later one. Who does not give them back pays with
    /// fresh memory while the workers measure.
    pub fn recycle(&mut self, spent: impl IntoIterator<Item = Latencies>) {
        self.collector.recycle(spent.into_iter());
    }

    /// Waits for the workers to end: after the answers in flight came, or the time for them is up. Gives their books.
    ///
    /// # Errors
    /// When a worker failed.
    pub fn finish(mut self) -> Result<Vec<Book>, GeneratorError> {
        self.join()
    }

    fn all_opened(&mut self, opened: &Receiver<WorkerOpened>) -> Result<Opened, GeneratorError> {
        let mut all = Opened { open: 0, fault: None };
        for _ in 0..self.workers.len() {
            let Ok(worker) = opened.recv() else {
                self.control.give_up();
                return Err(self.join().err().unwrap_or(GeneratorError::WorkerDied));
            };
            all.open += worker.open;
            all.fault = all.fault.or(worker.fault);
        }
        Ok(all)
    }

    fn join(&mut self) -> Result<Vec<Book>, GeneratorError> {
        self.control.begin(now_ns());
        // Each is waited for, whatever became of the others.
        let ended: Vec<_> = self.workers.drain(..).map(JoinHandle::join).collect();
        let book = |ended: std::thread::Result<Result<Book, Errno>>| match ended {
            Ok(book) => book.map_err(GeneratorError::from),
            Err(_) => Err(GeneratorError::WorkerDied),
        };
        ended.into_iter().map(book).collect()
    }
}

impl Drop for Generator {
    fn drop(&mut self) {
        self.control.give_up();
        // Whoever wanted the result has called `finish`.
        let _ = self.join();
    }
}

fn work(mut worker: Worker, opened: &Sender<WorkerOpened>) -> Result<Book, Errno> {
    // The receiver is gone only when another worker failed; the epoch then comes at once, and the stop with it.
    let _ = opened.send(worker.open()?);
    worker.run()
}

fn pin_to(cpu: Option<usize>) {
    let Some(cpu) = cpu else { return };
    let mut set = CpuSet::new();
    set.set(cpu);
    // A CPU that went away, or that a container forbids, costs precision and not the run.
    let _ = sched_setaffinity(None, &set);
}
