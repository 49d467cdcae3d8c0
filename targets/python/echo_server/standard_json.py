"""JSON with the standard library's `json`, made strict where its defaults are not."""

import json
import math
import re
from typing import Any, NoReturn

from echo_server.not_json import NotJsonError

# A double has at most 309 digits before its point.
_LONGEST_INTEGER_DIGITS = 309
_LONG_RUN = b"0" * _LONGEST_INTEGER_DIGITS
_ALL_DIGITS_TO_ZERO = bytes.maketrans(b"123456789", b"000000000")

# A string, which is skipped, or what the decoder takes for a number.
_STRING_OR_NUMBER = re.compile(r'"(?:[^"\\]|\\.)*"|(-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|NaN|-?Infinity)')


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


# Made once: `json.loads` and `json.dumps` would make new ones for each call with other than the default options.
_decoder = json.JSONDecoder(parse_constant=_refuse_constant)
_encoder = json.JSONEncoder(separators=(",", ":"), allow_nan=False, check_circular=False)


def round_trip(body: bytes) -> bytes:
    """Decodes a body fully into dicts, lists, strings and numbers, and encodes these again."""
    # json.loads would take bytes, but would also guess UTF-16 and UTF-32.
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotJsonError(f"not UTF-8: {error.reason} at byte {error.start}") from error
    try:
        value: Any = _decoder.decode(text)
        if _may_hold_huge_integer(body):
            _refuse_number_that_is_no_double(text)
        # ASCII is enough, since the encoder escapes all else, halves of surrogate pairs included.
        return _encoder.encode(value).encode("ascii")
    except RecursionError as error:
        raise NotJsonError("nested too deeply") from error
    except json.JSONDecodeError as error:
        raise NotJsonError(str(error)) from error
    except ValueError:
        # From the decoder: NaN, Infinity, or an integer of more than 4300 digits. From the encoder: 1e400 has become
        # infinity, which `allow_nan=False` refuses at no cost. None of them says where, so the text is searched.
        _refuse_number_that_is_no_double(text)
        raise


def _may_hold_huge_integer(body: bytes) -> bool:
    """Looks for a run of 309 digits. (A hook for each number, `parse_int`, would make decoding 30% slower and more.)"""
    return len(body) >= _LONGEST_INTEGER_DIGITS and _LONG_RUN in body.translate(_ALL_DIGITS_TO_ZERO)


def _refuse_number_that_is_no_double(text: str) -> None:
    for match in _STRING_OR_NUMBER.finditer(text):
        number = match.group(1)
        if number is not None and not math.isfinite(float(number)):
            raise NotJsonError(str(json.JSONDecodeError("Not a number that a double can hold", text, match.start())))
