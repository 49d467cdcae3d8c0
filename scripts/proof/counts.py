"""Part 5: what the server counted against what bench counted, to the request, over every run of the proof."""

from typing import Any

from proof.processes import Run
from proof.table import Row

TITLE = "Counts: bench against the server itself, over every run of this proof"
# bench sends each request once, to see its answer, before any load.
CHECKS = 1


class Counts:
    """Sums over runs, and of what they differ by, so that no difference hides another."""

    def __init__(self) -> None:
        self.sums: dict[str, dict[str, int]] = {}

    def add(self, load: str, run: Run, counted: dict[str, Any]) -> None:
        """Adds a run under a closed or an open load, after its drain, and what the server counted by then."""
        sent = run.counted("sent") + run.counted("resent") + CHECKS
        unsent = run.errors.get("unsent", 0)
        due = run.counted("due")
        # A connection that could not be made carried no request.
        ended = run.counted("requests") + sum(run.errors.values()) - unsent - run.errors["connect"]
        in_flight = run.cut_off - (run.waiting if due else 0)
        sums = self.sums.setdefault(load, dict.fromkeys(["runs", "sent", "read", "apart", "lost", "ended", "in_flight"], 0))
        for name, value in {
            "runs": 1,
            "sent": sent,
            "read": counted["read"],
            "apart": abs(sent - counted["read"]) + abs(counted["read"] - counted["answered"]),
            "ended": ended,
            "in_flight": in_flight,
            "lost": abs(run.counted("sent") - ended - in_flight),
        }.items():
            sums[name] += value

    def rows(self) -> list[Row]:
        """Two rows for each kind of load."""
        found = []
        for load, sums in sorted(self.sums.items()):
            runs = f"{sums['runs']} run{'s' if sums['runs'] > 1 else ''}"
            found += [
                Row(
                    what=f"{load}: sent by bench, expected as the server read",
                    unit="count",
                    expected=sums["read"],
                    measured=sums["sent"],
                    bound=0,
                    note=runs,
                ),
                Row(what=f"{load}: differences of single runs", unit="count", expected=0, measured=sums["apart"], bound=0),
                Row(
                    what=f"{load}: verified + failed + cut off, expected as sent",
                    unit="count",
                    expected=sums["sent"] - CHECKS * sums["runs"],
                    measured=sums["ended"] + sums["in_flight"],
                    bound=0,
                ),
                Row(what=f"{load}: requests without exactly one end", unit="count", expected=0, measured=sums["lost"], bound=0),
            ]
        return found
