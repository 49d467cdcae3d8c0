"""What others do on the machine meanwhile: a measurement that they disturb is made again, whatever it says.

Others are other processes, and the hypervisor that takes a CPU away from this machine. What is measured decides nothing.
"""

import os
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

# Other processes using more than this part of one CPU disturb a measurement.
DISTURBING_SHARE = 0.1
# So does the hypervisor by taking more than this: P99 asks for what happens in a hundredth of the time.
DISTURBING_STEAL = 0.005
ATTEMPTS = 4
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
Result = TypeVar("Result")


class Machine:
    """The CPU times of the machine, and what was seen of them."""

    def __init__(self, attempts: int) -> None:
        self.attempts = attempts
        # Measurements, all that were made for them, and those of which even the best was disturbed.
        self.counted = 0
        self.made = 0
        self.disturbed = 0
        self.steal_shares: list[float] = []
        # Processes that are part of a measurement and have not ended.
        self.servers: set[int] = set()

    def undisturbed(self, measure: Callable[[], Result], most: int = ATTEMPTS) -> Result:
        """The first result that nobody disturbed, or the least disturbed of `most`."""
        least, found = None, None
        for _ in range(min(most, self.attempts)):
            others_before_s, steal_before_s, began = self._others_s(), _machine_s()[1], time.monotonic()
            result = measure()
            length_s = time.monotonic() - began
            others = (self._others_s() - others_before_s) / length_s
            steal = (_machine_s()[1] - steal_before_s) / length_s
            self.made += 1
            if least is None or others + steal < sum(least):
                least, found = (others, steal), result
            if others <= DISTURBING_SHARE and steal <= DISTURBING_STEAL:
                break
        assert least is not None and found is not None
        self.disturbed += least[0] > DISTURBING_SHARE or least[1] > DISTURBING_STEAL
        self.counted += 1
        self.steal_shares.append(least[1])
        return found

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
