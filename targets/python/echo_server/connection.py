"""Ends a connection after its answer, which WSGI has no word for.

An application must not send `Connection` (PEP 3333: hop-by-hop headers are the server's), and Gunicorn drops it if one
does. Gunicorn's own request can be told, though, so the hook `pre_request` keeps it for the answer in the making.
"""

from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gunicorn.http.message import Request
    from gunicorn.workers.base import Worker

_current: ContextVar["Request"] = ContextVar("current request")


def remember_request(_worker: "Worker", request: "Request") -> None:
    """Gunicorn's hook `pre_request`: runs in the thread, or greenlet, that then runs the application."""
    _current.set(request)


def close_after_answer() -> None:
    """Makes the answer to the current request carry `Connection: close`, and Gunicorn close after it."""
    _current.get().force_close()
