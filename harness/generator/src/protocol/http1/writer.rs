//! Writes a request's bytes, once, before the run.

use bench_model::fresh::FreshText;
use bench_model::plan::RequestPlan;

/// Why a request cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// Not a method.
    #[error("`{0}` is not an HTTP method: write letters such as GET or POST")]
    Method(String),
    /// Not a path.
    #[error("`{0}` is not a path: it must begin with `/` and hold no space or control character")]
    Path(String),
    /// Not a header.
    #[error("`{0}: {1}` is not a header: the name takes letters, digits and dashes, the value no line break")]
    Header(String, String),
    /// A header that the generator owns.
    #[error(
        "the header `{0}` is written by the generator, from the body: leave it out (`body.gzip` compresses a body)"
    )]
    Framing(String),
}

/// The bytes of one request with one body, as it is sent. `path` has zeros in its slots; `host` is the `Host` header's
/// value unless the plan has its own.
///
/// # Errors
/// When the method, the path or a header would not be HTTP.
pub fn write_request(
    plan: &RequestPlan,
    path: &FreshText,
    host: &str,
    body: &[u8],
) -> Result<Vec<u8>, WriteError> {
    if plan.method.is_empty() || !plan.method.bytes().all(is_token) {
        return Err(WriteError::Method(plan.method.clone()));
    }
    // A slot may be filled with blanks where a number of blanks and digits was asked for.
    let has_blanks = |byte: &u8| *byte <= b' ' || *byte == 0x7f;
    let sample = path.filled(0, 0);
    if !sample.starts_with(b"/") || sample.iter().any(has_blanks) || path.has_blanks() {
        return Err(WriteError::Path(plan.path.clone()));
    }
    let mut text = format!("{} {} HTTP/1.1\r\n", plan.method, String::from_utf8_lossy(path.bytes()));
    if !plan.headers.keys().any(|name| name.eq_ignore_ascii_case("host")) {
        text.push_str(&format!("Host: {host}\r\n"));
    }
    for (name, value) in &plan.headers {
        let is_ours = |ours: &str| name.eq_ignore_ascii_case(ours);
        if is_ours("content-length")
            || is_ours("transfer-encoding")
            || (plan.gzip && is_ours("content-encoding"))
        {
            return Err(WriteError::Framing(name.clone()));
        }
        let value_fits = !value.bytes().any(|byte| (byte < b' ' && byte != b'\t') || byte == 0x7f);
        if name.is_empty() || !name.bytes().all(is_token) || !value_fits {
            return Err(WriteError::Header(name.clone(), value.clone()));
        }
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    if plan.gzip {
        text.push_str("Content-Encoding: gzip\r\n");
    }
    // RFC 9110, 8.6: a method that anticipates a body says so even when it is empty.
    if !body.is_empty() || matches!(plan.method.as_str(), "POST" | "PUT" | "PATCH") {
        text.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    text.push_str("\r\n");
    let mut bytes = text.into_bytes();
    bytes.extend_from_slice(body);
    Ok(bytes)
}

/// RFC 9110, 5.6.2.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(method: &str, path: &str, headers: &[(&str, &str)]) -> RequestPlan {
        RequestPlan {
            method: method.into(),
            path: path.into(),
            headers: headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
            ..RequestPlan::default()
        }
    }

    fn write(plan: &RequestPlan, body: &[u8]) -> Result<Vec<u8>, WriteError> {
        write_request(plan, &FreshText::parse(&plan.path, "").unwrap(), "h:1", body)
    }

    #[test]
    fn requests() {
        let written = |plan: &RequestPlan, body: &str| {
            String::from_utf8(write(plan, body.as_bytes()).unwrap()).unwrap()
        };
        assert_eq!(written(&plan("GET", "/a?b=c", &[]), ""), "GET /a?b=c HTTP/1.1\r\nHost: h:1\r\n\r\n");
        assert_eq!(
            written(&plan("POST", "/", &[("X-A", "1"), ("host", "other")]), "hi"),
            "POST / HTTP/1.1\r\nX-A: 1\r\nhost: other\r\nContent-Length: 2\r\n\r\nhi"
        );
        assert!(written(&plan("POST", "/", &[]), "").contains("Content-Length: 0\r\n"));
        let zipped = RequestPlan { gzip: true, ..plan("POST", "/", &[]) };
        assert!(written(&zipped, "zip").contains("\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n"));
        let twice = RequestPlan { gzip: true, ..plan("POST", "/", &[("content-encoding", "br")]) };
        assert!(write(&twice, b"zip").is_err());
    }

    #[test]
    fn nothing_can_be_smuggled_in() {
        for wrong in [
            plan("GE T", "/", &[]),
            plan("", "/", &[]),
            plan("GET", "", &[]),
            plan("GET", "/a b", &[]),
            plan("GET", "/a\r\nX: y", &[]),
            plan("GET", "/{{int 1 10}}", &[]),
            plan("GET", "{{digits 1 9}}", &[]),
            plan("GET", "/", &[("a b", "c")]),
            plan("GET", "/", &[("a", "b\r\nc: d")]),
            plan("GET", "/", &[("Content-Length", "3")]),
            plan("GET", "/", &[("transfer-encoding", "chunked")]),
        ] {
            assert!(write(&wrong, b"").is_err(), "{wrong:?}");
        }
    }
}
