"""The rules of the ledger by themselves, with a clock that the tests set."""

import random

import pytest

from echo_server.ledger import (
    LARGEST_AMOUNT,
    SEALED_AFTER_S,
    Ledger,
    NotATransactionError,
    Receipt,
    Refusal,
    State,
    Transaction,
)

NO_HASH = "0" * 64
ALL_UNITS = 1_000_000_000


def transaction(
    identity: str, amount: float = 1, sender: str = "acct-0000", recipient: str = "acct-0001"
) -> Transaction:
    return Transaction(identity, sender, recipient, amount)


def test_a_ledger_begins_with_a_thousand_accounts_and_no_block() -> None:
    ledger = Ledger()
    assert ledger.state() == State(height=0, transactions=0, pending=0, balance=ALL_UNITS, head=NO_HASH)
    assert (ledger.balance("acct-0000"), ledger.balance("acct-0999")) == (1_000_000, 1_000_000)
    for unknown in ["acct-1000", "acct-000", "acct-00000", "ACCT-0000", ""]:
        assert ledger.balance(unknown) is None
    assert ledger.blocks(1, 100) == []
    assert not ledger.seal_if_due(now=1e9), "there are no empty blocks"


def test_the_hashes_are_those_of_the_lines_in_the_contract() -> None:
    # Made with sha256sum.
    ledger = Ledger()
    ledger.apply(transaction("t-1", 5.0), now=0)
    assert ledger.seal_if_due(now=SEALED_AFTER_S)
    assert ledger.state().head == "9c6f0fdaee824720814d97929e63d45e123eb0b850f2b180256679e587e8a4b2"

    ledger = Ledger()
    ledger.apply(transaction("a"), now=0)
    ledger.apply(transaction("b.B_-9", 1e6, "acct-0999", "acct-0000"), now=0)
    ledger.seal_if_due(now=1)
    ledger.apply(transaction("c", 1_999_999, "acct-0000", "acct-0999"), now=1)
    ledger.seal_if_due(now=2)
    first, second = ledger.blocks(1, 100)
    assert first.hash == "bdc7bbde825346470422552f2cd55f751b66db2a6f1bfd4c5ff4c7a13527c3e1"
    assert first.entries[1] == ("b.B_-9", "acct-0999", "acct-0000", 1_000_000)
    assert (second.height, second.previous) == (2, first.hash)
    assert second.hash == "450e05aebbda1fa32e549f7b632408438a737127127d8b0552d66f0fcfe31087"


def test_a_hundred_transactions_fill_a_block() -> None:
    ledger = Ledger()
    receipts = [ledger.apply(transaction(f"n-{number}"), now=0) for number in range(250)]
    assert receipts[0] == Receipt("n-0", 1, 0)
    assert receipts[99] == Receipt("n-99", 1, 99)
    assert receipts[100] == Receipt("n-100", 2, 0)
    assert receipts[249] == Receipt("n-249", 3, 49)
    state = ledger.state()
    assert (state.height, state.transactions, state.pending) == (2, 200, 50)
    # Made with sha256sum.
    assert [block.hash for block in ledger.blocks(1, 100)] == [
        "13e3b403a1287590d8f56297c65c9b35fbc7a0cf2f9d6b7a6a51147fe2a87e5d",
        "997b055a0d6f9d6b9493392390401a87c777365a652e56fe7d66a79fb5ca9067",
    ]


def test_a_block_is_due_50_ms_after_its_first_transaction() -> None:
    ledger = Ledger()
    assert ledger.deadline is None
    ledger.apply(transaction("a"), now=10)
    ledger.apply(transaction("b"), now=10.04)
    assert ledger.deadline == 10.05
    assert not ledger.seal_if_due(now=10.0499)
    assert ledger.state().pending == 2
    assert ledger.seal_if_due(now=10.05)
    assert (ledger.height, ledger.deadline) == (1, None)
    ledger.apply(transaction("c"), now=11)
    assert ledger.deadline == 11.05, "the next block has its own time"


def test_an_id_that_was_applied_gets_its_first_receipt_and_moves_nothing() -> None:
    ledger = Ledger()
    for number in range(107):
        ledger.apply(transaction(f"n-{number}"), now=0)
    for identity, place in [("n-42", (1, 42)), ("n-106", (2, 6))]:
        for again in [transaction(identity), transaction(identity, -1, "nobody", "nobody")]:
            assert ledger.apply(again, now=0) == Receipt(identity, *place)
    assert ledger.balance("acct-0001") == 1_000_107
    assert ledger.state().pending == 7


@pytest.mark.parametrize(
    ("amount", "sender", "recipient", "reason"),
    [
        (0, "acct-0000", "acct-0001", "amount must be a positive integer"),
        (-1, "acct-0000", "acct-0001", "amount must be a positive integer"),
        (1.5, "acct-0000", "acct-0001", "amount must be a positive integer"),
        (LARGEST_AMOUNT + 1, "acct-0000", "acct-0001", "amount must be a positive integer"),
        (1e308, "acct-0000", "acct-0001", "amount must be a positive integer"),
        (0.5, "nobody", "nobody", "amount must be a positive integer"),
        (1, "nobody", "nobody", "unknown account"),
        (1, "acct-0000", "acct-1000", "unknown account"),
        (LARGEST_AMOUNT, "acct-0000", "nobody", "unknown account"),
        (LARGEST_AMOUNT, "acct-0000", "acct-0000", "same account"),
        (LARGEST_AMOUNT, "acct-0000", "acct-0001", "insufficient funds"),
        (1_000_001, "acct-0000", "acct-0001", "insufficient funds"),
    ],
)
def test_the_first_thing_that_is_wrong_decides_and_leaves_nothing_behind(
    amount: float, sender: str, recipient: str, reason: str
) -> None:
    ledger = Ledger()
    assert ledger.apply(transaction("x", amount, sender, recipient), now=0) == Refusal("x", reason)
    assert ledger.state() == State(0, 0, 0, ALL_UNITS, NO_HASH)
    assert ledger.deadline is None
    assert ledger.apply(transaction("x", 1_000_000), now=0) == Receipt("x", 1, 0), "the id may be used again"
    assert (ledger.balance("acct-0000"), ledger.balance("acct-0001")) == (0, 2_000_000)


def test_blocks_are_given_from_a_height_on() -> None:
    ledger = Ledger()
    for number in range(1000):
        ledger.apply(transaction(f"n-{number}"), now=0)
    for first, limit, heights in [(1, 1, [1]), (3, 2, [3, 4]), (9, 100, [9, 10]), (11, 100, []), (10**18, 1000, [])]:
        assert [block.height for block in ledger.blocks(first, limit)] == heights


def test_no_unit_is_lost_or_made_whatever_is_asked_for() -> None:
    chance = random.Random(1)
    ledger = Ledger()
    accounts = [*(f"acct-{number:04}" for number in range(5)), "nobody"]
    applied = 0
    for number in range(20_000):
        amount = chance.choice([1, 7.0, 400_000, 0, 2.5, 3_000_000])
        asked = Transaction(str(number), chance.choice(accounts), chance.choice(accounts), amount)
        applied += isinstance(ledger.apply(asked, now=number / 1000), Receipt)
        ledger.seal_if_due(now=number / 1000)
    state = ledger.state()
    assert (state.balance, state.transactions + state.pending) == (ALL_UNITS, applied)
    assert applied > 1_000
    assert all((ledger.balance(account) or 0) >= 0 for account in accounts)


@pytest.mark.parametrize("identity", ["t", "A-Z.a_z-09", "x" * 64])
def test_a_transaction_is_read_from_json(identity: str) -> None:
    value = {"id": identity, "from": "acct-0000", "to": "?", "amount": 1.5, "memo": None}
    assert Transaction.from_json(value) == Transaction(identity, "acct-0000", "?", 1.5)


OTHER_TYPES: list[object] = [None, True, [], {}]
GOOD: dict[str, object] = {"id": "t", "from": "acct-0000", "to": "acct-0001", "amount": 1}


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        "t",
        {},
        *({key: value for key, value in GOOD.items() if key != missing} for missing in GOOD),
        *(GOOD | {key: wrong} for key in GOOD for wrong in OTHER_TYPES),
        *(GOOD | {key: 1} for key in ("id", "from", "to")),
        GOOD | {"amount": "1"},
        *(GOOD | {"id": identity} for identity in ("", "x" * 65, "a b", "é", "t\n", "a/b")),
    ],
)
def test_what_has_not_the_form_of_a_transaction_is_refused(value: object) -> None:
    with pytest.raises(NotATransactionError):
        Transaction.from_json(value)
