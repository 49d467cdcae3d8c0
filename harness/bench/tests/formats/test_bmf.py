"""Bencher Metric Format, by the schema that its reference documents, with nothing more allowed than it names.

https://bencher.dev/docs/reference/bencher-metric-format
"""

import json
from pathlib import Path

from conftest import WRITTEN, report
from jsonschema import Draft7Validator

ENDINGS = ["bmf.json"]
NUMBERS = {name: {"type": "number"} for name in ("value", "lower_value", "upper_value")}
MEASURE = {"type": "object", "properties": NUMBERS, "required": ["value"], "additionalProperties": False}
# A measure's slug has up to 64 characters, a benchmark's name up to 1024.
MEASURES = {
    "type": "object",
    "minProperties": 1,
    "propertyNames": {"pattern": "^[a-z0-9]+(-[a-z0-9]+)*$", "maxLength": 64},
    "additionalProperties": MEASURE,
}
SCHEMA = Draft7Validator(
    {"type": "object", "propertyNames": {"minLength": 1, "maxLength": 1024}, "additionalProperties": MEASURES}
)


def test_schema(path: Path) -> None:
    SCHEMA.validate(json.loads(path.read_text()))


def test_values_lie_in_their_intervals(path: Path) -> None:
    for measures in json.loads(path.read_text()).values():
        for measure in measures.values():
            assert measure.get("lower_value", measure["value"]) <= measure["value"]
            assert measure["value"] <= measure.get("upper_value", measure["value"])


def test_figures_are_those_of_the_report() -> None:
    run = report("run")
    [(name, measures)] = json.loads((WRITTEN / "run.bmf.json").read_text()).items()
    assert name == f"{run['plan']['scenario']}/{run['target']['name']}"
    assert measures["throughput"]["value"] == run["summary"]["tps"]
    assert round(measures["latency"]["value"]) == round(run["summary"]["latency_us"]["p50"] * 1000), "in nanoseconds"
    assert json.loads((WRITTEN / "invalid.bmf.json").read_text()) == {}, "an invalid run feeds no history"


def test_intervals_are_those_of_the_comparison() -> None:
    comparison = report("comparison")
    written = json.loads((WRITTEN / "comparison.bmf.json").read_text())
    assert len(written) == len(comparison["figures"])
    for figures in comparison["figures"]:
        [measures] = [found for name, found in written.items() if name.endswith(f"/{figures['label']}")]
        tps, found = figures["values"]["tps"], measures["throughput"]
        expected = (tps["median"], tps["low"], tps["high"])
        assert (found["value"], found["lower_value"], found["upper_value"]) == expected
