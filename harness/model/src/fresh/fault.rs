//! Why a text with places cannot be made.

use crate::suggest::nearest;

/// Why a text cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FreshError {
    /// An opening without its end.
    #[error("it has `{{{{` without `}}}}` at byte {0}")]
    Unclosed(usize),
    /// A place that cannot be filled.
    #[error("it has `{{{{{written}}}}}`: {reason}")]
    Place {
        /// What stands between the braces.
        written: String,
        /// Why not.
        reason: PlaceError,
    },
    /// A number that is to differ from one that is not there.
    #[error("it has `{{{{{0}}}}}` with no digits, zipf or other before it to differ from")]
    NothingBefore(String),
}

/// Why a place cannot be filled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlaceError {
    /// A name that no place has.
    #[error("{}he places are {}", did_you_mean(name, all), listed(all))]
    Unknown {
        /// The first word.
        name: String,
        /// How each of the places is written.
        all: &'static [&'static str],
    },
    /// Arguments of another number or form.
    #[error("write it as {0}")]
    Form(&'static str),
    /// A range that ends before it begins.
    #[error("LOW is above HIGH")]
    Descending,
    /// A range of one number, where another is asked for.
    #[error("it has one number to choose from, and must be able to differ from it: LOW must be below HIGH")]
    OneNumber,
    /// More numbers than can be kept or counted.
    #[error("it has too many numbers to choose from: at most {0}")]
    TooMany(u64),
    /// Words of which the slot would be as wide as none.
    #[error(
        "its words must be equally long, so that nothing else in the request moves, and `{0}` and `{1}` are not"
    )]
    UnequalWords(String, String),
}

/// The beginning of a sentence about the places, with the nearest name.
fn did_you_mean(name: &str, all: &[&str]) -> String {
    let names = all.iter().filter_map(|form| form.split(' ').next());
    nearest(name, names).map_or_else(|| "t".to_owned(), |near| format!("did you mean `{near}`? T"))
}

fn listed(all: &[&str]) -> String {
    match all {
        [before @ .., last] => format!("{} and {last}", before.join(", ")),
        [] => String::new(),
    }
}
