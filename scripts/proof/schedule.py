"""Part 4: how late requests leave under an open load that neither side is busy with."""

import math

from proof.counts import Counts
from proof.processes import Programs, Run
from proof.table import Row

TITLE = "Schedule: lag from the due time to the send, P99 at most 50 us; and what a process that only waits gets here"
RATES_PER_S = [1_000, 10_000, 50_000]
CONNECTIONS = 64
BOUND_US = 50.0


def rows(programs: Programs, counts: Counts, seconds: int) -> list[Row]:
    """The lag at each rate, and before it that of a bare timer and of a bare look at the clock."""
    found = []
    for rate in RATES_PER_S:
        name = f"{rate // 1000}k/s"
        for kind, flags in [("bare timerfd", []), ("bare look at the clock", ["--spin"])]:
            lag = programs.timer_lag(rate, max(1, seconds // 2), *flags)
            rest = f"P50 {lag['p50']:.1f}, P99.9 {lag['p99_9']:.0f}, max {lag['max']:.0f} us"
            found.append(Row(f"{name}: {kind}, P99", "us", lag["p99"], note=rest))
        run, server_share = programs.machine.undisturbed(
            lambda rate=rate: _measure(programs, counts, rate, seconds)
        )
        lag = run.summary["schedule_lag_us"]
        rest = f"P50 {lag['p50']:.1f}, P99.9 {lag['p99_9']:.0f}, max {lag['max']:.0f} us"
        found.append(Row(f"{name}: bench, P99", "us", lag["p99"], bound=BOUND_US, note=rest))
        found.append(
            Row(
                what=f"{name}: sent, expected as due",
                unit="count",
                expected=run.counted("due"),
                measured=run.counted("sent"),
                # What was due less than that before the load's end may not have left any more.
                bound=math.ceil(rate * BOUND_US / 1e6),
            )
        )
        utilisation = run.report["generator"]["cpu_utilisation"]
        found.append(Row(f"{name}: CPU use of bench", "of a CPU", utilisation))
        found.append(Row(f"{name}: CPU use of the server", "of a CPU", server_share))
    return found


def _measure(programs: Programs, counts: Counts, rate_per_s: int, seconds: int) -> tuple[Run, float]:
    with programs.server("--at-once") as server:
        run = programs.bench(
            server, "--rate", str(rate_per_s), "--arrivals", "uniform", "-c", str(CONNECTIONS),
            "--duration", f"{seconds}s", "--warmup", "1s",
        )  # fmt: skip
        counted = server.counted()
        counts.add("open", run, counted)
    # All its CPU time over the load's: there is little of it before and after.
    return run, counted["cpu_s"] / (seconds + 1)
