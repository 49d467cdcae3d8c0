//! What a plan must be for an audit to be able to say what became of each transaction; all of it is known before the run.

use super::kind::{Kind, Unfollowable};
use crate::failure::Failure;
use crate::ready::{Kept, one};
use anyhow::anyhow;
use bench_generator::fresh::Fresh;
use bench_generator::request::Surroundings;
use bench_model::plan::{Plan, RequestPlan};
use serde_json::Value;
use std::sync::Arc;

/// Refuses a plan whose audit would accuse a target that is right.
pub(crate) fn require(plan: &Plan, kept: &Kept) -> Result<(), Failure> {
    if plan.audit.is_none() {
        return Ok(());
    }
    for (index, request) in plan.requests.iter().enumerate() {
        if request.is_transaction()
            && let Some(why) = fault(request, kept)?
        {
            let RequestPlan { method, path, .. } = request;
            return Err(Failure::Usage(anyhow!(
                "request {} ({method} {path}) cannot be audited: {why}",
                index + 1
            )));
        }
    }
    Ok(())
}

/// Why the transactions of a request cannot be followed.
fn fault(request: &RequestPlan, kept: &Kept) -> Result<Option<String>, Failure> {
    if let Some(status) =
        (100..600).find(|status| request.expect_status.contains(*status) && !(200..300).contains(status))
    {
        return Ok(Some(format!(
            "`expect.status` ({}) takes {status} for a receipt: expect 200 alone, and write what the ledger refuses as \
             `refused`",
            request.expect_status.text()
        )));
    }
    let says_status =
        matches!(request.expect_json.get("status"), Some(Value::String(status)) if status != "refused");
    if request.path.starts_with("/tx/batch") && !says_status {
        return Ok(Some(
            "of a batch some items may be refused, and only their `status` tells which: expect it, as in expect.json = \
             { id = \"{{sent id}}\", status = \"committed\" }"
                .to_owned(),
        ));
    }
    let [one, other] = ["00000000", "ffffffff"].map(|run| fresh(request, run, kept));
    let (Some(one), Some(other)) = (one?, other?) else {
        return Ok(Some("its body is the same each time: write it as `body.fresh`".to_owned()));
    };
    let ids = Kind::new(one).and_then(|one| Ok([one, Kind::new(other)?].map(|kind| kind.id_of(0))));
    Ok(match ids {
        Ok([one, other]) if one == other => Some(Unfollowable::Run.to_string()),
        Ok(_) => None,
        Err(why) => Some(why.to_string()),
    })
}

/// What a request makes anew, in a run of this mark; nothing where its body is always the same.
fn fresh(request: &RequestPlan, run: &str, kept: &Kept) -> Result<Option<Arc<Fresh>>, Failure> {
    let prepared = one(request, 0, Surroundings { host: "localhost", run }, kept)?;
    let first = prepared.into_iter().next().and_then(|request| request.fresh);
    Ok(first.filter(|fresh| fresh.item_of(0).is_some()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bench_model::body::Body;
    use bench_model::scenario::JsonFields;
    use bench_model::status::StatusSet;

    const TRANSACTION: &str = r#"{"id":"{{run}}-{{serial}}","from":"acct-{{digits 0 9}}","to":"acct-{{other 0 9}}","amount":{{int 1 9}}}"#;

    fn request(path: &str, status: &str, template: &str, expect_json: &str) -> RequestPlan {
        let batch = (path == "/tx/batch").then_some(3);
        RequestPlan {
            method: "POST".into(),
            path: path.into(),
            body: Body::Fresh { template: template.into(), batch, seed: 1 },
            expect_status: StatusSet::try_from(status.to_owned()).unwrap(),
            expect_json: serde_json::from_str::<JsonFields>(expect_json).unwrap(),
            ..RequestPlan::default()
        }
    }

    #[test]
    fn what_could_accuse_a_ledger_that_is_right_is_refused() {
        let committed = r#"{"status":"committed"}"#;
        let no_run = TRANSACTION.replace("{{run}}-", "t-");
        let no_amount = TRANSACTION.replace("amount", "sum");
        for (request, part) in [
            (request("/tx", "200", TRANSACTION, "{}"), None),
            (request("/tx", "2xx", &TRANSACTION.replace("{{run}}", "{{run}}{{hex 4}}"), "{}"), None),
            (request("/tx/batch", "200", TRANSACTION, committed), None),
            (request("/tx", "200,422", TRANSACTION, "{}"), Some("takes 422 for a receipt")),
            (
                request("/tx/batch", "200", TRANSACTION, r#"{"id":"{{sent id}}"}"#),
                Some("only their `status`"),
            ),
            (
                request("/tx/batch", "200", TRANSACTION, r#"{"status":"refused"}"#),
                Some("only their `status`"),
            ),
            (request("/tx", "200", &no_run, "{}"), Some("no {{run}}")),
            (request("/tx", "200", &no_amount, "{}"), Some("no transactions")),
            (
                RequestPlan { body: Body::Text { text: "{}".into() }, ..request("/tx", "200", "", "{}") },
                Some("write it as `body.fresh`"),
            ),
        ] {
            let said = fault(&request, &Kept::new()).unwrap();
            match part {
                None => assert_eq!(said, None, "{request:?}"),
                Some(part) => {
                    assert!(said.as_ref().is_some_and(|said| said.contains(part)), "{part}: {said:?}");
                }
            }
        }
    }
}
