//! `POST /tx` and `POST /tx/batch`: from a body to transfers, and from places in blocks to receipts.
//!
//! It must not know what makes a transfer good: the ledger does.

use hyper::StatusCode;
use serde::Serialize;
use serde::de::{Error, MapAccess};

use crate::ledger::{Place, Refusal, Transfer};
use crate::name::is_name;
use crate::record::{Object, Record, Text, decode};
use crate::reply::Reply;
use crate::service::Service;
use crate::settings::Acknowledgement;

/// The most transactions of a batch.
const BATCH_TRANSACTIONS: usize = 1_000;

/// The longest id of a transaction, in characters.
const ID_CHARACTERS: usize = 64;

/// A transaction as it was sent.
#[derive(Debug)]
struct Sent<'json> {
    id: Text<'json>,
    from: Text<'json>,
    to: Text<'json>,
    amount: f64,
}

/// The result of one transaction.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Outcome<'sent> {
    Receipt { id: &'sent str, status: &'static str, block: u32, index: u32 },
    Refused { id: &'sent str, status: &'static str, error: String },
}

/// Answers `POST /tx`.
pub(crate) async fn one(body: &[u8], service: &Service) -> Reply {
    let sent = match decode::<Object<Sent<'_>>>(body, "a transaction") {
        Ok(Object(sent)) => sent,
        Err(refused) => return refused,
    };
    let transfer = sent.transfer();
    let (applied, height) =
        service.node.change(|ledger, now| (ledger.apply(&transfer, now), ledger.height()));
    match applied {
        Ok(place) => {
            let status = acknowledge(place.block, height, service).await;
            Reply::json(&Outcome::receipt(&sent, place, status))
        }
        Err(refusal) => Reply::error(StatusCode::UNPROCESSABLE_ENTITY, &refusal.to_string()),
    }
}

/// Answers `POST /tx/batch`.
pub(crate) async fn batch(body: &[u8], service: &Service) -> Reply {
    let sent = match decode::<Vec<Object<Sent<'_>>>>(body, "an array of transactions") {
        Ok(sent) => sent,
        Err(refused) => return refused,
    };
    if !(1..=BATCH_TRANSACTIONS).contains(&sent.len()) {
        let message = format!("a batch has 1 to {BATCH_TRANSACTIONS} transactions, this one {}", sent.len());
        return Reply::error(StatusCode::BAD_REQUEST, &message);
    }
    let transfers: Vec<Transfer<'_>> = sent.iter().map(|Object(sent)| sent.transfer()).collect();
    let mut applied: Vec<Result<Place, Refusal>> = Vec::with_capacity(transfers.len());
    let height = service.node.change(|ledger, now| {
        applied.extend(transfers.iter().map(|transfer| ledger.apply(transfer, now)));
        ledger.height()
    });
    let last = applied.iter().flatten().map(|place| place.block).max().unwrap_or(0);
    let status = acknowledge(last, height, service).await;
    let results = sent.iter().zip(applied).map(|(Object(sent), applied)| match applied {
        Ok(place) => Outcome::receipt(sent, place, status),
        Err(refusal) => Outcome::refused(sent, refusal),
    });
    Reply::json(&results.collect::<Vec<_>>())
}

/// Waits until a receipt for this block can be given, and tells its status. `height` is that of the last sealed block.
async fn acknowledge(block: u32, height: u32, service: &Service) -> &'static str {
    match service.settings.acknowledgement {
        Acknowledgement::Accepted => "accepted",
        Acknowledgement::Sealed => {
            if block > height {
                service.receipts.wait_for(block).await;
            }
            "committed"
        }
    }
}

impl Sent<'_> {
    fn transfer(&self) -> Transfer<'_> {
        Transfer { id: &self.id.0, from: &self.from.0, to: &self.to.0, amount: self.amount }
    }
}

impl<'sent> Outcome<'sent> {
    fn receipt(sent: &'sent Sent<'_>, place: Place, status: &'static str) -> Self {
        let Place { block, index } = place;
        Self::Receipt { id: &sent.id.0, status, block, index }
    }

    fn refused(sent: &'sent Sent<'_>, refusal: Refusal) -> Self {
        Self::Refused { id: &sent.id.0, status: "refused", error: refusal.to_string() }
    }
}

impl<'json> Record<'json> for Sent<'json> {
    type Fields = (Option<Text<'json>>, Option<Text<'json>>, Option<Text<'json>>, Option<f64>);

    fn take<A: MapAccess<'json>>(
        (id, from, to, amount): &mut Self::Fields,
        key: &str,
        object: &mut A,
    ) -> Result<bool, A::Error> {
        match key {
            "id" => *id = Some(object.next_value()?),
            "from" => *from = Some(object.next_value()?),
            "to" => *to = Some(object.next_value()?),
            "amount" => *amount = Some(object.next_value()?),
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn complete<E: Error>((id, from, to, amount): Self::Fields) -> Result<Self, E> {
        let sent = Self {
            id: id.ok_or_else(|| E::missing_field("id"))?,
            from: from.ok_or_else(|| E::missing_field("from"))?,
            to: to.ok_or_else(|| E::missing_field("to"))?,
            amount: amount.ok_or_else(|| E::missing_field("amount"))?,
        };
        if !is_name(&sent.id.0, ID_CHARACTERS) {
            return Err(E::custom("`id` is not 1 to 64 characters of A-Z a-z 0-9 . _ -"));
        }
        Ok(sent)
    }
}
