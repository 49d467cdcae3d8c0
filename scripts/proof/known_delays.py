"""Part 1: a server with a known distribution of delays, and what bench says of it under a closed and an open load."""

from proof.closed_form import Bimodal, Constant, Distribution, LogNormal, two_ranks_us
from proof.counts import Counts
from proof.processes import Programs, Run
from proof.table import Row

TITLE = "Latency of a server whose distribution is known: within 1% + 100 us (+ two requests' worth of the quantile)"
DISTRIBUTIONS: list[Distribution] = [Constant(5), Bimodal(1, 50, 0.98), LogNormal(5, 0.5)]
RATE_PER_S = 5000
LOADS = {
    # Under a closed load with equal delays, requests fall into step, and the last of a clump waits until the server has
    # read the others. Few connections keep that far below the bound.
    "closed, 8 connections": ["-c", "8"],
    f"open, {RATE_PER_S}/s evenly": ["-c", "256", "--rate", str(RATE_PER_S), "--arrivals", "uniform"],
    f"open, {RATE_PER_S}/s Poisson": ["-c", "256", "--rate", str(RATE_PER_S), "--arrivals", "poisson"],
}
QUANTILES = {"P50": ("p50", 0.5), "P99": ("p99", 0.99), "P99.9": ("p99_9", 0.999)}


def rows(programs: Programs, counts: Counts, seconds: int) -> list[Row]:
    """Three distributions under three loads, three quantiles of each."""
    found = []
    for distribution in DISTRIBUTIONS:
        for load, flags in LOADS.items():

            def measure(
                distribution: Distribution = distribution, load: str = load, flags: list[str] = flags
            ) -> tuple[Run, dict[str, float]]:
                with programs.server("--latency", distribution.flag, "--busy") as server:
                    run = programs.bench(server, "--duration", f"{seconds}s", "--warmup", "1s", *flags)
                    counted = server.counted()
                counts.add(load.split(",")[0], run, counted)
                return run, counted["given_us"]

            run, given_us = programs.machine.undisturbed(measure)
            for name, (field, part) in QUANTILES.items():
                expected = distribution.quantile_us(part)
                grain = two_ranks_us(distribution, part, run.summary["requests"])
                found.append(
                    Row(
                        what=f"{distribution.flag}, {load}, {name}",
                        unit="us",
                        expected=expected,
                        given=given_us[field],
                        measured=run.summary["latency_us"][field],
                        bound=0.01 * expected + 100 + grain,
                    )
                )
    return found
