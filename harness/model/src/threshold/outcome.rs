//! What came of a threshold, with all that a report needs to show it.

use super::{Figure, Threshold, Unit};
use serde::{Deserialize, Serialize};

/// What came of a threshold: of a run one outcome each, of a comparison one for each entrant, and for each metric of `any`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// The threshold.
    pub threshold: Threshold,
    /// What came of it; in JSON `"outcome": "failed"`, with the state's own fields beside it.
    #[serde(flatten)]
    pub state: State,
    /// What is looked at; absent of an `any` that was not evaluated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub figure: Option<Figure>,
    /// Whose figure it is: the entrant's label. Absent of a run's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Of a relative one, the label of the entrant that it is compared with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// What was measured; absent where nothing could be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measured: Option<Measured>,
}

/// What came of a threshold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum State {
    /// It is not so: nothing has to fail.
    Held,
    /// It is so.
    Failed,
    /// Of a relative one: the interval lies on both sides of the limit, or is not sure enough.
    Inconclusive {
        /// The blocks that would settle it if estimate and noise stay what they are; absent where more than 1000 would
        /// be needed, or nothing is known of the noise.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        settle_blocks: Option<usize>,
    },
    /// Nobody looked, which is no pass.
    NotEvaluated {
        /// Why, in words: `the run is invalid`.
        why: String,
    },
}

/// What a threshold was held against.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// The unit of the numbers: the figure's, or `ratio` of a relative threshold.
    pub unit: Unit,
    /// Of a run, its figure. Of a comparison the median over the used blocks or, of a relative threshold, the estimate of
    /// the ratio to the base.
    pub value: f64,
    /// What must not be crossed.
    pub limit: f64,
    /// Lower end of the value's interval at the comparison's confidence; absent of a run, and where there are too few blocks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<f64>,
    /// Its upper end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<f64>,
    /// Whether the value is only a lower bound, since it lies among requests that were cut off or never sent.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub at_least: bool,
    /// Of a ratio, whether it is only an upper bound, since the base's figure lies there. One that is both says nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub at_most: bool,
    /// Of a comparison's absolute threshold, whether the whole interval is on the value's side of the limit; absent where
    /// there is no interval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sure: Option<bool>,
}

impl State {
    /// The name for people and files: `held`, `failed`, `inconclusive`, `not evaluated`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Failed => "failed",
            Self::Inconclusive { .. } => "inconclusive",
            Self::NotEvaluated { .. } => "not evaluated",
        }
    }
}

impl Outcome {
    /// Whether it ends `bench` with the exit code for a failed threshold: it failed, or nobody could look, since a gate that
    /// could not look must not be green.
    #[must_use]
    pub fn fails(&self) -> bool {
        matches!(self.state, State::Failed | State::NotEvaluated { .. })
    }

    /// Whether it can be told neither way.
    #[must_use]
    pub fn is_inconclusive(&self) -> bool {
        matches!(self.state, State::Inconclusive { .. })
    }

    /// An outcome of a run, nothing measured; its figure is that of an absolute threshold.
    #[must_use]
    pub fn new(threshold: Threshold, state: State) -> Self {
        let figure = threshold.absolute().map(|absolute| absolute.figure);
        Self { threshold, state, figure, target: None, base: None, measured: None }
    }

    /// The outcome of what could not be evaluated.
    #[must_use]
    pub fn not_evaluated(threshold: Threshold, why: &str) -> Self {
        Self::new(threshold, State::NotEvaluated { why: why.to_owned() })
    }
}
