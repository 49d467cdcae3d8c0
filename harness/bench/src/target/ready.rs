//! Whether a server is ready: one plain HTTP/1.1 request after another, until one is answered with 200.
//!
//! Not the generator's client: it must tell "not yet" from "wrong", and costs nothing while the target starts.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// The pause after a refusal is this part of the time that has passed, and between these: so the start-up time is known to
/// 1 ms or 1% of it. A pause that doubled would make servers start after 3, 7, 15, 31 ms and never between.
const PAUSE_PART: u32 = 100;
const PAUSES: (Duration, Duration) = (Duration::from_millis(1), Duration::from_millis(20));
/// How often an unanswered question looks up to see whether to go on.
const GLANCE: Duration = Duration::from_millis(50);
/// How much of an answer is read: no status line is longer.
const ANSWER_BYTES: usize = 4096;

/// A question that is asked again and again.
#[derive(Debug)]
pub(super) struct Probe {
    address: SocketAddr,
    request: String,
    began: Instant,
    last: Result<u16, String>,
    /// Whether nobody listened there the last time.
    refused: bool,
}

impl Probe {
    pub(super) fn new(address: SocketAddr, path: &str) -> Self {
        Self {
            address,
            request: format!(
                "GET {path} HTTP/1.1\r\nHost: {address}\r\nAccept: */*\r\nUser-Agent: bench\r\nConnection: close\r\n\r\n"
            ),
            began: Instant::now(),
            last: Err("nothing was asked yet".to_owned()),
            refused: false,
        }
    }

    /// Asks once; true if the answer is 200. Gives up at `until`, or when `stop` says so.
    pub(super) fn ask(&mut self, until: Instant, stop: &dyn Fn() -> bool) -> bool {
        let status = self.status(until, stop);
        self.refused = status.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused);
        self.last = status.map_err(|error| describe(self.address, &error));
        self.last == Ok(200)
    }

    /// What came of the last question, in words.
    pub(super) fn last_answer(&self) -> String {
        match &self.last {
            Ok(status) => format!("the last answer was {status} instead of 200"),
            Err(words) => words.clone(),
        }
    }

    /// What the author of the target's manifest may have to mend.
    pub(super) fn mend(&self) -> &'static str {
        match &self.last {
            Ok(_) => "mend `ready.path`: it must be one that answers 200",
            Err(_) if self.refused => {
                "let `start.command` listen at {host} and {port}, or give it longer with `ready.within`"
            }
            Err(_) => "let it answer there with 200, or give it longer with `ready.within`",
        }
    }

    /// Waits a little, longer the longer it has taken so far.
    pub(super) fn pause(&self, until: Instant) {
        let pause = pause_after(self.began.elapsed());
        std::thread::sleep(pause.min(until.saturating_duration_since(Instant::now())));
    }

    fn status(&self, until: Instant, stop: &dyn Fn() -> bool) -> io::Result<u16> {
        let left = until.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
        let mut stream = TcpStream::connect_timeout(&self.address, left.min(Duration::from_secs(1)))?;
        stream.set_read_timeout(Some(GLANCE))?;
        stream.set_write_timeout(Some(GLANCE))?;
        stream.write_all(self.request.as_bytes())?;
        let mut answer = Vec::new();
        let mut chunk = [0; 256];
        loop {
            match stream.read(&mut chunk) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(read) => answer.extend_from_slice(&chunk[..read]),
                Err(error) if is_timeout(&error) => {}
                Err(error) => return Err(error),
            }
            match parse_status(&answer) {
                Answer::Status(status) => return Ok(status),
                Answer::NotHttp => return Err(io::ErrorKind::InvalidData.into()),
                Answer::Unfinished if Instant::now() >= until || stop() => {
                    return Err(io::ErrorKind::TimedOut.into());
                }
                Answer::Unfinished => {}
            }
        }
    }
}

fn pause_after(elapsed: Duration) -> Duration {
    (elapsed / PAUSE_PART).clamp(PAUSES.0, PAUSES.1)
}

#[derive(Debug, PartialEq, Eq)]
enum Answer {
    Status(u16),
    Unfinished,
    NotHttp,
}

/// The status in the first line of an answer.
fn parse_status(answer: &[u8]) -> Answer {
    let Some(end) = answer.iter().position(|&byte| byte == b'\n') else {
        return if answer.len() > ANSWER_BYTES { Answer::NotHttp } else { Answer::Unfinished };
    };
    let line = String::from_utf8_lossy(&answer[..end]);
    let mut words = line.split_ascii_whitespace();
    let is_http = words.next().is_some_and(|word| word.starts_with("HTTP/1."));
    let status = words.next().and_then(|word| word.parse().ok());
    match status {
        Some(status) if is_http => Answer::Status(status),
        _ => Answer::NotHttp,
    }
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted)
}

fn describe(address: SocketAddr, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => {
            format!(
                "nothing listens on {address}, so look whether the target takes its port from the command"
            )
        }
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => {
            "it accepted the connection but did not answer".to_owned()
        }
        io::ErrorKind::UnexpectedEof => "it closed the connection without an answer".to_owned(),
        io::ErrorKind::InvalidData => "its answer was not HTTP/1.1".to_owned(),
        _ => format!("the last attempt failed: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn pauses_are_a_hundredth_of_the_time_that_has_passed() {
        for (elapsed_ms, pause_us) in [
            (0, 1_000),
            (100, 1_000),
            (150, 1_500),
            (1_000, 10_000),
            (1_999, 19_990),
            (2_000, 20_000),
            (60_000, 20_000),
        ] {
            let pause = pause_after(Duration::from_millis(elapsed_ms));
            assert_eq!(pause, Duration::from_micros(pause_us), "after {elapsed_ms} ms");
        }
    }

    #[test]
    fn status_lines() {
        for (answer, expected) in [
            (&b"HTTP/1.1 200 OK\r\n"[..], Answer::Status(200)),
            (b"HTTP/1.0 503 Service Unavailable\r\nA: b", Answer::Status(503)),
            (b"HTTP/1.1 204\r\n", Answer::Status(204)),
            (b"HTTP/1.1 20", Answer::Unfinished),
            (b"", Answer::Unfinished),
            (b"SSH-2.0-OpenSSH_9.2\r\n", Answer::NotHttp),
            (b"HTTP/1.1 OK\r\n", Answer::NotHttp),
        ] {
            assert_eq!(parse_status(answer), expected);
        }
    }

    /// What a probe makes of a server that answers one connection with these bytes.
    fn asked(answer: &'static [u8]) -> (bool, String) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut probe = Probe::new(listener.local_addr().unwrap(), "/healthz");
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 512];
            let read = stream.read(&mut request).unwrap();
            assert!(request[..read].starts_with(b"GET /healthz HTTP/1.1\r\nHost: "));
            stream.write_all(answer).unwrap();
        });
        let ready = probe.ask(Instant::now() + Duration::from_secs(5), &|| false);
        server.join().unwrap();
        (ready, probe.last_answer())
    }

    #[test]
    fn answers_in_words() {
        assert!(asked(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").0);
        for (answer, words) in [
            (&b"HTTP/1.1 503 Busy\r\n\r\n"[..], "the last answer was 503"),
            (b"", "closed the connection"),
            (b"220 mail ready\r\n", "not HTTP/1.1"),
        ] {
            let (ready, said) = asked(answer);
            assert!(!ready);
            assert!(said.contains(words), "{said}");
        }
    }

    #[test]
    fn silence_ends_when_told_to() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut probe = Probe::new(listener.local_addr().unwrap(), "/");
        assert!(!probe.ask(Instant::now() + Duration::from_secs(60), &|| true));
        assert!(probe.last_answer().contains("did not answer"));
        let address = listener.local_addr().unwrap();
        drop(listener);
        assert!(!Probe::new(address, "/").ask(Instant::now(), &|| false));
    }
}
