"""The picture of the stall: latency over percentile, of the closed form, the corrected and the uncorrected figures."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log10

WIDTH, HEIGHT = 860, 430
LEFT, RIGHT, TOP, BOTTOM = 70, 30, 84, 56
TICKS = [(0.0, "0%"), (0.5, "50%"), (0.9, "90%"), (0.99, "99%"), (0.999, "99.9%"), (0.9999, "99.99%")]
LAST = 0.9999
# Points of a curve from one end of the axis to the other.
POINTS = 400


@dataclass(frozen=True)
class Curve:
    """A line of the picture."""

    name: str
    colour: str
    dashes: str
    latency_s: Callable[[float], float]


def parts() -> list[float]:
    """The quantiles that are drawn: evenly spaced on the axis."""
    return [1 - (1 - LAST) ** (step / POINTS) for step in range(POINTS + 1)]


def svg(title: str, subtitle: str, curves: Sequence[Curve], highest_s: float) -> str:
    """The picture."""
    inner_width, inner_height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    nines = -log10(1 - LAST)

    def x(part: float) -> float:
        return LEFT + inner_width * -log10(1 - part) / nines

    def y(latency_s: float) -> float:
        return TOP + inner_height * (1 - latency_s / highest_s)

    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="Inter, Helvetica, Arial, sans-serif" font-size="13" fill="#333">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="{LEFT}" y="26" font-size="17" font-weight="600">{title}</text>',
        f'<text x="{LEFT}" y="46" fill="#666">{subtitle}</text>',
    ]
    for step in range(5):
        level = highest_s * step / 4
        out.append(
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(level):.1f}" y2="{y(level):.1f}" stroke="#e2e2e2"/>'
            f'<text x="{LEFT - 8}" y="{y(level) + 4:.1f}" text-anchor="end">{level:g} s</text>'
        )
    for part, name in TICKS:
        out.append(
            f'<line x1="{x(part):.1f}" x2="{x(part):.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}" stroke="#e2e2e2"/>'
            f'<text x="{x(part):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{name}</text>'
        )
    middle = LEFT + inner_width / 2
    out.append(f'<text x="{middle:.0f}" y="{HEIGHT - 14}" text-anchor="middle">part of the requests</text>')
    begin = LEFT
    for curve in curves:
        line = f'stroke="{curve.colour}" stroke-width="2.2" stroke-dasharray="{curve.dashes}" fill="none"'
        points = " ".join(f"{x(part):.1f},{y(curve.latency_s(part)):.1f}" for part in parts())
        out.append(f'<polyline points="{points}" {line}/>')
        out.append(f'<line x1="{begin}" x2="{begin + 28}" y1="66" y2="66" {line}/>')
        out.append(f'<text x="{begin + 34}" y="70">{curve.name}</text>')
        begin += 48 + 7 * len(curve.name)
    return "\n".join([*out, "</svg>", ""])
