"""What the environment says, read once and refused where it is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from echo_server.tokens import NotAKeyError, Tokens
from echo_server.users import NotUsersError, Users

_SHORTEST_SECRET_BYTES = 32


class SettingError(ValueError):
    """A variable of the environment is missing or wrong. The message names it, and never holds a secret."""


@dataclass(frozen=True)
class Settings:
    tokens: Tokens
    """What signs and verifies tokens, with the secret."""
    users: Users
    """Who may sign in."""
    receipt_when_sealed: bool
    """Whether a receipt waits until its block is sealed, or is given at once."""

    @classmethod
    def from_environment(cls, environment: Mapping[bytes, bytes]) -> Self:
        """Reads `os.environb`: bytes, since a secret need not be text."""
        return cls(
            tokens=_tokens(environment.get(b"NODE_SECRET", b"")),
            users=_users(environment.get(b"NODE_USERS", b"")),
            receipt_when_sealed=_receipt_when_sealed(environment.get(b"LEDGER_ACK", b"sealed")),
        )


def _tokens(secret: bytes) -> Tokens:
    if len(secret) < _SHORTEST_SECRET_BYTES:
        raise SettingError(f"NODE_SECRET needs at least {_SHORTEST_SECRET_BYTES} bytes, and has {len(secret)}")
    try:
        return Tokens(secret)
    except NotAKeyError as error:
        raise SettingError(f"NODE_SECRET: {error}") from error


def _users(text: bytes) -> Users:
    try:
        return Users.from_text(text.decode())
    except (NotUsersError, UnicodeDecodeError) as error:
        raise SettingError(f"NODE_USERS: {error}") from error


def _receipt_when_sealed(text: bytes) -> bool:
    if text not in (b"sealed", b"accepted"):
        raise SettingError(f"LEDGER_ACK is 'sealed' or 'accepted', not {text.decode(errors='replace')!r}")
    return text == b"sealed"
