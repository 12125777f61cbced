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


def strong_wolfe(
    at: Callable[[float], Point],
    length: float,
    direction: Tensor,
    start: Point,
    tolerance: float = 1e-9,
    most: int = 25,
) -> tuple[float, Tensor, float, int]:
    """(value, gradient, length, evaluations). start: the point of length 0; at: evaluates another."""
    longest, (_, f0, _, slope0) = float(direction.abs().max()), start

    def descends(p: Point) -> bool:
        return not p[1] > f0 + DECREASE * p[0] * slope0

    def flat(p: Point) -> bool:
        return bool(abs(p[3]) <= -CURVATURE * slope0)

    now, before, evaluations, steps = at(length), start, 1, 0
    bracket: list[Point] = []
    done = False
    while steps < most:
        if not descends(now) or (steps > 1 and now[1] >= before[1]):
            bracket = [before, now]
            break
        if flat(now):
            bracket, done = [now], True
            break
        if now[3] >= 0:
            bracket = [before, now]
            break
        least, far = now[0] + 0.01 * (now[0] - before[0]), now[0] * 10
        before, now = now, at(cubic_minimum(before, now, (least, far)))
        evaluations += 1
        steps += 1
    if steps == most:
        bracket = [start, now]

    little_progress = False
    low, high = (0, 1) if bracket[0][1] <= bracket[-1][1] else (1, 0)
    while not done and steps < most:
        ends = [p[0] for p in bracket]
        if abs(ends[1] - ends[0]) * longest < tolerance:
            break
        t = cubic_minimum(bracket[0], bracket[1])
        margin = 0.1 * (max(ends) - min(ends))
        if min(max(ends) - t, t - min(ends)) < margin:  # too near an end to get far
            if little_progress or t >= max(ends) or t <= min(ends):
                t = max(ends) - margin if abs(t - max(ends)) < abs(t - min(ends)) else min(ends) + margin
                little_progress = False
            else:
                little_progress = True
        else:
            little_progress = False
        now = at(t)
        evaluations += 1
        steps += 1
        if not descends(now) or now[1] >= bracket[low][1]:
            bracket[high] = now
            low, high = (0, 1) if bracket[0][1] <= bracket[1][1] else (1, 0)
        else:
            done = flat(now)
            if not done and now[3] * (bracket[high][0] - bracket[low][0]) >= 0:
                bracket[high] = bracket[low]
            bracket[low] = now
    length, value, gradient, _ = bracket[low if len(bracket) > 1 else 0]
    return value, gradient, length, evaluations
