"""The application: its paths, and every error as JSON."""

import os
from functools import partial

from flask import Flask, Response, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import (
    BadRequest,
    HTTPException,
    MethodNotAllowed,
    NotFound,
    ServiceUnavailable,
    Unauthorized,
    UnsupportedMediaType,
)
from werkzeug.wsgi import get_path_info

from echo_server.body import discard_body, is_too_large, read_body
from echo_server.codec import NotJsonError, codec_named
from echo_server.compression import pack_if_accepted
from echo_server.connection import close_after_answer, seconds_since_head
from echo_server.ledger_endpoints import ledger_blueprint
from echo_server.metrics import CONTENT_TYPE, Metrics
from echo_server.settings import Settings
from echo_server.shared_ledger import SharedLedger
from echo_server.signing_in import signing_in_blueprint

# Errors that are raised without a look at the body.
_BODY_NOT_READ = (NotFound, MethodNotAllowed, ServiceUnavailable, UnsupportedMediaType)


def create_app(codec: str = "standard_json") -> Flask:
    """Makes the application. `codec` names the module of this package that decodes and encodes."""
    settings = Settings.from_environment(os.environb)
    json = codec_named(codec)
    round_trip = json.round_trip

    app = Flask(__name__, static_folder=None)
    # Flask would answer OPTIONS by itself, and name it in `Allow`.
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    # Werkzeug would redirect `/x//y` to `/x/y`; here both are unknown.
    app.url_map.merge_slashes = False

    @app.before_request
    def refuse_slashes_at_the_start() -> None:
        # Werkzeug drops them before it looks for a route, and would take `//echo` for `/echo`.
        if request.environ["PATH_INFO"].startswith("//"):
            raise NotFound

    @app.post("/echo")
    def echo() -> Response:
        try:
            return Response(round_trip(read_body(request)), mimetype="application/json")
        except NotJsonError as error:
            raise BadRequest(str(error)) from error

    @app.get("/healthz")
    def healthz() -> ResponseReturnValue:
        return {"status": "ok"}

    ledger = SharedLedger(waits_for_seal=settings.receipt_when_sealed)
    app.register_blueprint(ledger_blueprint(json, ledger, "committed" if settings.receipt_when_sealed else "accepted"))
    app.register_blueprint(signing_in_blueprint(json, settings.users, settings.tokens))
    app.register_error_handler(HTTPException, answer_error)

    @app.get("/metrics")
    def show_metrics() -> Response:
        return Response(metrics.text(), content_type=CONTENT_TYPE)

    paths = ((rule.rule.replace("<account>", "{id}"), rule.methods or ()) for rule in app.url_map.iter_rules())
    metrics = Metrics(dict(paths))

    @app.after_request
    def finish(response: Response) -> Response:
        environ = request.environ
        pack_if_accepted(environ.get("HTTP_ACCEPT_ENCODING"), response)
        metrics.count(environ["REQUEST_METHOD"], environ["PATH_INFO"], response.status_code, seconds_since_head())
        return response

    return app


def answer_error(error: HTTPException) -> Response:
    """Answers any error, Flask's own included, as `{"error": message}`."""
    message = error.description
    # Not `request.path`, where one slash is left of those at the start.
    path = get_path_info(request.environ)
    if isinstance(error, NotFound):
        message = f"no such path: {path}"
    elif isinstance(error, MethodNotAllowed):
        message = f"{request.method} is not allowed for {path}"
    response = jsonify(error=message)
    response.status_code = error.code or 500
    if isinstance(error, MethodNotAllowed):
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
    if isinstance(error, Unauthorized):
        response.headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, UnsupportedMediaType):
        response.headers["Accept-Encoding"] = "gzip"
    if isinstance(error, _BODY_NOT_READ):
        if is_too_large(request):
            close_after_answer()
        else:
            response.call_on_close(partial(discard_body, request.environ["wsgi.input"]))
    return response
