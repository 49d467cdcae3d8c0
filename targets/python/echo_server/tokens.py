"""Tokens: who has signed in, until when, signed with the secret."""

from typing import TYPE_CHECKING

import jwt

if TYPE_CHECKING:
    from jwt.types import Options

VALID_FOR_S = 3600

# PyJWT looks at the signature alone. Of the claims it would check some that the contract does not know, and would take
# the three that it does know in types that they must not have.
_SIGNATURE_ONLY: "Options" = {
    "verify_aud": False,
    "verify_exp": False,
    "verify_iat": False,
    "verify_iss": False,
    "verify_jti": False,
    "verify_nbf": False,
    "verify_sub": False,
}


class NotAKeyError(ValueError):
    """A secret cannot be used. The message does not hold it."""


class NotATokenError(ValueError):
    """The text is no valid token. The message says why."""


class Tokens:
    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        try:
            # PyJWT refuses keys that look like public ones: better now than at each request.
            self.issue("", now=0)
        except jwt.InvalidKeyError as error:
            raise NotAKeyError(str(error)) from error

    def issue(self, user: str, now: float) -> str:
        """`now` is in seconds since 1970."""
        issued = int(now)
        claims = {"sub": user, "iat": issued, "exp": issued + VALID_FOR_S}
        return jwt.encode(claims, self._secret, algorithm="HS256")

    def verify(self, token: str, now: float) -> dict[str, str | int]:
        """Gives the claims `sub`, `iat` and `exp`."""
        # RFC 7515 has base64 without padding; PyJWT takes it with padding too.
        if "=" in token:
            raise NotATokenError("the token is malformed")
        try:
            claims = jwt.decode(token, self._secret, algorithms=["HS256"], options=_SIGNATURE_ONLY)
        except jwt.InvalidTokenError as error:
            raise NotATokenError(f"the token is not valid: {error}") from error
        user, issued, expires = claims.get("sub"), claims.get("iat"), claims.get("exp")
        # `type` and not `isinstance`, since bool is a kind of int.
        if not isinstance(user, str) or type(issued) is not int or type(expires) is not int:
            raise NotATokenError("the token lacks one of sub, iat and exp, or has it in another type")
        if expires <= now:
            raise NotATokenError("the token has expired")
        return {"sub": user, "iat": issued, "exp": expires}
