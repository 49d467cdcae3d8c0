//! A scripted server on std threads, one a connection: it counts, and otherwise does what the script says.

#![allow(dead_code, reason = "two test binaries share this file, and each uses its part")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{IpAddr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// What the server's threads share.
struct Shared {
    script: Box<dyn Fn(&mut Client) + Send + Sync>,
    requests: AtomicU64,
    connections: AtomicU64,
    /// Whether the next connection is the one that wakes the listener for its end.
    closing: AtomicBool,
    /// Open connections by number, so that a server that dies can close them.
    open: Mutex<BTreeMap<u64, TcpStream>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

/// A server that runs until it is dropped or stopped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
    listening: Option<JoinHandle<()>>,
}

impl Server {
    /// A server on a free port of the loopback that gives each connection to `script`.
    pub(crate) fn start(script: impl Fn(&mut Client) + Send + Sync + 'static) -> Self {
        Self::start_at("127.0.0.1:0", script)
    }

    /// The same at an address of the caller's choice.
    pub(crate) fn start_at(address: &str, script: impl Fn(&mut Client) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        let shared = Arc::new(Shared {
            script: Box::new(script),
            requests: AtomicU64::new(0),
            connections: AtomicU64::new(0),
            closing: AtomicBool::new(false),
            open: Mutex::default(),
            threads: Mutex::default(),
        });
        let mut server = Self { address: listener.local_addr().unwrap(), shared, listening: None };
        server.listen(listener);
        server
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

    /// Refuses connections from now on, and closes those that are open but for the ones whose number `stays`.
    pub(crate) fn vanish(&mut self, stays: impl Fn(u64) -> bool) {
        if let Some(listening) = self.listening.take() {
            self.shared.closing.store(true, Ordering::SeqCst);
            // Wakes the listener; it may have been woken by somebody else.
            let _ = TcpStream::connect(self.address);
            listening.join().unwrap();
        }
        for (_, stream) in self.shared.open.lock().unwrap().iter().filter(|(number, _)| !stays(**number)) {
            // It may be closed already.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// Takes connections again, at the same address, after it vanished.
    pub(crate) fn come_back(&mut self) {
        self.listen(TcpListener::bind(self.address).unwrap());
    }

    /// Dies: from now on connections are refused, and those that were open are closed.
    pub(crate) fn stop(&mut self) {
        self.vanish(|_| false);
        let threads = std::mem::take(&mut *self.shared.threads.lock().unwrap());
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    }

    fn listen(&mut self, listener: TcpListener) {
        self.shared.closing.store(false, Ordering::SeqCst);
        let shared = Arc::clone(&self.shared);
        self.listening = Some(std::thread::spawn(move || accept(&listener, &shared)));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    loop {
        // Of a client that has gone again, nobody can ask for the address later.
        let (stream, from) = listener.accept().unwrap();
        if shared.closing.load(Ordering::SeqCst) {
            return;
        }
        stream.set_nodelay(true).unwrap();
        let number = shared.connections.fetch_add(1, Ordering::SeqCst);
        let clone = stream.try_clone().unwrap();
        shared.open.lock().unwrap().insert(number, clone);
        let of_thread = Arc::clone(shared);
        let thread = std::thread::spawn(move || serve(Client::new(number, stream, from.ip(), of_thread)));
        let mut threads = shared.threads.lock().unwrap();
        // A thread that ended keeps its stack until it is joined, and a server that closes often has many.
        while let Some(ended) = threads.iter().position(JoinHandle::is_finished) {
            threads.swap_remove(ended).join().unwrap();
        }
        threads.push(thread);
    }
}

fn serve(mut client: Client) {
    let shared = Arc::clone(&client.shared);
    (shared.script)(&mut client);
    shared.open.lock().unwrap().remove(&client.number);
}

/// A client's connection as the script sees it. It is closed when the script returns.
pub(crate) struct Client {
    /// Its place among all connections, from 0.
    pub(crate) number: u64,
    /// The address that its connection comes from.
    pub(crate) peer: IpAddr,
    stream: TcpStream,
    input: BufReader<TcpStream>,
    shared: Arc<Shared>,
}

impl Client {
    fn new(number: u64, stream: TcpStream, peer: IpAddr, shared: Arc<Shared>) -> Self {
        let input = BufReader::new(stream.try_clone().unwrap());
        Self { number, peer, stream, input, shared }
    }

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

    /// Reads the next request and counts it; gives the length of its body, which is not kept.
    pub(crate) fn upload(&mut self) -> Option<u64> {
        let length = self.head()? as u64;
        let read = std::io::copy(&mut self.input.by_ref().take(length), &mut std::io::sink()).ok()?;
        if read < length {
            return None;
        }
        self.shared.requests.fetch_add(1, Ordering::SeqCst);
        Some(length)
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

    /// Answers every request with what `answer` makes of its body until the client is gone.
    pub(crate) fn answer_with(&mut self, answer: impl Fn(&[u8]) -> Vec<u8>) {
        while let Some(body) = self.request() {
            self.send(answer(&body));
        }
    }

    /// Sends the same bytes again and again until the client is gone.
    pub(crate) fn send_without_end(&mut self, bytes: &[u8]) {
        while self.send(bytes) {}
    }

    /// Ends what is sent, and not the connection.
    pub(crate) fn end_sending(&mut self) {
        // The client may be gone already.
        let _ = self.stream.shutdown(Shutdown::Write);
    }

    /// Ends the connection with a reset instead of an orderly close.
    pub(crate) fn reset(&mut self) {
        rustix::net::connect_unspec(&self.stream).unwrap();
    }

    /// Whether the client has closed the connection.
    pub(crate) fn is_gone(&self) -> bool {
        self.stream.set_nonblocking(true).unwrap();
        let peeked = self.stream.peek(&mut [0]);
        self.stream.set_nonblocking(false).unwrap();
        peeked.map_or_else(|error| error.kind() != ErrorKind::WouldBlock, |count| count == 0)
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
