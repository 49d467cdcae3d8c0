//! Why fields are not the expected ones, in words: for an answer that is looked at alone, outside of the load.

use super::{Expected, Fields};
use serde_json::Value;

/// Letters of a value that are shown.
const SHOWN: usize = 80;

impl Fields {
    /// What is wrong with `body` as the answer to items of which `item` gives the bytes; the first thing that is.
    #[must_use]
    pub fn mismatch<'a>(&self, body: &[u8], item: &dyn Fn(usize) -> &'a [u8]) -> Option<String> {
        let answer: Value = match serde_json::from_slice(body) {
            Ok(answer) => answer,
            Err(error) => return Some(format!("it is not JSON ({error})")),
        };
        let Some(batch) = self.batch else { return self.wrong_object(&answer, item(0)) };
        let Some(answers) = answer.as_array() else {
            return Some(format!("it is no JSON array, and {batch} items were sent"));
        };
        if answers.len() != batch {
            return Some(format!("it has {} answers to {batch} items", answers.len()));
        }
        let wrong = |(index, answer): (usize, &Value)| {
            Some(format!(
                "in the answer to item {} of {batch}, {}",
                index + 1,
                self.wrong_object(answer, item(index))?
            ))
        };
        answers.iter().enumerate().find_map(wrong)
    }

    fn wrong_object(&self, answer: &Value, item: &[u8]) -> Option<String> {
        let Some(object) = answer.as_object() else { return Some("it is no JSON object".to_owned()) };
        let is = |expected: &Expected, name: &str| {
            object.get(name).is_some_and(|found| expected.is(&found.to_string(), item))
        };
        let mut refusal =
            self.fields.iter().filter_map(|field| Some((field.refused.as_ref()?, field.name.as_str())));
        if self.refused != 0 && refusal.all(|(expected, name)| is(expected, name)) {
            return None;
        }
        self.fields.iter().find_map(|field| {
            let expected = field.accepted.as_ref().filter(|expected| !is(expected, &field.name))?;
            let wanted = cut(&expected.text(item));
            Some(match object.get(&field.name) {
                Some(found) => {
                    format!("the field `{}` is {}, not {wanted}", field.name, cut(&found.to_string()))
                }
                None => format!("the field `{}` is missing, which should be {wanted}", field.name),
            })
        })
    }
}

impl Expected {
    fn text(&self, item: &[u8]) -> String {
        match self {
            Self::Literal { text, .. } => text.clone(),
            Self::Sent(range) => {
                let sent = item.get(range.clone()).unwrap_or_default();
                String::from_utf8_lossy(sent.trim_ascii_start()).into_owned()
            }
        }
    }
}

fn cut(text: &str) -> String {
    let mut letters = text.chars();
    let kept: String = letters.by_ref().take(SHOWN).collect();
    if letters.next().is_some() { kept + "..." } else { kept }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bench_model::fresh::FreshText;
    use serde_json::json;

    #[test]
    fn the_first_wrong_field_is_named() {
        let text = FreshText::parse(r#"{"id":"t-{{serial}}","amount":{{int 1 100}}}"#, "").unwrap();
        let accepted = serde_json::from_value(json!({"id": "{{sent id}}", "status": "committed"})).unwrap();
        let refused = serde_json::from_value(json!({"status": "refused"})).unwrap();
        let of = |batch| Fields::new(&accepted, Some(&refused), Some(&text), batch).unwrap();
        let items: Vec<_> = (0..2).map(|serial| text.filled(1, serial)).collect();
        let [first, second] = [0, 1].map(|n| format!(r#"{{"id":"t-000000000{n}","status":"committed"}}"#));
        let late = second.replace("committed", "pending");
        for (batch, body, said) in [
            (None, first.clone(), None),
            (None, first.replace("committed", "refused"), None),
            (None, second.clone(), Some(r#"the field `id` is "t-0000000001", not "t-0000000000""#)),
            (
                None,
                r#"{"id":"t-0000000000"}"#.to_owned(),
                Some(r#"the field `status` is missing, which should be "committed""#),
            ),
            (None, "[]".to_owned(), Some("it is no JSON object")),
            (None, "{".to_owned(), Some("it is not JSON (EOF while parsing an object at line 1 column 1)")),
            (Some(2), format!("[{first},{second}]"), None),
            (Some(2), format!("[{first}]"), Some("it has 1 answers to 2 items")),
            (Some(2), first.clone(), Some("it is no JSON array, and 2 items were sent")),
            (
                Some(2),
                format!("[{first},{late}]"),
                Some(r#"in the answer to item 2 of 2, the field `status` is "pending", not "committed""#),
            ),
        ] {
            assert_eq!(
                of(batch).mismatch(body.as_bytes(), &|index| &items[index]).as_deref(),
                said,
                "{body}"
            );
        }
    }
}
