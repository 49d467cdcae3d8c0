//! Expected fields of a JSON object, or of each object of an array, checked in one pass over the answer without a tree.

mod mismatch;

use bench_model::fresh::FreshText;
use bench_model::json::same_json;
use bench_model::scenario::JsonFields;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

/// What an object must have to mean that an item was accepted, and what to mean that it was refused.
#[derive(Debug, Clone)]
pub struct Fields {
    fields: Vec<Field>,
    /// A bit for each of `fields` that is asked for.
    accepted: u64,
    refused: u64,
    /// How many objects the answer has in an array; one by itself if absent.
    batch: Option<usize>,
}

/// Why fields cannot be expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FieldsError {
    /// There is no such field in what is sent.
    #[error(
        "`{{{{sent {0}}}}}` is expected, and no field of that name is sent: the body must be a JSON object that has it"
    )]
    NotSent(String),
    /// More fields than there are bits.
    #[error("more than 64 fields are expected")]
    TooMany,
}

#[derive(Debug, Clone)]
struct Field {
    name: String,
    accepted: Option<Expected>,
    refused: Option<Expected>,
}

/// What a field must be.
#[derive(Debug, Clone)]
enum Expected {
    /// A value, and its usual text.
    Literal { text: String, value: Value },
    /// What stands at this place of the item that was sent.
    Sent(Range<usize>),
}

/// What an answer says of the items that were sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    Accepted,
    Refused,
    Wrong,
}

impl Fields {
    /// Makes ready to expect these fields for an item that is made from `text`.
    ///
    /// # Errors
    /// When a field refers to what is not sent.
    pub fn new(
        accepted: &JsonFields,
        refused: Option<&JsonFields>,
        text: Option<&FreshText>,
        batch: Option<usize>,
    ) -> Result<Self, FieldsError> {
        let none = JsonFields::new();
        let refused = refused.unwrap_or(&none);
        let sent = text.map(values_of).unwrap_or_default();
        let names: Vec<&String> =
            accepted.keys().chain(refused.keys().filter(|name| !accepted.contains_key(*name))).collect();
        if names.len() > 64 {
            return Err(FieldsError::TooMany);
        }
        let (mut fields, mut asked) = (Vec::new(), [0, 0]);
        for (bit, name) in names.into_iter().enumerate() {
            let mut expected = [None, None];
            for (which, table) in [accepted, refused].into_iter().enumerate() {
                if let Some(value) = table.get(name) {
                    asked[which] |= 1 << bit;
                    expected[which] = Some(Expected::new(value, &sent)?);
                }
            }
            let [accepted, refused] = expected;
            fields.push(Field { name: name.clone(), accepted, refused });
        }
        Ok(Self { fields, accepted: asked[0], refused: asked[1], batch })
    }

    /// Whether the answer must repeat something of what was sent.
    #[must_use]
    pub fn depends_on_sent(&self) -> bool {
        let is_sent = |expected: &Option<Expected>| matches!(expected, Some(Expected::Sent(_)));
        self.fields.iter().any(|field| is_sent(&field.accepted) || is_sent(&field.refused))
    }

    /// Whether `body` is the right answer to items of which `item` gives the bytes. Of a batch, the places of those that
    /// were refused are added to `refused`.
    pub fn accept<'a>(
        &self,
        body: &[u8],
        item: &dyn Fn(usize) -> &'a [u8],
        refused: &mut Vec<usize>,
    ) -> bool {
        let Some(batch) = self.batch else { return self.one(body, item(0)) == Some(Said::Accepted) };
        let mut deserializer = serde_json::Deserializer::from_slice(body);
        let objects = Objects { fields: self, item, batch, refused };
        objects.deserialize(&mut deserializer).is_ok() && deserializer.end().is_ok()
    }

    /// Whether `body` is an object that refuses the one item that was sent.
    #[must_use]
    pub fn refuse(&self, body: &[u8], item: &[u8]) -> bool {
        self.refused == 0 || matches!(self.one(body, item), Some(Said::Refused))
    }

    fn one(&self, body: &[u8], item: &[u8]) -> Option<Said> {
        let mut deserializer = serde_json::Deserializer::from_slice(body);
        let said = Object { fields: self, item }.deserialize(&mut deserializer).ok()?;
        deserializer.end().ok().map(|()| said)
    }
}

impl Expected {
    fn new(value: &Value, sent: &BTreeMap<String, Self>) -> Result<Self, FieldsError> {
        let name = value.as_str().and_then(|text| text.strip_prefix("{{sent ")?.strip_suffix("}}"));
        match name.map(str::trim) {
            None => Ok(Self::literal(value.clone())),
            Some(name) => sent.get(name).cloned().ok_or_else(|| FieldsError::NotSent(name.to_owned())),
        }
    }

    fn literal(value: Value) -> Self {
        Self::Literal { text: value.to_string(), value }
    }

    fn is(&self, raw: &str, item: &[u8]) -> bool {
        match self {
            Self::Literal { text, value } => {
                raw == text || serde_json::from_str(raw).is_ok_and(|answer: Value| same_json(value, &answer))
            }
            Self::Sent(range) => {
                let sent = item.get(range.clone()).unwrap_or_default().trim_ascii_start();
                raw.as_bytes() == sent || {
                    let sent: Option<Value> = serde_json::from_slice(sent).ok();
                    let answer = serde_json::from_str(raw).ok();
                    sent.zip(answer).is_some_and(|(sent, answer): (_, Value)| same_json(&sent, &answer))
                }
            }
        }
    }
}

/// The values of an item's fields: where they stand, with the blanks that a slot may begin with, or, of an item that is always
/// the same, what they are.
fn values_of(text: &FreshText) -> BTreeMap<String, Expected> {
    let sample = text.filled(0, 0);
    let Ok(fields) = serde_json::from_slice::<BTreeMap<String, &RawValue>>(&sample) else {
        return BTreeMap::new();
    };
    let value = |raw: &RawValue| {
        if text.is_fixed() {
            return serde_json::from_str(raw.get()).ok().map(Expected::literal);
        }
        let start = raw.get().as_ptr() as usize - sample.as_ptr() as usize;
        let mut range = start..start + raw.get().len();
        for slot in text.slots() {
            if slot.start < range.end && range.start < slot.end {
                range = range.start.min(slot.start)..range.end.max(slot.end);
            }
        }
        Some(Expected::Sent(range))
    };
    fields.into_iter().filter_map(|(name, raw)| Some((name, value(raw)?))).collect()
}

/// Reads one object.
struct Object<'a> {
    fields: &'a Fields,
    item: &'a [u8],
}

impl<'de> DeserializeSeed<'de> for Object<'_> {
    type Value = Said;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Said, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Object<'_> {
    type Value = Said;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Said, M::Error> {
        let (mut accepted, mut refused) = (0_u64, 0_u64);
        while let Some(known) = map.next_key_seed(Name(&self.fields.fields))? {
            let Some(at) = known else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let (raw, field) = (map.next_value::<&RawValue>()?, &self.fields.fields[at]);
            // Of equal keys the last one counts.
            for (expected, found) in [(&field.accepted, &mut accepted), (&field.refused, &mut refused)] {
                let is_right = expected.as_ref().is_some_and(|expected| expected.is(raw.get(), self.item));
                *found = (*found & !(1 << at)) | u64::from(is_right) << at;
            }
        }
        // What says no is a no, whatever else it has that a yes would have.
        Ok(match self.fields {
            fields if fields.refused != 0 && refused == fields.refused => Said::Refused,
            fields if accepted == fields.accepted => Said::Accepted,
            _ => Said::Wrong,
        })
    }
}

/// Finds a key among the expected ones, without keeping it.
struct Name<'a>(&'a [Field]);

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<usize>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = Option<usize>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Option<usize>, E> {
        Ok(self.0.iter().position(|field| field.name == key))
    }
}

/// Reads the array of a batch's answer.
struct Objects<'a, 'i> {
    fields: &'a Fields,
    item: &'a dyn Fn(usize) -> &'i [u8],
    batch: usize,
    refused: &'a mut Vec<usize>,
}

impl<'de> DeserializeSeed<'de> for Objects<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Objects<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "an array of {} objects", self.batch)
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut objects: S) -> Result<(), S::Error> {
        for index in 0..self.batch {
            let object = Object { fields: self.fields, item: (self.item)(index) };
            match objects.next_element_seed(object)? {
                Some(Said::Accepted) => {}
                Some(Said::Refused) => self.refused.push(index),
                Some(Said::Wrong) => return Err(S::Error::custom("another answer than expected")),
                None => return Err(S::Error::custom("too few answers")),
            }
        }
        match objects.next_element::<IgnoredAny>()? {
            None => Ok(()),
            Some(_) => Err(S::Error::custom("too many answers")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn text() -> FreshText {
        FreshText::parse(r#"{"id":"t-{{serial}}","amount":{{int 1 100}}}"#, "").unwrap()
    }

    fn table(value: Value) -> JsonFields {
        serde_json::from_value(value).unwrap()
    }

    fn fields(batch: Option<usize>) -> Fields {
        let accepted =
            table(json!({"id": "{{sent id}}", "status": "committed", "amount": "{{sent amount}}"}));
        let refused = table(json!({"id": "{{sent id}}", "status": "refused"}));
        Fields::new(&accepted, Some(&refused), Some(&text()), batch).unwrap()
    }

    fn answer(serial: u64, status: &str) -> String {
        let sent: Value = serde_json::from_slice(&text().filled(1, serial)).unwrap();
        json!({"status": status, "block": 3, "id": sent["id"], "amount": sent["amount"]}).to_string()
    }

    #[test]
    fn one_object() {
        let fields = fields(None);
        for serial in 0..200 {
            let item = text().filled(1, serial);
            let accept = |body: &str| fields.accept(body.as_bytes(), &|_| &item, &mut Vec::new());
            assert!(accept(&answer(serial, "committed")), "{}", answer(serial, "committed"));
            assert!(accept(&answer(serial, "committed").replace("\"id\"", "\"\\u0069d\"")), "an escaped key");
            for wrong in [
                answer(serial + 1, "committed"),
                answer(serial, "accepted"),
                answer(serial, "committed") + "x",
                answer(serial, "committed").replace("\"id\"", "\"ID\""),
                answer(serial, "committed").replace("\"block\":3", "\"status\":\"x\""),
                format!("[{}]", answer(serial, "committed")),
                String::new(),
                "{}".to_owned(),
            ] {
                // Keys come in alphabetical order: `status` is there after `block`, and the last of the two counts.
                assert_eq!(accept(&wrong), wrong.contains("\"status\":\"x\""), "{wrong}");
            }
            assert!(fields.refuse(answer(serial, "refused").as_bytes(), &item));
            assert!(!fields.refuse(answer(serial + 1, "refused").as_bytes(), &item));
        }
    }

    #[test]
    fn numbers_and_escapes_are_compared_as_json() {
        let accepted = table(json!({"a": 5, "b": "é", "c": {"d": [1]}, "e": null}));
        let fields = Fields::new(&accepted, None, None, None).unwrap();
        let accept = |body: &str| fields.accept(body.as_bytes(), &|_| &[], &mut Vec::new());
        assert!(accept(r#"{"a": 5.0, "b": "\u00e9", "c": { "d": [ 1e0 ] }, "e": null, "f": 1}"#));
        assert!(!accept(r#"{"a": 5.1, "b": "\u00e9", "c": { "d": [ 1e0 ] }, "e": null}"#));
        assert!(!fields.depends_on_sent() && super::tests::fields(None).depends_on_sent());
    }

    #[test]
    fn a_batch_has_an_answer_for_each_in_order() {
        let fields = fields(Some(3));
        let items: Vec<_> = (0..3).map(|serial| text().filled(1, serial)).collect();
        let judge = |body: &str| {
            let mut refused = Vec::new();
            fields.accept(body.as_bytes(), &|index| &items[index], &mut refused).then_some(refused)
        };
        let [a, b, c] = [0, 1, 2].map(|serial| answer(serial, "committed"));
        let no = answer(1, "refused");
        assert_eq!(judge(&format!("[{a},{b},{c}]")), Some(vec![]));
        assert_eq!(judge(&format!("[{a}, {no} ,{c}]")), Some(vec![1]));
        for wrong in [
            format!("[{a},{c},{b}]"),
            format!("[{a},{b}]"),
            format!("[{a},{b},{c},{c}]"),
            format!("[{a},{b},{c}"),
            a.clone(),
            format!("[{a},1,{c}]"),
        ] {
            assert_eq!(judge(&wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_says_no_is_refused_even_where_a_yes_asks_for_less() {
        let fields = Fields::new(
            &table(json!({"id": "{{sent id}}"})),
            Some(&table(json!({"status": "refused"}))),
            Some(&text()),
            Some(2),
        );
        let (fields, items) = (fields.unwrap(), [0, 1].map(|serial| text().filled(1, serial)));
        let body = format!("[{},{}]", answer(0, "committed"), answer(1, "refused"));
        let mut refused = Vec::new();
        assert!(fields.accept(body.as_bytes(), &|index| &items[index], &mut refused));
        assert_eq!(refused, [1]);
    }

    #[test]
    fn what_is_not_sent_cannot_be_expected() {
        let fixed = FreshText::fixed(br#"{"id": "a\u0062"}"#);
        let table_of = |sent: &str| table(json!({ "x": format!("{{{{sent {sent}}}}}") }));
        let of_fixed = Fields::new(&table_of("id"), None, Some(&fixed), None).unwrap();
        assert!(!of_fixed.depends_on_sent() && of_fixed.accept(br#"{"x":"ab"}"#, &|_| &[], &mut Vec::new()));
        for (sent, text) in [("from", Some(text())), ("to", Some(fixed)), ("id", None)] {
            let error = Fields::new(&table_of(sent), None, text.as_ref(), None).unwrap_err();
            assert_eq!(error, FieldsError::NotSent(sent.to_owned()));
        }
    }
}
