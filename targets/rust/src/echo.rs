//! `POST /echo`: the work that is measured.

use hyper::StatusCode;

use crate::reply::Reply;

/// Decodes the whole body and encodes it again.
pub(crate) fn echo(body: &[u8]) -> Reply {
    match serde_json::from_slice::<serde_json::Value>(body) {
        Ok(value) => {
            // Encoding is compact, so that the length of the request is nearly always enough.
            let mut json = Vec::with_capacity(body.len() + 16);
            serde_json::to_writer(&mut json, &value)
                .expect("a value has string keys, and a vector takes all");
            Reply::ok(json)
        }
        Err(error) => Reply::error(StatusCode::BAD_REQUEST, &format!("the body is not JSON: {error}")),
    }
}
