"""The text exposition, by the parser of Prometheus' own client library."""

import math
from pathlib import Path

from conftest import WRITTEN, report
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

ENDINGS = ["prometheus.txt"]


def families(path: Path) -> dict[str, Metric]:
    return {family.name: family for family in text_string_to_metric_families(path.read_text())}


def test_families(path: Path) -> None:
    text = path.read_text()
    found = families(path)
    for family in found.values():
        assert family.documentation and family.type in ("gauge", "counter", "histogram"), family
        assert family.samples, family
        assert text.count(f"# TYPE {family.name} ") == 1 or family.type == "counter", "samples stand together"
        for sample in family.samples:
            assert math.isfinite(sample.value) and sample.timestamp is None, sample
            assert {"scenario"} <= set(sample.labels), sample
    # Names are in base units, and only counters end in _total.
    assert not any(name.endswith(("_ms", "_us", "_kb", "_mib", "_percent", "_total")) for name in found)


def test_no_series_is_there_twice(path: Path) -> None:
    samples = [(s.name, tuple(sorted(s.labels.items()))) for family in families(path).values() for s in family.samples]
    assert len(samples) == len(set(samples))


def test_figures_are_those_of_the_report() -> None:
    run = report("run")
    summary, found = run["summary"], families(WRITTEN / "run.prometheus.txt")
    value = {sample.name: sample.value for family in found.values() for sample in family.samples}
    assert value["bench_requests_total"] == summary["requests"]
    assert value["bench_requests_per_second"] == value["bench_transactions_per_second"] == summary["tps"]
    assert value["bench_received_bytes_total"] == summary["bytes_in"]
    assert value["bench_valid"] == 1
    assert families(WRITTEN / "invalid.prometheus.txt")["bench_valid"].samples[0].value == 0
    percentiles = {s.labels["percentile"]: s.value for s in found["bench_latency_percentile_seconds"].samples}
    assert math.isclose(percentiles["99"], summary["latency_us"]["p99"] / 1e6)


def test_rates_of_requests_are_those_of_the_counters(path: Path) -> None:
    """Of batches too, where transactions are their items. Only runs have counters."""
    value = {sample.name: sample.value for family in families(path).values() for sample in family.samples}
    if "bench_requests_total" in value:
        expected = value["bench_requests_total"] / value["bench_window_seconds"]
        assert math.isclose(value["bench_requests_per_second"], expected)
    if path.name == "batched.prometheus.txt":
        assert math.isclose(value["bench_transactions_per_second"], 100 * value["bench_requests_per_second"])


def test_the_histogram_is_one() -> None:
    run = report("run")
    histogram = families(WRITTEN / "run.prometheus.txt")["bench_latency_seconds"]
    assert histogram.type == "histogram"
    buckets = [(float(s.labels["le"]), s.value) for s in histogram.samples if s.name.endswith("_bucket")]
    assert buckets == sorted(buckets) and buckets[-1][0] == math.inf
    counts = [count for _, count in buckets]
    assert counts == sorted(counts) and counts[-1] == run["summary"]["requests"]
    total = {s.name: s.value for s in histogram.samples}
    mean_us = 1e6 * total["bench_latency_seconds_sum"] / total["bench_latency_seconds_count"]
    assert math.isclose(mean_us, run["summary"]["latency_us"]["mean"], rel_tol=1e-3)
    # The median lies in the bucket that says so.
    median_s = run["summary"]["latency_us"]["p50"] / 1e6
    below = max((count for bound, count in buckets if bound < median_s), default=0)
    above = min(count for bound, count in buckets if bound >= median_s)
    assert below <= counts[-1] / 2 <= above
