"""One ledger for all threads of a process: the lock, the thread that seals in time, and waiting for a block."""

from collections.abc import Sequence
from threading import Condition, Event, Lock, Thread
from time import monotonic

from echo_server.ledger import Block, Ledger, Receipt, Refusal, State, Transaction


class SharedLedger:
    """Requests are applied one after the other, and readers see each moment whole. Nothing slow is done in the lock."""

    def __init__(self, waits_for_seal: bool) -> None:
        """`waits_for_seal` is whether `apply` returns only when all blocks that it names are sealed."""
        self._waits_for_seal = waits_for_seal
        self._ledger = Ledger()
        self._lock = Lock()
        # Notified where a block is opened while the sealing thread waits for one.
        self._opened = Condition(self._lock)
        self._idle = True
        # Set when the block that is open now, or else the next one, is sealed. There is never more than one unsealed.
        self._sealed = Event()
        self._sealing_thread: Thread | None = None

    def apply(self, transactions: Sequence[Transaction]) -> list[Receipt | Refusal]:
        """Applies all of them in order, with no other in between."""
        with self._lock:
            before = self._ledger.height
            now = monotonic()
            results = [self._ledger.apply(transaction, now) for transaction in transactions]
            finished = self._replace_event_if_sealed(before)
            last = max((result.block for result in results if isinstance(result, Receipt)), default=0)
            awaited = self._sealed if last > self._ledger.height else None
            if self._idle and self._ledger.deadline is not None:
                self._wake_sealing_thread()
        if finished:
            finished.set()
        if awaited and self._waits_for_seal:
            awaited.wait()
        return results

    def state(self) -> State:
        with self._lock:
            return self._ledger.state()

    def blocks(self, first: int, limit: int) -> list[Block]:
        with self._lock:
            return self._ledger.blocks(first, limit)

    def balance(self, account: str) -> int | None:
        with self._lock:
            return self._ledger.balance(account)

    def _replace_event_if_sealed(self, height_before: int) -> Event | None:
        """Gives the event of the block that was open, if it is sealed now. Waking its many waiters needs no lock."""
        if self._ledger.height == height_before:
            return None
        finished, self._sealed = self._sealed, Event()
        return finished

    def _wake_sealing_thread(self) -> None:
        self._idle = False
        if self._sealing_thread is None:
            # Not before the first transaction: a thread that is started while Gunicorn loads the application stays in
            # the master, and the workers that are forked then have none.
            self._sealing_thread = Thread(target=self._seal_in_time, name="sealing", daemon=True)
            self._sealing_thread.start()
        else:
            self._opened.notify()

    def _seal_in_time(self) -> None:
        while True:
            with self._lock:
                finished = self._wait_and_seal()
            if finished:
                finished.set()

    def _wait_and_seal(self) -> Event | None:
        """Sleeps until a block is due. One that was full before is replaced by its successor, which is due later."""
        deadline = self._ledger.deadline
        if deadline is None:
            self._idle = True
            while self._idle:
                self._opened.wait()
            return None
        before = self._ledger.height
        self._ledger.seal_if_due(monotonic())
        finished = self._replace_event_if_sealed(before)
        if finished is None:
            self._opened.wait(deadline - monotonic())
        return finished
