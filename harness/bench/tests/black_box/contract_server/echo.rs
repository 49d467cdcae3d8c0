//! `POST /echo` of the small server, with all that can be wrong with it.

use super::{Answer, Fault, Shared};
use serde_json::Value;
use std::time::Duration;

pub(super) fn echo(body: &[u8], shared: &Shared) -> Answer {
    let lossy = String::from_utf8_lossy(body).into_owned();
    let text = if shared.fault == Fault::InvalidUtf8 { lossy.as_bytes() } else { body };
    let value: Value = match serde_json::from_slice(text) {
        Ok(value) => value,
        Err(_) if shared.fault == Fault::WrongStatus => return Answer::error(500, "not JSON"),
        Err(error) => return Answer::error(400, &error.to_string()),
    };
    let right = value.to_string().into_bytes();
    Answer::ok(match shared.fault {
        Fault::WrongBody => b"{\"wrong\":true}".to_vec(),
        Fault::CopiedThrough => body.to_vec(),
        Fault::SinglePrecision => rounded(value).to_string().into_bytes(),
        Fault::CachedAnswer => cached(shared, body.len(), right),
        Fault::MixedUp => {
            shared.last.lock().expect("a lock").clone_from(&right);
            // Long enough for another connection to put its own answer there.
            std::thread::sleep(Duration::from_millis(2));
            shared.last.lock().expect("a lock").clone()
        }
        Fault::MemoryLeak => {
            shared.leaked.lock().expect("a lock").push(vec![1; 16 * 1024]);
            right
        }
        _ => right,
    })
}

/// The answer to the last body of this length.
fn cached(shared: &Shared, length: usize, right: Vec<u8>) -> Vec<u8> {
    let mut cache = shared.cache.lock().expect("a lock");
    if let Some((_, found)) = cache.iter().find(|(known, _)| *known == length) {
        return found.clone();
    }
    cache.push((length, right.clone()));
    right
}

/// Every fraction as a number of single precision.
fn rounded(value: Value) -> Value {
    match value {
        Value::Number(number) if number.is_f64() => Value::from(number.as_f64().unwrap_or(0.0) as f32 as f64),
        Value::Array(values) => values.into_iter().map(rounded).collect(),
        other => other,
    }
}
