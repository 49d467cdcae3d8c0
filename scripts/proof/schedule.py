"""Part 4: how late requests leave under an open load that neither side is busy with."""

import math

from proof.counts import Counts
from proof.histogram import Histogram
from proof.processes import Programs, Run
from proof.table import Row

TITLE = "Schedule: lag from the due time to the send, P99 at most 50 us; and what a process that only waits gets here"
RATES_PER_S = [1_000, 10_000, 50_000]
# Enough that a server whose CPU is taken away for some milliseconds does not keep all of them busy.
CONNECTIONS = 256
BOUND_US = 50.0
# Who only waits and who sends take turns, since what the machine takes away changes from minute to minute.
TURNS = 5


def rows(programs: Programs, counts: Counts, seconds: int) -> list[Row]:
    """The lag at each rate, and beside it that of a bare timer and of a bare look at the clock (both CPUs busy)."""
    found = []
    turns = TURNS if programs.machine.attempts > 1 else 1
    for rate in RATES_PER_S:
        name = f"{rate // 1000}k/s"
        sleeps, looks, lags, runs, server_shares = [], [], [], [], []
        for _ in range(turns):
            sleeps.append(programs.timer_lag(rate, 1))
            looks.append(programs.look_lag(rate, max(1, seconds // turns)))
            run, server_share = programs.machine.undisturbed(
                lambda rate=rate: _measure(programs, counts, rate, max(1, seconds // turns))
            )
            runs.append(run)
            lags += [interval["lag_hdr"] for interval in run.intervals if interval["phase"] == "measure"]
            server_shares.append(server_share)
        utilisation = sum(run.report["generator"]["cpu_utilisation"] for run in runs) / turns
        looking = Histogram.together(looks)
        found += [
            _lag(f"{name}: bare timerfd", Histogram.together(sleeps)),
            _lag(f"{name}: bare look at the clock, both CPUs busy", looking),
            _lag(f"{name}: bench", Histogram.merged(lags), bound=BOUND_US),
            # What is due while the CPU is taken away leaves when it is back, and what is due until that is caught up with
            # waits as well: 1 / (1 - utilisation) times as many. So bench's P99 is that much further out of a bare look.
            Row(
                f"{name}: bare look, P{100 - (1 - utilisation):.2f}",
                "us",
                looking.quantiles_ns([1 - 0.01 * (1 - utilisation)])[0] / 1e3,
            ),
            Row(
                what=f"{name}: sent, expected as due",
                unit="count",
                expected=sum(run.counted("due") for run in runs),
                measured=sum(run.counted("sent") for run in runs),
                # What was due less than that before a load's end may not have left any more.
                bound=turns * math.ceil(rate * BOUND_US / 1e6),
            ),
            Row(f"{name}: CPU use of bench", "of a CPU", utilisation),
            Row(f"{name}: CPU use of the server", "of a CPU", sum(server_shares) / turns),
        ]
    return found


def _lag(name: str, lag: Histogram, bound: float | None = None) -> Row:
    p50, p90, p99, p99_9, most = (value / 1e3 for value in lag.quantiles_ns([0.5, 0.9, 0.99, 0.999, 1.0]))
    rest = f"P50 {p50:.1f}, P90 {p90:.1f}, P99.9 {p99_9:.0f}, max {most:.0f} us"
    return Row(f"{name}, P99", "us", p99, bound=bound, note=rest)


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
