"""HTTP itself: connections that stay, end, are reused, half closed or misused; bodies at and beyond the limit."""

import time
from contextlib import suppress

import pytest
from client import Client, chunked, post, request
from server import Server

LIMIT = 1024 * 1024


def string_of(length: int) -> bytes:
    """A JSON string of exactly this many bytes."""
    return b'"' + b"x" * (length - 2) + b'"'


def test_a_connection_serves_many_requests(client: Client) -> None:
    for number in range(200):
        answer = client.echo(str(number))
        assert (answer.version, answer.json()) == ("HTTP/1.1", number)
        assert not answer.closes()


def test_pipelined_requests_are_answered_in_order(client: Client) -> None:
    client.send(b"".join(post("/echo", str(number)) for number in range(100)))
    assert [client.answer().json() for _ in range(100)] == list(range(100))


def test_a_whole_request_is_answered_while_the_next_is_still_cut_off(client: Client) -> None:
    following = post("/echo", "[2]")
    client.send(post("/echo", "[1]") + following[:20])
    assert client.answer().json() == [1]
    client.send(following[20:])
    assert client.answer().json() == [2]


def test_a_request_may_come_byte_by_byte(client: Client) -> None:
    for byte in post("/echo", '{"a":1}'):
        client.send(bytes([byte]))
        time.sleep(0.001)
    assert client.answer().json() == {"a": 1}


def test_connection_close_is_honoured(client: Client) -> None:
    client.send(post("/echo", "7", "Connection: close\r\n"))
    answer = client.answer()
    assert answer.json() == 7
    assert answer.closes()
    client.expect_close()


def test_http_1_0_closes_unless_asked_to_stay(client: Client) -> None:
    client.send("POST /echo HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\n1")
    answer = client.answer()
    assert (answer.version, answer.json()) == ("HTTP/1.0", 1)
    assert answer.headers["connection"] == "keep-alive"
    client.send("GET /healthz HTTP/1.0\r\n\r\n")
    assert client.answer().status == 200
    client.expect_close()


def test_chunked_bodies_are_put_together(client: Client) -> None:
    head = "POST /echo HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n"
    client.send(head + "1\r\n[\r\n3;name=value\r\n1,2\r\n1\r\n]\r\n0\r\nX-Trailer: x\r\n\r\n")
    assert client.answer().json() == [1, 2]
    client.send(head)
    for piece in ['2\r\n"a', "\r\n2\r", '\nb"\r\n0\r\n', "\r\n"]:
        client.send(piece)
        time.sleep(0.01)
    assert client.answer().json() == "ab"


@pytest.mark.parametrize(
    "chunks", ["zz\r\n[1]\r\n0\r\n\r\n", "3\r\n[1]0\r\n\r\n", "-3\r\n[1]\r\n0\r\n\r\n", "\r\n[1]\r\n0\r\n\r\n"]
)
def test_broken_chunks_are_400(client: Client, chunks: str) -> None:
    client.send("POST /echo HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks)
    answer = client.answer()
    answer.error(400)
    assert answer.closes()
    client.expect_close()


@pytest.mark.parametrize(
    "start",
    ["Content-Length: 9\r\n\r\n[1,", "Transfer-Encoding: chunked\r\n\r\n3\r\n[1,\r\n", "Content-Length: 2\r\n\r\n"],
)
def test_a_body_that_ends_early_is_400(client: Client, start: str) -> None:
    client.send("POST /echo HTTP/1.1\r\nHost: test\r\n" + start)
    client.finish_sending()
    answer = client.answer()
    assert "body" in answer.error(400)
    assert answer.closes()
    client.expect_close()


def test_a_client_that_has_finished_sending_still_gets_every_answer(client: Client) -> None:
    large = string_of(1_000_000)
    client.send(post("/echo", large) + post("/echo", "1"))
    client.finish_sending()
    assert client.answer().body == large
    assert client.answer().json() == 1
    client.expect_close()


def test_expect_continue_is_answered_before_the_body(client: Client) -> None:
    client.send("POST /echo HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
    assert client.head().status == 100
    client.send("42")
    assert client.answer().json() == 42
    assert client.echo("43").json() == 43


@pytest.mark.parametrize(
    "nonsense",
    [
        "hello\r\n\r\n",
        "GET  HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nno colon\r\n\r\n",
        "\0\0\0\0\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n1",
        "POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n1",
        "POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: -1\r\n\r\n1",
        "POST /echo HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: gzip\r\n\r\n1",
    ],
)
def test_what_is_not_http_is_400_and_closed(server: Server, client: Client, nonsense: str) -> None:
    client.send(nonsense)
    assert client.answer().status == 400
    client.expect_close()
    with server.connect() as other:
        assert other.ask("GET", "/healthz").status == 200


def test_a_body_of_exactly_the_limit_is_echoed(client: Client) -> None:
    body = string_of(LIMIT)
    assert client.echo(body).body == body
    client.send(chunked(body, 10_000))
    assert client.answer().body == body


def test_an_announced_body_beyond_the_limit_is_413_before_it_is_sent(client: Client) -> None:
    client.send(f"POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: {LIMIT + 1}\r\n\r\n")
    answer = client.answer()
    assert str(LIMIT) in answer.error(413)
    assert answer.closes()
    client.expect_close()


def test_the_connection_ends_without_a_reset_where_part_of_the_body_was_not_read(client: Client) -> None:
    client.send(f"POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: {LIMIT + 1}\r\n\r\n")
    client.send("x" * 30_000)
    answer = client.answer()
    answer.error(413)
    client.expect_close()


def test_the_413_arrives_although_the_client_goes_on_sending(client: Client) -> None:
    # That the rest cannot be sent is an error that a client may see; the answer is there all the same.
    with suppress(OSError):
        client.send(post("/echo", string_of(3 * LIMIT)))
    client.answer().error(413)


@pytest.mark.parametrize("excess", [1, 2 * LIMIT])
def test_a_chunked_body_beyond_the_limit_is_413(client: Client, excess: int) -> None:
    with suppress(OSError):
        client.send(chunked(string_of(LIMIT + excess), 65_536))
    answer = client.answer()
    answer.error(413)
    assert answer.closes()


def test_a_header_of_8_kib_is_accepted(client: Client) -> None:
    client.send(f"GET /healthz HTTP/1.1\r\nHost: test\r\nX: {'x' * 8_140}\r\n\r\n")
    assert client.answer().status == 200
    assert client.ask("GET", "/healthz?" + "x" * 8_100).status == 200


def test_a_header_beyond_the_limit_is_431(client: Client) -> None:
    client.send(f"GET /healthz HTTP/1.1\r\nHost: test\r\nX: {'x' * 200_000}\r\n\r\n")
    assert client.head().status == 431


def test_requests_that_are_given_up_harm_nobody(server: Server) -> None:
    for _ in range(200):
        for start in ["POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 1000\r\n\r\n{", "POST /ec", ""]:
            with server.connect() as client:
                client.send(start)
    with server.connect() as client:
        assert client.echo("[]").json() == []


def test_silent_connections_hold_nobody_up(server: Server) -> None:
    silent = [server.connect() for _ in range(200)]
    with server.connect() as client:
        client.wait_at_most(4)
        assert client.echo("1").json() == 1
    for number, connection in enumerate(silent):
        with connection:
            connection.send(request("GET", f"/healthz?{number}"))
            assert connection.answer().status == 200
