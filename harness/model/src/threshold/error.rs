//! Why text is no threshold. The messages name what was written and show a right one.

use super::Figure;
use crate::metric::Metric;
use crate::quantity::QuantityError;
use crate::suggest::nearest;

/// Why text is no threshold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ThresholdError {
    /// Nothing was written.
    #[error("a threshold is missing: write what must not be, such as p99>20ms, tps<10k or errors>0.1%")]
    Empty,
    /// No figure, no relation or no bound.
    #[error(
        "`{0}` is no threshold: write a figure, > or <, and a bound, in quotes, since a shell takes > for a file: \
         'p99>20ms', 'tps<10k'; of a comparison also 'tps worse than base by 5%'"
    )]
    Form(String),
    /// No such figure.
    #[error("`{word}` is no figure that a threshold can be about{}: choose from {}", hint(.word), names())]
    Figure {
        /// What was written.
        word: String,
    },
    /// The bound is no quantity of the figure's unit.
    #[error("`{threshold}`: {error}")]
    Bound {
        /// What was written.
        threshold: String,
        /// What is wrong with its bound.
        error: QuantityError,
    },
    /// It would fail what is good.
    #[error("`{threshold}` would fail what is good: a threshold says what must not be, so write `{turned}`")]
    Turned {
        /// What was written.
        threshold: String,
        /// What was probably meant.
        turned: String,
    },
    /// It would fail everything.
    #[error(
        "`{0}` is always so, and would fail every run: write the most that may be, such as p99>20ms or errors>0%"
    )]
    Always(String),
    /// A relative one in other words.
    #[error(
        "`{0}` is no threshold: relative to the base it is written `tps worse than base by 5%`, or `any worse than base by \
         5%` for every metric that gets a verdict"
    )]
    Relative(String),
    /// A margin that nothing can be worse by, or that noise alone exceeds.
    #[error(
        "`{0}`: the margin must be above 0% and, of what is better the more there is of it, under 100%; such as 5%"
    )]
    Margin(String),
    /// A figure that comparisons do not compare.
    #[error("`{word}` is not compared with the base: choose from any, {}", compared())]
    NotCompared {
        /// What was written.
        word: String,
    },
}

fn names() -> String {
    let names = Figure::all().into_iter().filter(|figure| !matches!(figure, Figure::Service(_)));
    let names: Vec<String> = names.map(|figure| figure.to_string()).collect();
    format!("{}, and service.p99 and the like of an open load", names.join(", "))
}

fn compared() -> String {
    Metric::ALL.map(Metric::short_name).join(", ")
}

fn hint(word: &str) -> String {
    let names: Vec<String> = Figure::all().iter().map(ToString::to_string).collect();
    let near = nearest(&word.to_ascii_lowercase(), names.iter().map(String::as_str));
    near.map_or_else(String::new, |near| format!(" (did you mean `{near}`?)"))
}
