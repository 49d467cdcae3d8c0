//! The chain as anybody can compute it from what was published: hashes, links, and balances by replay. Pure.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Transactions of a full block.
pub(in super::super) const FULL: usize = 100;
/// The hash before the first block.
pub(super) const NO_HASH: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// An amount on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Transaction {
    pub(in super::super) id: String,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) amount: u64,
}

/// A sealed block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) height: u64,
    pub(super) previous: String,
    pub(super) hash: String,
    pub(super) transactions: Vec<Transaction>,
}

/// Balances by account.
pub(super) type Balances = BTreeMap<String, i128>;

impl Transaction {
    pub(in super::super) fn json(&self) -> Value {
        json!({ "id": self.id, "from": self.from, "to": self.to, "amount": self.amount })
    }

    fn read(value: &Value) -> Option<Self> {
        has_keys(value, &["id", "from", "to", "amount"])?;
        let text = |key: &str| value[key].as_str().map(str::to_owned);
        Some(Self { id: text("id")?, from: text("from")?, to: text("to")?, amount: whole(&value["amount"])? })
    }
}

impl Block {
    /// Reads a block of `GET /blocks`; what is wrong with it, in words.
    pub(super) fn read(value: &Value) -> Result<Self, String> {
        let read = || {
            has_keys(value, &["height", "previous", "hash", "transactions"])?;
            let transactions = value["transactions"].as_array()?.iter().map(Transaction::read);
            Some(Self {
                height: whole(&value["height"])?,
                previous: value["previous"].as_str()?.to_owned(),
                hash: value["hash"].as_str()?.to_owned(),
                transactions: transactions.collect::<Option<_>>()?,
            })
        };
        let start: String = value.to_string().chars().take(120).collect();
        read().ok_or_else(|| format!("a block of another form, {start}"))
    }

    /// The hash that the block must have.
    pub(super) fn right_hash(&self) -> String {
        let mut text = format!("block {}\nprevious {}\n", self.height, self.previous);
        for (index, Transaction { id, from, to, amount }) in self.transactions.iter().enumerate() {
            let _ = writeln!(text, "{index} {id} {from} {to} {amount}");
        }
        Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Makes sure that blocks follow each other and the block before them: heights, links, hashes, sizes, and no id twice.
pub(super) fn verify(blocks: &[Block], (mut height, mut head): (u64, String)) -> Result<(), String> {
    let mut ids = BTreeSet::new();
    for block in blocks {
        height += 1;
        if block.height != height {
            return Err(format!("height {} where {height} should be", block.height));
        }
        if block.previous != head {
            return Err(format!("block {height} with `previous` {} after the hash {head}", block.previous));
        }
        if !(1..=FULL).contains(&block.transactions.len()) {
            return Err(format!("block {height} with {} transactions", block.transactions.len()));
        }
        let right = block.right_hash();
        if block.hash != right {
            return Err(format!("block {height} with the hash {} instead of {right}", block.hash));
        }
        if let Some(twice) = block.transactions.iter().find(|one| !ids.insert(&one.id)) {
            return Err(format!("the id {} a second time, in block {height}", twice.id));
        }
        head.clone_from(&block.hash);
    }
    Ok(())
}

/// Applies blocks to balances; what could not have been applied, in words. Accounts that are not known are left out.
pub(super) fn replay(blocks: &[Block], balances: &mut Balances) -> Result<(), String> {
    for Transaction { id, from, to, amount } in blocks.iter().flat_map(|block| &block.transactions) {
        let amount = i128::from(*amount);
        if let Some(balance) = balances.get_mut(from) {
            *balance -= amount;
            if *balance < 0 {
                return Err(format!("{id} takes {amount} from {from}, which had less"));
            }
        }
        if let Some(balance) = balances.get_mut(to) {
            *balance += amount;
        }
    }
    Ok(())
}

/// A whole number, however it is written.
pub(super) fn whole(value: &Value) -> Option<u64> {
    let float = || value.as_f64().filter(|float| float.fract() == 0.0 && (0.0..9.1e15).contains(float));
    value.as_u64().or_else(|| float().map(|float| float as u64))
}

/// Whether an object has these keys and no others.
pub(super) fn has_keys(value: &Value, keys: &[&str]) -> Option<()> {
    let object = value.as_object()?;
    (object.len() == keys.len() && keys.iter().all(|key| object.contains_key(*key))).then_some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transaction(id: &str) -> Transaction {
        let (from, to) = ("acct-0000".to_owned(), "acct-0001".to_owned());
        Transaction { id: id.to_owned(), from, to, amount: 5 }
    }

    fn block(height: u64, previous: &str, ids: &[&str]) -> Block {
        let transactions = ids.iter().map(|id| transaction(id)).collect();
        let mut block = Block { height, previous: previous.to_owned(), hash: String::new(), transactions };
        block.hash = block.right_hash();
        block
    }

    #[test]
    fn the_hash_of_the_contract() {
        let hash = "9c6f0fdaee824720814d97929e63d45e123eb0b850f2b180256679e587e8a4b2";
        assert_eq!(block(1, NO_HASH, &["t-1"]).hash, hash);
        // printf 'block 2\nprevious %s\n0 t-2 acct-0000 acct-0001 5\n1 t-3 acct-0000 acct-0001 5\n' $hash | sha256sum
        let second = "09afbd2140d8fbf0d61bbb1cb340d2784019d238dd8451421f904dc6b64043f5";
        assert_eq!(block(2, hash, &["t-2", "t-3"]).hash, second);
    }

    #[test]
    fn what_breaks_a_chain() {
        let first = block(1, NO_HASH, &["a"]);
        let second = block(2, &first.hash, &["b", "c"]);
        let start = || (0, NO_HASH.to_owned());
        assert_eq!(verify(&[first.clone(), second.clone()], start()), Ok(()));
        assert_eq!(verify(std::slice::from_ref(&second), (1, first.hash.clone())), Ok(()));
        let changed = Block { transactions: vec![transaction("x")], ..second.clone() };
        for (blocks, part) in [
            (vec![second.clone()], "height 2 where 1 should be"),
            (vec![first.clone(), block(2, NO_HASH, &["b"])], "`previous` 0000"),
            (vec![first.clone(), changed], "block 2 with the hash"),
            (vec![first.clone(), block(2, &first.hash, &["a"])], "the id a a second time"),
            (vec![block(1, NO_HASH, &[])], "0 transactions"),
        ] {
            let said = verify(&blocks, start()).unwrap_err();
            assert!(said.contains(part), "{said}");
        }
    }

    #[test]
    fn balances_by_replay() {
        let mut balances: Balances = [("acct-0000".to_owned(), 12), ("acct-0001".to_owned(), 0)].into();
        let blocks = [block(1, NO_HASH, &["a", "b"])];
        assert_eq!(replay(&blocks, &mut balances), Ok(()));
        assert_eq!((balances["acct-0000"], balances["acct-0001"]), (2, 10));
        assert!(replay(&blocks, &mut balances).unwrap_err().contains("which had less"));
    }

    #[test]
    fn forms() {
        for (value, expected) in [
            (json!(5), Some(5)),
            (json!(5.0), Some(5)),
            (json!(5.5), None),
            (json!(-1), None),
            (json!("5"), None),
        ] {
            assert_eq!(whole(&value), expected, "{value}");
        }
        let good =
            json!({"height": 1, "previous": "p", "hash": "h", "transactions": [transaction("a").json()]});
        assert_eq!(Block::read(&good).unwrap().transactions, [transaction("a")]);
        let mut more = good.clone();
        more["time"] = json!(1);
        assert!(Block::read(&more).unwrap_err().contains("another form"));
        assert!(Block::read(&json!([])).is_err());
    }
}
