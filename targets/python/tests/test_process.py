"""The process: starting, ending, running out of files, losing a worker."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from client import Client
from server import FOLDER, Server, command, environment


def request_in_flight(server: Server) -> Client:
    """Sends a request but for the last byte of its body, and makes sure that the server has begun to read it."""
    client = server.connect()
    client.send("POST /echo HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
    assert client.head().status == 100
    client.send("[1,2")
    return client


def refuses_connections(server: Server) -> bool:
    """True if nobody listens any more, soon enough for the requests in flight to be finished afterwards."""
    deadline = time.monotonic() + 3
    while time.monotonic() < deadline:
        try:
            with server.connect():
                time.sleep(0.05)
        except ConnectionRefusedError:
            return True
    return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_refuses_new_connections_finishes_what_is_in_flight_and_exits_0(
    own_server: Server, number: signal.Signals, variant: str | None
) -> None:
    idle = own_server.connect()
    assert idle.echo("1").json() == 1
    busy = request_in_flight(own_server)
    own_server.signal(number)
    if variant != "sync":
        assert refuses_connections(own_server)
    busy.send("]")
    answer = busy.answer()
    assert answer.json() == [1, 2]
    busy.expect_close()
    idle.expect_close()
    assert own_server.wait() == 0


def test_ctrl_c_in_a_terminal_is_as_patient(variant: str | None) -> None:
    server = Server(variant)
    busy = request_in_flight(server)
    for worker in server.workers():
        os.kill(worker, signal.SIGINT)
    server.signal(signal.SIGINT)
    busy.send("]")
    assert busy.answer().json() == [1, 2]
    assert server.wait() == 0
    server.kill()


def test_a_request_that_does_not_end_is_cut_off(own_server: Server) -> None:
    busy = request_in_flight(own_server)
    begin = time.monotonic()
    own_server.signal(signal.SIGTERM)
    assert own_server.wait() == 0
    assert time.monotonic() - begin < 9
    with busy:
        pass


def test_requests_that_went_well_are_not_logged(own_server: Server) -> None:
    with own_server.connect() as client:
        for _ in range(10):
            assert client.echo("1").status == 200
        client.ask("GET", "/nope").error(404)
    own_server.signal(signal.SIGTERM)
    assert own_server.wait() == 0
    for path in ["/echo", "/healthz", "/nope"]:
        assert path not in own_server.log()


def test_a_port_in_use_is_an_error_that_names_it(server: Server, variant: str | None) -> None:
    result = subprocess.run(
        command(variant, server.address[1]), cwd=FOLDER, env=environment(), capture_output=True, timeout=20
    )
    assert result.returncode == 1
    assert str(server.address[1]).encode() in result.stderr
    with server.connect() as client:
        assert client.echo("1").json() == 1, "the first is not disturbed"


def test_a_port_can_be_used_again_at_once(own_server: Server, variant: str | None) -> None:
    with own_server.connect() as client:
        assert client.ask("GET", "/healthz").status == 200
    own_server.signal(signal.SIGTERM)
    assert own_server.wait() == 0
    Server(variant, port=own_server.address[1]).kill()


def test_the_cpus_of_the_mask_decide_the_number_of_workers(variant: str | None) -> None:
    server = Server(variant, prefix=["taskset", "-c", str(min(os.sched_getaffinity(0)))])
    deadline = time.monotonic() + 10
    while len(server.workers()) != 3 and time.monotonic() < deadline:
        time.sleep(0.05)
    workers = server.workers()
    masks = {frozenset(os.sched_getaffinity(worker)) for worker in workers}
    server.kill()
    assert len(workers) == 3
    assert masks == {frozenset({min(os.sched_getaffinity(0))})}


def test_no_signal_adds_a_worker_to_the_one_that_has_the_ledger(stateful_server: Server) -> None:
    [worker] = stateful_server.workers()
    stateful_server.signal(signal.SIGTTIN)
    time.sleep(0.5)
    assert stateful_server.workers() == [worker]
    assert stateful_server.ask("GET /ledger HTTP/1.1\r\nHost: test\r\n\r\n").status == 200


def test_a_worker_that_is_killed_is_replaced(own_server: Server) -> None:
    workers = own_server.workers()
    os.kill(workers[0], signal.SIGKILL)
    deadline = time.monotonic() + 10
    while len(set(own_server.workers()) - {workers[0]}) < len(workers) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(own_server.workers()) == len(workers)
    assert workers[0] not in own_server.workers()
    with own_server.connect() as client:
        assert client.echo("1").json() == 1


@pytest.fixture
def server_with_few_files(variant: str | None) -> Iterator[Server]:
    server = Server(variant, prefix=["sh", "-c", 'ulimit -n 64; exec "$0" "$@"'])
    yield server
    server.kill()


def test_running_out_of_files_is_survived(server_with_few_files: Server, variant: str | None) -> None:
    server = server_with_few_files
    before = set(server.workers())
    with server.connect() as first:
        assert first.echo("1").json() == 1
        with ExitStack() as crowd:
            for _ in range(600):
                crowd.enter_context(server.connect()).send("GET /healthz HTTP/1.1\r\nHost: test\r\n\r\n")
            if variant != "sync":
                assert first.echo("2").json() == 2, "the connections that it has go on"
        with server.connect() as later:
            assert later.echo("3").json() == 3
    assert set(server.workers()) == before, "no worker has ended"
