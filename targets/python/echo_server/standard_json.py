"""JSON with the standard library's `json`, made strict where its defaults are not."""

import json
import math
import re
from typing import Any, NoReturn

from echo_server.codec import NotJsonError

# A double has at most 309 digits before its point.
_LONGEST_INTEGER_DIGITS = 309
_LONG_RUN = b"0" * _LONGEST_INTEGER_DIGITS
_ALL_DIGITS_TO_ZERO = bytes.maketrans(b"123456789", b"000000000")

# A string, which is skipped, or what the decoder takes for a number.
_STRING_OR_NUMBER = re.compile(r'"(?:[^"\\]|\\.)*"|(-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|NaN|-?Infinity)')


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is larger than a double can be")
    return number


# Made once: `json.loads` and `json.dumps` would make new ones for each call with other than the default options.
_decoder = json.JSONDecoder(parse_constant=_refuse_constant)
# Where a value is not encoded again, infinity must be found while decoding: a call for each number with a point or an
# exponent, of which bodies that are used, and not sent back, have few.
_finite_decoder = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite)
_encoder = json.JSONEncoder(separators=(",", ":"), allow_nan=False, check_circular=False)


def round_trip(body: bytes) -> bytes:
    """Decodes a body fully into dicts, lists, strings and numbers, and encodes these again."""
    text = _text(body)
    try:
        value: Any = _decoder.decode(text)
        _refuse_huge_integer(body, text)
        return encode(value)
    except (RecursionError, ValueError) as error:
        raise _explained(error, text) from error


def decode(body: bytes) -> Any:  # noqa: ANN401 (any JSON value)
    """Decodes a body fully into dicts, lists, strings and finite numbers."""
    text = _text(body)
    try:
        value: Any = _finite_decoder.decode(text)
        _refuse_huge_integer(body, text)
        return value
    except (RecursionError, ValueError) as error:
        raise _explained(error, text) from error


def encode(value: Any) -> bytes:  # noqa: ANN401 (any JSON value)
    """Encodes. ASCII is enough, since the encoder escapes all else, halves of surrogate pairs included."""
    return _encoder.encode(value).encode("ascii")


def _text(body: bytes) -> str:
    # json.loads would take bytes, but would also guess UTF-16 and UTF-32.
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotJsonError(f"not UTF-8: {error.reason} at byte {error.start}") from error


def _refuse_huge_integer(body: bytes, text: str) -> None:
    """Looks for a run of 309 digits. (A hook for each number, `parse_int`, would make decoding 30% slower and more.)"""
    if len(body) >= _LONGEST_INTEGER_DIGITS and _LONG_RUN in body.translate(_ALL_DIGITS_TO_ZERO):
        error = _number_that_is_no_double(text)
        if error is not None:
            raise error


def _explained(error: Exception, text: str) -> Exception:
    if isinstance(error, RecursionError):
        return NotJsonError("nested too deeply")
    if isinstance(error, json.JSONDecodeError):
        return NotJsonError(str(error))
    # From the decoder: NaN, Infinity, or an integer of more than 4300 digits. From the encoder: 1e400 has become
    # infinity, which `allow_nan=False` refuses at no cost. None of them says where, so the text is searched.
    return _number_that_is_no_double(text) or error


def _number_that_is_no_double(text: str) -> NotJsonError | None:
    for match in _STRING_OR_NUMBER.finditer(text):
        number = match.group(1)
        if number is not None and not math.isfinite(float(number)):
            problem = json.JSONDecodeError("Not a number that a double can hold", text, match.start())
            return NotJsonError(str(problem))
    return None
