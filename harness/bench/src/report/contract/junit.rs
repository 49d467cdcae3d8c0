//! A check as JUnit XML, in the elements and attributes that CI servers agree on: `testsuites`, `testsuite`,
//! `testcase`, and in it one of `skipped`, `failure` and `error`, or nothing.

use crate::contract::{Attempt, Checked, Outcome, Report};
use crate::report::xml::{attribute, content};
use std::fmt::Write as _;

pub(super) fn render(attempts: &[Attempt]) -> String {
    let suites: String = attempts.iter().map(suite).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"bench check\">\n{suites}</testsuites>\n"
    )
}

fn suite(attempt: &Attempt) -> String {
    let name = attribute(&attempt.target);
    match &attempt.report {
        Ok(report) => {
            let counts = report.counts();
            let skipped = counts.waived + counts.not_checked;
            let cases: String = report.cases.iter().map(|checked| case(report, checked)).collect();
            format!(
                "  <testsuite name=\"{name}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{skipped}\" time=\"{:.3}\">\n{cases}  </testsuite>\n",
                report.cases.len(),
                counts.failed,
                report.duration_s
            )
        }
        Err(error) => format!(
            "  <testsuite name=\"{name}\" tests=\"1\" failures=\"0\" errors=\"1\" skipped=\"0\" time=\"0.000\">\n    <testcase classname=\"{name}\" name=\"start\" time=\"0.000\">\n      <error message=\"{0}\" type=\"start\">{1}</error>\n    </testcase>\n  </testsuite>\n",
            attribute(error),
            content(error)
        ),
    }
}

fn case(report: &Report, checked: &Checked) -> String {
    let mut text = format!(
        "    <testcase classname=\"{}\" name=\"{}\" time=\"{:.3}\"",
        attribute(&report.target),
        attribute(checked.case.id),
        checked.duration_s
    );
    let inside = match &checked.outcome {
        Outcome::Passed(_) => None,
        Outcome::Failed(message) => Some(format!(
            "<failure message=\"{}\" type=\"contract\">{}\nThe contract: {}</failure>",
            attribute(message),
            content(message),
            content(checked.case.contract)
        )),
        Outcome::Waived { why, message } => {
            Some(format!("<skipped message=\"{}\"/>", attribute(&format!("waived: {why}. It {message}"))))
        }
        Outcome::NotChecked(why) => Some(format!("<skipped message=\"{}\"/>", attribute(why))),
        Outcome::Needless { why } => Some(format!(
            "<system-out>{}</system-out>",
            content(&format!("passes, so its waiver can go: {why}"))
        )),
    };
    let _ = match inside {
        None => writeln!(text, "/>"),
        Some(inside) => writeln!(text, ">\n      {inside}\n    </testcase>"),
    };
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::contract::tests::attempts;

    #[test]
    fn a_document() {
        let text = render(&attempts());
        for part in [
            r#"<testsuite name="go" tests="6" failures="1" errors="0" skipped="2" time="66.040">"#,
            r#"<testcase classname="go" name="integers" time="0.250"/>"#,
            r#"<failure message="sent POST /echo {&quot;a&quot;:&quot;&lt;&amp;&gt;"#,
            r#"<skipped message="waived: the framework reads one request at a time. It sent two; expected two; came one"/>"#,
            r#"<skipped message="bench did not start this server"/>"#,
            r#"<error message="cannot start `java`: install it" type="start">"#,
        ] {
            assert!(text.contains(part), "{part} in\n{text}");
        }
        assert_eq!(text.matches("<testcase").count(), 7);
        assert_eq!(text.matches("<testsuite ").count(), text.matches("</testsuite>").count());
    }
}
