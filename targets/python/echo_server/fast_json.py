"""JSON with orjson, for the variant `python:orjson`. It is strict by itself."""

from typing import Any

import orjson

from echo_server.codec import NotJsonError

encode = orjson.dumps


def decode(body: bytes) -> Any:  # noqa: ANN401 (any JSON value)
    """Decodes a body fully."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise NotJsonError(str(error)) from error


def round_trip(body: bytes) -> bytes:
    """Decodes a body fully into dicts, lists, strings and numbers, and encodes these again."""
    try:
        value: Any = orjson.loads(body)
        return orjson.dumps(value)
    except orjson.JSONDecodeError as error:
        raise NotJsonError(str(error)) from error
    except orjson.JSONEncodeError as error:
        # Decoding goes down to a depth of 1024, encoding to 254.
        raise NotJsonError("nested too deeply") from error
