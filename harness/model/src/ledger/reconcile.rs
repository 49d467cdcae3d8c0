//! A run's receipts against the blocks that a ledger has stored, block by block and in one pass.
//!
//! Takes a bit for each transaction that was sent, an entry for each that was refused or had no right answer, and nothing for the
//! blocks themselves.

use super::{Block, Finding, LedgerAudit, LedgerState, Transaction, UNITS, UNITS_AT_START};
use std::collections::{BTreeMap, HashSet};

/// Numbers that were given out to transactions: every `step`-th from `first` on.
#[derive(Debug, Clone, Default)]
pub struct Issued {
    /// The first number, and from one to the next.
    pub first: u64,
    /// See `first`.
    pub step: u64,
    /// How many were given out.
    pub count: u64,
    /// Those that were refused.
    pub refused: HashSet<u64>,
    /// Those whose fate is not known.
    pub unknown: HashSet<u64>,
    /// Those that were found in a block, a bit each.
    seen: Vec<u64>,
}

impl Issued {
    /// So many numbers from `first` on, all of them accepted.
    #[must_use]
    pub fn new(first: u64, step: u64, count: u64) -> Self {
        let words = usize::try_from(count.div_ceil(64)).unwrap_or(usize::MAX);
        Self { first, step: step.max(1), count, seen: vec![0; words], ..Self::default() }
    }

    /// The place of a number among these, if it is one of them.
    fn place(&self, serial: u64) -> Option<u64> {
        let offset = serial.checked_sub(self.first)?;
        (offset.is_multiple_of(self.step) && offset / self.step < self.count).then_some(offset / self.step)
    }

    /// Marks a place; whether it was marked before.
    fn mark(&mut self, place: u64) -> bool {
        let (word, bit) = ((place / 64) as usize, 1 << (place % 64));
        let before = self.seen[word] & bit != 0;
        self.seen[word] |= bit;
        before
    }

    /// Numbers that should have been found and were not.
    fn lost(&self) -> impl Iterator<Item = u64> {
        let missing = |place: &u64| self.seen[(place / 64) as usize] & (1 << (place % 64)) == 0;
        (0..self.count)
            .filter(missing)
            .map(|place| self.first + place * self.step)
            .filter(|serial| !self.refused.contains(serial) && !self.unknown.contains(serial))
    }
}

/// A stored transaction whose id is one of the run's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// The number under which it was sent.
    pub serial: u64,
    /// Whether sender, receiver and amount are those that were sent.
    pub is_as_sent: bool,
}

/// What is known of the transactions of one run.
pub struct Reconciliation<'a> {
    issued: Vec<Issued>,
    /// Which of the run's a stored transaction is, if it is one.
    find: &'a dyn Fn(&Transaction) -> Option<Found>,
    /// The id that was sent under a number.
    id_of: &'a dyn Fn(u64) -> String,
    before: LedgerState,
    height: u64,
    head: String,
    stored: u64,
    moved: BTreeMap<String, i64>,
    findings: Vec<Finding>,
}

impl<'a> Reconciliation<'a> {
    /// Begins with the ledger's state from before the run.
    #[must_use]
    pub fn new(
        before: LedgerState,
        issued: Vec<Issued>,
        find: &'a dyn Fn(&Transaction) -> Option<Found>,
        id_of: &'a dyn Fn(u64) -> String,
    ) -> Self {
        let (height, head) = (before.height, before.head.clone());
        Self {
            issued,
            find,
            id_of,
            before,
            height,
            head,
            stored: 0,
            moved: BTreeMap::new(),
            findings: Vec::new(),
        }
    }

    /// The height of the next block.
    #[must_use]
    pub fn next_height(&self) -> u64 {
        self.height + 1
    }

    /// Takes the next block.
    pub fn add(&mut self, block: &Block) {
        if block.height != self.height + 1 {
            self.keep(Finding::Height { height: block.height, expected: self.height + 1 });
        }
        if block.previous != self.head {
            let (previous, head) = (block.previous.clone(), self.head.clone());
            self.keep(Finding::Fork { height: block.height, previous, head });
        }
        let computed = block.computed_hash();
        if block.hash != computed {
            self.keep(Finding::Hash { height: block.height, said: block.hash.clone(), computed });
        }
        (self.height, self.head) = (self.height + 1, block.hash.clone());
        self.stored += block.transactions.len() as u64;
        for transaction in &block.transactions {
            *self.moved.entry(transaction.from.clone()).or_default() -= transaction.amount as i64;
            *self.moved.entry(transaction.to.clone()).or_default() += transaction.amount as i64;
            if let Some(finding) = self.look_up(transaction, block.height) {
                self.keep(finding);
            }
        }
    }

    /// What is wrong with a stored transaction.
    fn look_up(&mut self, stored: &Transaction, height: u64) -> Option<Finding> {
        let (id, count) = (stored.id.clone(), 1);
        let place = |found: Found| {
            let places = self.issued.iter().enumerate();
            places.filter_map(|(index, issued)| Some((index, issued.place(found.serial)?, found))).next()
        };
        let Some((index, place, found)) = (self.find)(stored).and_then(place) else {
            return Some(Finding::NeverSent { count, id, height });
        };
        let issued = &mut self.issued[index];
        if issued.mark(place) {
            return Some(Finding::Twice { count, id, height });
        }
        if issued.refused.contains(&found.serial) {
            return Some(Finding::StoredThoughRefused { count, id, height });
        }
        (!found.is_as_sent).then_some(Finding::Altered { count, id, height })
    }

    /// Keeps the first finding of a kind, and counts the others.
    fn keep(&mut self, finding: Finding) {
        let same =
            |known: &&mut Finding| std::mem::discriminant(&**known) == std::mem::discriminant(&finding);
        match self.findings.iter_mut().find(same) {
            None => self.findings.push(finding),
            Some(
                Finding::Lost { count, .. }
                | Finding::Twice { count, .. }
                | Finding::Altered { count, .. }
                | Finding::StoredThoughRefused { count, .. }
                | Finding::NeverSent { count, .. }
                | Finding::Balance { count, .. },
            ) => *count += 1,
            // The first place at which a chain breaks says it all.
            Some(_) => {}
        }
    }

    /// Accounts of which something was moved, and what they must hold now; nothing for a ledger that was used before, whose
    /// accounts began with what nobody has looked at.
    #[must_use]
    pub fn balances(&self) -> BTreeMap<String, i64> {
        if self.before.transactions > 0 {
            return BTreeMap::new();
        }
        self.moved.iter().map(|(account, moved)| (account.clone(), UNITS_AT_START as i64 + moved)).collect()
    }

    /// Compares the ledger's own account, given after the last block, with what the blocks hold; `balances` are what it says
    /// of the accounts in [`Self::balances`].
    #[must_use]
    pub fn finish(mut self, after: &LedgerState, balances: &BTreeMap<String, i64>) -> LedgerAudit {
        let lost: Vec<(u64, u64)> = {
            let each = self.issued.iter().map(|issued| {
                let mut lost = issued.lost();
                lost.next().map(|first| (1 + lost.count() as u64, first))
            });
            each.flatten().collect()
        };
        if let Some(&(_, first)) = lost.first() {
            let id = (self.id_of)(first);
            self.keep(Finding::Lost { count: lost.iter().map(|(count, _)| count).sum(), id });
        }
        let expected = self.balances();
        for (account, &expected) in &expected {
            let said = balances.get(account).copied().unwrap_or_default();
            if said != expected {
                self.keep(Finding::Balance { count: 1, account: account.clone(), said, expected });
            }
        }
        let sum = |part: fn(&Issued) -> u64| self.issued.iter().map(part).sum::<u64>();
        let refused = sum(|issued| issued.refused.len() as u64);
        let unknown = sum(|issued| issued.unknown.len() as u64);
        let receipts = sum(|issued| issued.count) - refused - unknown;
        self.compare_state(after, receipts, unknown);
        LedgerAudit {
            receipts,
            refused,
            unknown,
            blocks: self.height - self.before.height,
            stored: self.stored,
            accounts: expected.len() as u64,
            series: 0,
            findings: self.findings,
        }
    }

    fn compare_state(&mut self, after: &LedgerState, receipts: u64, unknown: u64) {
        if after.pending > 0 {
            self.keep(Finding::Pending { pending: after.pending });
        }
        if after.balance != UNITS {
            self.keep(Finding::Sum { said: after.balance, expected: UNITS });
        }
        let said = after.transactions.saturating_sub(self.before.transactions);
        if said != self.stored {
            self.keep(Finding::Count { said, stored: self.stored });
        }
        if !(receipts..=receipts + unknown).contains(&self.stored) {
            self.keep(Finding::Receipts { receipts, unknown, stored: self.stored });
        }
        if after.head != self.head {
            self.keep(Finding::Head { said: after.head.clone(), last: self.head.clone() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::NO_BLOCK;
    use super::*;

    fn transaction(serial: u64) -> Transaction {
        Transaction {
            id: format!("t-{serial}"),
            from: format!("acct-{:04}", serial % 7),
            to: format!("acct-{:04}", 7 + serial % 5),
            amount: 1 + serial % 9,
        }
    }

    fn state(height: u64, transactions: u64, head: &str) -> LedgerState {
        LedgerState { height, transactions, pending: 0, balance: UNITS, head: head.to_owned() }
    }

    /// A chain of these transactions, two in a block.
    fn chain(transactions: &[Transaction]) -> Vec<Block> {
        let mut previous = NO_BLOCK.to_owned();
        let seal = |(index, transactions): (usize, &[Transaction])| {
            let mut block = Block {
                height: index as u64 + 1,
                previous: previous.clone(),
                hash: String::new(),
                transactions: transactions.to_vec(),
            };
            block.hash = block.computed_hash();
            previous.clone_from(&block.hash);
            block
        };
        transactions.chunks(2).enumerate().map(seal).collect()
    }

    /// What an audit says of 0 to 9 having been sent, where `spoil` changes what is stored and `tell` what is told.
    fn audit(
        spoil: impl FnOnce(&mut Vec<Block>),
        tell: impl FnOnce(&mut LedgerState, &mut BTreeMap<String, i64>, &mut [Issued]),
    ) -> Vec<Finding> {
        let sent: Vec<Transaction> = (0..10).map(transaction).collect();
        let mut blocks = chain(&sent);
        let mut balances = BTreeMap::new();
        for Transaction { from, to, amount, .. } in &sent {
            *balances.entry(from.clone()).or_insert(UNITS_AT_START as i64) -= *amount as i64;
            *balances.entry(to.clone()).or_insert(UNITS_AT_START as i64) += *amount as i64;
        }
        spoil(&mut blocks);
        let stored: usize = blocks.iter().map(|block| block.transactions.len()).sum();
        let head = blocks.last().map_or(NO_BLOCK, |block| block.hash.as_str());
        let mut after = state(blocks.len() as u64, stored as u64, head);
        // Numbers 0, 2, 4 ... by one worker and 1, 3, 5 ... by another.
        let mut issued = vec![Issued::new(0, 2, 5), Issued::new(1, 2, 5)];
        tell(&mut after, &mut balances, &mut issued);
        let find = |stored: &Transaction| {
            let serial = stored.id.strip_prefix("t-")?.parse().ok()?;
            Some(Found { serial, is_as_sent: *stored == transaction(serial) })
        };
        let id_of = |serial: u64| transaction(serial).id;
        let mut reconciliation = Reconciliation::new(state(0, 0, NO_BLOCK), issued, &find, &id_of);
        blocks.iter().for_each(|block| reconciliation.add(block));
        reconciliation.finish(&after, &balances).findings
    }

    #[test]
    fn an_honest_ledger() {
        assert_eq!(audit(|_| {}, |_, _, _| {}), []);
        // Of those without an answer some are stored and some are not.
        let shorter = |blocks: &mut Vec<Block>| *blocks = chain(&(0..8).map(transaction).collect::<Vec<_>>());
        let found = audit(shorter, |_, balances, issued| {
            issued[0].unknown.extend([6, 8]);
            issued[1].refused.insert(9);
            for Transaction { from, to, amount, .. } in [transaction(8), transaction(9)] {
                *balances.get_mut(&from).unwrap() += amount as i64;
                *balances.get_mut(&to).unwrap() -= amount as i64;
            }
        });
        assert_eq!(found, []);
    }

    fn kinds(findings: &[Finding]) -> Vec<String> {
        let kind =
            |finding: &Finding| serde_json::to_value(finding).unwrap()["kind"].as_str().unwrap().to_owned();
        findings.iter().map(kind).collect()
    }

    #[test]
    fn what_is_lost_twice_altered_or_foreign_is_named() {
        let stored = |numbers: Vec<u64>| {
            move |blocks: &mut Vec<Block>| {
                *blocks = chain(&numbers.into_iter().map(transaction).collect::<Vec<_>>());
            }
        };
        let found = audit(stored(vec![0, 1, 2, 3, 5, 6, 7, 9]), |_, _, _| {});
        assert_eq!(found[0], Finding::Lost { count: 2, id: "t-4".into() });
        assert!(
            kinds(&found).contains(&"receipts".to_owned()) && kinds(&found).contains(&"balance".to_owned())
        );
        let found = audit(stored(vec![0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 3, 4]), |_, _, _| {});
        assert_eq!(found[0], Finding::Twice { count: 2, id: "t-3".into(), height: 6 });
        let found = audit(stored((0..11).collect()), |_, _, _| {});
        assert_eq!(found[0], Finding::NeverSent { count: 1, id: "t-10".into(), height: 6 });
        let found = audit(|_| {}, |_, _, issued| _ = issued[0].refused.insert(4));
        assert_eq!(found[0], Finding::StoredThoughRefused { count: 1, id: "t-4".into(), height: 3 });
        let altered = |blocks: &mut Vec<Block>| {
            let other =
                |n| if n == 5 { Transaction { amount: 70, ..transaction(5) } } else { transaction(n) };
            *blocks = chain(&(0..10).map(other).collect::<Vec<_>>());
        };
        let found = audit(altered, |_, _, _| {});
        assert_eq!(found[0], Finding::Altered { count: 1, id: "t-5".into(), height: 3 });
    }

    #[test]
    fn a_broken_chain_is_named() {
        let found = audit(|blocks| blocks[2].previous = NO_BLOCK.to_owned(), |_, _, _| {});
        assert_eq!(kinds(&found), ["fork", "hash"]);
        let found = audit(|blocks| blocks[4].transactions.swap(0, 1), |_, _, _| {});
        assert_eq!(kinds(&found), ["hash"]);
        let found = audit(|blocks| blocks[4].height = 7, |_, _, _| {});
        assert_eq!(kinds(&found), ["height", "hash"]);
    }

    /// A transaction that is stored once and moved its amount twice is in the balances alone.
    #[test]
    fn what_the_ledger_says_of_itself_must_agree() {
        let twice = |_: &mut LedgerState, balances: &mut BTreeMap<String, i64>, _: &mut [Issued]| {
            *balances.get_mut("acct-0000").unwrap() -= 1;
            *balances.get_mut("acct-0007").unwrap() += 1;
        };
        let found = audit(|_| {}, twice);
        assert!(matches!(&found[..], [Finding::Balance { count: 2, account, .. }] if account == "acct-0000"));
        assert_eq!(kinds(&audit(|_| {}, |after, _, _| after.balance -= 1)), ["sum"]);
        assert_eq!(kinds(&audit(|_| {}, |after, _, _| after.transactions += 1)), ["count"]);
        assert_eq!(kinds(&audit(|_| {}, |after, _, _| after.pending = 1)), ["pending"]);
        assert_eq!(kinds(&audit(|_| {}, |after, _, _| after.head = NO_BLOCK.into())), ["head"]);
    }
}
