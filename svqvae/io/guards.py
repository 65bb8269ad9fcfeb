"""What is asked before a finished file is moved into its place."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Self

#: Those that are asked now, by all threads.
_guards: list[Guard] = []


class Guard:
    """Says, as a context, whether a file may be moved into its place.

    Parameters
    ----------
    before
        Called with the path just before; raises :class:`svqvae.errors.SvqvaeError` to refuse.
    after
        Called with the path just after.
    """

    def __init__(self, before: Callable[[Path], None], after: Callable[[Path], None]) -> None:
        self.before, self.after = before, after

    def __enter__(self) -> Self:
        _guards.append(self)
        return self

    def __exit__(self, *error: object) -> None:
        _guards.remove(self)


def move(temporary: Path, path: Path) -> None:
    """Move a finished file into its place, if no guard refuses."""
    for guard in _guards:
        guard.before(path)
    os.replace(temporary, path)
    for guard in _guards:
        guard.after(path)
