//! The chain as anybody can compute it from what was published: hashes, links, and balances by replay. Pure.

pub(in super::super) use bench_model::ledger::Transaction;
pub(super) use bench_model::ledger::{Block, NO_BLOCK};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Transactions of a full block.
pub(in super::super) const FULL: usize = 100;
/// Balances by account.
pub(super) type Balances = BTreeMap<String, i128>;

fn read_transaction(value: &Value) -> Option<Transaction> {
    has_keys(value, &["id", "from", "to", "amount"])?;
    let text = |key: &str| value[key].as_str().map(str::to_owned);
    Some(Transaction {
        id: text("id")?,
        from: text("from")?,
        to: text("to")?,
        amount: whole(&value["amount"])?,
    })
}

/// Reads a block of `GET /blocks`, which has these keys and no others; what is wrong with it, in words.
pub(super) fn read_block(value: &Value) -> Result<Block, String> {
    let read = || {
        has_keys(value, &["height", "previous", "hash", "transactions"])?;
        let transactions = value["transactions"].as_array()?.iter().map(read_transaction);
        Some(Block {
            height: whole(&value["height"])?,
            previous: value["previous"].as_str()?.to_owned(),
            hash: value["hash"].as_str()?.to_owned(),
            transactions: transactions.collect::<Option<_>>()?,
        })
    };
    let start: String = value.to_string().chars().take(120).collect();
    read().ok_or_else(|| format!("a block of another form, {start}"))
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
        let right = block.computed_hash();
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
    use serde_json::json;

    fn transaction(id: &str) -> Transaction {
        let (from, to) = ("acct-0000".to_owned(), "acct-0001".to_owned());
        Transaction { id: id.to_owned(), from, to, amount: 5 }
    }

    fn block(height: u64, previous: &str, ids: &[&str]) -> Block {
        let transactions = ids.iter().map(|id| transaction(id)).collect();
        let mut block = Block { height, previous: previous.to_owned(), hash: String::new(), transactions };
        block.hash = block.computed_hash();
        block
    }

    #[test]
    fn the_hash_of_the_contract() {
        let hash = "9c6f0fdaee824720814d97929e63d45e123eb0b850f2b180256679e587e8a4b2";
        assert_eq!(block(1, NO_BLOCK, &["t-1"]).hash, hash);
        // printf 'block 2\nprevious %s\n0 t-2 acct-0000 acct-0001 5\n1 t-3 acct-0000 acct-0001 5\n' $hash | sha256sum
        let second = "09afbd2140d8fbf0d61bbb1cb340d2784019d238dd8451421f904dc6b64043f5";
        assert_eq!(block(2, hash, &["t-2", "t-3"]).hash, second);
    }

    #[test]
    fn what_breaks_a_chain() {
        let first = block(1, NO_BLOCK, &["a"]);
        let second = block(2, &first.hash, &["b", "c"]);
        let start = || (0, NO_BLOCK.to_owned());
        assert_eq!(verify(&[first.clone(), second.clone()], start()), Ok(()));
        assert_eq!(verify(std::slice::from_ref(&second), (1, first.hash.clone())), Ok(()));
        let changed = Block { transactions: vec![transaction("x")], ..second.clone() };
        for (blocks, part) in [
            (vec![second.clone()], "height 2 where 1 should be"),
            (vec![first.clone(), block(2, NO_BLOCK, &["b"])], "`previous` 0000"),
            (vec![first.clone(), changed], "block 2 with the hash"),
            (vec![first.clone(), block(2, &first.hash, &["a"])], "the id a a second time"),
            (vec![block(1, NO_BLOCK, &[])], "0 transactions"),
        ] {
            let said = verify(&blocks, start()).unwrap_err();
            assert!(said.contains(part), "{said}");
        }
    }

    #[test]
    fn balances_by_replay() {
        let mut balances: Balances = [("acct-0000".to_owned(), 12), ("acct-0001".to_owned(), 0)].into();
        let blocks = [block(1, NO_BLOCK, &["a", "b"])];
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
        assert_eq!(read_block(&good).unwrap().transactions, [transaction("a")]);
        let mut more = good.clone();
        more["time"] = json!(1);
        assert!(read_block(&more).unwrap_err().contains("another form"));
        assert!(read_block(&json!([])).is_err());
    }
}
