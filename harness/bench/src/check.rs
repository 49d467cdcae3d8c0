//! The look before the load: does the target answer each request as expected, once?

use anyhow::{Context as _, Result, anyhow, bail};
use bench_generator::protocol::http1::{Progress, Reader, Response};
use bench_generator::request::{ExpectedBody, PreparedRequest};
use bench_generator::verify::Verifier;
use bench_model::counters::{ErrorClass, Outcome};
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// Body bytes that are kept to show them when they are wrong.
const SHOWN_BYTES: usize = 200;

/// How often a wait for an answer looks up to see whether to go on.
const GLANCE: Duration = Duration::from_millis(50);

/// Sends one request on a connection of its own and judges the answer, which must be whole after `answer`. Gives up when
/// `stop` says so.
pub(crate) fn check(
    address: SocketAddr,
    request: &PreparedRequest,
    connect: Duration,
    answer: Duration,
    stop: &dyn Fn() -> bool,
) -> Result<()> {
    let mut stream = TcpStream::connect_timeout(&address, connect).with_context(|| {
        format!("cannot connect to {address}: start the server first, or mend the address")
    })?;
    stream.set_read_timeout(Some(GLANCE.min(answer)))?;
    stream.set_write_timeout(Some(answer))?;
    // A server may refuse a request before it has read it all; its answer says more than our broken pipe.
    let until = Instant::now() + answer;
    let sent = stream.write_all(&request.bytes);
    let mut reader = Reader::default();
    reader.expect(request.to_head, request.expectation.body.keep_bytes().max(SHOWN_BYTES));
    let response = match read(&mut stream, &mut reader, &|| Instant::now() >= until, stop) {
        Ok(response) => response,
        Err(error) => {
            return Err(sent.err().map_or(error, anyhow::Error::from))
                .with_context(|| format!("the check of {address} got no right answer"));
        }
    };
    judge(request, response, reader.body()).with_context(|| format!("the check of {address} failed"))
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

fn judge(request: &PreparedRequest, response: Response, body: &[u8]) -> Result<()> {
    let mut verifier = Verifier::new(std::slice::from_ref(request));
    let shown = String::from_utf8_lossy(&body[..body.len().min(SHOWN_BYTES)]).into_owned();
    // A body kept only to be shown is none that has to be compared.
    let compared = if matches!(request.expectation.body, ExpectedBody::Any) { &[] } else { body };
    match verifier.judge(0, response, compared) {
        Outcome::Verified => Ok(()),
        Outcome::Failed(ErrorClass::Status) => bail!(
            "it answered with status {}, not {}; the body begins: {shown}",
            response.status,
            request.expectation.status.text()
        ),
        Outcome::Failed(_) => bail!("it answered with another body than expected, which begins: {shown}"),
    }
}
