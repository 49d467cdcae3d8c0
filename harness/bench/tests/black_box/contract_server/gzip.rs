//! What the small server makes of `Content-Encoding` and `Accept-Encoding`.

use super::request::{Incoming, LIMIT};
use super::{Answer, Fault};
use flate2::Compression;
use flate2::bufread::{DeflateDecoder, GzDecoder};
use flate2::write::GzEncoder;
use std::io::{Read as _, Write as _};

/// The shortest answer that is compressed, in bytes.
const SHORTEST: usize = 256;
/// The length of a header without optional fields, in bytes.
const HEADER: usize = 10;

/// The body as it was before it was compressed, or the answer to one that cannot be read.
pub(super) fn unpacked(incoming: &Incoming, fault: Fault) -> Result<Vec<u8>, Answer> {
    let body = incoming.body.as_slice();
    match incoming.header("content-encoding").unwrap_or("identity").to_ascii_lowercase().as_str() {
        "identity" => Ok(body.to_vec()),
        "gzip" if fault == Fault::IgnoresChecksum && body.len() > HEADER => {
            let mut content = Vec::new();
            match DeflateDecoder::new(&body[HEADER..]).read_to_end(&mut content) {
                Ok(_) => Ok(content),
                Err(error) => Err(Answer::error(400, &error.to_string())),
            }
        }
        "gzip" => one_member(body),
        other => {
            let answer = Answer::error(415, &format!("`{other}` is not known here"));
            Err(answer.with("Accept-Encoding", "gzip"))
        }
    }
}

fn one_member(body: &[u8]) -> Result<Vec<u8>, Answer> {
    let mut content = Vec::new();
    let mut decoder = GzDecoder::new(body).take(LIMIT as u64 + 1);
    if let Err(error) = decoder.read_to_end(&mut content) {
        return Err(Answer::error(400, &format!("the body is no gzip: {error}")));
    }
    if content.len() > LIMIT {
        return Err(Answer { closes: false, ..Answer::error(413, "at most 1048576 bytes") });
    }
    match decoder.into_inner().into_inner() {
        [] => Ok(content),
        _ => Err(Answer::error(400, "there is more after the end of gzip")),
    }
}

/// The answer as the client wants it.
pub(super) fn packed(answer: Answer, incoming: &Incoming, fault: Fault) -> Answer {
    let asked = incoming.header("accept-encoding").is_some_and(names_gzip);
    if answer.body.len() < SHORTEST || !(asked || fault == Fault::CompressesUnasked) {
        return answer;
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(&answer.body).expect("memory takes it");
    let body = encoder.finish().expect("memory takes it");
    Answer { body, ..answer }.with("Content-Encoding", "gzip").with("Vary", "Accept-Encoding")
}

fn names_gzip(accept: &str) -> bool {
    accept.split(',').any(|item| {
        let mut parts = item.split(';').map(str::trim);
        let is_gzip = parts.next() == Some("gzip");
        let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(Ok(1.0), str::parse::<f64>);
        is_gzip && weight.is_ok_and(|weight| weight > 0.0)
    })
}
