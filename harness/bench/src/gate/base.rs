//! The base of a gate: code of another commit, or a baseline's stored figures.

use crate::baselines;
use crate::catalogue;
use crate::cli::{CompareArgs, GateArgs, LiveArgs, WINDOW};
use crate::compare::base::{self, short};
use crate::compare::{self, Contender};
use crate::failure::{Failure, say};
use crate::report::Format;
use crate::thresholds::Inconclusive;
use anyhow::anyhow;
use bench_model::baseline::Baseline;
use bench_model::gate::Rule;
use std::fmt;

/// The target that is gated unless another is named.
const TARGET: &str = "rust";

/// What the candidate is held against.
#[derive(Debug)]
pub(crate) enum Base {
    /// Code that is built and run in the same blocks.
    Built {
        /// The revision or the baseline, as typed.
        name: String,
        /// The commit.
        commit: String,
        /// How the target is named at it: `name@CHECKOUT`.
        target: String,
        /// The baseline that named the commit, and lends its load.
        baseline: Option<Box<Baseline>>,
    },
    /// Figures that were measured before.
    Stored {
        /// The baseline's name.
        name: String,
        /// The baseline.
        baseline: Box<Baseline>,
        /// Why its commit is not built instead.
        why: Why,
    },
}

/// Why the stored figures of a baseline are the base, and not its commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Why {
    /// `--stored`.
    Asked,
    /// No commit holds what was measured.
    NoCommit,
    /// Git has no such commit here.
    Unknown(String),
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Asked => f.write_str("--stored asks for it"),
            Self::NoCommit => f.write_str("no commit is known that holds what was measured"),
            Self::Unknown(revision) => write!(f, "git does not know its commit {} here", short(revision)),
        }
    }
}

impl Base {
    /// Finds the base that was typed, and checks out its code if it is to be built.
    pub(crate) fn find(args: &GateArgs) -> Result<Self, Failure> {
        let Some(name) = &args.base else {
            let revision = args.base_rev.as_deref();
            let revision =
                revision.ok_or_else(|| Failure::Usage(anyhow!("name a base: --base-rev or --base")))?;
            let commit = base::commit(revision, &format!("--base-rev {revision}"))?;
            let target = args.target.as_deref().unwrap_or(TARGET);
            return Self::built(args, revision, commit, target, None);
        };
        let baseline = Box::new(baselines::read(&args.baselines.folder, name)?);
        let stored = |baseline, why| Ok(Self::Stored { name: name.clone(), baseline, why });
        if args.stored {
            return stored(baseline, Why::Asked);
        }
        let Some(revision) = baseline.revision() else {
            return stored(baseline, Why::NoCommit);
        };
        match base::commit(revision, &format!("--base {name}")) {
            Ok(commit) => {
                // That of the baseline, which may be another variant than the candidate's.
                let target = baseline.target.clone();
                Self::built(args, name, commit, &target, Some(baseline))
            }
            // Git has looked. Where it cannot be run or will not look nobody knows, and the weak way is not taken for that.
            Err(Failure::Usage(_)) => {
                let why = Why::Unknown(revision.to_owned());
                stored(baseline, why)
            }
            Err(failure) => Err(failure),
        }
    }

    fn built(
        args: &GateArgs,
        name: &str,
        commit: String,
        target: &str,
        baseline: Option<Box<Baseline>>,
    ) -> Result<Self, Failure> {
        if compare::is_url(target) || (target.contains('/') && !target.contains('@')) {
            return Err(Failure::Usage(anyhow!(
                "--target {target}: a gate builds the same target at another commit, so name one of the repository's \
                 targets/ (see `bench list targets`)"
            )));
        }
        let asked = if baseline.is_some() { "--base" } else { "--base-rev" };
        let checkout = base::check_out(&args.results.folder, &commit, &format!("{asked} {name}"))?;
        let bare = target.split_once('@').map_or(target, |(bare, _)| bare);
        let target = format!("{bare}@{}", checkout.display());
        Ok(Self::Built { name: name.to_owned(), commit, target, baseline })
    }

    /// The baseline, whether its code is built or its figures are taken.
    pub(crate) fn baseline(&self) -> Option<&Baseline> {
        match self {
            Self::Built { baseline, .. } => baseline.as_deref(),
            Self::Stored { baseline, .. } => Some(baseline),
        }
    }

    /// What is measured, as `bench compare` would be told. Of its own it prints a dry run's plan at most, in the format that
    /// the gate would be `printed` in.
    pub(crate) fn comparing(&self, args: &GateArgs, rules: &[Rule], printed: Format) -> CompareArgs {
        let mut load = args.load.clone();
        let baseline = self.baseline();
        if let Some(baseline) = baseline {
            compare::take_load(&mut load, &baseline.plan);
        } else if load.rate.is_some() || (load.stages.is_empty() && !has_stages(args.scenario.as_deref())) {
            load.duration.get_or_insert(WINDOW);
        }
        let candidate = args.target.clone();
        let candidate =
            candidate.or_else(|| Some(baseline?.target.clone())).unwrap_or_else(|| TARGET.to_owned());
        let targets = match self {
            Self::Built { target, .. } => vec![target.clone(), candidate],
            Self::Stored { .. } => vec![candidate],
        };
        CompareArgs {
            scenario: args.scenario.clone().or_else(|| Some(baseline?.plan.scenario.clone())),
            targets,
            base: None,
            sweep: None,
            blocks: Some(args.blocks),
            margin: 0.02,
            metrics: rules.iter().map(|rule| rule.metric).collect(),
            seed: args.seed,
            // The time is better spent on blocks: what the pairs scatter by is known from themselves.
            no_control: true,
            no_check: args.no_check,
            resume: None,
            // The rules are thresholds of the comparison, which judges them in its report as here. Alone, nobody has a base.
            fail_if: match self {
                Self::Built { .. } => rules.iter().map(|rule| rule.threshold()).collect(),
                Self::Stored { .. } => Vec::new(),
            },
            inconclusive: Inconclusive::Pass,
            load,
            request: args.request.clone(),
            cpus: args.cpus.clone(),
            format: Some(printed),
            outputs: Vec::new(),
            live: LiveArgs::default(),
            dry_run: args.dry_run,
            results: args.results.clone(),
        }
    }

    /// Who runs. Refuses what cannot be held against stored figures.
    pub(crate) fn contenders(&self, args: &CompareArgs) -> Result<Vec<Contender>, Failure> {
        let (name, baseline) = match self {
            Self::Stored { name, baseline, .. } => (name, baseline),
            Self::Built { name, target, baseline, .. } => {
                let mut found = compare::resolve(args)?;
                // Reports say which code it is, and not where that was checked out.
                if let [base, candidate] = found.as_mut_slice()
                    && candidate.label != *name
                {
                    base.label.clone_from(name);
                    base.typed = Some(target.clone());
                }
                let unlike = |baseline: &Baseline| baseline.unlike(&found.last()?.resolved.plan);
                if let Some(what) = baseline.as_deref().and_then(unlike) {
                    say(&format!(
                        "note: {what} is another than the baseline {name} was measured with, of base and candidate alike"
                    ));
                }
                return Ok(found);
            }
        };
        let candidate = compare::resolve_one(args, &args.targets[0])?;
        if let Some(what) = baseline.unlike(&candidate.resolved.plan) {
            return Err(Failure::Usage(anyhow!(
                "the baseline {name} cannot be compared with this: {what} is another. Its load comes from the baseline, so leave \
                 out flags about it; the file of a scenario, CPUs (--target-cpus, --generator-cpus), --header and --expect-... \
                 have to be those it was measured with. Or measure it anew (bench baseline measure {name} --force ...)"
            )));
        }
        let missing = args.metrics.iter().find(|metric| !baseline.values.contains_key(metric));
        if let Some(metric) = missing {
            return Err(Failure::Usage(anyhow!(
                "the baseline {name} has no figures of {metric}: leave it out of --metrics, or measure the baseline anew"
            )));
        }
        Ok(vec![candidate])
    }

    /// The flags that name it again, also where a branch has moved on.
    pub(crate) fn repeating(&self) -> Vec<String> {
        let words = match self {
            Self::Built { commit, .. } => vec!["--base-rev", commit],
            Self::Stored { name, .. } => vec!["--base", name, "--stored"],
        };
        words.into_iter().map(str::to_owned).collect()
    }

    /// What is said of the base before anything is built.
    pub(crate) fn introduction(&self) -> String {
        match self {
            Self::Built { name, commit, baseline: None, .. } => {
                format!("the base is {name} ({}), built and run in turns with the candidate", short(commit))
            }
            Self::Built { name, commit, .. } => format!(
                "the base is the commit of the baseline {name} ({}), built and run in turns with the candidate; its stored \
                 figures are not used (--stored would use them)",
                short(commit)
            ),
            Self::Stored { name, baseline, why } => format!(
                "the base is what the baseline {name} stored on {}, since {why}",
                baseline.measured_at
            ),
        }
    }
}

/// Whether a scenario has stages of its own, whose times are the window.
fn has_stages(scenario: Option<&str>) -> bool {
    // Whoever resolves it says what is wrong with it.
    let found = scenario.and_then(|name| catalogue::scenario(name).ok());
    found.is_some_and(|found| !found.value.load.stages.is_empty())
}
