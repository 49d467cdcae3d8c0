//! Mistyped names: finds the right one that the user most likely meant.

/// The candidate nearest to `word`, if any is near enough to be worth naming.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .filter(|&(distance, candidate)| distance <= 1 + candidate.len().max(word.len()) / 3)
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, candidate)| candidate)
}

/// Adds the nearest right key to serde's message for an unknown one.
///
/// serde lists the keys it knows in back quotes behind the one it does not: "unknown field `a`, expected `b` or `c`".
#[must_use]
pub fn explain_unknown_key(message: &str) -> String {
    let names: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    match names.split_first() {
        Some((wrong, right)) if message.starts_with("unknown field") => {
            match nearest(wrong, right.iter().copied()) {
                Some(near) => format!("unknown key `{wrong}`: did you mean `{near}`?"),
                None => format!("unknown key `{wrong}`: the keys here are {}", right.join(", ")),
            }
        }
        _ => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert_eq!(nearest("json-ecoh", ["json-echo", "login"]), Some("json-echo"));
        assert_eq!(nearest("conns", ["connections", "duration"]), None);
        assert_eq!(nearest("zebra", ["json-echo", "login"]), None);
    }

    #[test]
    fn serde_messages() {
        assert_eq!(
            explain_unknown_key("unknown field `duratoin`, expected one of `connections`, `duration`"),
            "unknown key `duratoin`: did you mean `duration`?"
        );
        assert_eq!(
            explain_unknown_key("unknown field `zebra`, expected `a` or `b`"),
            "unknown key `zebra`: the keys here are a, b"
        );
        assert_eq!(explain_unknown_key("missing field `name`"), "missing field `name`");
    }
}
