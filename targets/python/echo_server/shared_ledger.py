"""One ledger for all threads of a process: the lock, the thread that seals in time, and waiting for a block."""

from collections.abc import Callable, Sequence
from threading import Condition, Lock, Thread
from time import monotonic

from echo_server.ledger import Block, Ledger, Receipt, Refusal, State, Transaction


class _Gate:
    """Closed until it is opened, once and for all.

    A lock that whoever passes hands to the next, so that threads wake one by one. An `Event` wakes all of them at once,
    and a hundred threads that contend for the interpreter lock took a quarter more CPU time for each transaction.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._lock.acquire()

    def open(self) -> None:
        self._lock.release()

    def pass_through(self) -> None:
        with self._lock:
            pass


class SharedLedger:
    """Requests are applied one after the other, and readers see each moment whole. Nothing slow is done in the lock."""

    def __init__(self, waits_for_seal: bool, clock: Callable[[], float] = monotonic) -> None:
        """`waits_for_seal` is whether `apply` returns only when all blocks that it names are sealed."""
        self._waits_for_seal = waits_for_seal
        self._clock = clock
        self._ledger = Ledger()
        self._lock = Lock()
        # Notified where a block is opened while the sealing thread waits for one.
        self._opened = Condition(self._lock)
        self._idle = True
        # Passed when the open block, or else the next one, is sealed. There is never more than one that is not.
        self._sealed = _Gate()
        self._sealing_thread: Thread | None = None

    def apply(self, transactions: Sequence[Transaction]) -> list[Receipt | Refusal]:
        """Applies all of them in order, with no other in between."""
        with self._lock:
            before = self._ledger.height
            now = self._clock()
            results = [self._ledger.apply(transaction, now) for transaction in transactions]
            finished = self._replace_gate_if_sealed(before)
            last = max((result.block for result in results if isinstance(result, Receipt)), default=0)
            awaited = self._sealed if last > self._ledger.height else None
            if self._idle and self._ledger.deadline is not None:
                self._wake_sealing_thread()
        if finished:
            finished.open()
        if awaited and self._waits_for_seal:
            awaited.pass_through()
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

    def _replace_gate_if_sealed(self, height_before: int) -> _Gate | None:
        """Gives the gate of the block that was open, if it is sealed now. Opening it needs no lock."""
        if self._ledger.height == height_before:
            return None
        finished, self._sealed = self._sealed, _Gate()
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
                finished.open()

    def _wait_and_seal(self) -> _Gate | None:
        """Sleeps until a block is due. One that was full before is replaced by its successor, which is due later."""
        deadline = self._ledger.deadline
        if deadline is None:
            self._idle = True
            while self._idle:
                self._opened.wait()
            return None
        before = self._ledger.height
        self._ledger.seal_if_due(self._clock())
        finished = self._replace_gate_if_sealed(before)
        if finished is None:
            self._opened.wait(deadline - self._clock())
        return finished
