"""Reads the body of a request whole, within the limit, or says why that cannot be."""

from typing import IO, Any

from flask import Request
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import BadRequest, HTTPException, RequestEntityTooLarge, RequestTimeout

from echo_server.codec import Codec, NotJsonError
from echo_server.compression import is_packed, unpack
from echo_server.connection import close_after_answer

LIMIT_BYTES = 1024 * 1024

_DISCARD_STEP_BYTES = 64 * 1024


def read_body(request: Request) -> bytes:
    """Gives the whole body, unpacked if it is gzip, and at most `LIMIT_BYTES` of it.

    Where the body cannot be read to its end, the connection closes after the answer. What was read, and is not what it
    says, leaves the connection as it is.

    It reads `wsgi.input` and not `request.get_data()`: with `MAX_CONTENT_LENGTH`, Werkzeug 3.1 stops reading a chunked
    body at the limit and returns the part before it without an error. Gunicorn ends the input where the body ends.
    """
    packed = is_packed(request)
    try:
        body = _read_body(request)
    except HTTPException:
        close_after_answer()
        raise
    return unpack(body, LIMIT_BYTES) if packed else body


def read_json(request: Request, codec: Codec) -> Any:  # noqa: ANN401 (any JSON value)
    """Gives the value of the whole body. A body that is not JSON leaves the connection as it is."""
    try:
        return codec.decode(read_body(request))
    except NotJsonError as error:
        raise BadRequest(str(error)) from error


def _read_body(request: Request) -> bytes:
    announced = request.content_length
    if announced is not None and announced > LIMIT_BYTES:
        raise _too_large()
    try:
        body: bytes = request.environ["wsgi.input"].read(LIMIT_BYTES + 1)
    except (BlockingIOError, TimeoutError) as error:
        # SO_RCVTIMEO of gunicorn.conf.py.
        raise RequestTimeout("the body did not come in time") from error
    except (OSError, ParseException) as error:
        raise BadRequest(f"the body is broken: {error}") from error
    if len(body) > LIMIT_BYTES:
        raise _too_large()
    if announced is not None and len(body) < announced:
        raise BadRequest(f"the body ended after {len(body)} of {announced} bytes")
    return body


def discard_body(stream: IO[bytes]) -> None:
    """Reads and forgets an unwanted body, so that the connection can be used again. Runs after the answer is sent."""
    remaining = LIMIT_BYTES
    try:
        while remaining > 0:
            piece = stream.read(min(remaining, _DISCARD_STEP_BYTES))
            if not piece:
                return
            remaining -= len(piece)
    except (OSError, ParseException):
        # The answer is out, so nobody is left to tell. Gunicorn knows that the body failed, and closes.
        return


def is_too_large(request: Request) -> bool:
    """True if the request announces more than the limit."""
    return request.content_length is not None and request.content_length > LIMIT_BYTES


def _too_large() -> RequestEntityTooLarge:
    return RequestEntityTooLarge(f"the body is larger than {LIMIT_BYTES} bytes")
