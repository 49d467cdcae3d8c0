"""The paths of the ledger."""

import re
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.exceptions import BadRequest, NotFound, ServiceUnavailable, UnprocessableEntity

from echo_server.body import read_json
from echo_server.codec import Codec
from echo_server.ledger import Block, NotATransactionError, Receipt, Refusal, Transaction
from echo_server.shared_ledger import SharedLedger

_LARGEST_BATCH = 1000
_BLOCKS_BY_DEFAULT = 100
_LARGEST_LIMIT = 1000

# At least 1. `int` by itself would take signs, blanks, underscores and the digits of all scripts.
_WHOLE_NUMBER = re.compile(r"0*[1-9][0-9]{0,17}")


def ledger_blueprint(codec: Codec, ledger: SharedLedger, status: str) -> Blueprint:
    """`status` is what a receipt says: `committed` or `accepted`."""
    blueprint = Blueprint("ledger", __name__)

    def answer(value: Any) -> Response:  # noqa: ANN401 (any JSON value)
        return Response(codec.encode(value), mimetype="application/json")

    def result_as_json(result: Receipt | Refusal) -> dict[str, Any]:
        if isinstance(result, Refusal):
            return {"id": result.id, "status": "refused", "error": result.reason}
        return {"id": result.id, "status": status, "block": result.block, "index": result.index}

    @blueprint.before_request
    def refuse_if_there_are_more_processes() -> None:
        # Gunicorn says so for any number of workers beyond one. Each would have a ledger of its own.
        if request.environ["wsgi.multiprocess"]:
            raise ServiceUnavailable("a ledger needs one worker process: start with WEB_CONCURRENCY=1")

    @blueprint.post("/tx")
    def apply_one() -> Response:
        try:
            transaction = Transaction.from_json(read_json(request, codec))
        except NotATransactionError as error:
            raise BadRequest(str(error)) from error
        [result] = ledger.apply([transaction])
        if isinstance(result, Refusal):
            raise UnprocessableEntity(result.reason)
        return answer(result_as_json(result))

    @blueprint.post("/tx/batch")
    def apply_batch() -> Response:
        batch = read_json(request, codec)
        if not isinstance(batch, list) or not 1 <= len(batch) <= _LARGEST_BATCH:
            raise BadRequest(f"a batch is an array of 1 to {_LARGEST_BATCH} transactions")
        try:
            transactions = [Transaction.from_json(element) for element in batch]
        except NotATransactionError as error:
            raise BadRequest(str(error)) from error
        return answer([result_as_json(result) for result in ledger.apply(transactions)])

    @blueprint.get("/ledger")
    def state() -> Response:
        return answer(ledger.state()._asdict())

    @blueprint.get("/blocks")
    def blocks() -> Response:
        first = _whole_number_of_the_query("from", default=1)
        limit = _whole_number_of_the_query("limit", default=_BLOCKS_BY_DEFAULT)
        if limit > _LARGEST_LIMIT:
            raise BadRequest(f"limit is at most {_LARGEST_LIMIT}")
        return answer({"blocks": [_block_as_json(block) for block in ledger.blocks(first, limit)]})

    @blueprint.get("/accounts/<account>")
    def account(account: str) -> Response:
        balance = ledger.balance(account)
        if balance is None:
            raise NotFound
        return answer({"id": account, "balance": balance})

    return blueprint


def _whole_number_of_the_query(name: str, default: int) -> int:
    text = request.args.get(name)
    if text is None:
        return default
    if _WHOLE_NUMBER.fullmatch(text) is None:
        raise BadRequest(f"{name} is a whole number of at least 1")
    return int(text)


def _block_as_json(block: Block) -> dict[str, Any]:
    entries = (
        {"id": identity, "from": sender, "to": recipient, "amount": amount}
        for identity, sender, recipient, amount in block.entries
    )
    return {"height": block.height, "previous": block.previous, "hash": block.hash, "transactions": list(entries)}
