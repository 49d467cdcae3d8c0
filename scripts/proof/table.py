"""The table: a row is what was expected, what was measured, and whether the difference is within its bound."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass

HEADERS = ["what", "expected", "server gave", "measured", "difference", "bound", "ok"]


@dataclass(frozen=True)
class Row:
    """A figure. Without an expectation or a bound it is there for information."""

    what: str
    unit: str
    measured: float
    expected: float | None = None
    given: float | None = None
    bound: float | None = None
    # Some rows show what must *not* come out.
    must_differ: bool = False
    note: str = ""

    @property
    def difference(self) -> float | None:
        """By how much the measured figure is above the expected one."""
        return None if self.expected is None else self.measured - self.expected

    @property
    def ok(self) -> bool | None:
        """Whether the figure holds, against the closed form as against what the server gave; None where nothing is asked."""
        if self.bound is None:
            return None
        known = [value for value in (self.expected, self.given) if value is not None]
        near = all(abs(self.measured - value) <= self.bound for value in known)
        return near != self.must_differ if known else self.measured <= self.bound

    def cells(self) -> list[str]:
        """The row as text."""
        sign = "above " if self.must_differ else ""
        return [
            self.what + (f" ({self.note})" if self.note else ""),
            _text(self.expected, self.unit),
            _text(self.given, self.unit),
            _text(self.measured, self.unit),
            _text(self.difference, self.unit, "+"),
            sign + _text(self.bound, self.unit) if self.bound is not None else "",
            {True: "yes", False: "NO", None: ""}[self.ok],
        ]

    def values(self) -> dict[str, object]:
        """The row for programs."""
        return {**asdict(self), "difference": self.difference, "ok": self.ok}


def _text(value: float | None, unit: str, sign: str = "") -> str:
    if value is None:
        return ""
    if unit == "us":
        size, name = next(
            ((size, name) for size, name in [(1e6, "s"), (1e3, "ms")] if abs(value) >= size), (1.0, "us")
        )
        digits = 0 if size == 1.0 and abs(value) >= 100 else 1 if size == 1.0 else 3
        return f"{value / size:{sign}.{digits}f} {name}"
    if unit == "count":
        return f"{value:{sign},.0f}"
    if unit == "per s":
        return f"{value:{sign},.0f}/s"
    if unit == "ratio":
        return f"{value:{sign}.4f}"
    return f"{value:{sign}.3g} {unit}"


def text(sections: Iterable[tuple[str, list[Row]]]) -> str:
    """The table in columns, for a terminal."""
    titled = [(title, [row.cells() for row in rows]) for title, rows in sections]
    everything = [HEADERS] + [cells for _, rows in titled for cells in rows]
    widths = [max(len(cells[column]) for cells in everything) for column in range(len(HEADERS))]

    def line(cells: list[str]) -> str:
        rest = [cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True)]
        return "  ".join([cells[0].ljust(widths[0]), *rest]).rstrip()

    lines = [line(HEADERS)]
    for title, rows in titled:
        lines += ["", title, *(line(cells) for cells in rows)]
    return "\n".join(lines)


def markdown(sections: Iterable[tuple[str, list[Row]]]) -> str:
    """A table for each section, for a document."""
    lines: list[str] = []
    for title, rows in sections:
        # A column that a section does not use is left out of it.
        used = [
            column for column in range(len(HEADERS)) if column == 0 or any(row.cells()[column] for row in rows)
        ]
        lines += ["", f"**{title}**", ""]
        lines.append("| " + " | ".join(HEADERS[column] for column in used) + " |")
        lines.append("|---|" + "---:|" * (len(used) - 1))
        lines += ["| " + " | ".join(row.cells()[column] for column in used) + " |" for row in rows]
    return "\n".join(lines).strip()
