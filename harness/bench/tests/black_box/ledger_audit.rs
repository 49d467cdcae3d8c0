//! The audit from the outside: a run against a ledger that is right but for one transaction in ten thousand is invalid, and the
//! warning names what is wrong.

use crate::contract_server::{Fault, start};
use crate::support::Sandbox;
use serde_json::Value;

/// Loads a server that has this fault with batches of 100, and gives the run and its exit code.
fn run(fault: Fault) -> (Value, i32) {
    let scenario = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios/transaction-batch.toml");
    let url = start(fault);
    Sandbox::new().json(&[
        "run",
        "--scenario",
        scenario,
        "--url",
        &url,
        "--batch",
        "100",
        "-c",
        "8",
        "-t",
        "1",
        "-d",
        "4s",
        "--warmup",
        "0s",
    ])
}

/// What a run warns of in the name of the audit; nothing if it does not.
pub(crate) fn audit_of(run: &Value) -> String {
    let warnings = run["warnings"].as_array().expect("warnings");
    let audit = warnings.iter().find(|warning| warning["code"] == "audit");
    audit.map_or_else(String::new, |audit| audit["message"].as_str().expect("a message").to_owned())
}

#[test]
fn an_honest_ledger_passes() {
    let (run, _) = run(Fault::None);
    assert_eq!(audit_of(&run), "");
    let audit = &run["audit"];
    let (receipts, stored) = (audit["receipts"].as_u64().unwrap(), audit["stored"].as_u64().unwrap());
    assert_eq!((receipts, audit["findings"].as_array().map(Vec::len)), (stored, Some(0)));
    // The run's own, those of the warm-up, and the look before.
    assert!(receipts >= run["summary"]["batched"]["items"].as_u64().unwrap());
    assert_eq!((&audit["accounts"], &audit["series"]), (&1000.into(), &1.into()));
}

#[test]
fn one_wrong_transaction_of_ten_thousand_is_found() {
    for (fault, words) in [
        (Fault::LosesRarely, "has a receipt and is in no block"),
        (Fault::StoresTwiceRarely, "is stored twice, again in block"),
        (Fault::MovesTwiceRarely, "units, and"),
        (Fault::AltersRarely, "with another sender, receiver or amount than sent"),
        (Fault::ForksRarely, "block 100 follows"),
        (Fault::CountsTwiceOnce, "the target's own api_requests_total"),
    ] {
        let (run, code) = run(fault);
        let stored = run["audit"]["stored"].as_u64().expect("an audit");
        assert!(stored >= 10_000, "{fault:?} had no occasion: only {stored} were sent");
        let message = audit_of(&run);
        assert!(message.contains(words), "{fault:?}: {message}");
        assert_eq!((&run["verdict"], code), (&"invalid".into(), 3), "{fault:?}");
    }
}
