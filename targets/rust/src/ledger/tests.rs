//! The ledger by itself: every rule of the contract, with a clock that is passed in.
//!
//! The hashes were made with `sha256sum` over the lines that the contract gives.

use super::*;

const ZEROS: &str = "0000000000000000000000000000000000000000000000000000000000000000";
const EXAMPLE: &str = "9c6f0fdaee824720814d97929e63d45e123eb0b850f2b180256679e587e8a4b2";

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

fn transfer<'a>(id: &'a str, from: &'a str, to: &'a str, amount: f64) -> Transfer<'a> {
    Transfer { id, from, to, amount }
}

/// One unit from `acct-0000` to `acct-0001`.
fn unit(id: &str) -> Transfer<'_> {
    transfer(id, "acct-0000", "acct-0001", 1.0)
}

fn balance(ledger: &Ledger, id: &str) -> u64 {
    ledger.balance(Account::of(id).expect("an account"))
}

fn hashes(ledger: &Ledger) -> Vec<String> {
    ledger.blocks(1, 1_000).iter().map(|block| block.hash.to_string()).collect()
}

#[test]
fn a_fresh_ledger_holds_a_thousand_million_units_and_no_block() {
    let ledger = Ledger::new();
    let State { height, transactions, pending, balance, head } = ledger.state();
    assert_eq!((height, transactions, pending, balance), (0, 0, 0, 1_000_000_000));
    assert_eq!(head.to_string(), ZEROS);
    assert!(ledger.blocks(1, 1_000).is_empty());
    assert_eq!(ledger.due(), None);
}

#[test]
fn an_amount_moves_at_once_and_the_block_follows() {
    let (mut ledger, start) = (Ledger::new(), Instant::now());
    let place = ledger.apply(&transfer("t-1", "acct-0000", "acct-0001", 5.0), start);
    assert_eq!(place, Ok(Place { block: 1, index: 0 }));
    assert_eq!(balance(&ledger, "acct-0000"), 999_995);
    assert_eq!(balance(&ledger, "acct-0001"), 1_000_005);
    let state = ledger.state();
    assert_eq!((state.height, state.transactions, state.pending), (0, 0, 1));
    assert!(ledger.blocks(1, 1).is_empty(), "an open block is not shown");

    ledger.seal_if_due(start + ms(50));
    let state = ledger.state();
    assert_eq!((state.height, state.transactions, state.pending), (1, 1, 0));
    assert_eq!((state.balance, state.head.to_string()), (1_000_000_000, EXAMPLE.to_owned()));
}

#[test]
fn a_chain_of_three_blocks_has_the_hashes_that_sha256sum_gives() {
    let (mut ledger, start) = (Ledger::new(), Instant::now());
    ledger.apply(&transfer("t-1", "acct-0000", "acct-0001", 5.0), start).expect("block 1");
    ledger.seal_if_due(start + ms(50));
    ledger.apply(&transfer("t-2", "acct-0001", "acct-0000", 1.0), start + ms(60)).expect("block 2");
    ledger.apply(&transfer("t-3", "acct-0999", "acct-0998", 1e6), start + ms(109)).expect("block 2");
    ledger.apply(&transfer("A.b_c-9", "acct-0998", "acct-0999", 2e6), start + ms(110)).expect("block 3");
    ledger.seal_if_due(start + ms(160));
    let expected = [
        EXAMPLE,
        "f76c4d56d262497209b9fca48c40e7c78b92b33ba5a35206456dd998d1d2612b",
        "409dc6f8c9b955386bc94fcf8d6285281bf8d27bb239d8aad5af764d864162c2",
    ];
    assert_eq!(hashes(&ledger), expected);
    let blocks = ledger.blocks(1, 3);
    let previous: Vec<String> = blocks.iter().map(|block| block.previous.to_string()).collect();
    assert_eq!(previous, [ZEROS, expected[0], expected[1]]);
    assert_eq!(blocks.iter().map(|block| block.height).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(balance(&ledger, "acct-0998"), 0, "an account can be emptied");
    let shown = serde_json::to_value(&blocks[1].transactions).expect("JSON");
    assert_eq!(
        shown,
        serde_json::json!([
            {"id": "t-2", "from": "acct-0001", "to": "acct-0000", "amount": 1},
            {"id": "t-3", "from": "acct-0999", "to": "acct-0998", "amount": 1_000_000},
        ])
    );
}

#[test]
fn the_hundredth_transaction_seals_its_block() {
    let (mut ledger, now) = (Ledger::new(), Instant::now());
    for index in 0..99 {
        let place = ledger.apply(&unit(&format!("t-{index}")), now);
        assert_eq!(place, Ok(Place { block: 1, index }));
    }
    assert_eq!((ledger.height(), ledger.state().pending), (0, 99));
    assert_eq!(ledger.apply(&unit("t-99"), now), Ok(Place { block: 1, index: 99 }));
    assert_eq!((ledger.height(), ledger.state().pending, ledger.due()), (1, 0, None));
    assert_eq!(ledger.apply(&unit("t-100"), now), Ok(Place { block: 2, index: 0 }));
    ledger.seal_if_due(now + ms(50));
    assert_eq!(
        hashes(&ledger),
        [
            "e93b14505fcd1e47a6e5335ff41a88a13b8088e1dee65b9c0d394d5e63e7cce8",
            "ee81834e0162adb9818d2f1bb98a9623e4a3079c7fdfae278bf1315c9ee9b33c",
        ],
        "indices of one digit and of two"
    );
}

#[test]
fn a_block_is_sealed_50_ms_after_its_first_transaction_and_not_before() {
    let (mut ledger, start) = (Ledger::new(), Instant::now());
    ledger.seal_if_due(start);
    assert_eq!(ledger.height(), 0, "there are no empty blocks");
    ledger.apply(&unit("a"), start + ms(10)).expect("applied");
    ledger.apply(&unit("b"), start + ms(40)).expect("applied");
    assert_eq!(ledger.due(), Some(start + ms(60)), "the first transaction counts");
    ledger.seal_if_due(start + ms(60) - Duration::from_nanos(1));
    assert_eq!(ledger.height(), 0);
    ledger.seal_if_due(start + ms(60));
    assert_eq!((ledger.height(), ledger.due()), (1, None));
    ledger.seal_if_due(start + ms(1_000));
    assert_eq!(ledger.height(), 1, "there are no empty blocks");
}

#[test]
fn a_late_timer_does_not_let_a_block_grow() {
    let (mut ledger, start) = (Ledger::new(), Instant::now());
    ledger.apply(&unit("a"), start).expect("applied");
    assert_eq!(ledger.apply(&unit("b"), start + ms(50)), Ok(Place { block: 2, index: 0 }));
    assert_eq!(ledger.due(), Some(start + ms(100)));
}

#[test]
fn a_refused_transfer_opens_no_block() {
    let (mut ledger, now) = (Ledger::new(), Instant::now());
    assert_eq!(ledger.apply(&transfer("a", "acct-0000", "acct-0001", 0.0), now), Err(Refusal::Amount));
    assert_eq!((ledger.due(), ledger.state().pending), (None, 0));
}

#[test]
fn a_repeated_id_has_its_first_place_and_moves_nothing() {
    let (mut ledger, now) = (Ledger::new(), Instant::now());
    ledger.apply(&unit("a"), now).expect("applied");
    let first = ledger.apply(&unit("b"), now);
    assert_eq!(first, Ok(Place { block: 1, index: 1 }));
    let state = ledger.state();
    // The same, another transfer, and ones that would be refused: while the block is open and when it is sealed.
    let again = [
        unit("b"),
        transfer("b", "acct-0005", "acct-0006", 7.0),
        transfer("b", "nobody", "nobody", -1.5),
        transfer("b", "acct-0000", "acct-0000", 1e300),
    ];
    for repeated in &again {
        assert_eq!(ledger.apply(repeated, now), first);
        assert_eq!(ledger.state(), state);
    }
    ledger.seal_if_due(now + ms(50));
    let state = ledger.state();
    for repeated in &again {
        assert_eq!(ledger.apply(repeated, now + ms(50)), first);
        assert_eq!(ledger.state(), state);
    }
    assert_eq!(balance(&ledger, "acct-0000"), 999_998);
}

#[test]
fn ids_are_told_apart_by_every_character() {
    let (mut ledger, now) = (Ledger::new(), Instant::now());
    for (index, id) in (0..).zip(["a", "A", "a.", "aa", "-a"]) {
        assert_eq!(ledger.apply(&unit(id), now), Ok(Place { block: 1, index }));
    }
}

#[test]
fn the_first_thing_that_is_wrong_decides() {
    let (mut ledger, now) = (Ledger::new(), Instant::now());
    for (wrong, refusal, message) in [
        // An amount that is wrong, with accounts that are wrong too.
        (transfer("t", "nobody", "nobody", 0.0), Refusal::Amount, "amount must be a positive integer"),
        (transfer("t", "acct-0000", "acct-0000", 0.5), Refusal::Amount, "amount must be a positive integer"),
        // Unknown accounts that are the same, and more than anybody has.
        (transfer("t", "nobody", "nobody", 1e15), Refusal::UnknownAccount, "unknown account"),
        (transfer("t", "acct-0000", "acct-1000", 1.0), Refusal::UnknownAccount, "unknown account"),
        (transfer("t", "acct-1000", "acct-0000", 1.0), Refusal::UnknownAccount, "unknown account"),
        // The same account, with more than it has.
        (transfer("t", "acct-0003", "acct-0003", 1e15), Refusal::SameAccount, "same account"),
        (
            transfer("t", "acct-0003", "acct-0004", 1_000_001.0),
            Refusal::InsufficientFunds,
            "insufficient funds",
        ),
    ] {
        let state = ledger.state();
        assert_eq!(ledger.apply(&wrong, now), Err(refusal), "{wrong:?}");
        assert_eq!(refusal.to_string(), message);
        assert_eq!(ledger.state(), state, "a refused transfer leaves nothing behind");
    }
    assert_eq!(ledger.apply(&unit("t"), now), Ok(Place { block: 1, index: 0 }), "its id may be used again");
}

#[test]
fn amounts_are_whole_numbers_from_1_to_the_largest() {
    for (amount, units) in [
        (1.0, Some(1)),
        (5e0, Some(5)),
        (1_000_000.0, Some(1_000_000)),
        (9_007_199_254_740_991.0, Some(9_007_199_254_740_991)),
        (9_007_199_254_740_992.0, None),
        (1e300, None),
        (f64::INFINITY, None),
        (f64::NAN, None),
        (0.0, None),
        (-0.0, None),
        (-1.0, None),
        (0.5, None),
        (1.000_000_000_000_000_2, None),
        (5e-324, None),
    ] {
        assert_eq!(whole(amount), units, "{amount}");
    }
}

#[test]
fn exactly_what_an_account_has_can_move() {
    let (mut ledger, now) = (Ledger::new(), Instant::now());
    ledger.apply(&transfer("a", "acct-0000", "acct-0001", 1e6), now).expect("all of it");
    assert_eq!(ledger.apply(&unit("b"), now), Err(Refusal::InsufficientFunds));
    ledger.apply(&transfer("c", "acct-0001", "acct-0000", 2e6), now).expect("what was received too");
    assert_eq!((balance(&ledger, "acct-0000"), balance(&ledger, "acct-0001")), (2_000_000, 0));
    assert_eq!(ledger.state().balance, 1_000_000_000);
}

#[test]
fn blocks_are_listed_from_a_height_on() {
    let (mut ledger, now) = (Ledger::new(), Instant::now());
    for number in 0..1_000 {
        ledger.apply(&unit(&format!("t-{number}")), now).expect("applied");
    }
    let head = "d83c1b1528c9293407347acda12b2b6104e10cd740487e822cc8b5d111fb725d";
    assert_eq!((ledger.height(), ledger.state().head.to_string()), (10, head.to_owned()));
    let heights =
        |from, limit| ledger.blocks(from, limit).iter().map(|block| block.height).collect::<Vec<_>>();
    assert_eq!(heights(1, 3), [1, 2, 3]);
    assert_eq!(heights(9, 100), [9, 10]);
    assert_eq!(heights(10, 1), [10]);
    assert!(heights(11, 1_000).is_empty());
    assert!(heights(usize::MAX, 1_000).is_empty());
}
