//! Responses as a server might make them, and as a broken one might: the same reach as the fuzzer's, in every test run.

use crate::invariants::{assert_hold, read};
use bench_generator::protocol::http1::{Fault, Reader};
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// Header lines that change nothing.
const FIELDS: &[&str] =
    &["Date: Thu, 01 Jan 2026 00:00:00 GMT", "X-Empty:", "Server: a\tb", "x-length: 7", "Vary:  *  "];
/// What a number may be replaced by.
const NUMBERS: &[&str] = &[
    "",
    "0",
    "1",
    "-1",
    "+1",
    "007",
    "0x1",
    "1e3",
    "1, 1",
    "1,2",
    "99",
    "65536",
    "ffffffff",
    "9223372036854775807",
    "18446744073709551615",
    "18446744073709551616",
    "fffffffffffffff",
    "ffffffffffffffff",
    "99999999999999999999999",
];

/// How a response's body ends.
#[derive(Debug, Clone)]
enum Framing {
    Length { said_twice: bool },
    Chunked { sizes: Vec<usize>, extension: &'static str, trailers: Vec<&'static str> },
    UntilClose,
}

/// A response that a server might make.
#[derive(Debug, Clone)]
struct Answer {
    interim: Vec<u16>,
    status: u16,
    fields: Vec<&'static str>,
    framing: Framing,
    close: bool,
    body: Vec<u8>,
    line_end: &'static str,
}

impl Answer {
    fn bytes(&self) -> Vec<u8> {
        let end = self.line_end;
        let mut bytes = Vec::new();
        let mut line = |text: &str| bytes.extend_from_slice(format!("{text}{end}").as_bytes());
        for status in &self.interim {
            line(&format!("HTTP/1.1 {status} Wait"));
            line("Link: </a>");
            line("");
        }
        line(&format!("HTTP/1.1 {} Any", self.status));
        self.fields.iter().for_each(|field| line(field));
        match &self.framing {
            Framing::Length { said_twice } => {
                (0..=usize::from(*said_twice))
                    .for_each(|_| line(&format!("Content-Length: {}", self.body.len())));
            }
            Framing::Chunked { .. } => line("Transfer-Encoding: chunked"),
            Framing::UntilClose => {}
        }
        if self.close {
            line("Connection: close");
        }
        line("");
        match &self.framing {
            Framing::Chunked { sizes, extension, trailers } => {
                self.chunks(&mut bytes, sizes, extension, trailers);
            }
            Framing::Length { .. } | Framing::UntilClose => bytes.extend_from_slice(&self.body),
        }
        bytes
    }

    fn chunks(&self, bytes: &mut Vec<u8>, sizes: &[usize], extension: &str, trailers: &[&str]) {
        let end = self.line_end;
        let mut sizes = sizes.iter().cycle();
        let mut rest = &self.body[..];
        while let (false, Some(&size)) = (rest.is_empty(), sizes.next()) {
            let (chunk, after) = rest.split_at(size.min(rest.len()));
            bytes.extend_from_slice(format!("{:x}{extension}{end}", chunk.len()).as_bytes());
            bytes.extend_from_slice(chunk);
            bytes.extend_from_slice(end.as_bytes());
            rest = after;
        }
        bytes.extend_from_slice(format!("0{extension}{end}").as_bytes());
        trailers.iter().for_each(|trailer| bytes.extend_from_slice(format!("{trailer}{end}").as_bytes()));
        bytes.extend_from_slice(end.as_bytes());
    }
}

fn framings() -> impl Strategy<Value = Framing> {
    let chunked = (
        prop::collection::vec(1usize..40, 1..5),
        select(vec!["", ";a=b", " ; q=\"x\"", "\t"]),
        prop::collection::vec(select(FIELDS), 0..3),
    );
    prop_oneof![
        any::<bool>().prop_map(|said_twice| Framing::Length { said_twice }),
        chunked.prop_map(|(sizes, extension, trailers)| Framing::Chunked { sizes, extension, trailers }),
        Just(Framing::UntilClose),
    ]
}

fn answers() -> impl Strategy<Value = Answer> {
    let body = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..120),
        prop::collection::vec(select(b"0\r\nHTP/1. 2a;:".to_vec()), 0..60),
    ];
    let head = (
        prop::collection::vec(select(vec![100u16, 102, 103, 199]), 0..3),
        select(vec![200u16, 201, 206, 404, 500, 599]),
        prop::collection::vec(select(FIELDS), 0..4),
        framings(),
    );
    (head, any::<bool>(), body, select(vec!["\r\n", "\n"])).prop_map(
        |((interim, status, fields, framing), close, body, line_end)| Answer {
            interim,
            status,
            fields,
            framing,
            close,
            body,
            line_end,
        },
    )
}

/// What goes wrong on the way.
#[derive(Debug, Clone)]
enum Mutation {
    Flip { at: Index, bit: u8 },
    Insert { at: Index, bytes: Vec<u8> },
    CutOff { at: Index },
    RemoveLine { at: Index },
    DoubleLine { at: Index },
    Number { at: Index, with: &'static str },
    Repeat { from: Index, times: usize },
}

fn mutations() -> impl Strategy<Value = Mutation> {
    let rubbish = prop::collection::vec(select(b"\0\r\n\t :;,0fF\x7f\x80\xff".to_vec()), 1..6);
    prop_oneof![
        3 => (any::<Index>(), 0u8..8).prop_map(|(at, bit)| Mutation::Flip { at, bit }),
        3 => (any::<Index>(), rubbish).prop_map(|(at, bytes)| Mutation::Insert { at, bytes }),
        3 => any::<Index>().prop_map(|at| Mutation::CutOff { at }),
        3 => any::<Index>().prop_map(|at| Mutation::RemoveLine { at }),
        3 => any::<Index>().prop_map(|at| Mutation::DoubleLine { at }),
        3 => (any::<Index>(), select(NUMBERS)).prop_map(|(at, with)| Mutation::Number { at, with }),
        // Seldom, since it takes the longest: it is what makes heads too long.
        1 => (any::<Index>(), 1usize..2000).prop_map(|(from, times)| Mutation::Repeat { from, times }),
    ]
}

impl Mutation {
    fn apply(&self, bytes: &mut Vec<u8>) {
        let length = bytes.len();
        let place = |at: &Index| at.index(length.max(1)).min(length);
        match self {
            Self::Flip { at, bit } => {
                let place = place(at);
                bytes.iter_mut().skip(place).take(1).for_each(|byte| *byte ^= 1 << bit);
            }
            Self::Insert { at, bytes: rubbish } => drop(bytes.splice(place(at)..place(at), rubbish.clone())),
            Self::CutOff { at } => bytes.truncate(place(at)),
            Self::RemoveLine { at } => drop(bytes.drain(line(bytes, place(at)))),
            Self::DoubleLine { at } => {
                let line = line(bytes, place(at));
                let doubled = bytes[line.clone()].to_vec();
                drop(bytes.splice(line.start..line.start, doubled));
            }
            Self::Number { at, with } => drop(bytes.splice(number(bytes, place(at)), with.bytes())),
            Self::Repeat { from, times } => {
                let repeated = bytes[place(from)..].repeat(*times);
                bytes.extend_from_slice(&repeated[..repeated.len().min(70_000)]);
            }
        }
    }
}

/// The line around a place.
fn line(bytes: &[u8], place: usize) -> std::ops::Range<usize> {
    let start = bytes[..place].iter().rposition(|&byte| byte == b'\n').map_or(0, |end| end + 1);
    let end =
        bytes[place..].iter().position(|&byte| byte == b'\n').map_or(bytes.len(), |end| place + end + 1);
    start..end
}

/// The number at a place or, if there is none, the first after it.
fn number(bytes: &[u8], place: usize) -> std::ops::Range<usize> {
    let start = (place..bytes.len()).find(|&at| bytes[at].is_ascii_digit()).unwrap_or(bytes.len());
    let length = bytes[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    start..start + length
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn what_a_server_says_is_what_is_read(answer in answers(), pieces in prop::collection::vec(1usize..60, 1..8)) {
        let bytes = answer.bytes();
        let outcome = read(&mut Reader::default(), &bytes, &pieces, (false, 1000));
        let response = outcome.result.unwrap();
        prop_assert_eq!((response.status, response.body_bytes), (answer.status, answer.body.len() as u64));
        prop_assert_eq!(outcome.body, answer.body);
        prop_assert_eq!(outcome.consumed, bytes.len());
        let until_close = matches!(answer.framing, Framing::UntilClose);
        prop_assert_eq!(response.keep_alive, !answer.close && !until_close);
        assert_hold(&bytes, &[&pieces]);
    }

    #[test]
    fn whatever_goes_wrong(
        answer in answers(),
        mutations in prop::collection::vec(mutations(), 1..5),
        pieces in prop::collection::vec(1usize..200, 1..8),
    ) {
        let mut bytes = answer.bytes();
        mutations.iter().for_each(|mutation| mutation.apply(&mut bytes));
        assert_hold(&bytes, &[&pieces]);
    }

    #[test]
    fn a_body_is_as_long_as_its_length(announced in 0usize..300, sent in 0usize..300, piece in 1usize..40) {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {announced}\r\n\r\n");
        let bytes = [head.as_bytes(), &vec![b'x'; sent]].concat();
        let outcome = read(&mut Reader::default(), &bytes, &[piece], (false, 1000));
        let read = outcome.result.map(|response| (response.body_bytes, outcome.consumed - head.len()));
        let whole = sent >= announced;
        prop_assert_eq!(read, if whole { Ok((announced as u64, announced)) } else { Err(Fault::Truncated) });
        assert_hold(&bytes, &[]);
    }

    /// Bytes without any sense.
    #[test]
    fn rubbish(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        assert_hold(&bytes, &[]);
    }
}
