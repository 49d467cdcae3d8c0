//! A scripted server on std threads, one a connection: it counts, and otherwise does what the script says.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// What the server's threads share.
#[derive(Default)]
struct Shared {
    requests: AtomicU64,
    connections: AtomicU64,
    stopping: AtomicBool,
    /// Open connections by number, so that a server that dies can close them.
    open: Mutex<BTreeMap<u64, TcpStream>>,
}

/// A server that runs until it is dropped or stopped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// A server on a free port of the loopback that gives each connection to `script`.
    pub(crate) fn start(script: impl Fn(&mut Client) + Send + Sync + 'static) -> Self {
        Self::start_at("127.0.0.1:0", script)
    }

    /// The same at an address of the caller's choice.
    pub(crate) fn start_at(address: &str, script: impl Fn(&mut Client) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared::default());
        let (script, accepting) = (Arc::new(script), Arc::clone(&shared));
        let thread = std::thread::spawn(move || accept(&listener, &accepting, &script));
        Self { address, shared, thread: Some(thread) }
    }

    /// A server that answers each request with its own body, as it should.
    pub(crate) fn echo() -> Self {
        Self::start(Client::echo)
    }

    /// Requests that were read whole.
    pub(crate) fn requests(&self) -> u64 {
        self.shared.requests.load(Ordering::SeqCst)
    }

    /// Connections that were accepted.
    pub(crate) fn connections(&self) -> u64 {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// Dies: from now on connections are refused, and those that were open are closed.
    pub(crate) fn stop(&mut self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            // Wakes the listener; it may have been woken by somebody else.
            let _ = TcpStream::connect(self.address);
            thread.join().unwrap();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

fn accept<F: Fn(&mut Client) + Send + Sync + 'static>(
    listener: &TcpListener,
    shared: &Arc<Shared>,
    script: &Arc<F>,
) {
    let mut threads = Vec::new();
    for stream in listener.incoming() {
        let stream = stream.unwrap();
        if shared.stopping.load(Ordering::SeqCst) {
            break;
        }
        stream.set_nodelay(true).unwrap();
        let number = shared.connections.fetch_add(1, Ordering::SeqCst);
        let (shared, script) = (Arc::clone(shared), Arc::clone(script));
        let clone = stream.try_clone().unwrap();
        shared.open.lock().unwrap().insert(number, clone);
        threads.push(std::thread::spawn(move || {
            let input = BufReader::new(stream.try_clone().unwrap());
            let mut client = Client { number, stream, input, shared };
            script(&mut client);
            client.shared.open.lock().unwrap().remove(&number);
        }));
    }
    for stream in shared.open.lock().unwrap().values() {
        // It may be closed already.
        let _ = stream.shutdown(Shutdown::Both);
    }
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

/// A client's connection as the script sees it. It is closed when the script returns.
pub(crate) struct Client {
    /// Its place among all connections, from 0.
    pub(crate) number: u64,
    stream: TcpStream,
    input: BufReader<TcpStream>,
    shared: Arc<Shared>,
}

impl Client {
    /// Reads the next request's head; gives the length of its body, or `None` when the client is gone.
    pub(crate) fn head(&mut self) -> Option<usize> {
        let mut length = 0;
        for number in 0.. {
            let mut line = String::new();
            if self.input.read_line(&mut line).ok()? == 0 {
                return None;
            }
            if line == "\r\n" && number > 0 {
                break;
            }
            if let Some(value) = line.strip_prefix("Content-Length: ") {
                length = value.trim().parse().ok()?;
            }
        }
        Some(length)
    }

    /// Reads the next request and counts it; gives its body.
    pub(crate) fn request(&mut self) -> Option<Vec<u8>> {
        let mut body = vec![0; self.head()?];
        self.input.read_exact(&mut body).ok()?;
        self.shared.requests.fetch_add(1, Ordering::SeqCst);
        Some(body)
    }

    /// Sends bytes; false when the client is gone.
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.stream.write_all(bytes.as_ref()).is_ok()
    }

    /// Sends a response with a body.
    pub(crate) fn answer(&mut self, status: u16, body: &[u8]) -> bool {
        self.send(response(status, "", body))
    }

    /// Answers every request with its own body until the client is gone.
    pub(crate) fn echo(&mut self) {
        while let Some(body) = self.request() {
            self.answer(200, &body);
        }
    }

    /// Ends the connection with a reset instead of an orderly close.
    pub(crate) fn reset(&mut self) {
        rustix::net::connect_unspec(&self.stream).unwrap();
    }

    /// Says nothing until the client is gone or the server stops.
    pub(crate) fn wait_for_end(&mut self) {
        let mut sink = [0; 4096];
        while self.input.read(&mut sink).is_ok_and(|count| count > 0) {}
    }
}

/// A response with `headers`, each line with its end.
pub(crate) fn response(status: u16, headers: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes =
        format!("HTTP/1.1 {status} Any\r\n{headers}Content-Length: {}\r\n\r\n", body.len()).into_bytes();
    bytes.extend_from_slice(body);
    bytes
}
