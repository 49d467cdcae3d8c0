//! Verification at full rate: is this response the right answer to that request?
//!
//! A worker learns, for each request of its pool, the exact bytes of a response that was once read and verified in
//! full. The same bytes again mean the same thing again, so that one comparison of memory stands for parsing the
//! head, reading the body and comparing JSON. Whatever differs, were it only the `Date`, takes the long way, and so does
//! every answer that must repeat something of a fresh request.

use crate::fresh::{Filled, Fresh};
use crate::inflate::Inflater;
use crate::protocol::http1::Response;
use crate::request::{Expectation, ExpectedBody, PreparedRequest};
use bench_model::counters::{ErrorClass, Outcome};
use bench_model::json::same_json;
use serde_json::Value;

/// Longest response that is learned whole, in bytes: longer ones seldom arrive in one piece.
const LONGEST_LEARNED: usize = 32 * 1024;

/// What a worker knows of the answers to one request.
#[derive(Debug)]
struct Learned {
    expectation: Expectation,
    /// A body that was found to be right.
    body: Option<Box<[u8]>>,
    /// A whole response that was found to be right, and its status.
    whole: Vec<u8>,
    status: u16,
}

/// The verifier of one worker.
#[derive(Debug)]
pub struct Verifier {
    learned: Vec<Learned>,
    /// The items that the answer which was judged or recognised last refused, by their places in the batch.
    refused: Vec<usize>,
    inflater: Inflater,
}

/// A fresh request as it was sent.
pub type Sent<'a> = Option<(&'a Fresh, &'a Filled)>;

impl Verifier {
    /// A verifier that has learned nothing yet. A request's number is its place in `requests`.
    #[must_use]
    pub fn new(requests: &[PreparedRequest]) -> Self {
        let learned = requests
            .iter()
            .map(|request| Learned {
                expectation: request.expectation.clone(),
                body: None,
                whole: Vec::new(),
                status: 0,
            })
            .collect();
        Self { learned, refused: Vec::new(), inflater: Inflater::default() }
    }

    /// The status, if `bytes` are a whole response to `request` that was verified before.
    #[inline]
    #[must_use]
    pub fn recognise(&mut self, request: usize, bytes: &[u8]) -> Option<u16> {
        self.refused.clear();
        let learned = &self.learned[request];
        (learned.whole == bytes).then_some(learned.status)
    }

    /// How much of the body of an answer to `request` has to be kept, in bytes.
    #[must_use]
    pub fn keep_bytes(&self, request: usize) -> usize {
        self.learned[request].expectation.body.keep_bytes()
    }

    /// Judges a complete response to `request` from its kept body. A fresh request is judged by what was `sent`.
    pub fn judge(&mut self, request: usize, response: Response, body: &[u8], sent: Sent<'_>) -> Outcome {
        let learned = &mut self.learned[request];
        let expected = &learned.expectation.body;
        let mut is_whole = response.body_bytes == body.len() as u64;
        let mut body = body;
        if response.gzip && is_whole && !matches!(expected, ExpectedBody::Any) {
            match self.inflater.unpack(body, expected.keep_bytes()) {
                Some(plain) => body = plain,
                None => is_whole = false,
            }
        }
        let item = |index| sent.map_or(&[][..], |(fresh, filled)| fresh.item(filled, index));
        self.refused.clear();
        if learned.expectation.refused.as_ref().is_some_and(|refused| refused.contains(response.status)) {
            let refuses = match expected {
                ExpectedBody::Fields { fields, .. } => is_whole && fields.refuse(body, item(0)),
                _ => true,
            };
            return if refuses { Outcome::Refused } else { Outcome::Failed(ErrorClass::Mismatch) };
        }
        if !learned.expectation.status.contains(response.status) {
            return Outcome::Failed(ErrorClass::Status);
        }
        let right = match expected {
            ExpectedBody::Any => true,
            _ if !is_whole => false,
            ExpectedBody::Exact(expected) => **expected == *body,
            ExpectedBody::Json { value, .. } => {
                learned.body.as_deref() == Some(body)
                    || is_json(body, value) && {
                        learned.body = Some(body.into());
                        true
                    }
            }
            ExpectedBody::SentJson { .. } => sent.is_some_and(|(fresh, filled)| {
                let sent = fresh.body(filled);
                sent == body || serde_json::from_slice(sent).is_ok_and(|value| is_json(body, &value))
            }),
            ExpectedBody::Fields { fields, .. } => fields.accept(body, &item, &mut self.refused),
        };
        if right { Outcome::Verified } else { Outcome::Failed(ErrorClass::Mismatch) }
    }

    /// The items that the answer which was judged last refused, though it was verified: their places in the batch.
    #[must_use]
    pub fn refused(&self) -> &[usize] {
        &self.refused
    }

    /// Remembers the bytes of a whole response to `request` that was just verified and leaves the connection open.
    pub fn learn(&mut self, request: usize, status: u16, bytes: &[u8]) {
        let learned = &mut self.learned[request];
        if bytes.len() <= LONGEST_LEARNED && learned.expectation.body.is_the_same_for_all() {
            learned.whole.clear();
            learned.whole.extend_from_slice(bytes);
            learned.status = status;
        }
    }
}

fn is_json(body: &[u8], value: &Value) -> bool {
    serde_json::from_slice(body).is_ok_and(|answer| same_json(value, &answer))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bench_model::status::StatusSet;

    fn verifier(body: ExpectedBody) -> Verifier {
        Verifier::new(&[PreparedRequest::fixed(vec![], Expectation::of(StatusSet::default(), body))])
    }

    fn judge(verifier: &mut Verifier, status: u16, body: &str) -> Outcome {
        let response = Response { status, keep_alive: true, body_bytes: body.len() as u64, gzip: false };
        verifier.judge(0, response, body.as_bytes(), None)
    }

    const MISMATCH: Outcome = Outcome::Failed(ErrorClass::Mismatch);

    #[test]
    fn json_in_any_form_is_right_and_other_json_is_not() {
        let value = serde_json::json!({"a": 1, "b": "é"});
        let mut verifier = verifier(ExpectedBody::Json { value, longest: 1000 });
        for (body, outcome) in [
            (r#"{"a":1,"b":"é"}"#, Outcome::Verified),
            (r#"{"b":"\u00e9", "a":1.0}"#, Outcome::Verified),
            (r#"{"a":1,"b":"é"}"#, Outcome::Verified),
            (r#"{"a":2,"b":"é"}"#, MISMATCH),
            (r#"{"a":1,"b":"é""#, MISMATCH),
            ("", MISMATCH),
            (r#"{"a":1,"b":"é"} x"#, MISMATCH),
        ] {
            assert_eq!(judge(&mut verifier, 200, body), outcome, "{body}");
        }
        assert_eq!(judge(&mut verifier, 500, r#"{"a":1,"b":"é"}"#), Outcome::Failed(ErrorClass::Status));
    }

    #[test]
    fn a_body_that_was_cut_short_for_its_length_is_wrong() {
        let mut verifier = verifier(ExpectedBody::Exact(b"abc".as_slice().into()));
        let long = Response { status: 200, keep_alive: true, body_bytes: 4, gzip: false };
        assert_eq!(verifier.judge(0, long, b"abc", None), MISMATCH);
        assert_eq!(judge(&mut verifier, 200, "abc"), Outcome::Verified);
        assert_eq!(judge(&mut verifier, 200, "abd"), MISMATCH);
    }

    #[test]
    fn a_packed_body_is_judged_by_what_is_in_it() {
        let value = serde_json::json!({"a": 1});
        let mut verifier = verifier(ExpectedBody::Json { value, longest: 1000 });
        for (plain, outcome) in [(r#"{"a": 1}"#, Outcome::Verified), (r#"{"a": 2}"#, MISMATCH)] {
            let template = crate::gzip::GzipTemplate::new(plain.as_bytes(), &[]);
            let body_bytes = template.bytes().len() as u64;
            for (gzip, outcome) in [(true, outcome), (false, MISMATCH)] {
                let response = Response { status: 200, keep_alive: true, body_bytes, gzip };
                assert_eq!(verifier.judge(0, response, template.bytes(), None), outcome, "{plain} {gzip}");
            }
        }
    }

    #[test]
    fn only_the_very_same_bytes_are_recognised() {
        let mut verifier = verifier(ExpectedBody::Any);
        assert_eq!(verifier.recognise(0, b"HTTP/1.1 204 No\r\n\r\n"), None);
        verifier.learn(0, 204, b"HTTP/1.1 204 No\r\n\r\n");
        assert_eq!(verifier.recognise(0, b"HTTP/1.1 204 No\r\n\r\n"), Some(204));
        for other in
            [&b"HTTP/1.1 204 No\r\n\r\nx"[..], b"HTTP/1.1 204 No\r\n\r", b"HTTP/1.1 200 No\r\n\r\n", b""]
        {
            assert_eq!(verifier.recognise(0, other), None);
        }
    }
}
