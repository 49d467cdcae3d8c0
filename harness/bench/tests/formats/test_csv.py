"""The tables, by Python's csv in its strict mode."""

import csv
from pathlib import Path

from conftest import WRITTEN, report

ENDINGS = ["csv"]


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file, strict=True))


def test_rows_are_whole(path: Path) -> None:
    with path.open(newline="") as file:
        head, *others = list(csv.reader(file, strict=True))
    assert len(set(head)) == len(head) and others
    assert all(len(row) == len(head) for row in others)
    assert path.read_bytes().endswith(b"\r\n") and path.read_bytes().count(b"\n") == path.read_bytes().count(b"\r\n")


def test_the_rows_of_a_comparison_are_what_its_figures_were_made_from() -> None:
    comparison = report("comparison")
    table = rows(WRITTEN / "comparison.csv")
    assert len(table) >= comparison["blocks"]["used"] * (len(comparison["figures"]) + 1)
    for figures in comparison["figures"]:
        used = [row for row in table if (row["target"], row["used"], row["control"]) == (figures["label"], "true", "false")]
        expected = [round(value, 3) for value in figures["values"]["tps"]["values"]]
        assert [float(row["tps"]) for row in used] == expected
        assert {row["verdict"] for row in used} == {"valid"}
