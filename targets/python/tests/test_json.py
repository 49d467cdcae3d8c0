"""What counts as JSON, and that it comes back as the same value."""

import json
import struct

import pytest
from client import Client, post


@pytest.mark.parametrize(
    "text",
    [
        "null",
        "false",
        '""',
        "[]",
        "{}",
        "0",
        "\t[ ]\r\n",
        '{"":""}',
        "[[],{},[[{}]]]",
        r'"\"\\\/\b\f\n\r\t\u0000\u001f"',
        r'"\u00e9\u4e2d\ud83d\ude00"',
        '"é中😀\u2028"',
        "[0, -1, 1e3, 1E-3, 0.1, 123456789012, -9007199254740991]",
        '{"a": "' + "9" * 400 + '"}',
    ],
)
def test_values_come_back_equal(client: Client, text: str) -> None:
    answer = client.echo(text)
    assert answer.status == 200, answer
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == json.loads(text)


@pytest.mark.parametrize(
    "text",
    [
        "0.1",
        "-0.0",
        "5e-324",
        "2.2250738585072011e-308",
        "1.7976931348623157e308",
        "0.30000000000000004",
        "123456789.123456789",
        "9007199254740993",
        "18446744073709551616",
        "3.14159265358979323846264338327950288",
        "1e-400",
        "1" + "0" * 308,
        "-1" + "0" * 308,
        "0." + "1" * 1000,
    ],
)
def test_numbers_come_back_as_the_same_double(client: Client, text: str) -> None:
    answer = client.echo(text)
    assert answer.status == 200, answer
    assert struct.pack("d", float(answer.body)) == struct.pack("d", float(text))


def test_the_last_of_equal_keys_wins(client: Client) -> None:
    assert client.echo('{"a":1,"b":2,"a":3}').json() == {"a": 3, "b": 2}


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "{",
        "[1,]",
        '{"a"}',
        "{a:1}",
        "'a'",
        "nul",
        "NaN",
        "[-Infinity]",
        '["NaN", Infinity]',
        "01",
        "1.",
        "+1",
        "-",
        '"\t"',
        "1 2",
        r'"\x"',
        "/**/1",
        "[1e400]",
        "[-1e400]",
        "2" + "0" * 308,
        "[1, -" + "9" * 400 + "]",
        "9" * 5_000,
        "٣",
        "\u00a01",
    ],
)
def test_what_is_not_json_is_400_and_says_where(client: Client, text: str) -> None:
    assert "line 1 column" in client.echo(text).error(400)
    assert client.echo("1").json() == 1, "the connection is still good"


def test_the_place_of_an_error_is_exact(client: Client) -> None:
    assert "line 2 column 8" in client.echo('{\n  "a": ?\n}').error(400)


def test_the_place_of_a_number_out_of_range_is_exact(client: Client, variant: str | None) -> None:
    if variant == "orjson":
        pytest.skip("orjson counts otherwise")
    assert "line 2 column 2" in client.echo('["1e400 \\" 1e400",\n 1e400]').error(400)


@pytest.mark.parametrize(
    "body", [b'"\xff\xfe"', b'"\xed\xa0\x80"', '"a"'.encode("utf-16"), '{"a":1}'.encode("utf-16-le"), b'"\xc0\x80"']
)
def test_bytes_that_are_not_utf8_are_400(client: Client, body: bytes) -> None:
    client.echo(body).error(400)


@pytest.mark.parametrize("body", [rb'"\ud800"', rb'"\udc00\ud800"', b"\xef\xbb\xbf1"])
def test_what_the_contract_leaves_open_is_answered_all_the_same(client: Client, body: bytes) -> None:
    assert client.echo(body).status in (200, 400)


def test_nesting_is_echoed_to_a_depth_of_100_and_refused_without_harm_far_beyond(client: Client) -> None:
    nested = "[" * 100 + "]" * 100
    assert client.echo(nested).body == nested.encode()
    objects = '{"a":' * 100 + "1" + "}" * 100
    assert client.echo(objects).body == objects.encode()
    for body in ["[" * 500_000 + "]" * 500_000, "[" * 1_000_000, '{"a":' * 200_000]:
        client.echo(body).error(400)
    for depth in [*range(200, 1_100, 50), 2_000, 5_000, 20_000]:
        answer = client.echo("[" * depth + "]" * depth)
        assert answer.status in (200, 400)
    assert client.echo("{}").json() == {}


def test_the_content_type_is_not_looked_at(client: Client) -> None:
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]:
        client.send(post("/echo", "[1]", f"Content-Type: {content_type}\r\nAccept: text/html\r\n"))
        assert client.answer().json() == [1]
