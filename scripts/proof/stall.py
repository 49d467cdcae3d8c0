"""Part 2: a server that is stopped for a while in the middle of an open run."""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from proof import chart
from proof.closed_form import Stall
from proof.counts import Counts
from proof.processes import Programs, Run
from proof.table import Row

TITLE = "A server stopped in the middle of an open run: the closed form within 1% + 20 ms"
RATE_PER_S = 1000
BOUND_US = 20_000.0
QUANTILES = {"P50": ("p50", 0.5), "P75": ("p75", 0.75), "P90": ("p90", 0.9), "P95": ("p95", 0.95)}
QUANTILES |= {"P99": ("p99", 0.99), "P99.9": ("p99_9", 0.999), "max": ("max", 1.0)}


@dataclass(frozen=True)
class Lengths:
    """How long the run takes and the stop in it, in seconds."""

    window_s: int
    stop_s: float

    @property
    def connections(self) -> int:
        """So few that one in twenty of the requests that the stop holds up can be waiting for its answer."""
        return round(self.stop_s * RATE_PER_S / 20)


def _capacity_per_s(programs: Programs, counts: Counts, connections: int) -> float:
    """What server and generator can do together on as many connections: how fast a queue is worked off."""
    with programs.server("--at-once") as server:
        run = programs.bench(server, "-c", str(connections), "--duration", "2s", "--warmup", "1s")
        counts.add("closed", run, server.counted())
    return run.summary["tps"]


def rows(programs: Programs, counts: Counts, lengths: Lengths, picture: Path | None) -> list[Row]:
    """The quantiles from the due time against the closed form, and what those from the send would have said."""
    capacity = programs.machine.undisturbed(lambda: _capacity_per_s(programs, counts, lengths.connections))
    run, stop_s = programs.machine.undisturbed(lambda: _measure(programs, counts, lengths))
    stall = Stall(stop_s, run.summary["duration_s"], RATE_PER_S, capacity)
    corrected, uncorrected = run.summary["latency_us"], run.summary["service_time_us"]
    found = []
    for name, (field, part) in QUANTILES.items():
        expected = stall.quantile_us(part)
        bound = 0.01 * expected + BOUND_US
        found.append(Row(f"from the due time, {name}", "us", corrected[field], expected, bound=bound))
    found.append(
        Row("from the due time, mean", "us", corrected["mean"], stall.mean_us, bound=0.01 * stall.mean_us + 2000)
    )
    for name in ("P95", "P99"):
        field, part = QUANTILES[name]
        expected = stall.quantile_us(part)
        found.append(
            Row(
                what=f"from the send, {name}: must be wrong",
                unit="us",
                measured=uncorrected[field],
                expected=expected,
                bound=0.01 * expected + BOUND_US,
                must_differ=True,
            )
        )
    found.append(Row("length of the stop", "us", stop_s * 1e6))
    found.append(Row("rate at which the queue is worked off", "per s", capacity))
    if picture is not None:
        picture.write_text(_draw(stall, run, lengths.connections))
    return found


def _measure(programs: Programs, counts: Counts, lengths: Lengths) -> tuple[Run, float]:
    with programs.server("--at-once") as server:
        process = programs.start_bench(
            server, "--rate", str(RATE_PER_S), "--arrivals", "uniform", "-c", str(lengths.connections),
            "--duration", f"{lengths.window_s}s", "--warmup", "1s",
        )  # fmt: skip
        try:
            # Anywhere inside the window will do.
            time.sleep(1 + lengths.window_s * 0.4)
            os.kill(server.process.pid, signal.SIGSTOP)
            began = time.monotonic()
            time.sleep(lengths.stop_s)
            os.kill(server.process.pid, signal.SIGCONT)
            stop_s = time.monotonic() - began
            run = programs.finish_bench(process)
        finally:
            process.kill()
            process.wait()
        counts.add("open", run, server.counted())
    return run, stop_s


def _draw(stall: Stall, run: Run, connections: int) -> str:
    parts = chart.parts()

    def of(name: str) -> dict[float, float]:
        values = run.histogram(name).quantiles_ns(parts)
        return {part: value / 1e9 for part, value in zip(parts, values, strict=True)}

    corrected, uncorrected = of("latency_hdr"), of("service_hdr")
    curves = [
        chart.Curve("from the due time (corrected)", "#0072b2", "none", corrected.__getitem__),
        chart.Curve("closed form", "#222222", "2 5", lambda part: stall.quantile_us(part) / 1e6),
        chart.Curve("from the send (uncorrected)", "#d55e00", "8 4", uncorrected.__getitem__),
    ]
    subtitle = (
        f"{RATE_PER_S:,} requests a second on {connections} connections for {stall.window_s:g} s, of which the server "
        f"stands still for {stall.stop_s:.1f} s"
    )
    highest_s = 0.5 * (int(stall.stop_s / 0.5) + 1)
    return chart.svg("What a stop of the server does to the latencies", subtitle, curves, highest_s)
