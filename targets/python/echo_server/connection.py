"""What WSGI has no word for: when the request that is being answered came, and that its connection is to end.

An application must not send `Connection` (PEP 3333: hop-by-hop headers are the server's), and Gunicorn drops it if one
does. Gunicorn's own request can be told, though, so the hook `pre_request` keeps it for the answer in the making.
"""

from contextvars import ContextVar
from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gunicorn.http.message import Request
    from gunicorn.workers.base import Worker

_current: ContextVar[tuple["Request", float]] = ContextVar("current request, and when its head was whole")


def remember_request(_worker: "Worker", request: "Request") -> None:
    """Gunicorn's hook `pre_request`: runs in the thread, or greenlet, that then runs the application."""
    _current.set((request, perf_counter()))


def seconds_since_head() -> float:
    """How long ago the whole head of the current request was there."""
    return perf_counter() - _current.get()[1]


def close_after_answer() -> None:
    """Makes the answer to the current request carry `Connection: close`, and Gunicorn close after it."""
    _current.get()[0].force_close()
