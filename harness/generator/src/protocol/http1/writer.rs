//! Writes a request's head, once, before the run.

use bench_model::fresh::{FreshError, FreshText};
use bench_model::plan::RequestPlan;

/// Why a request cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// Not a method.
    #[error("`{0}` is not an HTTP method: write letters such as GET or POST")]
    Method(String),
    /// Not a path.
    #[error(
        "`{0}` is not a path: it must begin with `/` and, but for what is between double braces, hold no space or control character"
    )]
    Path(String),
    /// A place in a path that may be filled with blanks.
    #[error("the path `{0}` has an `int`, which is filled with leading blanks: write `digits` in a path")]
    Blanks(String),
    /// Not a header.
    #[error("`{}: {}` is not a header: the name takes letters, digits and dashes, the value no line break", .0.escape_debug(), .1.escape_debug())]
    Header(String, String),
    /// A header that the generator owns.
    #[error(
        "the header `{0}` is written by the generator, from the body: leave it out (`body.gzip` compresses a body)"
    )]
    Framing(String),
    /// Places that cannot be filled.
    #[error("{what} `{text}` cannot be filled in: {error}")]
    Fresh {
        /// What the text is.
        what: String,
        /// The text.
        text: String,
        /// Why not.
        error: FreshError,
    },
}

/// The head of a request with a body of so many bytes, up to the empty line; what is fresh in its path and headers are slots.
/// `host` is the `Host` header's value unless the plan has its own, and `run` the run's mark.
///
/// # Errors
/// When the method, the path or a header would not be HTTP, or has a place that cannot be filled.
pub fn write_head(
    plan: &RequestPlan,
    run: &str,
    host: &str,
    body_bytes: usize,
) -> Result<FreshText, WriteError> {
    if plan.method.is_empty() || !plan.method.bytes().all(is_token) {
        return Err(WriteError::Method(plan.method.clone()));
    }
    check_path(&plan.path, run)?;
    let mut text = format!("{} {} HTTP/1.1\r\n", plan.method, plan.path);
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
        fresh(&format!("the header {name}:"), value, run)?;
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    if plan.gzip {
        text.push_str("Content-Encoding: gzip\r\n");
    }
    // RFC 9110, 8.6: a method that anticipates a body says so even when it is empty.
    if body_bytes > 0 || matches!(plan.method.as_str(), "POST" | "PUT" | "PATCH") {
        text.push_str(&format!("Content-Length: {body_bytes}\r\n"));
    }
    text.push_str("\r\n");
    fresh("the head", &text, run)
}

/// The sample is looked at rather than the text, in which places have spaces.
fn check_path(path: &str, run: &str) -> Result<(), WriteError> {
    let text = fresh("the path", path, run)?;
    if text.has_blanks() {
        return Err(WriteError::Blanks(path.to_owned()));
    }
    let sample = text.filled(0, 0);
    if !sample.starts_with(b"/") || sample.iter().any(|&byte| byte <= b' ' || byte == 0x7f) {
        return Err(WriteError::Path(path.to_owned()));
    }
    Ok(())
}

fn fresh(what: &str, text: &str, run: &str) -> Result<FreshText, WriteError> {
    let wrong = |error| WriteError::Fresh { what: what.to_owned(), text: text.to_owned(), error };
    FreshText::parse(text, run).map_err(wrong)
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
        write_head(plan, "7f3a", "h:1", body.len()).map(|head| [head.bytes(), body].concat())
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
            plan("GET", "/", &[("a", "{{sreal}}")]),
            plan("GET", "/", &[("a", "{{serial}")]),
            plan("GET", "/", &[("a", "{{pick b\r\nc:}}")]),
        ] {
            assert!(write(&wrong, b"").is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn headers_are_fresh_where_they_have_places() {
        let plan = plan("GET", "/{{digits 0 9}}", &[("Idempotency-Key", "{{run}}-{{serial}}"), ("X-A", "b")]);
        let head = write_head(&plan, "7f3a", "h:1", 0).unwrap();
        let text = |serial| String::from_utf8(head.filled(1, serial)).unwrap();
        assert!(text(42).contains("\r\nIdempotency-Key: 7f3a-0000000042\r\nX-A: b\r\n"), "{}", text(42));
        assert_eq!(text(42).len(), text(43).len());
        // What a path becomes does not change with the headers behind it.
        let path = FreshText::parse(&plan.path, "").unwrap();
        assert!(text(42).as_bytes()[4..].starts_with(&path.filled(1, 42)));
    }
}
