//! Why a body is not the expected one, in words: for an answer that is looked at alone, outside of the load.

use crate::inflate::Inflater;
use crate::protocol::http1::Response;
use crate::request::ExpectedBody;
use crate::verify::Sent;
use serde_json::Value;

/// Most bytes that a body is unpacked to in order to be shown.
const LONGEST_SHOWN: usize = 1 << 20;

/// A body that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    /// What is in it, unpacked where it came as gzip that is whole.
    pub plain: Vec<u8>,
    /// What is wrong with it, where that is known.
    pub fault: Option<String>,
}

/// Looks at a body again that was judged to be wrong, or that came with a wrong status.
#[must_use]
pub fn look(expected: &ExpectedBody, response: Response, body: &[u8], sent: Sent<'_>) -> Looked {
    if response.body_bytes != body.len() as u64 {
        let fault = format!("it has {} bytes, more than are read of it", response.body_bytes);
        return Looked { plain: body.to_vec(), fault: Some(fault) };
    }
    if !response.gzip {
        return Looked { plain: body.to_vec(), fault: fault(expected, body, sent) };
    }
    let most = expected.keep_bytes().max(LONGEST_SHOWN);
    match Inflater::default().unpack(body, most) {
        Some(plain) => Looked { plain: plain.to_vec(), fault: fault(expected, plain, sent) },
        None => Looked {
            plain: body.to_vec(),
            fault: Some(format!("its gzip is broken or cut short, or unpacks to more than {most} bytes")),
        },
    }
}

fn fault(expected: &ExpectedBody, body: &[u8], sent: Sent<'_>) -> Option<String> {
    let is_other_json = || match serde_json::from_slice::<Value>(body) {
        Ok(_) => "it is another JSON value than was sent".to_owned(),
        Err(error) => format!("it is not JSON ({error})"),
    };
    match expected {
        ExpectedBody::Any => None,
        ExpectedBody::Json { .. } | ExpectedBody::SentJson { .. } => Some(is_other_json()),
        ExpectedBody::Fields { fields, .. } => {
            let item = |index| sent.map_or(&[][..], |(fresh, filled)| fresh.item(filled, index));
            fields.mismatch(body, &item)
        }
        ExpectedBody::Exact(bytes) => {
            let same = bytes.iter().zip(body).take_while(|(one, other)| one == other).count();
            Some(format!("it differs from byte {same} on, and has {} bytes, not {}", body.len(), bytes.len()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gzip::GzipTemplate;

    #[test]
    fn what_is_wrong_is_said_and_what_is_packed_is_unpacked() {
        let json = ExpectedBody::Json { value: serde_json::json!({"a": 1}), longest: 1000 };
        let exact = ExpectedBody::Exact(b"abc".as_slice().into());
        let packed = GzipTemplate::new(br#"{"a":2}"#, &[]).bytes().to_vec();
        let cut = &packed[..packed.len() - 1];
        for (expected, gzip, body, part) in [
            (&json, false, &br#"{"a":2}"#[..], "another JSON value"),
            (&json, false, b"<html>", "it is not JSON"),
            (&json, true, &packed, "another JSON value"),
            (&json, true, cut, "its gzip is broken or cut short"),
            (&exact, false, b"abd", "differs from byte 2 on, and has 3 bytes, not 3"),
        ] {
            let response = Response { status: 200, keep_alive: true, body_bytes: body.len() as u64, gzip };
            let looked = look(expected, response, body, None);
            assert!(looked.fault.as_ref().is_some_and(|fault| fault.contains(part)), "{looked:?}");
            assert_eq!(looked.plain == br#"{"a":2}"#, part == "another JSON value", "{looked:?}");
        }
        let long = Response { status: 200, keep_alive: true, body_bytes: 2000, gzip: false };
        assert!(look(&json, long, b"{}", None).fault.unwrap().contains("2000 bytes"));
    }
}
