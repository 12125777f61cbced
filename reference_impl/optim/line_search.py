"""The strong Wolfe line search: a length along a direction that makes a function, and its slope, small enough.

Nocedal and Wright, "Numerical Optimization" (2006), algorithms 3.5 (bracket) and 3.6 (zoom), with cubic interpolation.
A point is (length, value, gradient, slope).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ..tensor import Tensor

Point = tuple[float, float, Tensor, Any]
DECREASE, CURVATURE = 1e-4, 0.9  # torch's c1 and c2


def cubic_minimum(a: Point, b: Point, bounds: tuple[float, float] | None = None) -> float:
    """Where the cubic through two points, with their slopes, is least, within bounds."""
    (x1, f1, _, g1), (x2, f2, _, g2) = a, b
    low, high = bounds if bounds is not None else (min(x1, x2), max(x1, x2))
    d1 = g1 + g2 - 3 * (f1 - f2) / (x1 - x2)
    square = float(d1**2 - g1 * g2)
    if square < 0:
        return (low + high) / 2.0
    d2 = math.sqrt(square)
    if x1 <= x2:
        found = x2 - (x2 - x1) * ((g2 + d2 - d1) / (g2 - g1 + 2 * d2))
    else:
        found = x1 - (x1 - x2) * ((g1 + d2 - d1) / (g1 - g2 + 2 * d2))
    return min(max(float(found), low), high)


class Search:
    """What both phases need: how to evaluate a point, and when one will do."""

    def __init__(self, at: Callable[[float], Point], start: Point, most: int) -> None:
        self.at, self.start, self.most = at, start, most
        self.evaluations, self.steps = 0, 0

    def look(self, length: float) -> Point:
        self.evaluations += 1
        return self.at(length)

    def descends(self, p: Point) -> bool:
        return not p[1] > self.start[1] + DECREASE * p[0] * self.start[3]

    def flat(self, p: Point) -> bool:
        return bool(abs(p[3]) <= -CURVATURE * self.start[3])


def bracket(search: Search, length: float) -> list[Point]:
    """Two points between which there is one that will do, or that one (algorithm 3.5)."""
    before, now = search.start, search.look(length)
    while search.steps < search.most:
        if not search.descends(now) or (search.steps > 1 and now[1] >= before[1]):
            return [before, now]
        if search.flat(now):
            return [now]
        if now[3] >= 0:
            return [before, now]
        least, far = now[0] + 0.01 * (now[0] - before[0]), now[0] * 10
        before, now = now, search.look(cubic_minimum(before, now, (least, far)))
        search.steps += 1
    return [search.start, now]


def zoom(search: Search, points: list[Point], width: float, tolerance: float) -> Point:
    """The better of the two points, which come closer until it will do (algorithm 3.6)."""
    low, high = (0, 1) if points[0][1] <= points[1][1] else (1, 0)
    little_progress = False
    while search.steps < search.most:
        ends = [p[0] for p in points]
        if abs(ends[1] - ends[0]) * width < tolerance:
            break
        t = cubic_minimum(points[0], points[1])
        margin = 0.1 * (max(ends) - min(ends))
        too_near = min(max(ends) - t, t - min(ends)) < margin  # to one end
        if too_near and (little_progress or t >= max(ends) or t <= min(ends)):
            t = max(ends) - margin if abs(t - max(ends)) < abs(t - min(ends)) else min(ends) + margin
            too_near = False
        little_progress = too_near
        now = search.look(t)
        search.steps += 1
        if not search.descends(now) or now[1] >= points[low][1]:
            points[high] = now
            low, high = (0, 1) if points[0][1] <= points[1][1] else (1, 0)
            continue
        if search.flat(now):
            return now
        if now[3] * (points[high][0] - points[low][0]) >= 0:
            points[high] = points[low]
        points[low] = now
    return points[low]


def strong_wolfe(
    at: Callable[[float], Point],
    length: float,
    direction: Tensor,
    start: Point,
    tolerance: float = 1e-9,
    most: int = 25,
) -> tuple[float, Tensor, float, int]:
    """(value, gradient, length, evaluations). start: the point of length 0; at: evaluates another."""
    search = Search(at, start, most)
    points = bracket(search, length)
    width = float(direction.abs().max())
    length, value, gradient, _ = points[0] if len(points) == 1 else zoom(search, points, width, tolerance)
    return value, gradient, length, search.evaluations
