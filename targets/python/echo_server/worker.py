"""The thread worker of Gunicorn, `gthread`, but for what it does with its listener when it is told to end."""

from gunicorn.workers.gthread import ThreadWorker


class DrainingThreadWorker(ThreadWorker):  # type: ignore[misc]  # Gunicorn has no type hints.
    """Closes its listeners as soon as it ends, and not only after its last answer.

    Gunicorn's own worker stops calling accept(), but the socket stays open, so that for as long as a request is in
    flight the kernel makes connections that nobody will serve. With `--reuse-port` no other process holds the socket.

    A signal handler could not do this: it might run between the call that finds a new connection and accept().
    """

    def set_accept_enabled(self, enabled: bool) -> None:
        """Called by the main loop alone; the last call is the first thing after that loop has ended."""
        super().set_accept_enabled(enabled)
        if not enabled and not self.alive:
            for listener in self.sockets:
                listener.close()
