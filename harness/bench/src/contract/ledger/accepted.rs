//! The cases of `LEDGER_ACK`.

use super::super::case::{Case, Check, Group};
use super::super::fault::Fault;
use super::super::instance::Origin;
use super::super::wire::Wire;
use super::client::{Ledger, account, receipt};
use super::sealing::{EARLIEST, are_where_they_say, at_once};
use std::time::Instant;

/// The variable that says when a receipt is given.
const ACK: &str = "LEDGER_ACK";

pub(super) const CASES: &[Case] = &[
    Case {
        id: "ack-accepted",
        group: Group::Ledger,
        what: "LEDGER_ACK=accepted: receipts come at once",
        contract: "With `LEDGER_ACK=accepted` in the environment it is given at once instead, `status` is `accepted`, and everything else is the same",
        check: Check::Fresh(&[(ACK, "accepted")], accepted),
    },
    Case {
        id: "ack-sealed",
        group: Group::Ledger,
        what: "LEDGER_ACK=sealed is what is done without it",
        contract: "`LEDGER_ACK=sealed` is the default;",
        check: Check::Fresh(&[(ACK, "sealed")], sealed),
    },
    Case {
        id: "ack-unknown",
        group: Group::Ledger,
        what: "no start with another value of LEDGER_ACK",
        contract: "any other value is an error on standard error, and an exit code other than 0.",
        check: Check::Process(unknown),
    },
];

fn accepted(wire: &Wire) -> Result<(), Fault> {
    let mut ledger = Ledger::open(wire)?;
    let (from, to) = (account(0), account(1));
    let mut promised = Vec::new();
    at_once("POST /tx with LEDGER_ACK=accepted", || {
        let transaction = ledger.transaction(&from, &to, 1);
        let answer = ledger.post(transaction.json().to_string())?;
        let receipt = receipt(&answer, &transaction.id)?;
        if receipt.status != "accepted" {
            return Err(answer.wrong("a receipt whose status is accepted"));
        }
        promised.push((receipt, transaction));
        Ok(())
    })?;
    at_once("POST /tx/batch with LEDGER_ACK=accepted", || {
        let transactions: Vec<_> = (0..150).map(|_| ledger.transaction(&from, &to, 2)).collect();
        let receipts = ledger.apply_batch(&transactions)?;
        // What was promised of a block that is still open holds once it is sealed.
        let again = ledger.apply(&transactions[149])?;
        if again != receipts[149] || again.status != "accepted" {
            let expected = format!("{:?}", receipts[149]);
            return Err(Fault::new("the same id again", expected, format!("{again:?}")));
        }
        promised.extend(receipts.into_iter().zip(transactions));
        Ok(())
    })?;
    ledger.settled()?;
    are_where_they_say(&ledger.new_blocks()?, &promised)
}

fn sealed(wire: &Wire) -> Result<(), Fault> {
    let mut ledger = Ledger::open(wire)?;
    let transaction = ledger.transaction(&account(0), &account(1), 1);
    let began = Instant::now();
    let receipt = ledger.apply(&transaction)?;
    let took = began.elapsed();
    if receipt.status == "committed" && took >= EARLIEST {
        return Ok(());
    }
    let expected = "a receipt whose status is committed, after 50 ms";
    Err(Fault::new("POST /tx with LEDGER_ACK=sealed", expected, format!("{} after {took:?}", receipt.status)))
}

fn unknown(wire: &Wire, origin: &Origin<'_>) -> Result<(), Fault> {
    let stateful = origin.manifest.for_state();
    let origin = Origin { manifest: &stateful, ..*origin };
    // What the error says is left to the target here.
    let begun = ["maybe", "Accepted"].map(|value| origin.forbidden(wire, ACK, Some(value)));
    begun.into_iter().try_for_each(|start| start?.ends(wire, ""))
}
