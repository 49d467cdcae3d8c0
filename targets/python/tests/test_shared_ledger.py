"""The ledger among threads: sealing in time, waiting, and one moment at a time."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread

from echo_server.ledger import SEALED_AFTER_S, Receipt, Transaction
from echo_server.shared_ledger import SharedLedger

ALL_UNITS = 1_000_000_000


def transaction(identity: str, amount: int = 1) -> Transaction:
    return Transaction(identity, "acct-0000", "acct-0001", amount)


def seconds_of(ledger: SharedLedger, transactions: list[Transaction]) -> float:
    begin = time.monotonic()
    ledger.apply(transactions)
    return time.monotonic() - begin


def test_a_receipt_waits_until_its_block_is_sealed_in_time() -> None:
    ledger = SharedLedger(waits_for_seal=True)
    # The second one finds the sealing thread at rest, and the third a thread that has sealed twice.
    for height in [1, 2, 3]:
        assert seconds_of(ledger, [transaction(f"t-{height}")]) >= SEALED_AFTER_S
        assert ledger.state().height == height
        time.sleep(0.01)


def test_a_full_block_waits_for_nobody() -> None:
    ledger = SharedLedger(waits_for_seal=True)
    batch = [transaction(f"t-{number}") for number in range(1000)]
    results = ledger.apply(batch)
    state = ledger.state()
    assert (state.height, state.transactions, state.pending) == (10, 1000, 0)
    assert results[999] == Receipt("t-999", 10, 99)
    time.sleep(2 * SEALED_AFTER_S)
    assert ledger.state().height == 10, "and no empty block follows"


class StoppedClock:
    """Stands still, so that no block is due before a test says so, however slow the machine is."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_a_batch_waits_for_the_last_block_that_it_names() -> None:
    clock = StoppedClock()
    ledger = SharedLedger(waits_for_seal=True, clock=clock)
    batch = Thread(target=ledger.apply, args=([transaction(f"t-{number}") for number in range(101)],))
    batch.start()
    wait_until(lambda: ledger.state().pending == 1)
    # All in sealed blocks, or refused: there is nothing to wait for, although another block is open.
    ledger.apply([transaction("t-3"), transaction("too much", 10**9)])
    # Asked for twice: the second waits as the first does.
    again = Thread(target=ledger.apply, args=([transaction("t-100")],))
    again.start()
    time.sleep(3 * SEALED_AFTER_S)
    assert batch.is_alive()
    assert again.is_alive()
    assert ledger.state().height == 1
    clock.now = SEALED_AFTER_S
    batch.join(20)
    again.join(20)
    assert not batch.is_alive()
    assert not again.is_alive()
    assert ledger.state().height == 2


def test_an_accepted_receipt_comes_at_once_and_the_block_is_sealed_all_the_same() -> None:
    clock = StoppedClock()
    ledger = SharedLedger(waits_for_seal=False, clock=clock)
    assert ledger.apply([transaction("t-1")]) == [Receipt("t-1", 1, 0)]
    assert ledger.state().pending == 1
    clock.now = SEALED_AFTER_S
    wait_until(lambda: ledger.state().height == 1)


def test_many_threads_share_one_ledger_and_readers_see_whole_moments() -> None:
    ledger = SharedLedger(waits_for_seal=True)
    done = Event()
    wrong: list[object] = []

    def read() -> None:
        while not done.is_set():
            state = ledger.state()
            last = ledger.blocks(state.height, 1) if state.height else []
            if state.balance != ALL_UNITS or (last and last[0].hash != state.head):
                wrong.append(state)

    readers = [Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    with ThreadPoolExecutor(120) as pool:
        results = list(pool.map(lambda number: ledger.apply([transaction(f"t-{number}")]), range(2_000)))
    done.set()
    for reader in readers:
        reader.join()
    assert wrong == []
    places = {(receipt.block, receipt.index) for [receipt] in results if isinstance(receipt, Receipt)}
    assert len(places) == 2_000
    state = ledger.state()
    assert (state.transactions, state.pending) == (2_000, 0), "every receipt was of a sealed block"
    assert [block.height for block in ledger.blocks(1, 2_000)] == list(range(1, state.height + 1))
    assert sum(len(block.entries) for block in ledger.blocks(1, 2_000)) == 2_000
    assert ledger.balance("acct-0001") == 1_002_000
