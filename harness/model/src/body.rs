//! Request bodies: a fixed text, or a seeded pool of different ones made from a template.
//!
//! A template is any text with places such as `{{int 1 1000}}` in it, each replaced by a drawn value:
//!
//! | place | becomes |
//! |---|---|
//! | `{{index}}` | the body's position in its pool, from 0 |
//! | `{{int LOW HIGH}}` | a whole number from LOW to HIGH, both included |
//! | `{{float LOW HIGH}}` | a number with three decimals from LOW to HIGH |
//! | `{{hex N}}` | N lower-case hexadecimal digits |
//! | `{{word N}}` | N lower-case letters |
//! | `{{bool}}` | `true` or `false` |
//! | `{{pick A B C}}` | one of the words |
//! | `{{repeat N}}` ... `{{end}}` | what is between them, N times, with commas between |

use crate::fresh::PlaceError;
use crate::random::Random;
use serde::{Deserialize, Serialize};

/// The bodies that a request sends, as a recipe: the same recipe always gives the same bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Body {
    /// No body.
    #[default]
    None,
    /// The same text every time.
    Text {
        /// The body.
        text: String,
    },
    /// A pool of different bodies, made once before the run.
    Template {
        /// Text with places in double braces.
        template: String,
        /// How many bodies the pool holds; at least 1.
        count: usize,
        /// The seed that the drawn values follow from.
        seed: u64,
    },
    /// Another body for each request, which the generator fills in; see [`crate::fresh`].
    Fresh {
        /// Text with places in double braces.
        template: String,
        /// How many of them one request has, as a JSON array; one by itself if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        batch: Option<usize>,
        /// The seed that the drawn values follow from.
        seed: u64,
    },
}

/// Why a body template cannot be filled in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// An opening without its end.
    #[error("`body.template` has `{{{{` without `}}}}` at byte {0}")]
    Unclosed(usize),
    /// A place that cannot be filled.
    #[error("`body.template` has `{{{{{written}}}}}`: {reason}")]
    Place {
        /// What stands between the braces.
        written: String,
        /// Why not.
        reason: PlaceError,
    },
    /// More than is kept.
    #[error("the bodies of `body.template` come to more than {} MiB: lower `body.count`, or what is repeated", LONGEST_POOL >> 20)]
    TooLong,
}

/// Most bytes of all bodies of a pool together, so that a slip of the pen does not fill the memory.
const LONGEST_POOL: usize = 256 << 20;

/// All places of a template, in words.
const ALL: &[&str] = &[
    "index",
    "int LOW HIGH",
    "float LOW HIGH",
    "hex N",
    "word N",
    "bool",
    "pick A B",
    "repeat N with an end",
];

impl Body {
    /// What its drawn values follow from.
    #[must_use]
    pub fn seed(&self) -> u64 {
        match self {
            Self::None | Self::Text { .. } => 1,
            Self::Template { seed, .. } | Self::Fresh { seed, .. } => *seed,
        }
    }

    /// Makes the bodies of the pool; one empty body for [`Body::None`], and for [`Body::Fresh`], whose bodies are made as
    /// they are sent.
    ///
    /// # Errors
    /// When the template has a place that cannot be filled in.
    pub fn render(&self) -> Result<Vec<Vec<u8>>, TemplateError> {
        match self {
            Self::None | Self::Fresh { .. } => Ok(vec![Vec::new()]),
            Self::Text { text } => Ok(vec![text.clone().into_bytes()]),
            Self::Template { template, count, seed } => {
                let (template, mut random) = (repeated(template)?, Random::new(*seed));
                let (mut bodies, mut bytes) = (Vec::new(), 0);
                for index in 0..*count {
                    let body = fill(&template, index, &mut random)?;
                    bytes += body.len();
                    if bytes > LONGEST_POOL {
                        return Err(TemplateError::TooLong);
                    }
                    bodies.push(body);
                }
                Ok(bodies)
            }
        }
    }
}

/// The template with its repeated parts written out, as often as each is to come.
fn repeated(template: &str) -> Result<String, TemplateError> {
    /// Longest template that may come of it, in bytes.
    const LONGEST: usize = 16 << 20;
    let (mut whole, mut rest) = (String::new(), template);
    while let Some((before, after)) = rest.split_once("{{repeat ") {
        let place = |times: &str| TemplateError::Place {
            written: format!("repeat {times}"),
            reason: PlaceError::Form("repeat N, a number of times that does not fill the memory, and an end"),
        };
        let (times, after) = after.split_once("}}").ok_or(TemplateError::Unclosed(before.len()))?;
        let (part, after) = after.split_once("{{end}}").ok_or_else(|| place(times))?;
        let count = times.trim().parse::<usize>().ok().filter(|&count| count <= LONGEST / part.len().max(1));
        whole.push_str(before);
        whole.push_str(&vec![part; count.ok_or_else(|| place(times))?].join(","));
        rest = after;
    }
    Ok(whole + rest)
}

fn fill(template: &str, index: usize, random: &mut Random) -> Result<Vec<u8>, TemplateError> {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(open) = rest.find("{{") {
        let at = template.len() - rest.len() + open;
        let close = rest[open..].find("}}").ok_or(TemplateError::Unclosed(at))? + open;
        let place = rest[open + 2..close].trim();
        filled.push_str(&rest[..open]);
        let value = draw(place, index, random)
            .map_err(|reason| TemplateError::Place { written: place.to_owned(), reason })?;
        filled.push_str(&value);
        rest = &rest[close + 2..];
    }
    filled.push_str(rest);
    Ok(filled.into_bytes())
}

fn draw(place: &str, index: usize, random: &mut Random) -> Result<String, PlaceError> {
    /// Longest text that one place may become, so that a slip of the pen does not fill the memory.
    const LONGEST: usize = 16 << 20;
    let mut words = place.split_whitespace();
    let kind = words.next().unwrap_or_default();
    let arguments: Vec<&str> = words.collect();
    let length =
        |text: &str| text.parse::<usize>().ok().filter(|&length| length <= LONGEST).ok_or_else(|| form(kind));
    let mut letters = |length: usize, alphabet: &[u8]| -> String {
        (0..length)
            .map(|_| char::from(alphabet[random.between(0, alphabet.len() as i64 - 1) as usize]))
            .collect()
    };
    Ok(match (kind, arguments.as_slice()) {
        ("index", []) => index.to_string(),
        ("hex", [n]) => letters(length(n)?, b"0123456789abcdef"),
        ("word", [n]) => letters(length(n)?, b"abcdefghijklmnopqrstuvwxyz"),
        ("bool", []) => (random.next_u64() & 1 == 1).to_string(),
        ("int", [low, high]) => {
            let number = |text: &str| text.parse::<i64>().map_err(|_| form(kind));
            let (low, high) = (number(low)?, number(high)?);
            if low > high {
                return Err(PlaceError::Descending);
            }
            random.between(low, high).to_string()
        }
        ("float", [low, high]) => {
            let number =
                |text: &str| text.parse::<f64>().ok().filter(|it| it.is_finite()).ok_or_else(|| form(kind));
            let (low, high) = (number(low)?, number(high)?);
            if low > high {
                return Err(PlaceError::Descending);
            }
            format!("{:.3}", low + random.unit() * (high - low))
        }
        ("pick", [_, ..]) => arguments[random.between(0, arguments.len() as i64 - 1) as usize].to_owned(),
        _ => return Err(form(kind)),
    })
}

/// How a place of this name is written, or that there is none.
fn form(name: &str) -> PlaceError {
    PlaceError::Form(match name {
        "index" => "index",
        "bool" => "bool",
        "hex" => "hex N, at most 16777216",
        "word" => "word N, at most 16777216",
        "int" => "int LOW HIGH, two whole numbers that fit 64 bits",
        "float" => "float LOW HIGH, two numbers",
        "pick" => "pick A B with a word or more",
        "repeat" | "end" => "repeat N with an {{end}} after it",
        _ => return PlaceError::Unknown { name: name.to_owned(), all: ALL },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pool(template: &str, count: usize, seed: u64) -> Result<Vec<String>, TemplateError> {
        let bodies = Body::Template { template: template.to_owned(), count, seed }.render()?;
        Ok(bodies.into_iter().map(|body| String::from_utf8(body).unwrap()).collect())
    }

    #[test]
    fn a_seed_fixes_the_pool() {
        let template =
            r#"{"id":"{{hex 8}}","n":{{int 1 1000}},"i":{{index}},"ok":{{bool}},"c":"{{pick EUR USD}}"}"#;
        assert_eq!(pool(template, 3, 42), pool(template, 3, 42));
        assert_ne!(pool(template, 3, 42), pool(template, 3, 43));
        // Pinned: a change here would change what every stored run of a scenario meant.
        assert_eq!(
            pool(template, 2, 42).unwrap(),
            [
                r#"{"id":"b2450d3c","n":340,"i":0,"ok":false,"c":"EUR"}"#,
                r#"{"id":"788a3171","n":689,"i":1,"ok":false,"c":"EUR"}"#
            ]
        );
    }

    #[test]
    fn bodies_without_places() {
        assert_eq!(Body::None.render().unwrap(), [Vec::<u8>::new()]);
        assert_eq!(
            Body::Text { text: "{{not a place}}".into() }.render().unwrap(),
            [b"{{not a place}}".to_vec()]
        );
        assert_eq!(
            pool("[{{repeat 3}}{{index}}{{end}}]-{{repeat 1}}x{{end}}", 2, 0).unwrap(),
            ["[0,0,0]-x", "[1,1,1]-x"]
        );
        assert_eq!(pool("{\"nested\":{\"a\":1}}", 1, 0).unwrap(), ["{\"nested\":{\"a\":1}}"]);
    }

    #[test]
    fn mistakes_are_named() {
        assert_eq!(pool("ab {{int 1", 1, 0), Err(TemplateError::Unclosed(3)));
        for (wrong, part) in [
            ("int 1", "write it as int LOW HIGH"),
            ("int 2 1", "LOW is above HIGH"),
            ("int a b", "write it as int LOW HIGH"),
            ("hex", "write it as hex N"),
            ("hex -1", "write it as hex N"),
            ("hex 99999999999", "at most 16777216"),
            ("word x", "write it as word N"),
            ("nope", "the places are index, int LOW HIGH"),
            ("", "the places are index, int LOW HIGH"),
            ("indx", "did you mean `index`? The places are index"),
            ("pick", "write it as pick A B"),
            ("repeat 2", "an end"),
            ("repeat x", "an end"),
            ("end", "repeat N with an {{end}} after it"),
            ("float 1 nan", "write it as float LOW HIGH"),
            ("float 2 1", "LOW is above HIGH"),
        ] {
            let error = pool(&format!("{{{{{wrong}}}}}"), 1, 0).unwrap_err();
            assert!(
                matches!(&error, TemplateError::Place { written, .. } if written == wrong),
                "{wrong}: {error}"
            );
            assert!(error.to_string().contains(part), "{wrong}: {error}");
        }
    }

    #[test]
    fn a_pool_has_a_limit() {
        let template = format!("{{{{repeat 8}}}}{}{{{{end}}}}", "x".repeat(1 << 21));
        assert_eq!(pool(&template, 17, 0), Err(TemplateError::TooLong));
    }
}
