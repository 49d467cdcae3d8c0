//! When two JSON texts mean the same: the equality that five languages' libraries can agree on.

use serde_json::Value;

/// Whether two JSON values are equal, with numbers compared as IEEE doubles and objects without regard to order.
///
/// `1`, `1.0` and `1e0` are the same number here; `serde_json`'s own equality tells them apart.
#[must_use]
pub fn same_json(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_json(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same_json(a, b)))
        }
        _ => a == b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equality() {
        for (a, b, same) in [
            ("1", "1.0", true),
            ("100", "1e2", true),
            ("9007199254740993", "9007199254740992", true),
            ("1", "2", false),
            ("1", "\"1\"", false),
            ("null", "false", false),
            (r#"{"a":1,"b":[2,{}]}"#, r#"{ "b" : [2.0, {}], "a":1 }"#, true),
            (r#"{"a":1}"#, r#"{"a":1,"b":null}"#, false),
            ("[1,2]", "[2,1]", false),
            ("[1]", "[1,1]", false),
            (r#""\u00e9\/""#, r#""é/""#, true),
        ] {
            let (left, right): (Value, Value) =
                (serde_json::from_str(a).unwrap(), serde_json::from_str(b).unwrap());
            assert_eq!(same_json(&left, &right), same, "{a} and {b}");
        }
    }
}
