//! `--serve`: the live view as a web page. Owns a thread with a small runtime, which accepts, answers and ends; what is sent is
//! `feed.rs`, and to whom `house.rs`.
//!
//! The thread looks twice a second for what has happened. Nobody waits for it but, at the end, for the report to arrive where
//! it is watched.

mod answer;
mod feed;
mod house;

pub(crate) use house::Ending;

use super::moment::Moment;
use super::place::Threads;
use super::state::State;
use crate::failure::Failure;
use answer::{Used, answer};
use anyhow::anyhow;
use house::House;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, LocalOptions, LocalRuntime};
use tokio::sync::oneshot;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

/// How often the page is brought up to date.
const UPDATE: Duration = Duration::from_millis(500);
/// How long the end waits for the report to arrive.
const PATIENCE: Duration = Duration::from_secs(2);
/// The longest wait for a request's head.
const HEAD: Duration = Duration::from_secs(10);
/// The pause after an `accept` that failed for want of files, so that the loop does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// Connections at most: each is a file that the generator cannot open.
pub(crate) const CONNECTIONS: usize = 128;

/// The page while it is served.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) address: SocketAddr,
    ending: oneshot::Sender<Ending>,
    ended: Receiver<()>,
}

impl Page {
    /// Begins to serve what it is told.
    ///
    /// # Errors
    /// When the address cannot be had, or there can be no thread.
    pub(crate) fn start(
        address: SocketAddr,
        moments: Receiver<Moment>,
        threads: &Threads,
    ) -> Result<Self, Failure> {
        let listener = std::net::TcpListener::bind(address).map_err(|error| {
            anyhow!(
                "cannot serve the page on {address}: {error}; choose another port with --serve, or 0 for any"
            )
        })?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let (ending, told) = oneshot::channel();
        let (report, started) = channel();
        let (tell, ended) = channel();
        let threads = threads.clone();
        thread::Builder::new().name("page".to_owned()).spawn(move || {
            threads.join();
            match set_up(listener) {
                Ok((runtime, listener)) => {
                    let _ = report.send(Ok(()));
                    runtime.block_on(serve(listener, address, &moments, told));
                }
                Err(error) => {
                    let _ = report.send(Err(error));
                }
            }
            let _ = tell.send(());
        })?;
        started.recv().map_err(|_| anyhow!("the thread of the page did not start"))??;
        Ok(Self { address, ending, ended })
    }

    /// Ends the page with the report, as soon as those who watch have it.
    pub(crate) fn end(self, ending: Ending) {
        // An error says that the thread is gone, and with it whoever watched.
        if self.ending.send(ending).is_ok() {
            let _ = self.ended.recv_timeout(2 * PATIENCE);
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

async fn serve(
    listener: TcpListener,
    address: SocketAddr,
    moments: &Receiver<Moment>,
    mut told: oneshot::Receiver<Ending>,
) {
    let house = House::new(address);
    let mut state = State::default();
    let mut looks = interval(UPDATE);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let ending = loop {
        tokio::select! {
            accepted = listener.accept() => welcome(accepted, &house).await,
            _ = looks.tick() => house.update(&mut state, moments),
            ending = &mut told => break ending.unwrap_or_default(),
        }
    };
    house.update(&mut state, moments);
    let awaited = house.end(ending);
    let delivery = async {
        while !house.is_done(awaited) {
            tokio::select! {
                accepted = listener.accept() => welcome(accepted, &house).await,
                () = house.moved.notified() => {}
            }
        }
    };
    // Who has not taken it by then has gone away, or does not read.
    let _ = timeout(PATIENCE, delivery).await;
}

/// Serves a connection, unless there are too many.
async fn welcome(accepted: io::Result<(TcpStream, SocketAddr)>, house: &Rc<House>) {
    let Ok((stream, _)) = accepted else {
        sleep(ACCEPT_PAUSE).await;
        return;
    };
    let Ok(served) = stream.local_addr() else { return };
    if house.connections.get() >= CONNECTIONS {
        return;
    }
    house.connections.set(house.connections.get() + 1);
    let house = Rc::clone(house);
    tokio::task::spawn_local(async move {
        let used = Rc::new(Used::default());
        let service = service_fn(|request| {
            let response = answer(&request, served.ip(), &house, &used);
            async move { Ok::<_, Infallible>(response) }
        });
        let _ = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD)
            .serve_connection(TokioIo::new(stream), service)
            .await;
        house.connections.set(house.connections.get() - 1);
        house.leave(&used);
    });
}
