"""The paths for signing in."""

from time import time

from flask import Blueprint, Response, request
from werkzeug.exceptions import BadRequest, Unauthorized

from echo_server.body import read_json
from echo_server.codec import Codec
from echo_server.tokens import NotATokenError, Tokens
from echo_server.users import Users


def signing_in_blueprint(codec: Codec, users: Users, tokens: Tokens) -> Blueprint:
    blueprint = Blueprint("signing_in", __name__)

    @blueprint.post("/login")
    def login() -> Response:
        name, password = _credentials(read_json(request, codec))
        if not users.may_sign_in(name, password):
            raise Unauthorized("the user or the password is wrong")
        return Response(codec.encode({"token": tokens.issue(name, time())}), mimetype="application/json")

    @blueprint.get("/session")
    def session() -> Response:
        scheme, _, token = request.environ.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != "bearer":
            raise Unauthorized("a header Authorization: Bearer <token> is needed")
        try:
            claims = tokens.verify(token.strip(" "), time())
        except NotATokenError as error:
            raise Unauthorized(str(error)) from error
        return Response(codec.encode(claims), mimetype="application/json")

    return blueprint


def _credentials(value: object) -> tuple[str, bytes]:
    if isinstance(value, dict):
        name, password = value.get("username"), value.get("password")
        if isinstance(name, str) and isinstance(password, str):
            try:
                return name, password.encode("utf-8")
            except UnicodeEncodeError as error:
                raise BadRequest("the password holds half a surrogate pair") from error
    raise BadRequest("username and password are needed, both strings")
