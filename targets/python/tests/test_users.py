"""The list of users, and their passwords."""

import base64

import pytest
from server import PASSWORD, USERS

from echo_server.users import NotUsersError, Users

SALT = "c2FsdHNhbHQ="
HASH = base64.b64encode(bytes(32)).decode()


def test_the_right_password_of_a_known_user_is_the_only_one() -> None:
    users = Users.from_text(f"{USERS},other:pbkdf2-sha256$1${SALT}${HASH}")
    assert users.may_sign_in("bench", PASSWORD.encode())
    for name, password in [
        ("bench", PASSWORD + " "),
        ("bench", ""),
        ("other", PASSWORD),
        ("Bench", PASSWORD),
        ("", ""),
    ]:
        assert not users.may_sign_in(name, password.encode())


def test_a_known_answer_of_pbkdf2() -> None:
    # Made with `openssl kdf -keylen 32 -kdfopt digest:SHA256 -kdfopt pass:secret -kdfopt salt:saltsalt -kdfopt iter:3
    # -binary PBKDF2 | base64`.
    assert Users.from_text(f"a:pbkdf2-sha256$3${SALT}$H64VbsqSOKls9JeY2Q8Flse1ls0OdR1OfckHpfK09sk=").may_sign_in(
        "a", b"secret"
    )


def test_every_try_is_hashed_whether_there_is_such_a_user_or_not(monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[tuple[bytes, int]] = []

    def remember(_name: str, password: bytes, _salt: bytes, iterations: int, length: int) -> bytes:
        hashed.append((password, iterations))
        return bytes(length)

    monkeypatch.setattr("echo_server.users.pbkdf2_hmac", remember)
    users = Users.from_text(f"bench:pbkdf2-sha256$20000${SALT}${HASH}")
    for _ in range(2):
        assert users.may_sign_in("bench", b"x")
        assert not users.may_sign_in("nobody", b"y"), "although the hash is the one that is compared with"
    assert hashed == [(b"x", 20_000), (b"y", 10_000)] * 2


def test_nobody_may_sign_in_where_the_list_is_empty() -> None:
    assert not Users.from_text("").may_sign_in("bench", PASSWORD.encode())


def longer(length: int) -> str:
    return base64.b64encode(bytes(length)).decode()


@pytest.mark.parametrize(
    "entry",
    [
        f"a:pbkdf2-sha256$10000000${longer(8)}${HASH}",
        f"A-Z.a_z-09:pbkdf2-sha256$1${longer(64)}${HASH}",
        f"{'x' * 64}:pbkdf2-sha256$1${SALT}${HASH}",
    ],
)
def test_what_is_at_the_limits_is_taken(entry: str) -> None:
    Users.from_text(entry)


@pytest.mark.parametrize(
    "text",
    [
        ",",
        f"{USERS},",
        f"{USERS}, other:pbkdf2-sha256$1${SALT}${HASH}",
        f"{USERS},{USERS}",
        "bench",
        "bench:correct horse battery staple",
        f":pbkdf2-sha256$1${SALT}${HASH}",
        f"{'x' * 65}:pbkdf2-sha256$1${SALT}${HASH}",
        f"a b:pbkdf2-sha256$1${SALT}${HASH}",
        f"a:pbkdf2-sha512$1${SALT}${HASH}",
        f"a:pbkdf2-sha256$0${SALT}${HASH}",
        f"a:pbkdf2-sha256$-1${SALT}${HASH}",
        f"a:pbkdf2-sha256$1.0${SALT}${HASH}",
        f"a:pbkdf2-sha256$10000001${SALT}${HASH}",
        f"a:pbkdf2-sha256$1${longer(7)}${HASH}",
        f"a:pbkdf2-sha256$1${longer(65)}${HASH}",
        f"a:pbkdf2-sha256$1${SALT}${longer(31)}",
        f"a:pbkdf2-sha256$1${SALT}${longer(33)}",
        f"a:pbkdf2-sha256$1${SALT.rstrip('=')}${HASH}",
        f"a:pbkdf2-sha256$1$c2FsdHNhbHR=${HASH}",
        f"a:pbkdf2-sha256$1$c2Fs-HNhbHQ=${HASH}",
        f"a:pbkdf2-sha256$1${SALT}${HASH}$",
    ],
)
def test_any_other_list_is_refused(text: str) -> None:
    with pytest.raises(NotUsersError):
        Users.from_text(text)
