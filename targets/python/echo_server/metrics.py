"""What is counted of each request, and how that is shown."""

import os
from collections.abc import Collection, Mapping
from typing import NamedTuple

from prometheus_client import (
    CollectorRegistry,
    Counter,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4

ACCOUNT_PATH = "/accounts/{id}"
_OTHER = "other"
_BUCKETS_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 0.5, 1, 3)


class _Series(NamedTuple):
    """The metrics of one set of labels. Kept, since prometheus_client takes a lock and makes texts to find them."""

    requests: Counter
    durations: Histogram


class Metrics:
    """Counts for one process, or for all that share the folder `PROMETHEUS_MULTIPROC_DIR`, if the environment has that
    when this module is imported. What is shown of the process and its runtime is always of the one that is asked.
    """

    def __init__(self, methods: Mapping[str, Collection[str]]) -> None:
        """`methods` are those that each path allows. A path is also the label."""
        # Series of their own with the time at which each counter was made, which no other language's library has.
        disable_created_metrics()  # type: ignore[no-untyped-call]  # The library has no hint here.
        self._methods = {**methods, _OTHER: frozenset[str]()}
        self._series: dict[tuple[str, str, int], _Series] = {}
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        GCCollector(registry=self._registry)
        registry: CollectorRegistry | None = self._registry
        if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
            # It shows what is in the files, this process's own included.
            MultiProcessCollector(self._registry)  # type: ignore[no-untyped-call]  # Nor here.
            registry = None
        self._requests = Counter(
            "api_requests_total", "Requests that were answered.", ("method", "endpoint", "status"), registry=registry
        )
        self._durations = Histogram(
            "api_request_duration_seconds",
            "Time from the whole head of a request to its answer.",
            ("method", "endpoint"),
            buckets=_BUCKETS_S,
            registry=registry,
        )

    def count(self, method: str, path: str, status: int, duration_s: float) -> None:
        """Counts a request. What is no method or path of ours becomes `other`, so that clients make no new series."""
        endpoint = path if path in self._methods else _endpoint_of(path)
        if method not in self._methods[endpoint]:
            method = _OTHER
        key = (method, endpoint, status)
        series = self._series.get(key)
        if series is None:
            series = self._series[key] = _Series(
                self._requests.labels(method, endpoint, str(status)), self._durations.labels(method, endpoint)
            )
        series.requests.inc()
        series.durations.observe(duration_s)

    def text(self) -> bytes:
        """All of it in the format of Prometheus, version 0.0.4."""
        return generate_latest(self._registry)


def _endpoint_of(path: str) -> str:
    folder, _, name = path.rpartition("/")
    return ACCOUNT_PATH if folder == "/accounts" and name else _OTHER
