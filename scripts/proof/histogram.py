"""Latency histograms as `run.json` holds them: HdrHistogram V2, deflated, in base64. Reads them, and nothing else."""

import base64
import math
import struct
import zlib
from collections import Counter
from collections.abc import Iterable

# Of a histogram of three significant digits: 2048 values before a bucket's grain doubles.
SUB_BUCKETS = 2048
HEADER_BYTES = 40


class Histogram:
    """Counts of values in nanoseconds, each value the highest of those that are not told apart from it."""

    def __init__(self, counts: Counter[int]) -> None:
        self.counts = counts
        self.total = sum(counts.values())

    @classmethod
    def merged(cls, texts: Iterable[str | None]) -> "Histogram":
        """All of the encoded histograms together; None counts as an empty one."""
        counts: Counter[int] = Counter()
        for text in texts:
            if text is not None:
                counts.update(_decode(text))
        return cls(counts)

    @classmethod
    def together(cls, parts: Iterable["Histogram"]) -> "Histogram":
        """All of these as one."""
        return cls(sum((part.counts for part in parts), Counter()))

    def quantiles_ns(self, parts: Iterable[float]) -> list[int]:
        """The values that these parts (0 to 1, ascending) of all do not exceed; 0 where there are none."""
        steps = iter(sorted(self.counts.items()))
        value, seen, found = 0, 0, []
        for part in parts:
            rank = max(1, math.ceil(round(part * self.total, 6)))
            while seen < min(rank, self.total):
                value, count = next(steps)
                seen += count
            found.append(value)
        return found


def _decode(text: str) -> Counter[int]:
    outer = base64.b64decode(text)
    inner = zlib.decompress(outer[8:])
    _, length, _, digits, lowest = struct.unpack(">IIIIQ", inner[:24])
    if (digits, lowest) != (3, 1):
        raise ValueError(f"a histogram of {digits} digits from {lowest} ns on; bench writes 3 digits from 1 ns on")
    counts: Counter[int] = Counter()
    at, index = HEADER_BYTES, 0
    while at < HEADER_BYTES + length:
        number, at = _zigzag(inner, at)
        if number < 0:
            index -= number
            continue
        if number > 0:
            counts[_highest_value(index)] += number
        index += 1
    return counts


def _zigzag(data: bytes, at: int) -> tuple[int, int]:
    """A number of seven bits a byte, the lowest first and the sign in the lowest bit; and where the next one begins."""
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        # A ninth byte has eight bits.
        value |= (byte if shift == 56 else byte & 0x7F) << shift
        if byte < 0x80 or shift == 56:
            return (value >> 1) ^ -(value & 1), at
        shift += 7


def _highest_value(index: int) -> int:
    half = SUB_BUCKETS // 2
    bucket, sub_bucket = index // half - 1, index % half + half
    if bucket < 0:
        bucket, sub_bucket = 0, sub_bucket - half
    return ((sub_bucket + 1) << bucket) - 1
