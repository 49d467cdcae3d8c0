//! `bench check` from the outside: what is started for the cases that need one state or other variables, and what is left out
//! where nothing can be started.

use crate::check::{check, failures, manifest};
use crate::contract_server::{Fault, start};
use crate::support::Sandbox;
use serde_json::Value;
use std::collections::BTreeMap;

/// Why cases were left out, and how many for each reason.
pub(crate) fn left_out(object: &Value) -> BTreeMap<String, usize> {
    let cases = object["targets"][0]["cases"].as_array().expect("cases");
    let mut reasons = BTreeMap::new();
    for case in cases.iter().filter(|case| case["outcome"] == "not-checked") {
        *reasons.entry(case["message"].as_str().unwrap_or_default().to_owned()).or_default() += 1;
    }
    reasons
}

#[test]
fn what_a_server_elsewhere_lacks_is_left_out_with_the_reason() {
    let url = start(Fault::NoLedger);
    let output = Sandbox::new()
        .bench(&[
            "check",
            "--url",
            &url,
            "--quick",
            "--format",
            "json",
            "--only",
            "tx-receipt,gzip-tx,session,healthz",
        ])
        .env_remove("NODE_SECRET")
        .output()
        .expect("bench starts");
    let object: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!((failures(&object), output.status.code()), (vec![], Some(0)));
    let reasons = left_out(&object);
    assert_eq!(reasons["GET /ledger is 503: this server has no one ledger"], 2, "{reasons:?}");
    assert_eq!(
        reasons["the key of tokens is not known: give bench the server's NODE_SECRET"], 1,
        "{reasons:?}"
    );
}

#[test]
fn what_it_starts_has_one_state_and_starts_as_its_variables_say() {
    let sandbox = Sandbox::new();
    // The one that is checked has no ledger; only `[stateful]` gives it one.
    let stateful = "[stateful]\nabout = \"one ledger\"\nenv = { SERVER_FAULT = \"none\" }";
    let target = manifest(&sandbox, "no-ledger", stateful);
    let only = "ledger-begins,ledger-head,ack-accepted,ack-sealed,ack-unknown,tx-receipt,ledger-parallel,gzip-tx,\
                secret-missing,secret-short,users-malformed,users-none,users-several,metrics-counts,token-claims";
    let (object, code) = check(&sandbox, &[&target, "--quick", "--only", only]);
    assert_eq!((failures(&object), code), (vec![], 0));
    assert_eq!(left_out(&object), BTreeMap::new());
    let target = manifest(&sandbox, "no-ledger", "");
    let (object, code) = check(&sandbox, &[&target, "--quick", "--only", "ledger-begins"]);
    assert_eq!(code, 4);
    assert!(failures(&object)[0].1.contains("came 503"), "{object}");
}
