//! What is sent back: a status, a body, and the few headers that belong to it.
//!
//! It must not decide which answer a request gets.

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{
    CONNECTION, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, VARY, WWW_AUTHENTICATE,
};
use hyper::{Response, StatusCode};
use serde::Serialize;

use crate::coding;
use crate::service::Service;

/// The answer to a header that took too long, made by hand because hyper has no request to answer.
pub(crate) const HEADER_TIMEOUT: &[u8] = b"HTTP/1.1 408 Request Timeout\r\n\
    content-type: application/json\r\n\
    content-length: 45\r\n\
    connection: close\r\n\
    \r\n\
    {\"error\":\"the header did not arrive in time\"}";

/// The shortest body that is packed.
const LEAST_PACKED_BYTES: usize = 256;

/// The longest body that is packed on the worker's own thread: that takes it a millisecond.
const PACKED_AT_ONCE_BYTES: usize = 64 * 1024;

/// One answer, before HTTP.
#[derive(Debug)]
pub(crate) struct Reply {
    status: StatusCode,
    body: Bytes,
    content_type: &'static str,
    packed: bool,
    header: Option<(HeaderName, &'static str)>,
    close: bool,
}

impl Reply {
    /// 200 with a body that is JSON already.
    pub(crate) fn ok(json: impl Into<Bytes>) -> Self {
        Self::new(StatusCode::OK, json.into())
    }

    /// 200 with this value as JSON.
    pub(crate) fn json(value: &impl Serialize) -> Self {
        Self::ok(serde_json::to_vec(value).expect("plain values with string keys, and a vector takes all"))
    }

    /// An error, as `{"error":"<message>"}`.
    pub(crate) fn error(status: StatusCode, message: &str) -> Self {
        let json = serde_json::json!({ "error": message }).to_string();
        Self::new(status, json.into())
    }

    fn new(status: StatusCode, body: Bytes) -> Self {
        Self { status, body, content_type: "application/json", packed: false, header: None, close: false }
    }

    /// Says that the body is something else than JSON.
    pub(crate) fn of_type(mut self, content_type: &'static str) -> Self {
        self.content_type = content_type;
        self
    }

    /// 401, and how to do better.
    pub(crate) fn unauthorized(message: &str) -> Self {
        Self::error(StatusCode::UNAUTHORIZED, message).with(WWW_AUTHENTICATE, "Bearer")
    }

    /// Adds a header; there can be one.
    pub(crate) fn with(mut self, name: HeaderName, value: &'static str) -> Self {
        self.header = Some((name, value));
        self
    }

    /// Ends the connection after this answer.
    pub(crate) fn closing(mut self) -> Self {
        self.close = true;
        self
    }

    /// True if the answer is long enough to be packed for those who accept it.
    pub(crate) fn is_worth_packing(&self) -> bool {
        self.body.len() >= LEAST_PACKED_BYTES
    }

    /// Packs the body.
    pub(crate) async fn packed(mut self, service: &Service) -> Self {
        self.body = if self.body.len() <= PACKED_AT_ONCE_BYTES {
            coding::pack(&self.body).into()
        } else {
            let plain = std::mem::take(&mut self.body);
            let packing = service.pool.spawn_blocking(move || coding::pack(&plain));
            packing.await.expect("packing cannot fail, and the pool outlives the workers").into()
        };
        self.packed = true;
        self
    }

    /// The status, for who counts it.
    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    /// True if the connection ends after this answer.
    pub(crate) fn closes(&self) -> bool {
        self.close
    }

    /// Makes the response. It takes over the request's header map: hyper hands the same allocation on to the
    /// next request, so that no map is made or dropped while a connection lives.
    pub(crate) fn into_response(self, mut headers: HeaderMap) -> Response<Full<Bytes>> {
        headers.clear();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        if let Some((name, value)) = self.header {
            headers.insert(name, HeaderValue::from_static(value));
        }
        if self.packed {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            headers.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
        }
        if self.close {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        let mut response = Response::new(Full::new(self.body));
        *response.status_mut() = self.status;
        *response.headers_mut() = headers;
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_handmade_timeout_announces_its_length() {
        let text = std::str::from_utf8(HEADER_TIMEOUT).expect("ASCII");
        let (head, body) = text.split_once("\r\n\r\n").expect("a header and a body");
        assert!(head.contains(&format!("content-length: {}", body.len())), "{} bytes", body.len());
        serde_json::from_str::<serde_json::Value>(body).expect("JSON");
    }

    #[test]
    fn an_error_message_is_escaped() {
        let reply = Reply::error(StatusCode::BAD_REQUEST, "say \"what\"\n");
        assert_eq!(reply.body, r#"{"error":"say \"what\"\n"}"#);
    }
}
