"""What each path and method answers."""

import pytest
from client import Client, post, request


def test_healthz_says_ok(client: Client) -> None:
    answer = client.ask("GET", "/healthz")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    assert answer.json() == {"status": "ok"}


def test_a_query_does_not_change_the_path(client: Client) -> None:
    assert client.ask("GET", "/healthz?verbose=1").status == 200
    client.send(post("/echo?x", "1"))
    assert client.answer().json() == 1


@pytest.mark.parametrize(
    "path", ["/", "/echo/", "/healthz/x", "/ECHO", "/echo//", "//echo", "///healthz", "/static/x", '/"']
)
@pytest.mark.parametrize("method", ["GET", "OPTIONS", "POST", "PURGE"])
def test_an_unknown_path_is_404_and_keeps_the_connection(client: Client, method: str, path: str) -> None:
    answer = client.ask(method, path)
    assert path in answer.error(404)
    assert "allow" not in answer.headers
    assert client.echo("true").json() is True


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/echo", "POST"),
        ("PUT", "/echo", "POST"),
        ("OPTIONS", "/echo", "POST"),
        ("POST", "/healthz", "GET, HEAD"),
        ("DELETE", "/healthz", "GET, HEAD"),
        ("OPTIONS", "/healthz", "GET, HEAD"),
    ],
)
def test_a_wrong_method_is_405_with_allow(client: Client, method: str, path: str, allowed: str) -> None:
    answer = client.ask(method, path)
    assert method in answer.error(405)
    assert answer.headers["allow"] == allowed
    assert client.echo("[]").json() == []


@pytest.mark.parametrize("length", [10, 100_000, 1_000_000])
@pytest.mark.parametrize(("path", "status"), [("/nope", 404), ("/healthz", 405)])
def test_an_unwanted_body_is_read_and_forgotten(client: Client, path: str, status: int, length: int) -> None:
    client.send(post(path, "x" * length))
    answer = client.answer()
    answer.error(status)
    assert not answer.closes()
    assert client.echo("1").json() == 1


def test_an_unwanted_body_beyond_the_limit_ends_the_connection(client: Client) -> None:
    client.send(f"POST /nope HTTP/1.1\r\nHost: test\r\nContent-Length: {5 * 1024 * 1024}\r\n\r\n")
    answer = client.answer()
    answer.error(404)
    assert answer.closes()
    client.expect_close()


def test_head_answers_like_get_without_a_body(client: Client) -> None:
    client.send(request("HEAD", "/healthz"))
    head = client.head()
    assert (head.status, head.headers["content-type"]) == (200, "application/json")
    client.send(request("HEAD", "/echo"))
    head_of_error = client.head()
    assert (head_of_error.status, head_of_error.headers["allow"]) == (405, "POST")
    get = client.ask("GET", "/healthz")
    assert get.json() == {"status": "ok"}
    assert {**get.headers, "date": ""} == {**head.headers, "date": ""}
