"""github-action-benchmark's lists, by its documented types: it is published as an action only, so that what it reads
(`BenchmarkResult` in its `src/extract.ts`, and "custom benchmarks" in its README) is written here as a schema.

https://github.com/benchmark-action/github-action-benchmark
"""

import json
import re
from pathlib import Path

from conftest import WRITTEN, report
from jsonschema import Draft7Validator

ENDINGS = ["gab-bigger.json", "gab-smaller.json"]
ENTRY = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "minLength": 1},
        "unit": {"type": "string", "minLength": 1},
        "value": {"type": "number"},
        "range": {"type": "string"},
        "extra": {"type": "string"},
    },
    "required": ["name", "unit", "value"],
    "additionalProperties": False,
}
SCHEMA = Draft7Validator({"type": "array", "items": ENTRY})


def test_schema(path: Path) -> None:
    entries = json.loads(path.read_text())
    SCHEMA.validate(entries)
    names = [entry["name"] for entry in entries]
    assert len(names) == len(set(names)), "a name is what a series goes by"
    for entry in entries:
        # Of a range the action takes what stands after the sign for a number.
        assert re.fullmatch(r"± \d+(\.\d+)?(e-?\d+)?", entry.get("range", "± 1")), entry
        # Values of 0 would make ratios of nothing.
        assert entry["value"] > 0, entry


def test_what_is_bigger_and_what_is_smaller_are_apart() -> None:
    run = report("run")
    bigger = json.loads((WRITTEN / "run.gab-bigger.json").read_text())
    smaller = json.loads((WRITTEN / "run.gab-smaller.json").read_text())
    assert [(entry["value"], entry["unit"]) for entry in bigger] == [(run["summary"]["tps"], "1/s")]
    found = {entry["name"].rsplit(" / ")[-1]: entry["value"] for entry in smaller}
    assert found["p99"] == run["summary"]["latency_us"]["p99"]
    assert found["memory-peak"] == run["target"]["memory_bytes"]["peak"]
    assert not set(found) & {"tps", "capacity"}


def test_an_invalid_run_feeds_no_history() -> None:
    """Of an empty list the action says that there is no result, and fails."""
    for direction in ("bigger", "smaller"):
        assert json.loads((WRITTEN / f"invalid.gab-{direction}.json").read_text()) == []
