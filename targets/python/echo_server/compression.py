"""Bodies that come or go as gzip."""

import re
import zlib

from flask import Request, Response
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType

_SHORTEST_COMPRESSED_BYTES = 256
_LEVEL = 6
# For zlib: a window of 32 KiB, and the header and checksum of gzip.
_GZIP = zlib.MAX_WBITS | 16

# An element of `Accept-Encoding` that names gzip, with no `q` or one above 0.
_ACCEPTED = re.compile(r"\s*gzip\s*(?:;\s*q=(?:0\.[0-9]*[1-9][0-9]*|1(?:\.0*)?)\s*)?", re.IGNORECASE)


def is_packed(request: Request) -> bool:
    """Whether the body is gzip. 415 if it is anything else but itself."""
    encoding: str | None = request.environ.get("HTTP_CONTENT_ENCODING")
    if encoding is None:
        return False
    encoding = encoding.strip().lower()
    if encoding not in ("gzip", "identity"):
        raise UnsupportedMediaType("a body may be encoded with gzip, and with nothing else")
    return encoding == "gzip"


def unpack(body: bytes, limit_bytes: int) -> bytes:
    """Unpacks a whole body, and stops where it becomes too large."""
    stream = zlib.decompressobj(_GZIP)
    try:
        unpacked = stream.decompress(body, limit_bytes + 1)
    except zlib.error as error:
        raise BadRequest(f"the body is not gzip: {error}") from error
    if len(unpacked) > limit_bytes:
        raise RequestEntityTooLarge(f"the body unpacks to more than {limit_bytes} bytes")
    if not stream.eof:
        raise BadRequest("the body is not gzip: it ends early")
    if stream.unused_data:
        raise BadRequest("the body is not gzip alone: something comes after its end")
    return unpacked


def pack_if_accepted(accepted: str | None, response: Response) -> None:
    """Packs an answer that is long enough, if the request's `Accept-Encoding` allows it."""
    if accepted is None or not _names_gzip(accepted):
        return
    body = response.get_data()
    if len(body) < _SHORTEST_COMPRESSED_BYTES:
        return
    response.set_data(zlib.compress(body, _LEVEL, _GZIP))
    response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"


def _names_gzip(accepted: str) -> bool:
    return any(_ACCEPTED.fullmatch(element) for element in accepted.split(","))
