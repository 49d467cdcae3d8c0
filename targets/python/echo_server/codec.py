"""What the modules that decode and encode JSON have in common."""

from importlib import import_module
from typing import Any, Protocol, cast


class NotJsonError(ValueError):
    """The text is not JSON as RFC 8259 has it, or holds a number that no double can. The message says where."""


class Codec(Protocol):
    """Each raises `NotJsonError` for what it refuses."""

    def round_trip(self, body: bytes) -> bytes:
        """Decodes a body fully into dicts, lists, strings and numbers, and encodes these again."""

    def decode(self, body: bytes) -> Any:  # noqa: ANN401 (any JSON value)
        """Decodes a body fully. Numbers are `int` and finite `float`."""

    def encode(self, value: Any) -> bytes:  # noqa: ANN401 (any JSON value)
        """Encodes what the application itself has made, so that it cannot fail."""


def codec_named(module: str) -> Codec:
    """The module of this package with this name."""
    return cast(Codec, import_module(f"echo_server.{module}"))
