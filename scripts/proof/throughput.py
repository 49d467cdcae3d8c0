"""Part 3: the same server under wrk and under bench, turn about."""

from dataclasses import dataclass
from statistics import median

from proof.counts import Counts
from proof.processes import Programs, Server
from proof.table import Row

TITLE = "Throughput: bench against wrk, medians of pairs, within 3%"
BOUND = 0.03


@dataclass(frozen=True)
class Case:
    """A server that is the bottleneck, or that lets no more through than its delay does."""

    name: str
    flags: list[str]
    connections: int
    # Connections over delay, where the delay is all that an answer takes.
    closed_form_per_s: float | None


CASES = [
    Case("5 ms delay, 64 connections", ["--latency", "constant:5ms"], 64, 64 / 0.005),
    Case("50 ms delay, 1000 connections", ["--latency", "constant:50ms"], 1000, 1000 / 0.05),
    Case("50 us of CPU a request, 64 connections", ["--at-once", "--work", "50us"], 64, None),
    Case("50 us of CPU a request, 1000 connections", ["--at-once", "--work", "50us"], 1000, None),
]


def rows(programs: Programs, counts: Counts, pairs: int, seconds: int) -> list[Row]:
    """A ratio for each case, and where there is one the closed form."""
    found = []
    for case in CASES:
        ratios, of_bench, of_wrk = [], [], []
        for pair in range(pairs):
            programs.machine.wait_until_quiet()
            wrk, bench = programs.machine.undisturbed(
                lambda case=case, pair=pair: _pair(programs, counts, case, seconds, bench_first=pair % 2 == 1),
                # Both of a pair suffer alike, and the median of the pairs is taken.
                most=2,
            )
            ratios.append(bench / wrk)
            of_bench.append(bench)
            of_wrk.append(wrk)
        spread = f"{min(ratios):.3f} to {max(ratios):.3f}, {pairs} pair{'s' if pairs > 1 else ''}"
        found.append(Row(f"{case.name}: bench / wrk", "ratio", median(ratios), 1, bound=BOUND, note=spread))
        for name, values in [("bench", of_bench), ("wrk", of_wrk)]:
            expected = case.closed_form_per_s
            bound = BOUND * expected if expected is not None and name == "bench" else None
            found.append(Row(f"{case.name}: {name}", "per s", median(values), expected, bound=bound))
        if case.closed_form_per_s is not None:
            found.append(_open_at(programs, counts, case, median(of_wrk), seconds))
    return found


def _pair(programs: Programs, counts: Counts, case: Case, seconds: int, bench_first: bool) -> tuple[float, float]:
    def bench() -> float:
        with programs.server(*case.flags, "--busy") as server:
            return _bench_per_s(programs, counts, server, case, seconds, "closed", [])

    def wrk() -> float:
        with programs.server(*case.flags, "--busy") as server:
            return programs.wrk_per_s(server, case.connections, seconds)

    if bench_first:
        of_bench = bench()
        return wrk(), of_bench
    return wrk(), bench()


def _open_at(programs: Programs, counts: Counts, case: Case, rate_per_s: float, seconds: int) -> Row:
    """wrk2's method: the rate is given, and latency runs from the due time."""
    with programs.server(*case.flags, "--busy") as server:
        flags = ["--rate", f"{rate_per_s:.0f}"]
        measured = _bench_per_s(programs, counts, server, case, seconds, "open", flags)
    return Row(f"{case.name}: bench at wrk's rate, open", "per s", measured, rate_per_s, bound=BOUND * rate_per_s)


def _bench_per_s(
    programs: Programs, counts: Counts, server: Server, case: Case, seconds: int, load: str, flags: list[str]
) -> float:
    run = programs.bench(
        server, "-c", str(case.connections), "--duration", f"{seconds}s", "--warmup", "0s", *flags
    )
    counts.add(load, run, server.counted())
    return run.summary["tps"]
