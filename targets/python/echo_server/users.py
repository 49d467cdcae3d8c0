"""Who may sign in, and whether a password is right."""

import hmac
import re
import sys
from base64 import b64decode, b64encode
from collections.abc import Callable
from hashlib import pbkdf2_hmac
from typing import NamedTuple, Self

_ENTRY = re.compile(
    r"(?P<name>[A-Za-z0-9._-]{1,64})"
    r":pbkdf2-sha256\$(?P<iterations>[1-9][0-9]{0,7})\$(?P<salt>[A-Za-z0-9+/=]+)\$(?P<hash>[A-Za-z0-9+/=]+)"
)
_MOST_ITERATIONS = 10_000_000
_SALT_BYTES = range(8, 65)
_HASH_BYTES = 32


class NotUsersError(ValueError):
    """A list of users has not the form that it must have. The message says which entry."""


class _Password(NamedTuple):
    iterations: int
    salt: bytes
    hash: bytes


# Hashed and compared with where there is no such user, so that the time does not tell.
_NOBODY = _Password(iterations=10_000, salt=bytes(16), hash=bytes(_HASH_BYTES))


class Users:
    def __init__(self, passwords: dict[str, _Password]) -> None:
        self._passwords = passwords

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Reads `<name>:pbkdf2-sha256$<iterations>$<salt>$<hash>`, separated by commas; nobody if it is empty."""
        passwords: dict[str, _Password] = {}
        for number, entry in enumerate(text.split(",") if text else [], start=1):
            name, password = _parse(entry, number)
            if name in passwords:
                raise NotUsersError(f"entry {number}: there is a {name} already")
            passwords[name] = password
        return cls(passwords)

    def may_sign_in(self, name: str, password: bytes) -> bool:
        """Takes the same work whether there is such a user or not."""
        known = self._passwords.get(name)
        iterations, salt, expected = known or _NOBODY
        found = _off_the_event_loop(lambda: pbkdf2_hmac("sha256", password, salt, iterations, _HASH_BYTES))
        return hmac.compare_digest(found, expected) and known is not None


def _parse(entry: str, number: int) -> tuple[str, _Password]:
    match = _ENTRY.fullmatch(entry)
    if match is None:
        raise NotUsersError(f"entry {number} is not <name>:pbkdf2-sha256$<iterations>$<salt>$<hash>")
    iterations = int(match["iterations"])
    if iterations > _MOST_ITERATIONS:
        raise NotUsersError(f"entry {number} has more than {_MOST_ITERATIONS} iterations")
    salt, digest = _from_base64(match["salt"]), _from_base64(match["hash"])
    if salt is None or len(salt) not in _SALT_BYTES:
        raise NotUsersError(
            f"entry {number} has a salt that is not {_SALT_BYTES[0]} to {_SALT_BYTES[-1]} bytes in base64"
        )
    if digest is None or len(digest) != _HASH_BYTES:
        raise NotUsersError(f"entry {number} has a hash that is not {_HASH_BYTES} bytes in base64")
    return match["name"], _Password(iterations, salt, digest)


def _from_base64(text: str) -> bytes | None:
    try:
        decoded = b64decode(text, validate=True)
    except ValueError:
        return None
    # There is one way to write a value; the decoder takes others, whose last bits are not zero.
    return decoded if b64encode(decoded) == text.encode() else None


def _off_the_event_loop(work: Callable[[], bytes]) -> bytes:
    """Hashing takes milliseconds, without the interpreter lock: other threads go on, but greenlets of one thread would
    wait. So a gevent worker has a thread of gevent's pool do it."""
    gevent = sys.modules.get("gevent")
    if gevent is None:
        return work()
    result: bytes = gevent.get_hub().threadpool.apply(work)
    return result
