"""Bodies and answers as gzip, whatever the path."""

import gzip
import json
import zlib
from contextlib import suppress

import pytest
from client import Answer, Client, post, request
from server import Server

LIMIT = 1024 * 1024
BODY = b'{"a":[1,2.5,"\xc3\xa9"]}'
PACKED = gzip.compress(BODY)


def packed_post(path: str, body: bytes, encoding: str = "gzip") -> bytes:
    return post(path, body, f"Content-Encoding: {encoding}\r\n")


def accepting(path: str, body: bytes | str, accepted: str) -> bytes:
    return post(path, body, f"Accept-Encoding: {accepted}\r\n")


def string_of(length: int) -> str:
    """A JSON string of exactly this many bytes."""
    return '"' + "x" * (length - 2) + '"'


def unpacked(answer: Answer) -> bytes:
    """Asserts that the answer is gzip as the contract has it, and gives what is in it."""
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["vary"] == "Accept-Encoding"
    return gzip.decompress(answer.body)


@pytest.mark.parametrize("encoding", ["gzip", "GZip", " gzip "])
def test_a_packed_body_is_unpacked(server: Server, encoding: str) -> None:
    answer = server.ask(packed_post("/echo", PACKED, encoding))
    assert (answer.status, answer.json()) == (200, json.loads(BODY))
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize("encoding", ["identity", "Identity"])
def test_identity_is_a_body_as_it_is(server: Server, encoding: str) -> None:
    assert server.ask(packed_post("/echo", BODY, encoding)).json() == json.loads(BODY)


def test_a_packed_body_may_come_in_chunks(server: Server) -> None:
    pieces = b"".join(b"1\r\n%c\r\n" % byte for byte in PACKED)
    head = b"POST /echo HTTP/1.1\r\nHost: test\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert server.ask(head + pieces + b"0\r\n\r\n").json() == json.loads(BODY)


def test_a_header_of_gzip_may_have_all_that_rfc_1952_knows(server: Server) -> None:
    raw = zlib.compressobj(wbits=-15)
    content = raw.compress(BODY) + raw.flush()
    header = b"\x1f\x8b\x08\x1c" + bytes(4) + b"\x00\x03" + b"\x02\x00xx" + b"name\x00" + b"comment\x00"
    trailer = zlib.crc32(BODY).to_bytes(4, "little") + len(BODY).to_bytes(4, "little")
    assert server.ask(packed_post("/echo", header + content + trailer)).json() == json.loads(BODY)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        BODY,
        PACKED[:5],
        PACKED[:-1],
        PACKED[:-8],
        PACKED[:-8] + bytes([PACKED[-8] ^ 1]) + PACKED[-7:],
        PACKED[:-1] + bytes([PACKED[-1] ^ 1]),
        PACKED + b"\0",
        PACKED + PACKED,
        zlib.compress(BODY),
        b"\x1f\x8b\x08\x00" + bytes(20),
    ],
)
@pytest.mark.parametrize("path", ["/echo", "/login"])
def test_what_is_not_one_whole_gzip_is_400_and_keeps_the_connection(
    server: Server, variant: str | None, path: str, body: bytes
) -> None:
    with server.connect() as client:
        client.send(packed_post(path, body))
        answer = client.answer()
        assert "gzip" in answer.error(400)
        assert answer.closes() == (variant == "sync")


def test_a_body_may_unpack_to_the_limit_and_not_beyond(server: Server) -> None:
    largest = string_of(LIMIT).encode()
    assert server.ask(packed_post("/echo", gzip.compress(largest))).body == largest
    assert str(LIMIT) in server.ask(packed_post("/echo", gzip.compress(largest + b" "))).error(413)


def test_a_bomb_is_413_and_takes_no_memory(server: Server) -> None:
    # 300 MiB of zeros in less than one. Whichever worker unpacked it whole would show it in its resident memory.
    piece = zlib.compressobj(wbits=31)
    bomb = b"".join(piece.compress(bytes(LIMIT)) for _ in range(300)) + piece.flush()
    assert len(bomb) < LIMIT
    for _ in range(5):
        server.ask(packed_post("/echo", bomb)).error(413)
    assert max(server.peak_memory_bytes()) < 200 * LIMIT


@pytest.mark.parametrize("encoding", ["br", "deflate", "x-gzip", "gzip, gzip", "gzip, identity", "zstd"])
def test_another_encoding_is_415_and_keeps_the_connection(server: Server, variant: str | None, encoding: str) -> None:
    with server.connect() as client:
        client.send(packed_post("/echo", b"x" * 100_000, encoding))
        answer = client.answer()
        answer.error(415)
        assert answer.headers["accept-encoding"] == "gzip"
        assert answer.closes() == (variant == "sync")
        if variant != "sync":
            assert client.echo("1").json() == 1


def test_a_packed_body_beyond_the_limit_is_413_like_any_other(server: Server) -> None:
    with server.connect() as client:
        with suppress(OSError):
            client.send(packed_post("/echo", bytes(LIMIT + 1)))
        client.answer().error(413)


@pytest.mark.parametrize(
    "accepted",
    [
        "gzip",
        "GZIP",
        "deflate, gzip, br",
        "br;q=1.0,gzip;q=0.8, *;q=0.1",
        "gzip;q=1",
        "gzip;q=1.000",
        "gzip ; Q=0.001",
        "identity, gzip",
        "\tgzip ,",
    ],
)
def test_a_long_answer_is_packed_for_who_names_gzip(server: Server, accepted: str) -> None:
    text = string_of(256)
    answer = server.ask(accepting("/echo", text, accepted))
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    assert unpacked(answer) == text.encode()


@pytest.mark.parametrize(
    "accepted",
    [
        "",
        "identity",
        "*",
        "br, *;q=1",
        "gzip;q=0",
        "gzip;q=0.000",
        "gzip; q=0",
        "x-gzip",
        "gzipped",
        "gzip;q=x",
        "deflate",
    ],
)
def test_who_does_not_name_gzip_gets_the_answer_as_it_is(server: Server, accepted: str) -> None:
    text = string_of(1000)
    answer = server.ask(accepting("/echo", text, accepted))
    assert answer.body == text.encode()
    assert "content-encoding" not in answer.headers


def test_a_short_answer_is_never_packed(server: Server) -> None:
    text = string_of(255)
    answer = server.ask(accepting("/echo", text, "gzip"))
    assert answer.body == text.encode()
    assert "content-encoding" not in answer.headers


def test_a_level_is_that_of_the_contract(server: Server) -> None:
    text = json.dumps([{"number": number, "square": number * number} for number in range(2000)], separators=(",", ":"))
    answer = server.ask(accepting("/echo", text, "gzip"))
    assert unpacked(answer) == text.encode()
    sizes = {level: len(zlib.compress(text.encode(), level, 31)) for level in (5, 6, 7)}
    assert len(set(sizes.values())) == 3, "the text tells the levels apart"
    assert len(answer.body) == sizes[6]


def test_errors_are_packed_too(client: Client) -> None:
    path = "/" + "x" * 300
    client.send(f"GET {path} HTTP/1.1\r\nHost: test\r\nAccept-Encoding: gzip\r\n\r\n")
    answer = client.answer()
    assert answer.status == 404
    assert path in json.loads(unpacked(answer))["error"]


def test_the_ledger_takes_and_gives_gzip(stateful_server: Server) -> None:
    batch = [{"id": f"t-{number}", "from": "acct-0000", "to": "acct-0001", "amount": 1} for number in range(100)]
    assert stateful_server.ask(packed_post("/tx/batch", gzip.compress(json.dumps(batch).encode()))).status == 200
    lines = "/blocks?limit=1 HTTP/1.1\r\nHost: test\r\nAccept-Encoding: gzip\r\n\r\n"
    get = stateful_server.ask("GET " + lines)
    assert unpacked(get) == stateful_server.ask(request("GET", "/blocks?limit=1")).body
    # HEAD has the headers of GET, and so the length of what is packed.
    with stateful_server.connect() as client:
        client.send("HEAD " + lines)
        head = client.head()
    assert {**head.headers, "date": ""} == {**get.headers, "date": ""}
