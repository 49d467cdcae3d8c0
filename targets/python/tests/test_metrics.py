"""What is counted, and how it is shown; with several processes, of all of them together."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from client import post, request
from prometheus_client.parser import text_string_to_metric_families
from server import PASSWORD, Server

BUCKETS = ["0.0005", "0.001", "0.0025", "0.005", "0.01", "0.025", "0.05", "0.1", "0.3", "0.5", "1.0", "3.0", "+Inf"]

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def samples(server: Server) -> Samples:
    answer = server.ask(request("GET", "/metrics"))
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    families = text_string_to_metric_families(answer.body.decode())
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }


def value(found: Samples, name: str, **labels: str) -> float:
    return found.get((name, frozenset(labels.items())), 0)


def requests(found: Samples, method: str, endpoint: str, status: int) -> float:
    return value(found, "api_requests_total", method=method, endpoint=endpoint, status=str(status))


@pytest.fixture(params=[False, True], ids=["several processes", "one process"])
def any_server(request: pytest.FixtureRequest) -> Server:
    server: Server = request.getfixturevalue("stateful_server" if request.param else "server")
    return server


def test_the_process_and_the_runtime_are_shown(any_server: Server) -> None:
    found = samples(any_server)
    names = {name for name, _ in found}
    assert {"process_cpu_seconds_total", "process_open_fds", "python_info", "python_gc_collections_total"} <= names
    assert 10e6 < value(found, "process_resident_memory_bytes") < 1e9
    assert time.time() - 3600 < value(found, "process_start_time_seconds") < time.time() + 1
    assert not any(name.endswith("_created") for name in names)


@pytest.mark.parametrize(
    ("message", "method", "endpoint", "status"),
    [
        (post("/echo", "1"), "POST", "/echo", 200),
        (post("/echo?x=1", "{"), "POST", "/echo", 400),
        (request("GET", "/healthz"), "GET", "/healthz", 200),
        (request("PURGE", "/healthz"), "other", "/healthz", 405),
        (request("GET", "/session"), "GET", "/session", 401),
        (post("/login", json.dumps({"username": "bench", "password": PASSWORD})), "POST", "/login", 200),
        (post("/tx", "{}", "Content-Encoding: br\r\n"), "POST", "/tx", 415),
        (post("/echo", "", "Content-Encoding: gzip\r\n"), "POST", "/echo", 400),
        ("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 9999999\r\n\r\n", "POST", "/echo", 413),
        (request("GET", "/accounts/acct-0001"), "GET", "/accounts/{id}", 200),
        (request("GET", "/accounts/x"), "GET", "/accounts/{id}", 404),
        (request("POST", "/accounts/acct-0001"), "other", "/accounts/{id}", 405),
        (request("GET", "/metrics"), "GET", "/metrics", 200),
        (request("GET", "/nope"), "other", "other", 404),
        (request("GET", "//echo"), "other", "other", 404),
        (request("GET", "/accounts/"), "other", "other", 404),
        (request("GET", "/accounts/a/b"), "other", "other", 404),
    ],
)
def test_every_request_is_counted_once(
    stateful_server: Server, message: bytes | str, method: str, endpoint: str, status: int
) -> None:
    before = samples(stateful_server)
    assert stateful_server.ask(message).status == status
    after = samples(stateful_server)
    # Each look at the metrics is counted too, after it was made.
    looks = 1 if endpoint == "/metrics" else 0
    assert requests(after, method, endpoint, status) - requests(before, method, endpoint, status) == 1 + looks
    count = "api_request_duration_seconds_count"
    labels = {"method": method, "endpoint": endpoint}
    assert value(after, count, **labels) - value(before, count, **labels) == 1 + looks


def test_head_is_a_method_of_its_own(stateful_server: Server) -> None:
    before = samples(stateful_server)
    with stateful_server.connect() as client:
        client.send(request("HEAD", "/healthz"))
        assert client.head().status == 200
    assert requests(samples(stateful_server), "HEAD", "/healthz", 200) - requests(before, "HEAD", "/healthz", 200) == 1


def test_the_labels_and_the_buckets_are_those_of_the_contract(any_server: Server) -> None:
    any_server.ask(post("/echo", "1"))
    found = samples(any_server)
    for name, labels in found:
        names = {label for label, _ in labels}
        if name == "api_requests_total":
            assert names == {"method", "endpoint", "status"}
        if name == "api_request_duration_seconds_count":
            assert names == {"method", "endpoint"}
    echo = {"method": "POST", "endpoint": "/echo"}
    counts = [value(found, "api_request_duration_seconds_bucket", le=bucket, **echo) for bucket in BUCKETS]
    assert counts == sorted(counts)
    assert counts[-1] == value(found, "api_request_duration_seconds_count", **echo) > 0
    buckets = {dict(labels)["le"] for name, labels in found if name == "api_request_duration_seconds_bucket"}
    assert buckets == set(BUCKETS)


def test_what_clients_send_makes_no_new_series(any_server: Server) -> None:
    strange = [
        *(request(f"M{number}", "/echo") for number in range(10)),
        *(request("GET", f"/{number}") for number in range(10)),
        *(request("GET", f"/accounts/{number}") for number in range(10)),
        *(request(f"M{number}", f"/accounts/{number}") for number in range(10)),
    ]
    for message in strange:
        any_server.ask(message)
    # 40 requests made no more than a series for each of echo, accounts (twice) and other.
    shown = [labels for name, labels in samples(any_server) if name == "api_requests_total"]
    for message in strange:
        any_server.ask(message)
    assert len([labels for name, labels in samples(any_server) if name == "api_requests_total"]) == len(shown)


def test_a_wait_for_a_block_is_in_the_histogram(stateful_server: Server) -> None:
    labels = {"method": "POST", "endpoint": "/tx"}
    before = value(samples(stateful_server), "api_request_duration_seconds_sum", **labels)
    transaction = {"id": "waits", "from": "acct-0000", "to": "acct-0001", "amount": 1}
    assert stateful_server.ask(post("/tx", json.dumps(transaction))).status == 200
    after = value(samples(stateful_server), "api_request_duration_seconds_sum", **labels)
    assert 0.05 <= after - before < 10


def test_requests_of_all_processes_are_counted_together(server: Server) -> None:
    before = requests(samples(server), "POST", "/echo", 200)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: server.ask(post("/echo", str(number))), range(400)))
    for _ in range(20):
        assert requests(samples(server), "POST", "/echo", 200) - before == 400, "whichever process answers"
    assert len(server.workers()) > 1


def open_folders(server: Server) -> set[Path]:
    """The folders of metrics that the master of this server has locked."""
    links = (Path(f"/proc/{server.process.pid}/fd")).iterdir()
    return {link.readlink() for link in links if "echo-server-metrics-" in str(link.readlink())}


def test_the_folder_of_several_processes_is_gone_in_the_end(own_server: Server) -> None:
    own_server.ask(post("/echo", "1"))
    [folder] = open_folders(own_server)
    assert list(folder.iterdir()) != []
    own_server.process.terminate()
    assert own_server.wait() == 0
    assert not folder.exists()


def test_the_folder_of_a_server_that_was_killed_is_removed_by_the_next(variant: str | None) -> None:
    killed = Server(variant)
    [folder] = open_folders(killed)
    killed.kill()
    living = Server(variant)
    [other] = open_folders(living)
    next_one = Server(variant)
    try:
        assert not folder.exists()
        assert other.exists(), "and that of a server that lives is not"
        assert requests(samples(next_one), "POST", "/echo", 200) == 0
    finally:
        living.kill()
        next_one.kill()


def test_one_process_needs_no_folder(stateful_server: Server) -> None:
    assert open_folders(stateful_server) == set()
