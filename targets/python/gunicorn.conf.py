"""How Gunicorn runs the application. What differs between the variants stands in target.toml, as flags."""

import os
import resource
import signal
import socket
import struct
import sys
from contextlib import suppress
from multiprocessing import Barrier
from pathlib import Path
from threading import BrokenBarrierError
from typing import TYPE_CHECKING, Any

from gunicorn.util import close_graceful

from echo_server.connection import remember_request as pre_request  # noqa: F401 (a hook, found by its name)
from echo_server.metrics_folder import make_metrics_folder
from echo_server.settings import SettingError, Settings

if TYPE_CHECKING:
    from multiprocessing.synchronize import Barrier as BarrierOfProcesses

    from gunicorn.arbiter import Arbiter
    from gunicorn.http.message import Request
    from gunicorn.http.wsgi import Response
    from gunicorn.workers.base import Worker

_STALL_LIMIT_S = 30
_BOOT_PATIENCE_S = 20
# Descriptors of a worker that are not connections: the listener, pipes, epoll, heartbeat files, standard streams.
_OTHER_FILES = 32


def _open_files_limit() -> int:
    """Raises the soft limit to the hard one, as Go and the JVM do, and gives it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


# Here and not only where the application is made, which with gevent is in the workers: those would end with a
# traceback, and be started again.
try:
    Settings.from_environment(os.environb)
except SettingError as error:
    sys.exit(str(error))

# The CPUs of the affinity mask, which the workers inherit; os.cpu_count() would count all of the machine.
workers = int(os.environ.get("WEB_CONCURRENCY") or 2 * len(os.sched_getaffinity(0)) + 1)

# Below the limit of open files a worker stops accepting and goes on serving. At that limit, accept() would end it.
worker_connections = max(8, min(20_000, _open_files_limit() - _OTHER_FILES))
backlog = 4096

keepalive = 75
graceful_timeout = 5

# The largest that Gunicorn has, since a header of 8 KiB may be one long path.
limit_request_line = 8190

# No proxy stands in front, so no header is believed to come from one.
forwarded_allow_ips = ""

# The heartbeat files are touched all the time; on a disk that could block a worker.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None
# Nothing beside the service: the socket for `gunicornc` would lie in the user's home, one for all instances.
control_socket_disable = True

# Gunicorn forks its workers one by one, with pauses. Whoever connects early would meet the first of them, and a
# connection that stays open stays with its worker; so none accepts before all can.
_all_workers: "BarrierOfProcesses"


def nworkers_changed(_server: "Arbiter", new_value: int, old_value: int | None) -> None:
    """Prepares for the number of workers, which is first told here, before the application is imported."""
    global _all_workers
    if old_value is not None:
        return
    _all_workers = Barrier(new_value)
    # prometheus_client reads this when it is imported, and never again.
    os.environ.pop("PROMETHEUS_MULTIPROC_DIR", None)
    if new_value > 1:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(make_metrics_folder(worker_tmp_dir))


def on_starting(server: "Arbiter") -> None:
    """Refuses a port in use, which Gunicorn would not notice with --reuse-port, and without would try for 5 s."""
    for host, port in server.address:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                sys.exit(f"cannot listen on {host}:{port}: {error.strerror}")


def when_ready(server: "Arbiter") -> None:
    """Makes SIGINT as patient as SIGTERM. Gunicorn's own meaning is to leave requests unanswered."""
    signal.signal(signal.SIGINT, lambda _number, frame: server.signal(signal.SIGTERM, frame))
    # One more worker, or one less: ledger and metrics were made for as many as there are.
    for number in (signal.SIGTTIN, signal.SIGTTOU):
        signal.signal(number, signal.SIG_IGN)


def post_fork(_server: "Arbiter", worker: "Worker") -> None:
    """Sets what accepted sockets inherit from the listener."""
    patience = struct.pack("ll", _STALL_LIMIT_S, 0)
    for listener in worker.sockets:
        # A gthread worker gives a new connection to a thread, which then waits up to 5 s for the first byte. This
        # keeps a connection in the kernel until that byte is there, so that silent connections hold no threads.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, _STALL_LIMIT_S)
        # Otherwise a client that stalls in a header, a body or an answer would hold a thread for ever.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, patience)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, patience)


def post_worker_init(worker: "Worker") -> None:
    """Leaves SIGINT to the master, since Ctrl-C reaches the workers too, and waits for the other workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if worker.cfg.worker_class_str == "gevent":
        worker.cfg.set("post_request", close_in_order)
    # Workers that replace others are numbered on.
    if worker.age <= worker.cfg.workers:
        with suppress(BrokenBarrierError):
            _all_workers.wait(_BOOT_PATIENCE_S)


def close_in_order(_worker: "Worker", _request: "Request", environ: dict[str, Any], response: "Response") -> None:
    """Closes as gthread does by itself. A gevent worker just closes, and bytes that it has not read make that a reset,
    which can destroy the answer on its way."""
    if response is not None and response.should_close():
        close_graceful(environ["gunicorn.socket"])
