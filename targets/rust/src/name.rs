//! Names as the contract writes them, of transactions and of users.

/// True for 1 to `longest` characters of `A-Z a-z 0-9 . _ -`.
pub(crate) fn is_name(text: &str, longest: usize) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (1..=longest).contains(&text.len()) && text.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_plain() {
        for (text, expected) in [
            ("a", true),
            ("A-z_0.9", true),
            ("12345", true),
            ("123456", true),
            ("1234567", true),
            ("12345678", false),
            ("", false),
            ("a b", false),
            ("a\n", false),
            ("é", false),
            ("a/b", false),
            ("a:b", false),
        ] {
            assert_eq!(is_name(text, 7), expected, "{text:?}");
        }
    }
}
