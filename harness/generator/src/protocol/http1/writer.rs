//! Writes a request's bytes, once, before the run.

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
    #[error("the header `{0}` is written by the generator, from the body: leave it out")]
    Framing(String),
}

/// The bytes of one request with one body. `host` is the `Host` header's value unless the plan has its own.
///
/// # Errors
/// When the method, the path or a header would not be HTTP.
pub fn write_request(plan: &RequestPlan, host: &str, body: &[u8]) -> Result<Vec<u8>, WriteError> {
    if plan.method.is_empty() || !plan.method.bytes().all(is_token) {
        return Err(WriteError::Method(plan.method.clone()));
    }
    if !plan.path.starts_with('/') || plan.path.bytes().any(|byte| byte <= b' ' || byte == 0x7f) {
        return Err(WriteError::Path(plan.path.clone()));
    }
    let mut text = format!("{} {} HTTP/1.1\r\n", plan.method, plan.path);
    if !plan.headers.keys().any(|name| name.eq_ignore_ascii_case("host")) {
        text.push_str(&format!("Host: {host}\r\n"));
    }
    for (name, value) in &plan.headers {
        if name.eq_ignore_ascii_case("content-length") || name.eq_ignore_ascii_case("transfer-encoding") {
            return Err(WriteError::Framing(name.clone()));
        }
        let value_fits = !value.bytes().any(|byte| (byte < b' ' && byte != b'\t') || byte == 0x7f);
        if name.is_empty() || !name.bytes().all(is_token) || !value_fits {
            return Err(WriteError::Header(name.clone(), value.clone()));
        }
        text.push_str(&format!("{name}: {value}\r\n"));
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
    use bench_model::body::Body;
    use bench_model::scenario::BodyExpectation;
    use bench_model::status::StatusSet;

    fn plan(method: &str, path: &str, headers: &[(&str, &str)]) -> RequestPlan {
        RequestPlan {
            method: method.into(),
            path: path.into(),
            headers: headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
            body: Body::None,
            expect_status: StatusSet::default(),
            expect_body: BodyExpectation::Any,
        }
    }

    #[test]
    fn requests() {
        let written = |plan: &RequestPlan, body: &str| {
            String::from_utf8(write_request(plan, "h:1", body.as_bytes()).unwrap()).unwrap()
        };
        assert_eq!(written(&plan("GET", "/a?b=c", &[]), ""), "GET /a?b=c HTTP/1.1\r\nHost: h:1\r\n\r\n");
        assert_eq!(
            written(&plan("POST", "/", &[("X-A", "1"), ("host", "other")]), "hi"),
            "POST / HTTP/1.1\r\nX-A: 1\r\nhost: other\r\nContent-Length: 2\r\n\r\nhi"
        );
        assert!(written(&plan("POST", "/", &[]), "").contains("Content-Length: 0\r\n"));
    }

    #[test]
    fn nothing_can_be_smuggled_in() {
        for wrong in [
            plan("GE T", "/", &[]),
            plan("", "/", &[]),
            plan("GET", "", &[]),
            plan("GET", "/a b", &[]),
            plan("GET", "/a\r\nX: y", &[]),
            plan("GET", "/", &[("a b", "c")]),
            plan("GET", "/", &[("a", "b\r\nc: d")]),
            plan("GET", "/", &[("Content-Length", "3")]),
            plan("GET", "/", &[("transfer-encoding", "chunked")]),
        ] {
            assert!(write_request(&wrong, "h", b"").is_err(), "{wrong:?}");
        }
    }
}
