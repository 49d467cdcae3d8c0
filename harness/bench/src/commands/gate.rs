//! `bench gate`: whether a target is surely worse than its base by more than is allowed, for CI.

use crate::cli::GateArgs;
use crate::commands::compare::{Carried, carry_out};
use crate::commands::style;
use crate::compare::conclusion::Conclusion;
use crate::failure::{Failure, interrupted, say};
use crate::gate::{self, Asked, Base};
use crate::outputs::Outputs;
use crate::report::command;
use crate::report::gate::{GateSource, render, report};
use crate::thresholds::{self, Inconclusive};
use anyhow::anyhow;
use bench_model::gate::{Rule, Verdict};
use std::process::ExitCode;

/// A gate as it was asked for.
struct Gate<'a> {
    args: &'a GateArgs,
    rules: Vec<Rule>,
    base: Base,
    outputs: Outputs,
}

/// Measures, judges and writes.
pub(crate) fn main(args: &GateArgs) -> Result<ExitCode, Failure> {
    let rules = args.rules().map_err(|why| Failure::Usage(anyhow!(why)))?;
    let outputs = Outputs::of(args.format, &args.outputs)?;
    let base = Base::find(args)?;
    let comparing = base.comparing(args, &rules, outputs.printed);
    let contenders = base.contenders(&comparing)?;
    if !args.dry_run {
        outputs.prepare()?;
    }
    say(&base.introduction());
    if let Base::Stored { .. } = base {
        let rules: Vec<String> = rules.iter().map(|rule| rule.threshold().to_string()).collect();
        say(&format!("it fails if: {}", rules.join("; ")));
    }
    match carry_out(&comparing, false, None, contenders)? {
        Some(carried) => Gate { args, rules, base, outputs }.conclude(carried),
        None => Ok(ExitCode::SUCCESS),
    }
}

impl Gate<'_> {
    /// Judges what was measured. Nothing is judged of what was broken off: where it stopped may depend on how it went.
    fn conclude(&self, carried: Carried) -> Result<ExitCode, Failure> {
        let Carried { folder, plan, signals, done, .. } = carried;
        if let Some(signal) = signals.received() {
            say(&format!(
                "interrupted, so that nothing is judged; the finished blocks are kept in {}",
                folder.path().display()
            ));
            return Ok(ExitCode::from(interrupted(signal)));
        }
        let conclusion = Conclusion::of(&folder, plan.clone())?;
        match done {
            // Block after block was lost to invalid runs: an invalid gate, which says so in every format.
            Err(failure @ Failure::GaveUp(_)) => say(&failure.to_string()),
            done => done?,
        }
        let Self { args, rules, base, outputs } = self;
        let asked = Asked { rules, base, allow_other_machine: args.allow_other_machine };
        let judged = gate::judge(asked, &plan, &conclusion.comparison);
        let repeat = command::gating(&plan, &base.repeating(), rules);
        let source = GateSource {
            compared: conclusion.source(&[]),
            judged: &judged,
            inconclusive: args.inconclusive,
            repeat: &repeat,
            files: &[],
        };
        // Evidence for whoever doubts the gate.
        let written = conclusion.write_as(folder.path(), &|format| report(format, &source, style()));
        let source = GateSource { files: written.as_deref().unwrap_or_default(), ..source };
        let shown = outputs.write(&|format| render(format, &source, style()));
        thresholds::tell(&judged.outcomes(), plan.counted());
        if let Err(failure) = written {
            say(&format!("{failure}; the runs are kept in {}", folder.path().display()));
        }
        // What could not be written would be missed by whoever reads it next, whatever the verdict.
        shown?;
        Ok(ExitCode::from(exit_code(judged.verdict, args.inconclusive)))
    }
}

fn exit_code(verdict: Verdict, inconclusive: Inconclusive) -> u8 {
    match (verdict, inconclusive) {
        (Verdict::Passed, _) | (Verdict::Inconclusive, Inconclusive::Pass) => 0,
        (Verdict::Failed, _) | (Verdict::Inconclusive, Inconclusive::Fail) => thresholds::FAILED,
        (Verdict::Invalid, _) => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes() {
        use Inconclusive::{Fail, Pass};
        for (verdict, inconclusive, code) in [
            (Verdict::Passed, Fail, 0),
            (Verdict::Failed, Pass, 4),
            (Verdict::Inconclusive, Pass, 0),
            (Verdict::Inconclusive, Fail, 4),
            (Verdict::Invalid, Pass, 3),
        ] {
            assert_eq!(exit_code(verdict, inconclusive), code, "{verdict:?} {inconclusive:?}");
        }
    }
}
