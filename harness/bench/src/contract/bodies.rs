//! The cases of whole bodies: their shapes, and all that is not JSON.

use super::case::{Case, Check, Group};
use super::fault::{Fault, shown};
use super::wire::Wire;

const ALONE: &str = "Any value may stand alone: `null`, `true`, `0`, `\"\"`, `[]` and `{}` are whole bodies";

const fn case(id: &'static str, what: &'static str, contract: &'static str, check: Check) -> Case {
    Case { id, group: Group::Work, what, contract, check }
}

const fn refused(
    id: &'static str,
    what: &'static str,
    contract: &'static str,
    bodies: &'static [&'static [u8]],
) -> Case {
    case(id, what, contract, Check::Refused(bodies))
}

pub(super) const CASES: &[Case] = &[
    case(
        "scalars",
        "null, true, false, numbers and strings alone",
        ALONE,
        Check::Echoed(&["null", "true", "false", "0", "\"\"", "[]", "{}", "42", "\"text\""]),
    ),
    case(
        "empty-values",
        "empty objects, arrays, strings and keys inside",
        ALONE,
        Check::Echoed(&[
            "{\"\":\"\"}",
            "[[]]",
            "[{}]",
            "{\"a\":{},\"b\":[],\"c\":\"\",\"d\":null,\"e\":false,\"f\":0}",
            "[[],{},[[{}]],null,\"\"]",
            "{\"\":{\"\":{\"\":[null]}}}",
        ]),
    ),
    case(
        "white-space",
        "blanks, tabs and line ends around and inside",
        "white space around it is allowed",
        Check::Echoed(&[
            " 1 ",
            "\r\n\t [ 1 ,\t2\r\n, { \"a\" : [ ] } ] \n\n",
            "\n\"  kept  inside  \"\n",
            "{\n  \"a\" :\t1\n}\n",
            "\t[ ]\r\n",
        ]),
    ),
    case(
        "duplicate-keys",
        "of equal keys the last wins",
        "Of equal keys in one object the last wins.",
        Check::Echoed(&[
            r#"{"a":1,"b":2,"a":3}"#,
            r#"{"a":{"x":1},"a":{"y":2}}"#,
            r#"{"a":1,"\u0061":null}"#,
            r#"[{"k":[1],"k":"last"}]"#,
        ]),
    ),
    case(
        "key-order",
        "keys in any order, arrays in theirs",
        "Objects** are equal if they have the same keys with equal values; order does not matter.",
        Check::Echoed(&[
            r#"{"z":1,"a":2,"m":3,"10":4,"9":5,"B":6,"b":7}"#,
            "[3,1,2,[2,1],{\"b\":1,\"a\":2},\"b\",\"a\"]",
            "[null,null,true,null]",
        ]),
    ),
    case(
        "decoded",
        "the value is encoded anew, not copied through",
        "No copying through, no lazy or partial decoding",
        Check::Talk(decoded),
    ),
    case(
        "no-cache",
        "bodies alike in length, beginning, end and hash",
        "no cache of earlier bodies or answers",
        Check::Talk(no_cache),
    ),
    case(
        "headers-ignored",
        "Content-Type and Accept of a request do not matter",
        "The `Content-Type` and `Accept` of a request are not looked at.",
        Check::Talk(headers_ignored),
    ),
];

pub(super) const REFUSED: &[Case] = &[
    refused("not-json-empty", "400 for an empty body", "an empty body", &[b"", b" ", b"\r\n"]),
    refused(
        "not-json-unfinished",
        "400 for what ends too soon",
        "the body of a `POST` is not JSON",
        &[
            b"{",
            b"[",
            b"[1",
            b"[1,",
            b"{\"a\"",
            b"{\"a\":",
            b"{\"a\":1",
            b"\"a",
            b"\"\\",
            b"nul",
            b"-",
            b"]",
            b"}",
            b"[}",
        ],
    ),
    refused(
        "not-json-trailing",
        "400 for anything after the value",
        "anything after the value",
        &[b"1 2", b"{}x", b"[] []", b"null,", b"{}}", b"1\0"],
    ),
    refused(
        "not-json-commas",
        "400 for trailing and missing commas",
        "trailing commas",
        &[b"[1,]", b"{\"a\":1,}", b"[,1]", b"[1,,2]", b"[,]", b"{,}", b"[1 2]", b"{\"a\":1 \"b\":2}"],
    ),
    refused(
        "not-json-comments",
        "400 for comments",
        "comments",
        &[b"/* a */ 1", b"1 // a", b"[1 /* a */]", b"# a\n1"],
    ),
    refused(
        "not-json-quotes",
        "400 for single quotes and keys without quotes",
        "keys without quotes",
        &[b"'a'", b"{'a':1}", b"{a:1}", b"{1:1}", b"{null:1}", b"{\"a\" 1}", b"{\"a\"}"],
    ),
    refused(
        "not-json-literals",
        "400 for NaN, Infinity and misspelt literals",
        "`NaN` and `Infinity`",
        &[
            b"NaN",
            b"[NaN]",
            b"Infinity",
            b"-Infinity",
            b"{\"a\":-Infinity}",
            b"True",
            b"NULL",
            b"nan",
            b"undefined",
            b"truefalse",
        ],
    ),
    refused(
        "not-json-numbers",
        "400 for 01, 1., +1 and their like",
        "`01`, `1.`, `+1`",
        &[b"01", b"-01", b"1.", b"+1", b".5", b"-.5", b"1e", b"1e+", b"0x10", b"1_000", b"--1", b"1.e3"],
    ),
    refused(
        "not-json-strings",
        "400 for raw control characters, unknown escapes",
        "raw control characters in a string; unknown escapes",
        &[
            b"\"\t\"",
            b"\"\n\"",
            b"\"\x01\"",
            b"\"\0\"",
            b"{\"\x1f\":1}",
            b"\"\\x41\"",
            b"\"\\a\"",
            b"\"\\'\"",
            b"\"\\u12\"",
            b"\"\\u12g4\"",
            b"\"\\U0041\"",
        ],
    ),
    refused(
        "not-utf8",
        "400 for bytes that are not UTF-8",
        "bytes that are not UTF-8",
        &[
            b"\"\xff\"",
            b"\"\xc3\"",
            b"\"\xc3(\"",
            b"\"\xe2\x82\"",
            b"\"\xc0\xaf\"",
            b"\"\xed\xa0\x80\"",
            b"\"\xf4\x90\x80\x80\"",
            b"{\"\x80\":1}",
            b"\"\xe9t\xe9\"",
            b"[1]\xff",
        ],
    ),
    refused(
        "number-range",
        "400 for numbers beyond the range of a double",
        "a number beyond the range of a double (`1e400`)",
        &[b"1e400", b"-1e400", b"[1E+309]", b"{\"a\":1.8e308}", b"1e999999999"],
    ),
];

/// Two equal keys are one after decoding; white space and escapes that need not be are gone or changed.
fn decoded(wire: &Wire) -> Result<(), Fault> {
    let body = r#"{"repeated" : "first", "n" : 1 , "repeated":"last"}"#;
    let answer = wire.ask(&wire.echo(body))?;
    answer.echoes(body)?;
    let times = answer.body.windows(10).filter(|window| *window == b"\"repeated\"").count();
    if times == 1 { Ok(()) } else { Err(answer.wrong("one key `repeated`, as a decoded object has")) }
}

/// A cache keyed by length, by either end, by time or by connection answers one of these with another one's value.
fn no_cache(wire: &Wire) -> Result<(), Fault> {
    let body =
        |middle: &str| format!(r#"{{"start":"{0}","middle":"{middle}","end":"{0}"}}"#, "x".repeat(200));
    let middles = ["aaaa", "aaab", "baaa", "aaaa", "aaaa", "bbbb", "Aa01", "BB01", "aaaa"];
    // On one connection, then on a new one each.
    let mut connection = super::connection::Connection::open(wire)?;
    let mut kept = true;
    for middle in middles {
        let body = body(middle);
        if !kept {
            connection = super::connection::Connection::open(wire)?;
        }
        connection.send(&wire.echo(&body))?;
        let answer = connection.answer()?;
        answer.echoes(&body).map_err(|fault| shorter(fault, &answer.body, middle))?;
        kept = answer.keeps_open;
    }
    for middle in middles {
        let body = body(middle);
        let answer = wire.ask(&wire.echo(&body))?;
        answer.echoes(&body).map_err(|fault| shorter(fault, &answer.body, middle))?;
    }
    for number in (1000..1020).chain(1000..1020) {
        let body = number.to_string();
        wire.ask(&wire.echo(&body))?.echoes(&body)?;
    }
    Ok(())
}

/// The part that differs stands too far inside for the beginning to show it.
fn shorter(fault: Fault, came: &[u8], middle: &str) -> Fault {
    let text = String::from_utf8_lossy(came);
    let found = text.split("\"middle\":").nth(1).and_then(|rest| rest.split(',').next());
    match (fault, found) {
        (Fault::Wrong { .. }, Some(found)) => Fault::new(
            format!("POST /echo with \"middle\":\"{middle}\" among bodies of the same length"),
            "200 with the same value",
            format!("an answer with \"middle\":{}", shown(found.as_bytes())),
        ),
        (fault, _) => fault,
    }
}

fn headers_ignored(wire: &Wire) -> Result<(), Fault> {
    let headers: [&[(&str, &str)]; 6] = [
        &[],
        &[("Content-Type", "text/plain")],
        &[("Content-Type", "application/x-www-form-urlencoded")],
        &[("Content-Type", "application/json; charset=utf-8"), ("Accept", "text/html")],
        &[("Content-Type", "nonsense"), ("Accept", "image/png;q=1")],
        &[("Accept", "application/xml"), ("User-Agent", "")],
    ];
    headers.iter().try_for_each(|headers| {
        let answer = wire.ask(&wire.request("POST", "/echo", headers, Some(b"{\"a\":[1]}")))?;
        answer.echoes("{\"a\":[1]}")?.says_json()?;
        Ok(())
    })
}
