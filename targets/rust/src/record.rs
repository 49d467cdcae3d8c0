//! JSON objects of which some keys matter and the others are ignored.
//!
//! What serde derives would also take an array for an object, and would not look into what it ignores, where there
//! may be text that is no UTF-8 or a number beyond the range of a double. It must not know any particular record.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use hyper::StatusCode;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::Value;

use crate::reply::Reply;

/// What can be made of an object, key by key.
pub(crate) trait Record<'json>: Sized {
    /// The keys that matter, as they are found.
    type Fields: Default;

    /// Takes the value that follows if the key matters, and tells whether it does.
    fn take<A: MapAccess<'json>>(
        fields: &mut Self::Fields,
        key: &str,
        object: &mut A,
    ) -> Result<bool, A::Error>;

    /// Makes the record of what was found.
    fn complete<E: Error>(fields: Self::Fields) -> Result<Self, E>;
}

/// Text that is borrowed from the JSON, unless escapes keep it from that.
#[derive(Debug, serde::Deserialize)]
pub(crate) struct Text<'json>(#[serde(borrow)] pub(crate) Cow<'json, str>);

/// A record that is read from an object and from nothing else.
#[derive(Debug)]
pub(crate) struct Object<T>(pub(crate) T);

/// Decodes the body of a request. `what` says what it has to be, for the message: `a transaction`.
pub(crate) fn decode<'json, T: Deserialize<'json>>(body: &'json [u8], what: &str) -> Result<T, Reply> {
    serde_json::from_slice(body).map_err(|error| {
        let what = if error.is_data() { what } else { "JSON" };
        Reply::error(StatusCode::BAD_REQUEST, &format!("the body is not {what}: {error}"))
    })
}

impl<'json, T: Record<'json>> Deserialize<'json> for Object<T> {
    fn deserialize<D: Deserializer<'json>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor(PhantomData)).map(Self)
    }
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'json, T: Record<'json>> Visitor<'json> for ObjectVisitor<T> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'json>>(self, mut object: A) -> Result<T, A::Error> {
        let mut fields = T::Fields::default();
        while let Some(Text(key)) = object.next_key()? {
            if !T::take(&mut fields, &key, &mut object)? {
                // Decoded all the same: the whole body has to be JSON.
                object.next_value::<Value>()?;
            }
        }
        T::complete(fields)
    }
}
