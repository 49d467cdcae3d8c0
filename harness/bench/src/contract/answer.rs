//! One answer of the target, and what a case may ask of it.

use super::fault::{Fault, shown};
use bench_model::json::same_json;
use serde_json::Value;

/// Most headers that an answer may have here.
const MOST_HEADERS: usize = 128;

/// An answer, and what it answers.
#[derive(Debug)]
pub(super) struct Answer {
    /// The request, shortened for messages.
    pub(super) sent: String,
    /// The minor version of HTTP/1: 0 or 1.
    pub(super) minor_version: u8,
    pub(super) status: u16,
    /// Names in lower case.
    headers: Vec<(String, String)>,
    /// Whether the connection may carry another request.
    pub(super) keeps_open: bool,
    /// The body, without the chunks that it may have come in.
    pub(super) body: Vec<u8>,
}

/// Status and length of the first head in `bytes`, if it is complete.
pub(super) fn status_of(bytes: &[u8]) -> Option<(u16, usize)> {
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    match response.parse(bytes) {
        Ok(httparse::Status::Complete(length)) => Some((response.code.unwrap_or(0), length)),
        _ => None,
    }
}

impl Answer {
    /// Takes the head of a complete answer apart. The reader has parsed it before, so it is one.
    pub(super) fn parse(sent: String, mut bytes: &[u8], keeps_open: bool, body: &[u8]) -> Self {
        while let Some((100..=199, length)) = status_of(bytes) {
            bytes = &bytes[length..];
        }
        let mut fields = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let mut response = httparse::Response::new(&mut fields);
        let _ = response.parse(bytes);
        let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
        let headers =
            response.headers.iter().map(|field| (field.name.to_ascii_lowercase(), text(field.value)));
        Self {
            sent,
            minor_version: response.version.unwrap_or(1),
            status: response.code.unwrap_or(0),
            headers: headers.collect(),
            keeps_open,
            body: body.to_vec(),
        }
    }

    /// A header's value.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A fault that shows this answer.
    pub(super) fn wrong(&self, expected: impl Into<String>) -> Fault {
        self.fault(expected, format!("{} with {}", self.status, shown(&self.body)))
    }

    /// A fault that says something else of it.
    pub(super) fn fault(&self, expected: impl Into<String>, came: impl Into<String>) -> Fault {
        Fault::new(self.sent.clone(), expected, came)
    }

    /// Its status must be this one.
    pub(super) fn is(&self, status: u16) -> Result<&Self, Fault> {
        if self.status == status { Ok(self) } else { Err(self.wrong(format!("status {status}"))) }
    }

    /// It must be a success whose body is this JSON text's value.
    pub(super) fn echoes(&self, sent: &str) -> Result<&Self, Fault> {
        self.is(200)?;
        let value: Value = serde_json::from_str(sent)
            .map_err(|error| self.fault("a JSON body in the case", format!("{error}; a defect in bench")))?;
        let same = serde_json::from_slice(&self.body).is_ok_and(|answer: Value| same_json(&value, &answer));
        if same {
            Ok(self)
        } else {
            Err(self.wrong(format!("200 with the same value, {}", shown(sent.as_bytes()))))
        }
    }

    /// It must be a success whose body is JSON: the value.
    pub(super) fn json(&self) -> Result<Value, Fault> {
        self.is(200)?.says_json()?;
        serde_json::from_slice(&self.body).map_err(|error| self.wrong(format!("200 with JSON ({error})")))
    }

    /// It must have this status, and an error whose message is this one.
    pub(super) fn is_refused(&self, status: u16, message: &str) -> Result<&Self, Fault> {
        self.is(status)?.is_error()?;
        let value: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        if value["error"] == message {
            Ok(self)
        } else {
            Err(self.wrong(format!("{status} with the message `{message}`")))
        }
    }

    /// It must not be compressed.
    pub(super) fn is_plain(&self) -> Result<&Self, Fault> {
        match self.header("content-encoding") {
            None | Some("identity") => Ok(self),
            found => Err(self.fault("no Content-Encoding", named("Content-Encoding", found))),
        }
    }

    /// It must say that it is JSON.
    pub(super) fn says_json(&self) -> Result<&Self, Fault> {
        let found = self.header("content-type");
        let kind = found.and_then(|value| value.split(';').next()).map(str::trim);
        if kind.is_some_and(|kind| kind.eq_ignore_ascii_case("application/json")) {
            return Ok(self);
        }
        Err(self.fault(
            "Content-Type: application/json",
            format!("{} with {}", self.status, named("Content-Type", found)),
        ))
    }

    /// Its body must be an object whose one key is `error`, with a message.
    pub(super) fn is_error(&self) -> Result<&Self, Fault> {
        let value: Option<Value> = serde_json::from_slice(&self.body).ok();
        let object = value.as_ref().and_then(Value::as_object).filter(|object| object.len() == 1);
        match object.and_then(|object| object.get("error")).and_then(Value::as_str) {
            Some(message) if !message.trim().is_empty() => self.says_json(),
            _ => Err(self.wrong(r#"the body {"error":"<message>"}"#)),
        }
    }

    /// The connection must stay open as far as this answer says.
    pub(super) fn stays(&self) -> Result<&Self, Fault> {
        if self.keeps_open {
            Ok(self)
        } else {
            Err(self.fault("a connection that stays", self.with_connection()))
        }
    }

    /// It must announce that the target closes.
    pub(super) fn announces_close(&self) -> Result<&Self, Fault> {
        let options = self.header("connection").unwrap_or("").to_ascii_lowercase();
        if options.split(',').any(|option| option.trim() == "close") {
            return Ok(self);
        }
        Err(self.fault("an answer with Connection: close", self.with_connection()))
    }

    fn with_connection(&self) -> String {
        format!("{} with {}", self.status, named("Connection", self.header("connection")))
    }
}

/// A header as a message shows it.
pub(super) fn named(name: &str, value: Option<&str>) -> String {
    value.map_or_else(|| format!("no {name}"), |value| format!("{name}: {}", shown(value.as_bytes())))
}
