//! A result as JUnit XML, in the elements and attributes that CI servers agree on: a suite for each target and in it a case
//! for each figure.
//!
//! A threshold that failed is a `failure`, one that the blocks do not settle `skipped`, a figure that may not be used, or
//! that a threshold could not look at, an `error`. Without a threshold a figure passes, whatever it is, but for a verdict that
//! cannot be given, which is `skipped`.

use super::format::Kind;
use super::sheet::{Check, Fault, Figure, OfTarget, Sheet, State};
use super::xml::{attribute, content};

/// The case of a target that has no figure.
const NO_FIGURE: &str = "measurement";

pub(super) fn render(sheet: &Sheet) -> String {
    let suites: Vec<Suite> = sheet.targets.iter().map(|target| suite(sheet, target)).collect();
    let total = |count: fn(&Suite) -> usize| suites.iter().map(count).sum::<usize>();
    let name = match sheet.kind {
        Kind::Run => "bench run",
        Kind::Comparison => "bench compare",
        Kind::Capacity => "bench capacity",
        Kind::Gate => "bench gate",
    };
    let written: String = suites.iter().map(|suite| suite.text.as_str()).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuites name=\"{name}\" tests=\"{}\" failures=\"{}\" errors=\"{}\">\n{written}</testsuites>\n",
        total(|suite| suite.tests),
        total(|suite| suite.failures),
        total(|suite| suite.errors),
    )
}

/// A target's cases, written and counted.
struct Suite {
    tests: usize,
    failures: usize,
    errors: usize,
    text: String,
}

/// What a case says, apart from that it is there.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Said {
    Nothing,
    Skipped(String),
    Failure { code: String, message: String },
    Error { code: String, message: String },
}

fn suite(sheet: &Sheet, target: &OfTarget) -> Suite {
    let cases = cases(target);
    let count = |is_it: fn(&Said) -> bool| cases.iter().filter(|case| is_it(&case.said)).count();
    let failures = count(|said| matches!(said, Said::Failure { .. }));
    let errors = count(|said| matches!(said, Said::Error { .. }));
    let skipped = count(|said| matches!(said, Said::Skipped(_)));
    let name = attribute(&format!("{} on {}", sheet.scenario, target.name));
    let class = attribute(&format!("{}.{}", sheet.scenario, target.name));
    let written: String = cases.iter().map(|case| case.written(&class)).collect();
    // What is to be known of the whole result: no case of its own, since it passes or fails nothing.
    let notes: Vec<String> =
        sheet.notes.iter().map(|note| format!("{}: {}\n", note.code, note.message)).collect();
    let notes = if notes.is_empty() {
        String::new()
    } else {
        format!("    <system-out>{}</system-out>\n", content(&notes.concat()))
    };
    let text = format!(
        "  <testsuite name=\"{name}\" tests=\"{}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\" \
         time=\"{:.3}\" timestamp=\"{}\">\n    <properties>\n      <property name=\"id\" value=\"{}\"/>\n    </properties>\n\
         {written}{notes}  </testsuite>\n",
        cases.len(),
        target.duration_s,
        attribute(&sheet.started_at),
        attribute(&sheet.id),
    );
    Suite { tests: cases.len(), failures, errors, text }
}

/// One case.
struct Case {
    name: String,
    said: Said,
    /// What was measured, for people.
    shown: String,
}

impl Case {
    fn written(&self, class: &str) -> String {
        let said = match &self.said {
            Said::Nothing => String::new(),
            Said::Skipped(message) => format!("      <skipped message=\"{}\"/>\n", attribute(message)),
            Said::Failure { code, message } => element("failure", code, message),
            Said::Error { code, message } => element("error", code, message),
        };
        let shown = match self.shown.as_str() {
            "" => String::new(),
            shown => format!("      <system-out>{}</system-out>\n", content(shown)),
        };
        let name = attribute(&self.name);
        format!("    <testcase classname=\"{class}\" name=\"{name}\">\n{said}{shown}    </testcase>\n")
    }
}

fn element(name: &str, code: &str, message: &str) -> String {
    format!(
        "      <{name} message=\"{}\" type=\"{}\">{}</{name}>\n",
        attribute(message),
        attribute(code),
        content(message)
    )
}

fn cases(target: &OfTarget) -> Vec<Case> {
    let mut cases: Vec<Case> = target.figures.iter().map(|figure| of_figure(target, figure)).collect();
    // A threshold may be about a figure that has no case yet, such as p95, or one that was not measured at all.
    let mut others: Vec<&str> = target.checks.iter().map(|check| check.figure.as_str()).collect();
    others.sort_unstable();
    others.dedup();
    others.retain(|name| !target.figures.iter().any(|figure| figure.name == *name));
    let of_others = others.into_iter().map(|name| Case {
        name: name.to_owned(),
        said: said(target, name, None),
        shown: held(target, name).join("\n"),
    });
    cases.extend(of_others.collect::<Vec<_>>());
    if cases.is_empty() {
        let said = target
            .fault
            .as_ref()
            .map_or_else(|| Said::Skipped("nothing was measured of it".to_owned()), of_fault);
        cases.push(Case { name: NO_FIGURE.to_owned(), said, shown: String::new() });
    }
    cases
}

fn of_figure(target: &OfTarget, figure: &Figure) -> Case {
    let ratios = figure.ratios.iter().map(|ratio| ratio.shown.clone());
    let lines = std::iter::once(figure.shown.clone()).chain(ratios).chain(held(target, figure.name));
    Case {
        name: figure.name.to_owned(),
        said: said(target, figure.name, Some(figure)),
        shown: lines.collect::<Vec<_>>().join("\n"),
    }
}

/// The thresholds on a figure that held.
fn held(target: &OfTarget, name: &str) -> Vec<String> {
    let checks = target.checks.iter().filter(|check| check.figure == name && check.state == State::Held);
    checks.map(|check| format!("held: {} ({})", check.threshold, check.message)).collect()
}

fn of_fault(fault: &Fault) -> Said {
    let (code, message) = (fault.codes.join(" "), fault.message.clone());
    if fault.is_of_target { Said::Failure { code, message } } else { Said::Error { code, message } }
}

/// The gravest that is to be said of a figure.
fn said(target: &OfTarget, name: &str, figure: Option<&Figure>) -> Said {
    if let Some(fault) = &target.fault {
        return of_fault(fault);
    }
    let checks: Vec<&Check> = target.checks.iter().filter(|check| check.figure == name).collect();
    let of = |state: State| {
        let found = checks.iter().filter(|check| check.state == state);
        let lines: Vec<String> =
            found.map(|check| format!("{}: {}", check.threshold, check.message)).collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    };
    let code = || "threshold".to_owned();
    if let Some(message) = of(State::NotEvaluated) {
        return Said::Error { code: code(), message };
    }
    if let Some(message) = of(State::Failed) {
        return Said::Failure { code: code(), message };
    }
    if let Some(message) = of(State::Inconclusive) {
        return Said::Skipped(message);
    }
    let open = figure.and_then(|figure| figure.ratios.iter().find(|ratio| ratio.is_inconclusive));
    match open {
        // A threshold that held answers what was asked.
        Some(ratio) if checks.is_empty() => Said::Skipped(ratio.shown.clone()),
        _ => Said::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sheet::Ratio;
    use bench_model::metric::Metric;

    fn check(figure: &str, state: State) -> Check {
        let (threshold, message) = (format!("{figure} {state:?}"), "measured".to_owned());
        Check { figure: figure.to_owned(), threshold, state, message }
    }

    fn target(checks: Vec<Check>, fault: Option<Fault>) -> OfTarget {
        let mut figure = Figure::new(Metric::Tps, 1000.0);
        let (base, shown) = ("rust".to_owned(), "0.9 times that of rust: inconclusive".to_owned());
        figure.ratios.push(Ratio { base, value: 0.9, low: None, high: None, shown, is_inconclusive: true });
        OfTarget { name: "go".to_owned(), duration_s: 10.0, fault, figures: vec![figure], checks }
    }

    #[test]
    fn the_gravest_that_is_said_of_a_figure_decides() {
        let fault =
            |is_of_target| Fault { is_of_target, codes: vec!["c".to_owned()], message: "m".to_owned() };
        for (checks, fault, begins) in [
            (vec![], None, "<skipped message=\"0.9 times"),
            (vec![check("tps", State::Held)], None, "<system-out>"),
            (
                vec![check("tps", State::Held), check("tps", State::Failed)],
                None,
                "<failure message=\"tps Failed: measured\" type",
            ),
            (vec![check("tps", State::Inconclusive)], None, "<skipped message=\"tps Inconclusive"),
            (
                vec![check("tps", State::Failed), check("tps", State::NotEvaluated)],
                None,
                "<error message=\"tps NotEvaluated",
            ),
            (vec![check("tps", State::Held)], Some(fault(false)), "<error message=\"m\" type=\"c\""),
            (vec![], Some(fault(true)), "<failure message=\"m\" type=\"c\""),
        ] {
            let target = target(checks, fault);
            let written = cases(&target)[0].written("class");
            let inside = written.split_once("name=\"tps\">\n").expect("the case of tps").1;
            assert!(inside.trim_start().starts_with(begins), "{begins}: {written}");
        }
    }

    #[test]
    fn a_threshold_on_a_figure_without_a_case_gets_one() {
        let target = target(vec![check("p95", State::Failed), check("p95", State::Held)], None);
        let cases = cases(&target);
        let names: Vec<&str> = cases.iter().map(|case| case.name.as_str()).collect();
        assert_eq!(names, ["tps", "p95"]);
        assert!(matches!(&cases[1].said, Said::Failure { message, .. } if message == "p95 Failed: measured"));
    }
}
