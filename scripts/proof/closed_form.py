"""What is known beforehand: the quantiles of the delays that the server is told to have, and those of a stall."""

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Protocol


class Distribution(Protocol):
    """A distribution of delays in microseconds."""

    @property
    def flag(self) -> str:
        """As the server's --latency takes it."""

    def quantile_us(self, part: float) -> float:
        """The delay that a part of all does not exceed."""


@dataclass(frozen=True)
class Constant:
    """Always the same."""

    delay_ms: float

    @property
    def flag(self) -> str:
        return f"constant:{self.delay_ms:g}ms"

    def quantile_us(self, part: float) -> float:
        return self.delay_ms * 1e3


@dataclass(frozen=True)
class Bimodal:
    """The first with a probability, else the second."""

    often_ms: float
    seldom_ms: float
    probability: float

    @property
    def flag(self) -> str:
        return f"bimodal:{self.often_ms:g}ms,{self.seldom_ms:g}ms,{self.probability:g}"

    def quantile_us(self, part: float) -> float:
        return 1e3 * (self.often_ms if part <= self.probability else self.seldom_ms)


@dataclass(frozen=True)
class LogNormal:
    """The logarithm is normal with this deviation."""

    median_ms: float
    sigma: float

    @property
    def flag(self) -> str:
        return f"lognormal:{self.median_ms:g}ms,{self.sigma:g}"

    def quantile_us(self, part: float) -> float:
        return 1e3 * self.median_ms * math.exp(self.sigma * NormalDist().inv_cdf(part))


def two_ranks_us(distribution: Distribution, part: float, requests: int) -> float:
    """By how much two requests more or less below a quantile move it: the grain of an experiment of so many."""
    at = distribution.quantile_us(part)
    ends = (max(part - 2 / requests, 0.5 / requests), min(part + 2 / requests, 1 - 0.5 / requests))
    return max(abs(distribution.quantile_us(end) - at) for end in ends)


@dataclass(frozen=True)
class Stall:
    """A server that stands still once, under requests that are due evenly; its quick answers count as no time.

    A request that is due when the stop has lasted for u finds u times the rate before it in the queue. It is answered
    when the stop is over and these have been: after S - u + u rate / capacity. That is S for the first and falls evenly to
    0 for the one due at u = S / (1 - rate / capacity), so that of all requests of the run the part u / T waits, evenly
    spread from 0 to S.
    """

    stop_s: float
    window_s: float
    rate_per_s: float
    capacity_per_s: float

    @property
    def affected(self) -> float:
        """The part of all requests that waits."""
        return self.stop_s / (1 - self.rate_per_s / self.capacity_per_s) / self.window_s

    def quantile_us(self, part: float) -> float:
        """The time from the due time to the answer that a part of all requests does not exceed."""
        return 1e6 * self.stop_s * max(0.0, 1 - (1 - part) / self.affected)

    @property
    def mean_us(self) -> float:
        """Its mean."""
        return 1e6 * self.stop_s / 2 * self.affected
