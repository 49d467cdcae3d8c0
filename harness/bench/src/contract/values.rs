//! The cases of numbers and strings: what JSON libraries disagree about.

use super::case::{Case, Check, Group};

const DOUBLE: &str = "**Numbers** are equal if they are the same IEEE 754 double.";
const STRING: &str = "**Strings** are equal character by character, however they are escaped";

/// A case of the work whose bodies must come back as they are.
const fn echoed(
    id: &'static str,
    what: &'static str,
    contract: &'static str,
    bodies: &'static [&'static str],
) -> Case {
    Case { id, group: Group::Work, what, contract, check: Check::Echoed(bodies) }
}

pub(super) const CASES: &[Case] = &[
    echoed(
        "integers",
        "integers, up to and beyond 2^53 and 64 bits",
        "an integer beyond 2^53 may come back as its nearest double",
        &[
            "[0, 1, -1, 127, 128, 255, 256, 32768, 65536, 2147483647, 2147483648, -2147483649, 4294967296]",
            "9007199254740991",
            "9007199254740992",
            "9007199254740993",
            "-9007199254740993",
            "9223372036854775807",
            "9223372036854775808",
            "-9223372036854775808",
            "18446744073709551615",
            "18446744073709551616",
            "123456789012345678901234567890",
        ],
    ),
    echoed(
        "decimals",
        "decimal fractions and doubles of 17 digits",
        "The answer must have enough digits for the same double to be read back.",
        &[
            "[0.1, 0.2, 0.3, 0.5, 1.5, -2.25, 100.01, 123456.789]",
            "0.30000000000000004",
            "0.1000000000000000055511151231257827",
            "3.14159265358979323846264338327950288",
            "123456789.123456789",
            "[5.0000000000000001e-1, 1.7976931348623155e308, 2.2204460492503131e-16, 9007199254740992.5]",
            "[0.49999999999999994, 0.9999999999999999, 1.0000000000000002, 72057594037927945.0]",
            "16777217.0",
        ],
    ),
    echoed(
        "exponents",
        "exponents, from 5e-324 to 1.7976931348623157e308",
        DOUBLE,
        &[
            "1e308",
            "1.7976931348623157e308",
            "-1.7976931348623157E+308",
            "5e-324",
            "4.9406564584124654e-324",
            "2.2250738585072014e-308",
            "2.2250738585072011e-308",
            "[1e3, 1E3, 1e+3, 1e-3, 1.5e2, 1e23, 6.02214076e23, 1e21, 1e-7]",
        ],
    ),
    echoed("negative-zero", "-0 and -0.0", DOUBLE, &["-0", "-0.0", "[-0.0, 0, 0.0, -0e5]"]),
    echoed(
        "number-forms",
        "1, 1.0, 1e0 and 10e-1 are one number",
        "`1`, `1.0` and `1e0` are equal",
        &["1", "1.0", "1e0", "10e-1", "[100, 1e2, 100.000]", "0.0"],
    ),
    echoed(
        "unicode",
        "text of all planes, as it is",
        STRING,
        &[
            "\"é中😀 Ω≈ç√ ñ Ж א ع हिन्दी\"",
            "\"\u{2028}\u{2029}\u{feff}\u{200d}\u{7f}\u{80}\u{ffff}\u{10ffff}\u{10000}\u{d7ff}\u{e000}\"",
            "\"e\u{301} and \u{e9} are not the same characters\"",
            "{\"ключ\":\"значение\",\"鍵\":\"値\",\"😀\":\"😀😀\"}",
        ],
    ),
    echoed(
        "escapes",
        "every escape, and characters that need none",
        "`\"é\"` equals `\"\\u00e9\"`",
        &[
            r#""\"\\\/\b\f\n\r\t""#,
            r#""\u0001\u001f\u007f\u0080\u00e9\u00E9\u4e2d\u2028""#,
            r#""a/b \/ <script>&amp;'</script>""#,
            r#"{"\n":"\u0041\u0042","a\/b":1,"\"":2,"\\":3}"#,
            r#""\\u0041 \\\\ \\n""#,
        ],
    ),
    echoed(
        "surrogate-pairs",
        "escaped pairs of surrogates",
        "a pair of surrogates equals the character that it stands for",
        &[
            r#""\ud83d\ude00""#,
            r#""\uD83D\uDE00 \ud800\udc00 \udbff\udfff""#,
            r#"{"\ud83d\ude00":["\ud83d\ude00\ud83d\ude01", "😀"]}"#,
        ],
    ),
    echoed(
        "nul-character",
        "\\u0000 in values and keys",
        "`\\u0000` is a character like any other.",
        &[r#""\u0000""#, r#"["a\u0000b", "\u0000\u0000"]"#, r#"{"\u0000":"\u0000","a\u0000":1,"a":2}"#],
    ),
];
