"""The paths of the ledger, as it is started for scenarios that need one state."""

import hashlib
import json
import time
from itertools import count

import pytest
from client import Answer, post, request
from server import Server, refusal

_numbers = count()


def transaction(**other: object) -> dict[str, object]:
    """One of an id of its own."""
    return {"id": f"t-{next(_numbers)}", "from": "acct-0000", "to": "acct-0001", "amount": 1} | other


def apply(server: Server, value: object, path: str = "/tx") -> Answer:
    return server.ask(post(path, json.dumps(value)))


def get(server: Server, path: str) -> Answer:
    return server.ask(request("GET", path))


def expected_hash(block: dict[str, object]) -> str:
    assert isinstance(block["transactions"], list)
    lines = [f"block {block['height']}", f"previous {block['previous']}"]
    for index, entry in enumerate(block["transactions"]):
        lines.append(f"{index} {entry['id']} {entry['from']} {entry['to']} {entry['amount']}")
    return hashlib.sha256("".join(line + "\n" for line in lines).encode()).hexdigest()


def test_a_fresh_ledger_gets_its_first_transaction(variant: str | None) -> None:
    server = Server(variant, stateful=True)
    try:
        fresh = {"height": 0, "transactions": 0, "pending": 0, "balance": 1_000_000_000, "head": "0" * 64}
        assert get(server, "/ledger").json() == fresh
        begin = time.monotonic()
        answer = apply(server, {"id": "t-1", "from": "acct-0000", "to": "acct-0001", "amount": 5})
        assert time.monotonic() - begin >= 0.05, "the receipt is given when the block is sealed"
        assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
        assert answer.json() == {"id": "t-1", "status": "committed", "block": 1, "index": 0}
        head = "9c6f0fdaee824720814d97929e63d45e123eb0b850f2b180256679e587e8a4b2"
        assert get(server, "/ledger").json() == fresh | {"height": 1, "transactions": 1, "head": head}
        entry = {"id": "t-1", "from": "acct-0000", "to": "acct-0001", "amount": 5}
        block = {"height": 1, "previous": "0" * 64, "hash": head, "transactions": [entry]}
        assert get(server, "/blocks").json() == {"blocks": [block]}
        assert get(server, "/accounts/acct-0000").json() == {"id": "acct-0000", "balance": 999_995}
    finally:
        server.kill()


def test_a_batch_of_a_thousand_is_ten_blocks(variant: str | None) -> None:
    server = Server(variant, stateful=True)
    try:
        answer = apply(server, [transaction(amount=1.0) for _ in range(1000)], "/tx/batch")
        places = [(result["block"], result["index"]) for result in answer.json()]
        assert places == [(1 + number // 100, number % 100) for number in range(1000)]
        blocks = get(server, "/blocks").json()["blocks"]
        assert len(blocks) == 10
        for block, previous in zip(blocks, ["0" * 64, *(block["hash"] for block in blocks)], strict=False):
            assert block["previous"] == previous
            assert block["hash"] == expected_hash(block)
    finally:
        server.kill()


def test_accepted_receipts_are_given_at_once(variant: str | None) -> None:
    server = Server(variant, stateful=True, variables={"LEDGER_ACK": "accepted"})
    try:
        # Beside other work the block may be sealed before it is looked at: then once more. A receipt that waits for its
        # block would never be there before.
        for number in range(50):
            result = apply(server, transaction()).json()
            state = get(server, "/ledger").json()
            assert (result["status"], state["transactions"] + state["pending"]) == ("accepted", number + 1)
            if state["pending"] == 1:
                assert (result["block"], result["index"]) == (state["height"] + 1, 0)
                break
        else:
            pytest.fail("no receipt came before its block was sealed")
        deadline = time.monotonic() + 20
        while get(server, "/ledger").json()["pending"] == 1 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert get(server, "/ledger").json()["height"] == result["block"]
    finally:
        server.kill()


def test_another_kind_of_receipt_is_an_error_that_names_the_variable(variant: str | None) -> None:
    message = refusal(variant, {"LEDGER_ACK": "maybe"})
    assert "LEDGER_ACK" in message
    assert "Traceback" not in message


def test_an_id_is_applied_once(stateful_server: Server) -> None:
    asked = transaction()
    first = apply(stateful_server, asked).json()
    before = get(stateful_server, "/ledger").json()
    assert apply(stateful_server, asked).json() == first
    assert apply(stateful_server, asked | {"from": "nobody", "amount": 0.5}).json() == first
    assert get(stateful_server, "/ledger").json() == before
    apply(stateful_server, asked | {"amount": "1"}).error(400)


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({"amount": 0}, "amount must be a positive integer"),
        ({"amount": 10**300}, "amount must be a positive integer"),
        ({"to": "acct-1000"}, "unknown account"),
        ({"to": "\ud800"}, "unknown account"),
        ({"to": "acct-0000"}, "same account"),
        ({"amount": 9_007_199_254_740_991}, "insufficient funds"),
    ],
)
def test_what_cannot_be_applied_is_422_and_keeps_the_connection(
    stateful_server: Server, variant: str | None, other: dict[str, object], message: str
) -> None:
    asked = transaction(**other)
    if variant == "orjson" and asked["to"] == "\ud800":
        pytest.skip("orjson refuses half a surrogate pair, which is left open")
    before = get(stateful_server, "/ledger").json()
    with stateful_server.connect() as client:
        client.send(post("/tx", json.dumps(asked)))
        answer = client.answer()
        assert answer.error(422) == message
        assert answer.closes() == (variant == "sync")
    assert get(stateful_server, "/ledger").json() == before
    assert apply(stateful_server, transaction(id=asked["id"])).status == 200


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        "null",
        '{"id": "x", "from": "acct-0000", "to": "acct-0001"}',
        '{"id": "x y", "from": "acct-0000", "to": "acct-0001", "amount": 1}',
        '{"id": "x", "from": 0, "to": "acct-0001", "amount": 1}',
        '{"id": "x", "from": "acct-0000", "to": "acct-0001", "amount": true}',
        '{"id": "x", "from": "acct-0000", "to": "acct-0001", "amount": 1e400}',
        '{"id": "x", "from": "acct-0000", "to": "acct-0001", "amount": 1, "other": -1e999}',
        '{"id": "x", "from": "acct-0000", "to": "acct-0001", "amount": NaN}',
        '{"id": "x", "from": "acct-0000", "to": "acct-0001", "amount": 1' + "0" * 400 + "}",
        '{"id": "x", "from": "acct-0000", "to": "acct-0001", "amount": 1' + "0" * 5000 + "}",
        "[" * 100_000,
    ],
)
@pytest.mark.parametrize("path", ["/tx", "/tx/batch"])
def test_what_is_no_transaction_is_400(stateful_server: Server, path: str, body: str) -> None:
    stateful_server.ask(post(path, body if path == "/tx" else f"[{body}]")).error(400)


def test_a_batch_is_applied_in_order_and_says_what_was_refused(stateful_server: Server) -> None:
    # An account that is empty but for what this batch brings.
    emptied = transaction(**{"from": "acct-0500", "to": "acct-0501", "amount": 1_000_000})
    assert apply(stateful_server, emptied).status == 200
    batch = [
        refused := transaction(**{"from": "acct-0500", "to": "acct-0502", "amount": 3}),
        transaction(**{"from": "acct-0501", "to": "acct-0500", "amount": 3}),
        transaction(id=refused["id"], **{"from": "acct-0500", "to": "acct-0502", "amount": 3}),
        emptied,
    ]
    results = apply(stateful_server, batch, "/tx/batch").json()
    assert results[0] == {"id": refused["id"], "status": "refused", "error": "insufficient funds"}
    assert [result["status"] for result in results[1:]] == ["committed"] * 3
    assert results[2]["index"] == results[1]["index"] + 1
    assert results[3]["block"] < results[1]["block"], "the first receipt"
    assert get(stateful_server, "/accounts/acct-0502").json()["balance"] == 1_000_003


def test_a_batch_with_one_bad_element_moves_nothing(stateful_server: Server) -> None:
    before = get(stateful_server, "/ledger").json()
    apply(stateful_server, [transaction(), transaction(amount=None)], "/tx/batch").error(400)
    for wrong in [[], {}, transaction(), [transaction() for _ in range(1001)]]:
        apply(stateful_server, wrong, "/tx/batch").error(400)
    assert get(stateful_server, "/ledger").json() == before


def test_a_batch_that_is_refused_as_a_whole_is_answered(stateful_server: Server) -> None:
    results = apply(stateful_server, [transaction(amount=0)] * 2, "/tx/batch").json()
    assert [result["status"] for result in results] == ["refused", "refused"]


def test_the_hundredth_transaction_seals_the_block_for_all_that_wait(
    stateful_server: Server, variant: str | None
) -> None:
    if variant == "sync":
        pytest.skip("one request at a time")
    for _ in range(50):
        batch = [transaction() for _ in range(99)]
        with stateful_server.connect() as first, stateful_server.connect() as last:
            first.send(post("/tx/batch", json.dumps(batch)))
            assert last.ask("GET", "/healthz").status == 200
            last.send(post("/tx", json.dumps(transaction())))
            result, results = last.answer().json(), first.answer().json()
        # Beside other work the last one may come before the batch, or after the 50 ms: then once more.
        if result["index"] == 99:
            assert {other["block"] for other in results} == {result["block"]}
            return
    pytest.fail("no block was full")


def test_more_than_a_hundred_requests_can_wait_at_once(stateful_server: Server, variant: str | None) -> None:
    if variant == "sync":
        pytest.skip("one request at a time")
    waiting = [stateful_server.connect() for _ in range(120)]
    for client in waiting:
        client.send("POST /tx HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        assert client.head().status == 100
    assert apply(stateful_server, transaction()).status == 200
    for client in waiting:
        with client:
            client.send("[]")
            client.answer().error(400)


@pytest.mark.parametrize("query", ["from=1&limit=2", "limit=2", "other=x&limit=02", "from=1&limit=2#"])
def test_blocks_are_read_in_pieces(stateful_server: Server, query: str) -> None:
    for _ in range(3):
        apply(stateful_server, transaction())
    heights = [block["height"] for block in get(stateful_server, f"/blocks?{query}").json()["blocks"]]
    assert heights == [1, 2]
    last = get(stateful_server, "/ledger").json()["height"]
    assert [block["height"] for block in get(stateful_server, f"/blocks?from={last}").json()["blocks"]] == [last]
    assert get(stateful_server, f"/blocks?from={last + 1}").json() == {"blocks": []}
    assert get(stateful_server, "/blocks?limit=1000").status == 200


@pytest.mark.parametrize(
    "query",
    [
        *("from=0", "from=-1", "from=", "from=x", "from=1.0", "from=%2B1", "from=1_0", "from=%D9%A1"),
        "from=" + "9" * 5000,
        *("limit=0", "limit=1001", "limit=all"),
    ],
)
def test_other_pieces_are_400(stateful_server: Server, query: str) -> None:
    get(stateful_server, f"/blocks?{query}").error(400)


@pytest.mark.parametrize("account", ["acct-1000", "ACCT-0000", "x", "acct-0000x", "%F0%9F%98%80"])
def test_an_unknown_account_is_404(stateful_server: Server, account: str) -> None:
    get(stateful_server, f"/accounts/{account}").error(404)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/tx", "POST"),
        ("GET", "/tx/batch", "POST"),
        ("POST", "/ledger", "GET, HEAD"),
        ("POST", "/blocks", "GET, HEAD"),
        ("DELETE", "/accounts/acct-0000", "GET, HEAD"),
    ],
)
def test_a_wrong_method_is_405(stateful_server: Server, method: str, path: str, allowed: str) -> None:
    answer = stateful_server.ask(request(method, path))
    answer.error(405)
    assert answer.headers["allow"] == allowed


@pytest.mark.parametrize(
    "path", ["/tx/", "/tx/batch/", "/ledger/", "/blocks/1", "/accounts", "/accounts/", "/accounts/a/b"]
)
def test_paths_nearby_are_404(stateful_server: Server, path: str) -> None:
    get(stateful_server, path).error(404)


def test_several_processes_answer_503_and_forget_the_body(server: Server, variant: str | None) -> None:
    for path in ["/ledger", "/blocks", "/accounts/acct-0000"]:
        get(server, path).error(503)
    for path in ["/tx", "/tx/batch"]:
        with server.connect() as client:
            client.send(post(path, " " * 100_000))
            answer = client.answer()
            assert "WEB_CONCURRENCY=1" in answer.error(503)
            assert answer.closes() == (variant == "sync")
