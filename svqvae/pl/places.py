"""Room on a drawing: dots that do not touch, and names that cover neither dots nor each other.

Everything is in points (1/72 inch); boxes are left, bottom, right, top.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike

_ROUNDS = 400
#: Where a name may stand round its dot, first the best: the direction of its anchor.
_SIDES = np.array([(1, 0), (-1, 0), (1, 1), (1, -1), (-1, 1), (-1, -1), (0, 1), (0, -1)])
#: How far from the dot, farther where there is no room, and what a name keeps free around it.
_NEAR, _FAR, _MARGIN = (1.0, 5.0, 9.0), (18.0, 30.0), 0.8


def apart(xy: np.ndarray, gap: float, size: ArrayLike) -> np.ndarray:
    """Return points moved as little as it takes until all are ``gap`` apart, within ``size``.

    Examples
    --------
    >>> apart(np.array([[5.0, 5.0], [5.0, 6.0]]), 4.0, (10.0, 10.0)).round(1).tolist()
    [[5.0, 3.5], [5.0, 7.5]]
    """
    at = np.array(xy, dtype=float)
    n = len(at)
    # Points at one place go apart in directions of their own, the same in every process.
    turn = np.arange(n) * 2.4
    at += 1e-3 * np.c_[np.cos(turn), np.sin(turn)]
    for _ in range(_ROUNDS):
        away = at[:, None] - at
        distance = np.sqrt((away**2).sum(2)) + np.eye(n) * 1e9
        short = np.maximum(gap * 1.001 - distance, 0)
        if short.max(initial=0) < gap / 1000:
            break
        at += (away / distance[:, :, None] * short[:, :, None]).sum(1) / 2
        at = np.clip(at, 0, size)
    return at


class Room:
    """What is taken on a drawing.

    Parameters
    ----------
    frame
        Box that names stay within.
    dots, radius
        That names do not cover.
    lines
        Start and end (x, y, x, y) of lines that names do not cross.
    faint
        Of lines that they do not cross if they can help it.
    """

    def __init__(
        self,
        frame: Sequence[float],
        dots: np.ndarray,
        radius: float,
        lines: Iterable[ArrayLike] = (),
        faint: Iterable[ArrayLike] = (),
    ) -> None:
        self._frame, self._dots, self._radius = frame, dots, radius
        self._taken = np.c_[dots - radius, dots + radius]
        self._lines, self._faint = (
            np.array(list(part), dtype=float).reshape(-1, 4) for part in (lines, faint)
        )

    def take(self, middle: np.ndarray, size: Sequence[float]) -> bool:
        """Take a box round a point, if it is free."""
        half = np.asarray(size) / 2
        return self._take(np.r_[middle - half, middle + half])

    def beside(
        self, dot: int, size: Sequence[float], *, over_lines: bool = False
    ) -> np.ndarray | None:
        """Take a box beside a dot; return its lower left corner, or None where there is no room.

        Parameters
        ----------
        over_lines
            Whether it may lie over lines, if there is no other place.
        """
        for steps in (_NEAR, _FAR):
            around = self._candidates(self._dots[dot], size, steps)
            free = [box for box in around if self._is_free(box)]
            crossed = [(_crossed(box, self._lines), _crossed(box, self._faint)) for box in free]
            if free and (over_lines or not min(crossed)[0]):
                best = free[crossed.index(min(crossed))]
                self._take(best)
                return best[:2]
        return None

    def _candidates(
        self, dot: np.ndarray, size: Sequence[float], steps: Sequence[float]
    ) -> list[np.ndarray]:
        wide, high = size
        found = []
        for step in steps:
            for dx, dy in _SIDES:
                reach = (self._radius + step) * (0.75 if dx and dy else 1.0)
                x = dot[0] + dx * reach - wide * (1 - dx) / 2
                y = dot[1] + dy * reach - high * (1 - dy) / 2
                found.append(np.array([x, y, x + wide, y + high]))
        return found

    def _take(self, box: np.ndarray) -> bool:
        if not self._is_free(box):
            return False
        self._taken = np.vstack([self._taken, box])
        return True

    def _is_free(self, box: np.ndarray) -> bool:
        left, bottom, right, top = self._frame
        if box[0] < left or box[1] < bottom or box[2] > right or box[3] > top:
            return False
        low, high = box[:2] - _MARGIN, box[2:] + _MARGIN
        return not ((self._taken[:, :2] < high) & (self._taken[:, 2:] > low)).all(1).any()


def _crossed(box: np.ndarray, lines: np.ndarray) -> int:
    """Return how many lines pass through a box."""
    start, step = lines[:, :2], lines[:, 2:] - lines[:, :2]
    # Parts of each line within the box, across and up; both at once is within.
    step = np.where(np.abs(step) < 1e-9, 1e-9, step)
    one, other = (box[:2] - start) / step, (box[2:] - start) / step
    enters = np.minimum(one, other).max(1, initial=0.0)
    leaves = np.maximum(one, other).min(1, initial=1.0)
    return int((enters < leaves).sum())
