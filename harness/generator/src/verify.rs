//! Verification at full rate: is this response the right answer to that request?
//!
//! A worker learns, for each request of its pool, the exact bytes of a response that was once read and verified in
//! full. The same bytes again mean the same thing again, so that one comparison of memory stands for parsing the
//! head, reading the body and comparing JSON. Whatever differs, were it only the `Date`, takes the long way.

use crate::protocol::http1::Response;
use crate::request::{Expectation, ExpectedBody, PreparedRequest};
use bench_model::counters::{ErrorClass, Outcome};
use bench_model::json::same_json;

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
}

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
        Self { learned }
    }

    /// The status, if `bytes` are a whole response to `request` that was verified before.
    #[inline]
    #[must_use]
    pub fn recognise(&self, request: usize, bytes: &[u8]) -> Option<u16> {
        let learned = &self.learned[request];
        (learned.whole == bytes).then_some(learned.status)
    }

    /// How much of the body of an answer to `request` has to be kept, in bytes.
    #[must_use]
    pub fn keep_bytes(&self, request: usize) -> usize {
        self.learned[request].expectation.body.keep_bytes()
    }

    /// Judges a complete response to `request` from its kept body.
    pub fn judge(&mut self, request: usize, response: Response, body: &[u8]) -> Outcome {
        let learned = &mut self.learned[request];
        if !learned.expectation.status.contains(response.status) {
            return Outcome::Failed(ErrorClass::Status);
        }
        let right = match &learned.expectation.body {
            ExpectedBody::Any => true,
            _ if response.body_bytes != body.len() as u64 => false,
            ExpectedBody::Exact(expected) => **expected == *body,
            ExpectedBody::Json { value, .. } => {
                learned.body.as_deref() == Some(body)
                    || serde_json::from_slice(body).is_ok_and(|answer| same_json(value, &answer)) && {
                        learned.body = Some(body.into());
                        true
                    }
            }
        };
        if right { Outcome::Verified } else { Outcome::Failed(ErrorClass::Mismatch) }
    }

    /// Remembers the bytes of a whole response to `request` that was just verified and leaves the connection open.
    pub fn learn(&mut self, request: usize, status: u16, bytes: &[u8]) {
        if bytes.len() <= LONGEST_LEARNED {
            let learned = &mut self.learned[request];
            learned.whole.clear();
            learned.whole.extend_from_slice(bytes);
            learned.status = status;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bench_model::status::StatusSet;

    fn verifier(body: ExpectedBody) -> Verifier {
        let expectation = Expectation { status: StatusSet::default(), body };
        Verifier::new(&[PreparedRequest { bytes: vec![], to_head: false, expectation }])
    }

    fn judge(verifier: &mut Verifier, status: u16, body: &str) -> Outcome {
        let response = Response { status, keep_alive: true, body_bytes: body.len() as u64 };
        verifier.judge(0, response, body.as_bytes())
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
        let long = Response { status: 200, keep_alive: true, body_bytes: 4 };
        assert_eq!(verifier.judge(0, long, b"abc"), MISMATCH);
        assert_eq!(judge(&mut verifier, 200, "abc"), Outcome::Verified);
        assert_eq!(judge(&mut verifier, 200, "abd"), MISMATCH);
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
