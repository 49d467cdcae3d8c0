//! A check for programs: one object, schema `bench-check/1`.

use crate::contract::{Attempt, Checked, Outcome, Report};
use serde_json::{Value, json};

pub(super) fn render(attempts: &[Attempt]) -> String {
    let targets: Vec<Value> = attempts.iter().map(target).collect();
    format!("{:#}\n", json!({ "schema": "bench-check/1", "targets": targets }))
}

fn target(attempt: &Attempt) -> Value {
    match &attempt.report {
        Ok(report) => checked(report),
        Err(error) => json!({ "target": attempt.target, "verdict": "error", "error": error }),
    }
}

fn checked(report: &Report) -> Value {
    let counts = report.counts();
    json!({
        "target": report.target,
        "verdict": if report.passed() { "passed" } else { "failed" },
        "duration_s": report.duration_s,
        "passed": counts.passed,
        "failed": counts.failed,
        "waived": counts.waived,
        "not_checked": counts.not_checked,
        "cases": report.cases.iter().map(case).collect::<Vec<_>>(),
    })
}

fn case(checked: &Checked) -> Value {
    let (outcome, message, waiver) = match &checked.outcome {
        Outcome::Passed(figures) => ("passed", Some(figures).filter(|figures| !figures.is_empty()), None),
        Outcome::Failed(message) => ("failed", Some(message), None),
        Outcome::Waived { why, message } => ("waived", Some(message), Some(why)),
        Outcome::Needless { why } => ("passed", None, Some(why)),
        Outcome::NotChecked(why) => ("not-checked", Some(why), None),
    };
    json!({
        "id": checked.case.id,
        "group": checked.case.group.name(),
        "what": checked.case.what,
        "contract": checked.case.contract,
        "outcome": outcome,
        "message": message,
        "waiver": waiver,
        "duration_s": checked.duration_s,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::contract::tests::attempts;

    #[test]
    fn an_object() {
        let object: Value = serde_json::from_str(&render(&attempts())).unwrap();
        assert_eq!(object["schema"], "bench-check/1");
        let go = &object["targets"][0];
        assert_eq!((&go["verdict"], &go["failed"], &go["passed"]), (&json!("failed"), &json!(1), &json!(3)));
        let outcomes: Vec<&str> =
            go["cases"].as_array().unwrap().iter().map(|case| case["outcome"].as_str().unwrap()).collect();
        assert_eq!(outcomes, ["passed", "failed", "waived", "passed", "not-checked", "passed"]);
        assert_eq!(go["cases"][3]["waiver"], "was so in version 1");
        assert_eq!(object["targets"][1]["verdict"], "error");
    }
}
