"""Errors written for the person who has to act on them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class SvqvaeError(Exception):
    """One or more problems with a user's files or settings.

    Parameters
    ----------
    problems
        Each names the file, key or row, what was found, and what to do. All the
        problems that could be found are listed at once.
    """

    def __init__(self, problems: str | Iterable[str]) -> None:
        self.problems = [problems] if isinstance(problems, str) else list(problems)
        head = f"{len(self.problems)} problems:\n" if len(self.problems) > 1 else ""
        bullets = "\n".join(f"  - {p}" for p in self.problems)
        super().__init__(head + bullets if head else self.problems[0])


def did_you_mean(name: object, valid: Iterable[str]) -> str:
    """Return ``"; did you mean 'x'?"`` for the nearest valid name, else the valid names."""
    options = sorted(str(v) for v in valid)
    near = difflib.get_close_matches(str(name), options, n=1, cutoff=0.6)
    if near:
        return f"; did you mean '{near[0]}'?"
    return f"; valid: {', '.join(options[:12])}{' ...' if len(options) > 12 else ''}"
