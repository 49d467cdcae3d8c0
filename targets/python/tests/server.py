"""Starts the program of target.toml on a free port, and makes sure that it is gone in the end."""

import os
import signal
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from client import PATIENCE_S, Answer, Client

FOLDER = Path(__file__).parent.parent
_TARGET = tomllib.loads((FOLDER / "target.toml").read_text())


def command(variant: str | None, port: int, stateful: bool = False) -> list[str]:
    """The command of target.toml, run by the Python that runs the tests (its environment holds all variants')."""
    table = _TARGET["variant"][variant] if variant else _TARGET["start"]
    variables = _TARGET["start"]["variables"] | (_TARGET["stateful"]["variables"] if stateful else {})
    _, *arguments = (word.format(host="127.0.0.1", port=port, **variables) for word in table["command"])
    return [str(Path(sys.executable).with_name("gunicorn")), *arguments]


SECRET = "a secret of the tests, 32 bytes long or more"
# The user `bench`, whose password is that of the constant below.
USERS = "bench:pbkdf2-sha256$10000$YmVuY2gtcHVibGljLXNhbA==$2XHBkNhpjxXswZP5ZLZLBy4lTYeaaa+xFA01vGmr730="
PASSWORD = "correct horse battery staple"


def environment(stateful: bool = False) -> dict[str, str]:
    """The environment of the tests, without what would decide about the server, and with what it needs."""
    inherited = {name: value for name, value in os.environ.items() if name not in ("WEB_CONCURRENCY", "LEDGER_ACK")}
    return inherited | {"NODE_SECRET": SECRET, "NODE_USERS": USERS} | (_TARGET["stateful"]["env"] if stateful else {})


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def refusal(variant: str | None, variables: Mapping[str, str | None]) -> str:
    """What a start with these variables says on standard error, before it ends with a code other than 0. A variable is
    left out where it is `None`."""
    altered = {name: value for name, value in (environment() | dict(variables)).items() if value is not None}
    result = subprocess.run(command(variant, free_port()), cwd=FOLDER, env=altered, capture_output=True, timeout=20)
    assert result.returncode != 0
    return result.stderr.decode()


class Server:
    def __init__(
        self,
        variant: str | None = None,
        *,
        stateful: bool = False,
        prefix: Sequence[str] = (),
        port: int | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        """`stateful` starts it for scenarios that need one state; `variables` are more for its environment."""
        self.address = ("127.0.0.1", port or free_port())
        arguments = [*prefix, *command(variant, self.address[1], stateful)]
        self.process = subprocess.Popen(
            arguments, cwd=FOLDER, stderr=subprocess.PIPE, env=environment(stateful) | dict(variables or {})
        )
        try:
            self._wait_until_ready()
        except BaseException:
            self.kill()
            raise

    def connect(self) -> Client:
        return Client(self.address)

    def ask(self, message: bytes | str) -> Answer:
        """Sends one request on a connection of its own, which every variant can answer."""
        with self.connect() as client:
            client.send(message)
            return client.answer()

    def workers(self) -> list[int]:
        """The process ids of the workers."""
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(word) for word in path.read_text().split()]

    def peak_memory_bytes(self) -> list[int]:
        """The most resident memory that each worker has had so far."""
        status = [Path(f"/proc/{worker}/status").read_text() for worker in self.workers()]
        return [int(text.partition("VmHWM:")[2].split()[0]) * 1024 for text in status]

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def wait(self) -> int:
        return self.process.wait(PATIENCE_S)

    def kill(self) -> None:
        """Ends the master and its workers, if they live."""
        if self.process.poll() is None:
            workers = self.workers()
            self.process.kill()
            self.process.wait()
            for worker in workers:
                os.kill(worker, signal.SIGKILL)
        if self.process.stderr is not None:
            self.process.stderr.close()

    def log(self) -> str:
        """All that was written on standard error. The process must have ended."""
        assert self.process.stderr is not None
        return self.process.stderr.read().decode()

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(self.log())
            try:
                with self.connect() as client:
                    if client.ask("GET", "/healthz").status == 200:
                        return
            except OSError:
                time.sleep(0.05)
        raise TimeoutError("the server does not answer")
