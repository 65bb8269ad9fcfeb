"""Errors written for the person who has to act on them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from importlib.util import find_spec

#: Problems that one message lists; the others are counted.
_LISTED = 20
#: Characters of one problem, and of the hint in it, so that a message fits a screen.
_PROBLEM_CHARACTERS, _HINT_CHARACTERS, _NAME_CHARACTERS = 1000, 300, 60


class SvqvaeError(Exception):
    """One or more problems with a user's files or settings.

    Parameters
    ----------
    problems
        Each names the file, key or row, what was found, and what to do. All the
        problems that could be found are given at once; ``problems`` holds them whole, the
        message the first 20 of them.
    """

    def __init__(self, problems: str | Iterable[str]) -> None:
        self.problems = [problems] if isinstance(problems, str) else list(problems)
        listed = [shortened(p, _PROBLEM_CHARACTERS) for p in self.problems[:_LISTED]]
        head = f"{len(self.problems)} problems:\n" if len(self.problems) > 1 else ""
        bullets = "\n".join(f"  - {p}" for p in listed)
        if (more := len(self.problems) - len(listed)) > 0:
            bullets += f"\n  - and {more} more"
        super().__init__(head + bullets if head else listed[0])


def shortened(text: str, most: int) -> str:
    """Return text of at most ``most`` characters: its begin and its end."""
    if len(text) <= most:
        return text
    end = most // 3
    return f"{text[: most - end - 5]} ... {text[len(text) - end :]}"


def did_you_mean(name: object, valid: Iterable[str]) -> str:
    """Return ``"; did you mean 'x'?"`` for the nearest valid name, else the valid names.

    A number has no nearest name: the id 9126 is no misspelt 9125.

    Examples
    --------
    >>> did_you_mean("shrinkag", ["shrinkage", "squash"])
    "; did you mean 'shrinkage'?"
    >>> did_you_mean("x", ["shrinkage", "squash"])
    '; valid: shrinkage, squash'
    """
    options = sorted(str(v) for v in valid)
    wanted = str(name)
    if not is_number(wanted):
        words = [option for option in options if not is_number(option)]
        near = difflib.get_close_matches(wanted, words, n=1, cutoff=0.6)
        if near:
            return f"; did you mean '{shortened(near[0], _HINT_CHARACTERS)}'?"
    listed: list[str] = []
    for option in options[:12]:
        listed.append(shortened(option, _NAME_CHARACTERS))
        if len("; valid: " + ", ".join(listed) + " ...") > _HINT_CHARACTERS:
            listed.pop()
            break
    return f"; valid: {', '.join(listed)}{' ...' if len(options) > len(listed) else ''}"


def is_number(name: str) -> bool:
    """Return whether a name consists of digits, as an Entrez id does."""
    return name.strip().removesuffix(".0").isdecimal()


def require_extra(extra: str, *modules: str) -> None:
    """Raise an error that names the extra of the package if a module of it is not installed.

    Called where the modules are needed, right before their import, so that a base install does
    all that it can.

    Raises
    ------
    SvqvaeError
        If any of ``modules`` cannot be found.

    Examples
    --------
    >>> require_extra("analysis", "json")
    >>> require_extra("analysis", "no_such_module")
    Traceback (most recent call last):
    svqvae.errors.SvqvaeError: this needs no_such_module: pip install 'svqvae[analysis]'
    """
    missing = [module for module in modules if find_spec(module) is None]
    if missing:
        raise SvqvaeError(f"this needs {' and '.join(missing)}: pip install 'svqvae[{extra}]'")
