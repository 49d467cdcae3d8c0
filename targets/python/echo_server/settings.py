"""What the environment says, read once and refused where it is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self


class SettingError(ValueError):
    """A variable of the environment is missing or wrong. The message names it."""


@dataclass(frozen=True)
class Settings:
    receipt_when_sealed: bool
    """Whether a receipt waits until its block is sealed, or is given at once."""

    @classmethod
    def from_environment(cls, environment: Mapping[bytes, bytes]) -> Self:
        """Reads `os.environb`: bytes, since a secret need not be text."""
        return cls(receipt_when_sealed=_receipt_when_sealed(environment.get(b"LEDGER_ACK", b"sealed")))


def _receipt_when_sealed(text: bytes) -> bool:
    if text not in (b"sealed", b"accepted"):
        raise SettingError(f"LEDGER_ACK is 'sealed' or 'accepted', not {text.decode(errors='replace')!r}")
    return text == b"sealed"
