//! What is asked of a target once, before the load: the scenario's set-up, and each of its requests.

use crate::check::{Asker, Refusal};
use crate::failure::{Failure, printable};
use crate::ready::{self, Kept, Ready};
use anyhow::{Context as _, Result, bail};
use bench_generator::fresh::Serials;
use bench_generator::request::Surroundings;
use bench_generator::{Book, Fate};
use bench_model::plan::{Plan, RequestPlan};
use serde_json::Value;

/// Longest answer to a set-up that is read, in bytes.
const LONGEST_KEPT: usize = 1 << 20;

/// How often a kind of request is asked that is refused each time.
const TURNS: usize = 20;

/// Asks what the scenario has asked before the load, and keeps of the answers what it has kept.
pub(crate) fn set_up(plan: &Plan, asker: &Asker<'_>, around: Surroundings<'_>) -> Result<Kept, Failure> {
    let mut kept = Kept::new();
    for request in &plan.setup {
        let prepared = ready::one(request, 0, around, &kept)?;
        let answer = asker.check(&prepared[0], Serials::default(), LONGEST_KEPT);
        let answer = answer.and_then(|(_, answer)| keep(request, &answer));
        let asked = || format!("in the set-up ({} {})", request.method, request.path);
        let answer = asker.unless_interrupted(answer.with_context(asked))?;
        kept.extend(answer);
    }
    Ok(kept)
}

fn keep(request: &RequestPlan, answer: &[u8]) -> Result<Kept> {
    if request.keep.is_empty() {
        return Ok(Kept::new());
    }
    let answer: Value = serde_json::from_slice(answer).context("the answer is not JSON")?;
    let value = |field: &str| match answer.get(field) {
        Some(Value::String(text)) if text.contains(char::is_control) => bail!(
            "the answer's `{field}` has a control character and cannot be sent in a request: \"{}\"",
            printable(text)
        ),
        Some(Value::String(text)) => Ok(text.clone()),
        Some(number @ Value::Number(_)) => Ok(number.to_string()),
        _ => bail!("the answer has no text or number `{field}` to keep"),
    };
    request.keep.iter().map(|(name, field)| Ok((name.clone(), value(field)?))).collect()
}

/// Asks each kind of request until one is not refused as a whole, and writes down what became of them. Refusals that the
/// scenario allows are answers as expected, unless there is nothing else.
pub(crate) fn ask_each(ready: &Ready, asker: &Asker<'_>) -> Result<Book, Failure> {
    let kinds = ready.first_of_each().map(|request| request.number + 1).max().unwrap_or_default();
    let mut book = Book::new(0, 1, kinds);
    for request in ready.first_of_each() {
        for turn in 1.. {
            let serials = book.number(request.numbering, request.items());
            let answer = asker.unless_interrupted(asker.answer(request, serials, 0))?;
            let (fate, is_a_no) = match &answer.refused {
                None => (Fate::Verified(&[]), false),
                Some(Refusal::All) => (Fate::Refused, true),
                Some(Refusal::Items(items)) => (Fate::Verified(items), items.len() == request.items()),
            };
            book.note(request.number, request.followed_items(), serials, fate);
            if !is_a_no {
                break;
            }
            if turn == TURNS {
                let asked = format!("asked {turn} times");
                return Err(answer.as_failure(asker.address).context(asked).into());
            }
        }
    }
    Ok(book)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_numbers_are_kept() {
        let keep_of = |field: &str, answer: &str| {
            let keep_as = [("name".to_owned(), field.to_owned())].into();
            keep(&RequestPlan { keep: keep_as, ..RequestPlan::default() }, answer.as_bytes())
        };
        assert_eq!(keep_of("token", r#"{"token":"a.b","n":7}"#).unwrap()["name"], "a.b");
        assert_eq!(keep_of("n", r#"{"token":"a.b","n":7}"#).unwrap()["name"], "7");
        for (field, answer) in [
            ("token", "{\"token\":\"a\\r\\nb\"}"),
            ("x", r#"{"token":"a"}"#),
            ("token", "[]"),
            ("token", r#"{"token":null}"#),
            ("n", ""),
        ] {
            assert!(keep_of(field, answer).is_err(), "{answer}");
        }
    }
}
