//! The look before the load: does the target answer each request as expected, once?

use crate::failure::{Failure, printable};
use crate::signals::Signals;
use anyhow::{Context as _, Result, anyhow, bail};
use bench_generator::fresh::{Filled, Serials};
use bench_generator::mismatch::{Looked, look};
use bench_generator::protocol::http1::{Progress, Reader, Response};
use bench_generator::request::{ExpectedBody, PreparedRequest};
use bench_generator::verify::{Sent, Verifier};
use bench_model::counters::{ErrorClass, Outcome};
use bench_model::plan::Plan;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// Body bytes that are kept to show them when they are wrong.
const SHOWN_BYTES: usize = 200;

/// How often a wait for an answer looks up to see whether to go on.
const GLANCE: Duration = Duration::from_millis(50);

/// An answer that the scenario allows.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
    /// What it refuses, if anything; then its body is as it was before it was packed.
    pub(crate) refused: Option<Refusal>,
    /// What was asked: a method and a path.
    asked: String,
}

/// What an answer refuses.
pub(crate) enum Refusal {
    /// The request as a whole.
    All,
    /// Items of a batch, by their places.
    Items(Vec<usize>),
}

impl Answer {
    /// The refusal as the reason why the target cannot be loaded.
    pub(crate) fn as_failure(&self, address: SocketAddr) -> anyhow::Error {
        anyhow!("it refused what was asked: {}", shown(&self.body))
            .context(format!("the check of {} at {address} failed", self.asked))
    }
}

/// Asks single requests of a target, each on a connection of its own.
pub(crate) struct Asker<'a> {
    pub(crate) address: SocketAddr,
    /// The longest wait for a connection, and from then for a whole answer.
    pub(crate) connect: Duration,
    pub(crate) answer: Duration,
    /// Give up when one comes.
    pub(crate) signals: &'a Signals,
}

impl<'a> Asker<'a> {
    /// Asks as patiently as the plan says.
    pub(crate) fn of(plan: &Plan, address: SocketAddr, signals: &'a Signals) -> Self {
        let [connect, answer] = [plan.connect_timeout_s, plan.timeout_s].map(Duration::from_secs_f64);
        Self { address, connect, answer, signals }
    }

    /// What came of asking, unless a signal came meanwhile.
    pub(crate) fn unless_interrupted<T>(&self, asked: Result<T>) -> Result<T, Failure> {
        match self.signals.received() {
            Some(signal) => Err(Failure::Interrupted(signal)),
            None => asked.map_err(Failure::from),
        }
    }

    /// Sends one request, with items of these numbers if it is fresh, and gives its right answer: its status, and its body, of
    /// which `keep_bytes` are kept at least. A refusal is none.
    pub(crate) fn check(
        &self,
        request: &PreparedRequest,
        serials: Serials,
        keep_bytes: usize,
    ) -> Result<(u16, Vec<u8>)> {
        match self.answer(request, serials, keep_bytes)? {
            Answer { status, body, refused: None, .. } => Ok((status, body)),
            refusal => Err(refusal.as_failure(self.address)),
        }
    }

    /// As [`Self::check`], but a refusal that the scenario allows is an answer like any other.
    pub(crate) fn answer(
        &self,
        request: &PreparedRequest,
        serials: Serials,
        keep_bytes: usize,
    ) -> Result<Answer> {
        let mut filled = Filled::default();
        let sent = request.fresh.as_deref().map(|fresh| {
            fresh.fill(&request.bytes, serials, &mut filled);
            (fresh, &filled)
        });
        let keep_bytes = request.expectation.body.keep_bytes().max(SHOWN_BYTES).max(keep_bytes);
        let (response, body) = self.ask(request, sent, keep_bytes)?;
        let refused = judge(request, response, &body, sent)
            .with_context(|| format!("the check of {} at {} failed", line(request, sent), self.address))?;
        let body = if refused.is_some() { plain(request, response, &body, sent) } else { body };
        Ok(Answer { status: response.status, body, refused, asked: line(request, sent) })
    }

    fn ask(
        &self,
        request: &PreparedRequest,
        sent: Sent<'_>,
        keep_bytes: usize,
    ) -> Result<(Response, Vec<u8>)> {
        let (address, asked) = (self.address, line(request, sent));
        let mut stream = TcpStream::connect_timeout(&address, self.connect).with_context(|| {
            format!("cannot connect to {address}: start the server first, or mend the address")
        })?;
        stream.set_read_timeout(Some(GLANCE.min(self.answer)))?;
        stream.set_write_timeout(Some(self.answer))?;
        // A server may refuse a request before it has read it all; its answer says more than our broken pipe.
        let until = Instant::now() + self.answer;
        let sent = stream.write_all(sent.map_or(&request.bytes, |(_, filled)| filled.bytes()));
        let mut reader = Reader::default();
        reader.expect(request.to_head, keep_bytes);
        match read(&mut stream, &mut reader, &|| Instant::now() >= until, &|| {
            self.signals.received().is_some()
        }) {
            Ok(response) => Ok((response, reader.body().to_vec())),
            Err(error) => Err(sent.err().map_or(error, anyhow::Error::from))
                .with_context(|| format!("the check of {asked} at {address} got no right answer")),
        }
    }
}

fn read(
    stream: &mut TcpStream,
    reader: &mut Reader,
    late: &dyn Fn() -> bool,
    stop: &dyn Fn() -> bool,
) -> Result<Response> {
    let mut buffer = [0; 16 * 1024];
    loop {
        // However it dribbles, and if it never ends.
        if late() {
            bail!("it was not complete in time (--timeout)");
        }
        if stop() {
            bail!("it was not waited for any longer");
        }
        let count = match stream.read(&mut buffer) {
            Err(error) if matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::WouldBlock) => continue,
            read => read?,
        };
        if count == 0 {
            return Ok(reader.end()?);
        }
        match reader.advance(&buffer[..count])? {
            Progress::Partial => {}
            Progress::Complete { response, consumed } if consumed == count => return Ok(response),
            Progress::Complete { .. } => return Err(anyhow!("more came than one answer to one request")),
        }
    }
}

/// What is refused by an answer that is right otherwise.
fn judge(
    request: &PreparedRequest,
    response: Response,
    body: &[u8],
    sent: Sent<'_>,
) -> Result<Option<Refusal>> {
    let mut verifier = Verifier::new(std::slice::from_ref(request));
    // A body kept only to be shown is none that has to be compared.
    let compared = if matches!(request.expectation.body, ExpectedBody::Any) { &[] } else { body };
    match verifier.judge(0, response, compared, sent) {
        Outcome::Verified if verifier.refused().is_empty() => Ok(None),
        Outcome::Verified => Ok(Some(Refusal::Items(verifier.refused().to_vec()))),
        Outcome::Refused => Ok(Some(Refusal::All)),
        Outcome::Failed(ErrorClass::Status) => bail!(
            "it answered with status {}, not {}{}; the body begins: {}",
            response.status,
            request.expectation.status.text(),
            mend(response.status),
            shown(&plain(request, response, body, sent))
        ),
        Outcome::Failed(_) => {
            let Looked { plain, fault } = look(&request.expectation.body, response, body, sent);
            let fault = fault.map_or_else(String::new, |fault| printable(&fault) + "; ");
            bail!("it answered with another body than expected: {fault}the body begins: {}", shown(&plain))
        }
    }
}

/// A body, unpacked if it came as gzip.
fn plain(request: &PreparedRequest, response: Response, body: &[u8], sent: Sent<'_>) -> Vec<u8> {
    look(&request.expectation.body, response, body, sent).plain
}

/// What may help where a status says little.
fn mend(status: u16) -> &'static str {
    match status {
        401 | 403 => {
            " (a server that bench did not start must know the scenario's user: see NODE_USERS in docs/scenarios.md, Set-up)"
        }
        _ => "",
    }
}

/// The beginning of a body, as text that does nothing to a terminal.
fn shown(body: &[u8]) -> String {
    let start = &body[..body.len().min(SHOWN_BYTES)];
    match std::str::from_utf8(start) {
        Ok("") => "(nothing)".to_owned(),
        Ok(text) => printable(text),
        // The last letter was cut in two.
        Err(error) if error.error_len().is_none() => {
            printable(&String::from_utf8_lossy(&start[..error.valid_up_to()]))
        }
        Err(_) => start.escape_ascii().to_string(),
    }
}

/// The method and path of a request.
fn line(request: &PreparedRequest, sent: Sent<'_>) -> String {
    let bytes = sent.map_or(request.bytes.as_slice(), |(_, filled)| filled.bytes());
    let line = bytes.split(|&byte| byte == b'\r').next().unwrap_or_default();
    String::from_utf8_lossy(line.strip_suffix(b" HTTP/1.1").unwrap_or(line)).into_owned()
}
