"""The ledger: accounts, what moves between them, and the chain of blocks.

It knows no thread, clock or HTTP: who calls it says what time it is, and calls one method at a time.
"""

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from hashlib import _Hash

ACCOUNTS = 1000
OPENING_BALANCE = 1_000_000
LARGEST_AMOUNT = 2**53 - 1

TRANSACTIONS_IN_A_FULL_BLOCK = 100
SEALED_AFTER_S = 0.050

_NO_HASH = "0" * 64
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class NotATransactionError(ValueError):
    """A JSON value has not the form of a transaction. The message says what it lacks."""


class Transaction(NamedTuple):
    """A transaction as it is asked for: its form is right, and nothing else is known of it."""

    id: str
    sender: str
    recipient: str
    amount: int | float

    @classmethod
    def from_json(cls, value: object) -> "Transaction":
        if not isinstance(value, dict):
            raise NotATransactionError("a transaction is an object")
        try:
            identity, sender, recipient, amount = value["id"], value["from"], value["to"], value["amount"]
        except KeyError as error:
            raise NotATransactionError(f"a transaction needs the key {error.args[0]!r}") from None
        if not (isinstance(identity, str) and isinstance(sender, str) and isinstance(recipient, str)):
            raise NotATransactionError("id, from and to are strings")
        # `type` and not `isinstance`, since bool is a kind of int.
        if type(amount) is not int and type(amount) is not float:
            raise NotATransactionError("amount is a number")
        if _ID.fullmatch(identity) is None:
            raise NotATransactionError("an id is 1 to 64 characters of A-Z a-z 0-9 . _ -")
        return cls(identity, sender, recipient, amount)


@dataclass(slots=True)
class Receipt:
    id: str
    block: int
    index: int


@dataclass(slots=True)
class Refusal:
    id: str
    reason: str


# What is stored of a transaction: id, from, to, amount. A plain tuple of strings and numbers, since the garbage
# collector takes such a one off its lists at the first look, and does not visit millions of them again.
Entry = tuple[str, str, str, int]


class Block(NamedTuple):
    """A sealed block."""

    height: int
    previous: str
    hash: str
    entries: tuple[Entry, ...]


class State(NamedTuple):
    height: int
    transactions: int
    pending: int
    balance: int
    head: str


@dataclass(slots=True)
class _Account:
    id: str
    balance: int


class _OpenBlock:
    """The block that takes transactions. It hashes line by line, so that sealing a full one takes no longer."""

    __slots__ = ("_hash", "deadline", "entries", "height", "previous")

    def __init__(self, height: int, previous: str, deadline: float) -> None:
        self.height = height
        self.previous = previous
        self.deadline = deadline
        self.entries: list[Entry] = []
        self._hash: _Hash = sha256(f"block {height}\nprevious {previous}\n".encode("ascii"))

    def append(self, entry: Entry) -> int:
        """Gives the index at which the entry stands."""
        index = len(self.entries)
        identity, sender, recipient, amount = entry
        self.entries.append(entry)
        # Pieces this short are hashed without letting go of the interpreter lock, which would cost more than the hash.
        self._hash.update(f"{index} {identity} {sender} {recipient} {amount}\n".encode("ascii"))
        return index

    def sealed(self) -> Block:
        return Block(self.height, self.previous, self._hash.hexdigest(), tuple(self.entries))


class Ledger:
    """All methods are quick, and none may run while another does."""

    def __init__(self) -> None:
        names = (f"acct-{number:04}" for number in range(ACCOUNTS))
        self._accounts = {name: _Account(name, OPENING_BALANCE) for name in names}
        # By id, height and index as one number: a dict without containers is nothing to the garbage collector either.
        self._places: dict[str, int] = {}
        self._blocks: list[Block] = []
        self._open: _OpenBlock | None = None

    @property
    def height(self) -> int:
        """Of the last sealed block; 0 if there is none."""
        return len(self._blocks)

    @property
    def deadline(self) -> float | None:
        """When the open block must be sealed, on the clock that `apply` is told; `None` if none is open."""
        return self._open.deadline if self._open else None

    def apply(self, transaction: Transaction, now: float) -> Receipt | Refusal:
        """Moves the amount, or says why not. A receipt names the open block, or a sealed one, which may be this one's.

        An id that has been applied gets its first receipt, and nothing moves.
        """
        identity = transaction.id
        place = self._places.get(identity)
        if place is not None:
            return Receipt(identity, *divmod(place, TRANSACTIONS_IN_A_FULL_BLOCK))
        # As a double: beyond 2**53 an integer is its nearest one.
        amount = float(transaction.amount)
        if not (1 <= amount <= LARGEST_AMOUNT and amount.is_integer()):
            return Refusal(identity, "amount must be a positive integer")
        sender = self._accounts.get(transaction.sender)
        recipient = self._accounts.get(transaction.recipient)
        if sender is None or recipient is None:
            return Refusal(identity, "unknown account")
        if sender is recipient:
            return Refusal(identity, "same account")
        if sender.balance < amount:
            return Refusal(identity, "insufficient funds")
        units = int(amount)
        sender.balance -= units
        recipient.balance += units
        # The accounts' own names, so that those of the request need not be kept.
        return self._store((identity, sender.id, recipient.id, units), now)

    def seal_if_due(self, now: float) -> bool:
        """Seals the open block if its time has come, and says whether it did."""
        if self._open is None or now < self._open.deadline:
            return False
        self._seal(self._open)
        return True

    def state(self) -> State:
        pending = len(self._open.entries) if self._open else 0
        balance = sum(account.balance for account in self._accounts.values())
        return State(self.height, len(self._places) - pending, pending, balance, self._head())

    def blocks(self, first: int, limit: int) -> list[Block]:
        """Sealed blocks from the height `first` on, which is at least 1, and at most `limit` of them."""
        return self._blocks[first - 1 : first - 1 + limit]

    def balance(self, account: str) -> int | None:
        """`None` if there is no such account."""
        found = self._accounts.get(account)
        return found.balance if found else None

    def _store(self, entry: Entry, now: float) -> Receipt:
        block = self._open
        if block is None:
            block = self._open = _OpenBlock(self.height + 1, self._head(), now + SEALED_AFTER_S)
        index = block.append(entry)
        self._places[entry[0]] = block.height * TRANSACTIONS_IN_A_FULL_BLOCK + index
        if index + 1 == TRANSACTIONS_IN_A_FULL_BLOCK:
            self._seal(block)
        return Receipt(entry[0], block.height, index)

    def _seal(self, block: _OpenBlock) -> None:
        self._blocks.append(block.sealed())
        self._open = None

    def _head(self) -> str:
        return self._blocks[-1].hash if self._blocks else _NO_HASH
