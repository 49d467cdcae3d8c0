"""What others do on the machine meanwhile: a measurement that they disturb is made again, whatever it says."""

import os
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

# Other processes using more than this part of one CPU disturb a measurement.
DISTURBING_SHARE = 0.1
ATTEMPTS = 3
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
Result = TypeVar("Result")


class Machine:
    """The CPU times of the machine, and what was seen of them."""

    def __init__(self, attempts: int) -> None:
        self.attempts = attempts
        self.disturbed = 0
        self.steal_shares: list[float] = []
        # Processes that are part of a measurement and have not ended.
        self.servers: set[int] = set()

    def undisturbed(self, measure: Callable[[], Result]) -> Result:
        """The first result that nobody disturbed, or the last of a few."""
        for attempt in range(self.attempts):
            before, began = self._others_s(), time.monotonic()
            _, steal_before_s = _machine_s()
            result = measure()
            length_s = time.monotonic() - began
            self.steal_shares.append((_machine_s()[1] - steal_before_s) / length_s)
            if self._others_s() - before <= DISTURBING_SHARE * length_s:
                return result
        self.disturbed += 1
        return result

    def wait_until_quiet(self) -> None:
        """Waits, half a minute at most, for a second in which nobody else uses the CPUs."""
        for _ in range(30 if self.attempts > 1 else 0):
            before = self._others_s()
            time.sleep(1)
            if self._others_s() - before <= DISTURBING_SHARE:
                return

    def _others_s(self) -> float:
        own = os.times()
        # A server that has been waited for is among the children; one that has not is read from /proc.
        running = sum(_process_s(pid) for pid in self.servers)
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        mine = own.user + own.system + children.ru_utime + children.ru_stime
        return _machine_s()[0] - mine - running


def _machine_s() -> tuple[float, float]:
    """The CPU time of all processes and that of the hypervisor's other guests, in seconds."""
    fields = [int(field) / TICKS_PER_S for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
    return sum(fields[index] for index in (0, 1, 2, 5, 6)), fields[7]


def _process_s(pid: int) -> float:
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / TICKS_PER_S
