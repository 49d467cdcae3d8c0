"""Signing in, and the tokens that come of it. Tokens are made and read here by hand, without a library."""

import hmac
import json
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from concurrent.futures import ThreadPoolExecutor

import pytest
from client import Answer, post
from server import PASSWORD, SECRET, Server, refusal

HEADER = {"alg": "HS256", "typ": "JWT"}


def encoded(part: bytes) -> str:
    return urlsafe_b64encode(part).rstrip(b"=").decode()


def decoded(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


def signature(content: str, secret: str = SECRET, digest: str = "sha256") -> str:
    return encoded(hmac.digest(secret.encode(), content.encode(), digest))


def token_of(claims: object, header: object = HEADER, secret: str = SECRET, digest: str = "sha256") -> str:
    content = f"{encoded(json.dumps(header).encode())}.{encoded(json.dumps(claims).encode())}"
    return f"{content}.{signature(content, secret, digest)}"


def good_claims() -> dict[str, object]:
    now = int(time.time())
    return {"sub": "bench", "iat": now, "exp": now + 60}


def login(server: Server, value: object) -> Answer:
    return server.ask(post("/login", json.dumps(value)))


def session(server: Server, authorization: str | None) -> Answer:
    line = "" if authorization is None else f"Authorization: {authorization}\r\n"
    return server.ask(f"GET /session HTTP/1.1\r\nHost: test\r\n{line}\r\n")


def unauthorized(answer: Answer) -> str:
    assert answer.headers["www-authenticate"] == "Bearer"
    return answer.error(401)


def test_the_right_password_gives_a_token_that_holds_for_an_hour(server: Server) -> None:
    before = int(time.time())
    answer = login(server, {"username": "bench", "password": PASSWORD, "other": None})
    after = int(time.time())
    assert answer.status == 200
    assert list(answer.json()) == ["token"]
    header, payload, signed = answer.json()["token"].split(".")
    assert json.loads(decoded(header)) == HEADER
    claims = json.loads(decoded(payload))
    assert signed == signature(f"{header}.{payload}")
    assert list(claims) == ["sub", "iat", "exp"]
    assert (claims["sub"], claims["exp"] - claims["iat"]) == ("bench", 3600)
    assert type(claims["iat"]) is int
    assert before <= claims["iat"] <= after
    answer = session(server, f"Bearer {answer.json()['token']}")
    assert (answer.status, answer.json()) == (200, claims)


@pytest.mark.parametrize(
    ("name", "password"),
    [("bench", "wrong"), ("bench", ""), ("nobody", PASSWORD), ("", PASSWORD), ("é" * 1000, PASSWORD)],
)
def test_a_wrong_password_and_an_unknown_user_are_401_alike(server: Server, name: str, password: str) -> None:
    first = login(server, {"username": "bench", "password": "no"})
    assert unauthorized(login(server, {"username": name, "password": password})) == unauthorized(first)


@pytest.mark.parametrize(
    "body",
    [
        *("", "{", "null", "[]", "{}"),
        '{"username": "bench"}',
        '{"username": "bench", "password": 1}',
        '{"username": null, "password": ""}',
        r'{"username": "bench", "password": "\ud800"}',
    ],
)
def test_another_body_is_400(server: Server, body: str) -> None:
    server.ask(post("/login", body)).error(400)


def test_only_the_secret_decides_about_a_token(server: Server) -> None:
    claims = good_claims()
    for header in [HEADER, {"alg": "HS256"}, {"typ": "at+jwt", "alg": "HS256", "kid": "1"}]:
        answer = session(server, f"Bearer {token_of(claims | {'aud': 'x', 'nbf': 1e12}, header)}")
        assert (answer.status, answer.json()) == (200, claims), "other claims are neither looked at nor given"
    assert session(server, f"bearer {token_of(claims)}").status == 200, "schemes have no case"
    assert session(server, f"Bearer {token_of(claims | {'iat': 10**10})}").status == 200


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer ", "Basic YTpi", "Token x", "Bearer a.b", "x y z"]
)
def test_no_token_is_401(server: Server, authorization: str | None) -> None:
    unauthorized(session(server, authorization))


def test_another_scheme_with_a_good_token_is_401(server: Server) -> None:
    token = token_of(good_claims())
    for authorization in [token, f"Token {token}", f"Basic {token}", f"Bearer{token}"]:
        unauthorized(session(server, authorization))


@pytest.mark.parametrize(
    "header",
    [{"alg": "none"}, {"alg": "HS512"}, {"alg": "hs256"}, {"alg": "RS256"}, {"typ": "JWT"}, {"alg": None}, [], 1],
)
def test_another_algorithm_is_401(server: Server, header: object) -> None:
    claims = good_claims()
    unauthorized(session(server, f"Bearer {token_of(claims, header)}"))
    unauthorized(session(server, f"Bearer {token_of(claims, header, digest='sha512')}"))
    content, _, _ = token_of(claims, header).rpartition(".")
    unauthorized(session(server, f"Bearer {content}."))


def test_a_wrong_signature_is_401(server: Server) -> None:
    claims = good_claims()
    token = token_of(claims)
    header, payload, signed = token.split(".")
    # The last character of a signature ends in two bits that mean nothing: its neighbour decodes to the same bytes.
    neighbour = chr(ord(signed[-1]) + 1)
    for wrong in [
        token_of(claims, secret=SECRET + "."),
        f"{header}.{encoded(json.dumps(claims | {'sub': 'other'}).encode())}.{signed}",
        f"{header}.{payload}.{signed[:-1]}",
        f"{header}.{payload}.{signed[:-1]}{neighbour}",
        *(token + more for more in ("=", "A", ".", "!", ".e30", " x", "é")),
        *(more + token for more in ("A", ".", "!")),
    ]:
        unauthorized(session(server, f"Bearer {wrong}"))
    assert session(server, f"Bearer {token}").status == 200


@pytest.mark.parametrize("claim", ["sub", "iat", "exp"])
@pytest.mark.parametrize("value", [None, True, 1.5, [], {}])
def test_a_claim_that_is_missing_or_has_another_type_is_401(server: Server, claim: str, value: object) -> None:
    claims = good_claims()
    unauthorized(session(server, f"Bearer {token_of(claims | {claim: value})}"))
    del claims[claim]
    unauthorized(session(server, f"Bearer {token_of(claims)}"))


def test_times_are_no_strings_users_no_numbers_and_claims_an_object(server: Server) -> None:
    claims = good_claims()
    wrong: list[object] = [claims | {"exp": str(claims["exp"])}, claims | {"iat": "1"}, claims | {"sub": 1}, [], "x", 1]
    for payload in wrong:
        unauthorized(session(server, f"Bearer {token_of(payload)}"))


def test_a_token_that_has_expired_is_401(server: Server) -> None:
    now = int(time.time())
    for expires in [now, now - 1, 0, -1]:
        unauthorized(session(server, f"Bearer {token_of({'sub': 'bench', 'iat': now, 'exp': expires})}"))


def test_hashing_holds_up_no_other_request(variant: str | None) -> None:
    if variant == "sync":
        pytest.skip("one request at a time")
    users = "slow:pbkdf2-sha256$10000000$YmVuY2gtcHVibGljLXNhbA==$2XHBkNhpjxXswZP5ZLZLBy4lTYeaaa+xFA01vGmr730="
    server = Server(variant, stateful=True, variables={"NODE_USERS": users})
    try:
        with server.connect() as slow, ThreadPoolExecutor(1) as pool:
            slow.wait_at_most(120)
            slow.send(post("/login", '{"username": "slow", "password": "x"}'))
            answer = pool.submit(slow.answer)
            for _ in range(20):
                assert server.ask(post("/echo", "1")).status == 200
            assert not answer.done(), "ten million iterations take seconds"
            unauthorized(answer.result())
    finally:
        server.kill()


@pytest.mark.parametrize("secret", [None, "", "x" * 31, "-----BEGIN PUBLIC KEY-----\nx\n-----END PUBLIC KEY-----"])
def test_without_a_good_secret_there_is_no_start(variant: str | None, secret: str | None) -> None:
    message = refusal(variant, {"NODE_SECRET": secret})
    assert "NODE_SECRET" in message
    assert "Traceback" not in message
    assert not secret or secret not in message


def test_without_a_good_list_of_users_there_is_no_start(variant: str | None) -> None:
    message = refusal(variant, {"NODE_USERS": "bench"})
    assert "NODE_USERS" in message
    assert "Traceback" not in message


def test_without_users_nobody_may_sign_in(variant: str | None) -> None:
    server = Server(variant, variables={"NODE_SECRET": "\x01é" * 11, "NODE_USERS": ""})
    try:
        unauthorized(login(server, {"username": "bench", "password": PASSWORD}))
        assert session(server, f"Bearer {token_of(good_claims(), secret=chr(1) + 'é')}").status == 401
        assert session(server, f"Bearer {token_of(good_claims(), secret=(chr(1) + 'é') * 11)}").status == 200
    finally:
        server.kill()
