//! The audit from the outside: a run against a ledger that is right but for one transaction in ten thousand is invalid, and the
//! warning names what is wrong.

use crate::contract_server::{Fault, SLOW_BLOCKS_ASKED, start};
use crate::support::{Running, Sandbox, wait_for};
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const BATCHES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios/transaction-batch.toml");

/// Loads a server that has this fault with batches of 100, and gives the run and its exit code.
fn run(fault: Fault) -> (Value, i32) {
    run_at(&start(fault))
}

fn run_at(url: &str) -> (Value, i32) {
    Sandbox::new().json(&[
        "run",
        "--scenario",
        BATCHES,
        "--url",
        url,
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

/// What is typed for a short run of a scenario of one's own.
fn short<'a>(scenario: &'a str, url: &'a str) -> Vec<&'a str> {
    let load = ["-c", "4", "-t", "1", "-d", "1s", "--warmup", "0s", "--timeout", "1s"];
    ["run", "--scenario", scenario, "--url", url].into_iter().chain(load).collect()
}

/// Writes a scenario of one's own, and gives its path.
fn scenario(sandbox: &Sandbox, requests: &str) -> String {
    let head = "name = \"own\"\ndescription = \"d\"\nstateful = true\naudit = \"ledger\"\n";
    let path = sandbox.folder.path().join("own.toml");
    std::fs::write(&path, head.to_owned() + requests).expect("a scenario");
    path.display().to_string()
}

fn transactions(id: &str, more: &str) -> String {
    format!(
        r#"
[[request]]
method = "POST"
path = "/tx"
body.fresh = '{{"id":"{id}","from":"acct-{{{{digits 0 0999}}}}","to":"acct-{{{{other 0 0999}}}}","amount":{{{{int 1 9}}}}}}'
{more}
"#
    )
}

#[test]
fn ids_may_have_more_in_them_than_their_number_and_other_requests_numbers_too() {
    let sandbox = Sandbox::new();
    let echo =
        "[[request]]\nmethod = \"POST\"\npath = \"/echo\"\nbody.fresh = '{\"order\":\"{{serial}}\"}'\n";
    for id in ["{{run}}-{{serial}}-{{hex 4}}", "{{hex 8}}{{run}}{{serial}}"] {
        let own = scenario(&sandbox, &(transactions(id, "") + echo));
        let (run, _) = sandbox.json(&short(&own, &start(Fault::None)));
        assert_eq!(audit_of(&run), "", "{id}");
        let receipts = run["audit"]["receipts"].as_u64().expect("an audit");
        assert!(receipts > 0 && receipts == run["audit"]["stored"], "{}", run["audit"]);
        // But for those that were asked before the window, or were in flight at its end.
        let requests = run["summary"]["requests"].as_u64().expect("a count");
        assert!(receipts <= requests / 2 + 20, "half of {requests} are echoes: {receipts}");
    }
}

#[test]
fn what_could_accuse_a_ledger_that_is_right_is_refused_before_anything_is_started() {
    let sandbox = Sandbox::new();
    let good = "{{run}}-{{serial}}";
    let batch = transactions(good, "body.batch = 5").replace("/tx", "/tx/batch");
    for (requests, parts) in [
        (transactions("{{serial}}", ""), &["request 1 (POST /tx)", "no {{run}}"][..]),
        (transactions("{{run}}-{{hex 20}}", ""), &["no {{serial}}"]),
        (transactions(good, "").replace("amount", "sum"), &["no transactions", "`amount`"]),
        (
            transactions(good, "expect.status = \"200,422\""),
            &["`expect.status` (200,422)", "422 for a receipt"],
        ),
        (transactions(good, "").replace("/tx", "/echo"), &["POST /tx or /tx/batch"]),
        (batch, &["request 1 (POST /tx/batch)", "their `status`"]),
        (transactions(good, "refused = { status = \"200\" }"), &["status 200", "`refused.status`"]),
    ] {
        let own = scenario(&sandbox, &requests);
        let output = sandbox.run(&["run", "--scenario", &own, "--url", "http://127.0.0.1:9", "--dry-run"]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{requests}: {said}");
        assert!(parts.iter().all(|part| said.contains(part)), "{parts:?}: {said}");
    }
}

/// Seven of eight name an account that is not there, the first one among them.
#[test]
fn refusals_that_are_allowed_may_be_the_first_answers() {
    let sandbox = Sandbox::new();
    let mostly = "{{pick zzzz zzzz zzzz zzzz zzzz zzzz zzzz acct}}-{{digits 0 0999}}";
    let requests = transactions("{{run}}-{{serial}}", "refused = { status = \"422\" }")
        .replace("acct-{{digits 0 0999}}", mostly);
    let own = scenario(&sandbox, &requests);
    let (run, _) = sandbox.json(&short(&own, &start(Fault::None)));
    assert_eq!(audit_of(&run), "");
    let [refused, receipts] = ["refused", "receipts"].map(|part| run["audit"][part].as_u64().unwrap());
    assert!(refused > receipts && receipts > 0, "{}", run["audit"]);

    let always = requests.replace(" acct}}", " zzzz}}");
    let own = scenario(&sandbox, &always);
    let output = sandbox.run(&short(&own, &start(Fault::None)));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("asked 20 times") && said.contains("unknown account"), "{said}");
}

#[test]
fn others_on_the_same_ledger_are_not_held_against_it() {
    let url = start(Fault::None);
    let done = AtomicBool::new(false);
    let (run, code) = std::thread::scope(|scope| {
        scope.spawn(|| {
            for number in 0.. {
                if done.load(Ordering::Relaxed) {
                    return;
                }
                let sent = json!({"id": format!("other-{number}"), "from": "acct-0001", "to": "acct-0002", "amount": 1});
                post(&url, &sent.to_string());
                std::thread::sleep(Duration::from_millis(200));
            }
        });
        let run = run_at(&url);
        done.store(true, Ordering::Relaxed);
        run
    });
    let message = audit_of(&run);
    assert!(message.starts_with("keep all others away from the target"), "{message}");
    assert!(message.contains("other-") && message.contains("somebody else used the ledger"), "{message}");
    assert_eq!((&run["verdict"], code), (&"invalid".into(), 3));
}

fn post(url: &str, body: &str) {
    let mut stream = TcpStream::connect(url.trim_start_matches("http://")).expect("a connection");
    let length = body.len();
    let request = format!(
        "POST /tx HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).expect("a request");
    let _ = stream.read_to_end(&mut Vec::new());
}

#[test]
fn a_ledger_that_cannot_be_read_is_not_accused() {
    let (run, code) = run(Fault::NoBlocks);
    let warnings = run["warnings"].as_array().expect("warnings");
    assert_eq!(audit_of(&run), "");
    let warning = warnings.iter().find(|warning| warning["code"] == "not-audited").expect("a warning");
    let message = warning["message"].as_str().expect("a message");
    assert!(message.starts_with("the target could not be audited"), "{message}");
    assert!(message.contains("GET /blocks?from=1") && message.contains("status 500"), "{message}");
    assert_eq!((&run["verdict"], code), (&"invalid".into(), 3));
}

#[test]
fn an_audit_takes_the_time_that_it_needs_unless_it_is_interrupted() {
    // A second and a half for the blocks, where a request of the load has one second.
    let sandbox = Sandbox::new();
    let own = scenario(&sandbox, &transactions("{{run}}-{{serial}}", ""));
    let url = start(Fault::SlowBlocks);
    let arguments = short(&own, &url);
    let (run, _) = sandbox.json(&arguments);
    assert_eq!(run["audit"]["findings"], json!([]), "{}", run["warnings"]);

    let sandbox = Sandbox::new();
    let asked = SLOW_BLOCKS_ASKED.load(Ordering::Relaxed);
    let mut command = sandbox.bench(&arguments);
    let mut running =
        Running(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("bench starts"));
    wait_for("the audit", || (SLOW_BLOCKS_ASKED.load(Ordering::Relaxed) > asked).then_some(()));
    running.signal(rustix::process::Signal::INT);
    assert_eq!(running.0.wait().expect("it ends").code(), Some(130));
    let report = sandbox.run(&["report", "latest"]);
    let said = String::from_utf8_lossy(&report.stdout).into_owned();
    assert!(said.contains("INVALID") && said.contains("ended early by SIGINT"), "{said}");
    assert!(said.contains("Audit: not made, since the run was cut short"), "{said}");
}
