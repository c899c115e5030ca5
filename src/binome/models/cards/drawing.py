"""Small figures as SVG; colours come from the page's style, so that they follow light and dark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

WIDTH = 380


def bars(rows: Sequence[tuple[str, Mapping[str, float | None], str]], top: float, alt: str) -> str:
    """Horizontal bars from 0 to `top` with their limits: (name, {value, low, high}, value in words) a row."""
    step, right = 26, 64
    left = 14 + 7 * min(24, max(len(name) for name, _, _ in rows))
    wide = WIDTH - left - right

    def x(value: float) -> float:
        return left + wide * min(max(value / top, 0.0), 1.0)

    parts = [f'<line class="grid" x1="{left}" x2="{left}" y1="0" y2="{step * len(rows)}"/>']
    for place, (name, figure, words) in enumerate(rows):
        y = step * place + step / 2
        parts.append(f'<text x="{left - 8}" y="{y + 4:.1f}" text-anchor="end">{escape(_short(name))}</text>')
        if (value := figure["value"]) is None:
            parts.append(f'<text class="soft" x="{left + 6}" y="{y + 4:.1f}">{escape(words)}</text>')
            continue
        parts.append(f'<rect class="bar" x="{left}" y="{y - 7:.1f}" width="{x(value) - left:.1f}" height="14" rx="2"/>')
        low, high = figure.get("low"), figure.get("high")
        if low is not None and high is not None:
            parts.append(f'<line class="limits" x1="{x(low):.1f}" x2="{x(high):.1f}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text class="soft" x="{WIDTH - right + 10}" y="{y + 4:.1f}">{escape(words)}</text>')
    return _svg(parts, step * len(rows), alt)


def curve(
    points: Sequence[tuple[float, float]],
    *,
    x_range: tuple[float, float],
    y_range: tuple[float, float],
    x_ends: tuple[str, str],
    y_ends: tuple[str, str],
    alt: str,
    ideal: bool = False,
    sizes: Sequence[float] = (),
) -> str:
    """A line through points, with words at the ends of its axes; `sizes` in [0, 1] draws marks instead of a line."""
    left, below, height, right = 70, 30, 230, 12
    wide, tall = WIDTH - left - right, height - below - 12

    def place(point: tuple[float, float]) -> tuple[float, float]:
        shares = [
            0.5 if high == low else (value - low) / (high - low)
            for value, (low, high) in zip(point, (x_range, y_range), strict=True)
        ]
        return left + wide * shares[0], 12 + tall * (1 - shares[1])

    parts = [
        f'<line class="grid" x1="{left}" x2="{left}" y1="12" y2="{12 + tall}"/>',
        f'<line class="grid" x1="{left}" x2="{left + wide}" y1="{12 + tall}" y2="{12 + tall}"/>',
        f'<text class="soft" x="{left - 6}" y="{16 + tall}" text-anchor="end">{escape(y_ends[0])}</text>',
        f'<text class="soft" x="{left - 6}" y="20" text-anchor="end">{escape(y_ends[1])}</text>',
        f'<text class="soft" x="{left}" y="{height - 8}">{escape(x_ends[0])}</text>',
        f'<text class="soft" x="{left + wide}" y="{height - 8}" text-anchor="end">{escape(x_ends[1])}</text>',
    ]
    if ideal:
        (x1, y1), (x2, y2) = place((x_range[0], y_range[0])), place((x_range[1], y_range[1]))
        parts.append(f'<line class="ideal" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>')
    placed = [place(point) for point in points]
    if sizes:
        for (x, y), size in zip(placed, sizes, strict=True):
            parts.append(f'<circle class="mark" cx="{x:.1f}" cy="{y:.1f}" r="{2.5 + 5 * size**0.5:.1f}"/>')
    else:
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in placed)
        parts.append(f'<polyline class="line" points="{path}"/>')
    return _svg(parts, height, alt)


def grid(values: Sequence[Sequence[float]], alt: str) -> str:
    """A grid of cells, the darker the larger: values of 0 or more, row by row."""
    rows, columns = len(values), len(values[0])
    side = min(300 / rows, 300 / columns)
    top = max(max(row) for row in values) or 1.0
    parts = []
    for i, row in enumerate(values):
        for j, value in enumerate(row):
            parts.append(
                f'<rect class="cell" x="{j * side:.1f}" y="{i * side:.1f}" width="{side - 2:.1f}" '
                f'height="{side - 2:.1f}" rx="2" opacity="{0.06 + 0.94 * max(0.0, value) / top:.3f}"/>'
            )
    return _svg(parts, rows * side, alt, columns * side)


def _short(name: str) -> str:
    return name if len(name) <= 24 else name[:23] + "…"


def _svg(parts: Sequence[str], height: float, alt: str, width: float = WIDTH) -> str:
    return (
        f'<svg viewBox="0 0 {width:.0f} {height:.0f}" role="img" aria-label="{escape(alt)}" '
        f'style="max-width:{width * 1.2:.0f}px">{"".join(parts)}</svg>'
    )
