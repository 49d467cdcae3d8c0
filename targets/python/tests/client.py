"""A client that sends exactly the bytes it is given and reads one answer at a time."""

import json
import socket
from dataclasses import dataclass, field
from typing import Any, Self

PATIENCE_S = 20


@dataclass
class Answer:
    version: str
    status: int
    headers: dict[str, str]
    body: bytes = b""

    def json(self) -> Any:  # noqa: ANN401 (any JSON value)
        return json.loads(self.body)

    def error(self, status: int) -> str:
        """Asserts that this is an error in the form of the contract, and gives its message."""
        assert self.status == status, self
        assert self.headers["content-type"] == "application/json"
        value = self.json()
        assert list(value) == ["error"], "only the error"
        assert isinstance(value["error"], str)
        assert value["error"] != ""
        return value["error"]

    def closes(self) -> bool:
        return self.headers.get("connection") == "close"


@dataclass
class Client:
    address: tuple[str, int]
    _socket: socket.socket = field(init=False)

    def __post_init__(self) -> None:
        self._socket = socket.create_connection(self.address, timeout=PATIENCE_S)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._reader = self._socket.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._reader.close()
        self._socket.close()

    def wait_at_most(self, seconds: float) -> None:
        self._socket.settimeout(seconds)

    def send(self, message: bytes | str) -> None:
        self._socket.sendall(message.encode() if isinstance(message, str) else message)

    def finish_sending(self) -> None:
        self._socket.shutdown(socket.SHUT_WR)

    def echo(self, body: bytes | str) -> Answer:
        """Sends `POST /echo` with this body and reads the answer."""
        self.send(post("/echo", body))
        return self.answer()

    def ask(self, method: str, path: str) -> Answer:
        self.send(request(method, path))
        return self.answer()

    def answer(self) -> Answer:
        """Reads the answer to anything but HEAD."""
        answer = self.head()
        length = int(answer.headers["content-length"])
        answer.body = self._reader.read(length)
        assert len(answer.body) == length
        return answer

    def head(self) -> Answer:
        """Reads status line and headers alone, as after HEAD."""
        version, status, _ = self._line().split(" ", 2)
        headers = {}
        while line := self._line():
            name, value = line.split(": ", 1)
            headers[name.lower()] = value
        return Answer(version, int(status), headers)

    def rest(self) -> bytes:
        return self._reader.read()

    def expect_close(self) -> None:
        """Asserts that the server closes the connection in an orderly way, with nothing more to say."""
        assert self.rest() == b""

    def _line(self) -> str:
        line = self._reader.readline()
        assert line.endswith(b"\r\n"), f"the line {line!r} has no end"
        return line[:-2].decode("latin-1")


def post(path: str, body: bytes | str, extra: str = "") -> bytes:
    """A whole `POST` with an announced length. `extra` is header lines, each with its line end."""
    if isinstance(body, str):
        body = body.encode()
    return f"POST {path} HTTP/1.1\r\nHost: test\r\n{extra}Content-Length: {len(body)}\r\n\r\n".encode() + body


def chunked(body: bytes, chunk_bytes: int) -> bytes:
    pieces = [body[start : start + chunk_bytes] for start in range(0, len(body), chunk_bytes)]
    encoded = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    return b"POST /echo HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n" + encoded + b"0\r\n\r\n"


def request(method: str, path: str) -> str:
    """A whole request without a body."""
    return f"{method} {path} HTTP/1.1\r\nHost: test\r\n\r\n"
