"""The programs of a measurement: the server on the first CPU, bench or wrk on the second. Starts and ends them."""

import json
import os
import re
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from proof.histogram import Histogram
from proof.machine import Machine

SERVER_CPU = 0
CLIENT_CPU = 1
# So long may a process take that should take seconds.
LONGEST_S = 120


class Failure(Exception):
    """Why the proof cannot go on; the message says what to do."""


@dataclass
class Run:
    """A run of bench: its report, and the counters of all its intervals, of the warm-up too."""

    report: dict[str, Any]
    intervals: list[dict[str, Any]]

    @property
    def summary(self) -> dict[str, Any]:
        """The figures of the window."""
        return self.report["summary"]

    def counted(self, name: str) -> int:
        """A counter over the whole load."""
        return sum(interval["counters"].get(name, 0) for interval in self.intervals)

    @property
    def errors(self) -> dict[str, int]:
        """Failed requests by class, over the whole load."""
        classes = self.intervals[0]["counters"]["errors"]
        return {name: sum(each["counters"]["errors"][name] for each in self.intervals) for name in classes}

    @property
    def cut_off(self) -> int:
        """Requests that were in flight when the load ended, or were due and had not been sent."""
        bounds = Histogram.merged(interval["censored_hdr"] for interval in self.intervals)
        return bounds.total - self.errors["timeout"] - self.errors.get("unsent", 0)

    @property
    def waiting(self) -> int:
        """Requests that were due and had neither been sent nor given up when the load ended."""
        ended = self.counted("sent") + self.errors.get("unsent", 0)
        return max(0, self.counted("due") - ended)

    def histogram(self, name: str) -> Histogram:
        """One of the window's histograms."""
        measured = [interval for interval in self.intervals if interval["phase"] == "measure"]
        return Histogram.merged(interval.get(name) for interval in measured)


class Programs:
    """Where the programs are that were built, and where they may write."""

    def __init__(self, root: Path, work: Path, machine: Machine) -> None:
        self.work = work
        self.machine = machine
        target = Path(os.environ.get("CARGO_TARGET_DIR", root / "target"))
        self.release = root / target / "release"
        build = ["cargo", "build", "--release", "--quiet", "--package", "bench", "--package", "bench-generator"]
        build += ["--bin", "bench", "--example", "known-latency", "--example", "timer-lag"]
        if subprocess.run(build, cwd=root, check=False).returncode != 0:
            raise Failure("the build failed: mend what cargo says above")

    def server(self, *flags: str) -> "Server":
        """Starts the server with known delays."""
        return Server(self, list(flags))

    def bench(self, server: "Server", *flags: str) -> Run:
        """Runs bench and waits for it."""
        process = self.start_bench(server, *flags)
        return self.finish_bench(process)

    def start_bench(self, server: "Server", *flags: str) -> subprocess.Popen[str]:
        """Starts a run of bench."""
        command = [str(self.release / "bench"), "run", "--url", server.url, "--format", "json", "--threads", "1"]
        command += ["--generator-cpus", str(CLIENT_CPU), "--results", str(self.work), *flags]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def finish_bench(self, process: subprocess.Popen[str]) -> Run:
        """Waits for a run and reads what it stored."""
        output, errors = _end(process)
        # 3: a warning makes it invalid. What is wrong with it then shows in the figures, or does not matter to them.
        if process.returncode not in (0, 3):
            raise Failure(f"bench failed: {errors.strip()}")
        report = json.loads(output)
        stored = json.loads((self.work / report["id"] / "run.json").read_text())
        return Run(report, stored["intervals"])

    def wrk_per_s(self, server: "Server", connections: int, seconds: int) -> float:
        """wrk's throughput."""
        command = [*_on(CLIENT_CPU), "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", server.url]
        output = _run(command)
        if trouble := re.search(r"Non-2xx.*|Socket errors.*", output):
            raise Failure(f"wrk had errors: {trouble[0]}")
        found = re.search(r"Requests/sec:\s*([0-9.]+)", output)
        if found is None:
            raise Failure(f"wrk said nothing of its throughput: {output}")
        return float(found[1])

    def timer_lag(self, rate_per_s: int, seconds: int) -> Histogram:
        """By how much a process that only waits on a timer is late on the client's CPU."""
        return _lag(_run(self._timer_lag(CLIENT_CPU, rate_per_s, seconds)))

    def look_lag(self, rate_per_s: int, seconds: int) -> Histogram:
        """The same of a process that only looks at the clock, while another keeps the server's CPU busy."""
        beside = subprocess.Popen(
            self._timer_lag(SERVER_CPU, rate_per_s, seconds, "--spin"), stdout=subprocess.DEVNULL
        )
        try:
            return _lag(_run(self._timer_lag(CLIENT_CPU, rate_per_s, seconds, "--spin")))
        finally:
            beside.kill()
            beside.wait()

    def _timer_lag(self, cpu: int, rate_per_s: int, seconds: int, *flags: str) -> list[str]:
        program = str(self.release / "examples" / "timer-lag")
        return [*_on(cpu), program, str(rate_per_s), str(seconds), *flags]


class Server:
    """A server with known delays, from its start to its end."""

    def __init__(self, programs: Programs, flags: list[str]) -> None:
        self.machine = programs.machine
        command = [*_on(SERVER_CPU), str(programs.release / "examples" / "known-latency"), *flags]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.machine.servers.add(self.process.pid)
        line = self._line()
        if not line.startswith("listening on "):
            raise Failure(f"the server did not start: {line}")
        self.url = line.removeprefix("listening on ").strip() + "/"

    def __enter__(self) -> "Server":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.machine.servers.discard(self.process.pid)
        if self.process.poll() is None:
            # It may be stopped, and a stopped process does not hear of another signal.
            self.process.kill()
        self.process.wait()

    def counted(self) -> dict[str, Any]:
        """What it has read, answered and given so far."""
        self.process.send_signal(signal.SIGUSR1)
        return json.loads(self._line())

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()


def _on(cpu: int) -> list[str]:
    return ["taskset", "-c", str(cpu)]


def _lag(output: str) -> Histogram:
    return Histogram.merged([json.loads(output)["hdr"]])


def _run(command: list[str]) -> str:
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
        output, _ = _end(process)
        errors.seek(0)
        if process.returncode != 0:
            raise Failure(f"{' '.join(command)} failed: {errors.read().strip()}")
    return output


def _end(process: subprocess.Popen[str]) -> tuple[str, str]:
    try:
        return process.communicate(timeout=LONGEST_S)
    except BaseException:
        process.kill()
        process.wait()
        raise
