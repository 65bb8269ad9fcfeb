"""What no configuration may hold anywhere, and how values are shown in messages."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

#: Characters that a value or name takes in a message.
SHOWN = 60
#: Beyond it neither NumPy's seeds nor counts go; larger numbers are slips.
LARGEST = 2**53
#: Mappings and lists inside each other.
_DEEPEST = 20
#: Characters of one problem, and of all of them: a message is no longer than a screen.
_LINE, _SCREEN = 300, 3000
#: Characters that come before each problem.
_PREFIX = 20


def shown(value: object) -> str:
    """Return a value as it is named in a message, never longer than half a line."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > LARGEST:
        return f"a number beyond {LARGEST}"
    if isinstance(value, Mapping):
        return "a mapping" if value else "{}"
    if isinstance(value, list):
        return repr(value) if len(value) < 4 and all(_is_plain(v) for v in value) else "a list"
    return repr(cut(value, SHOWN)) if isinstance(value, str) else repr(value)


def _is_plain(value: object) -> bool:
    return isinstance(value, int | float) and abs(value) <= LARGEST


def cut(text: str, most: int) -> str:
    """Return text of at most ``most`` characters on one line."""
    text = "".join(c if c.isprintable() else "?" for c in text[: most + 1])
    return text if len(text) <= most else f"{text[: most - 3]}..."


def fit_screen(problems: list[str]) -> list[str]:
    """Return the problems, each on a line; those that fit no screen are counted instead."""
    lines = [cut(p, _LINE) for p in dict.fromkeys(problems)]
    kept, used = [], 0
    for line in lines:
        used += len(line) + _PREFIX
        if used > _SCREEN:
            break
        kept.append(line)
    more = len(lines) - len(kept)
    return kept + ([f"and {more} more problems"] if more else [])


def plain(config: Mapping[Any, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return a configuration as JSON could hold it, and what had to be left out or changed.

    Keys become text and values of no use another of their kind, so that all other checks can
    go on and every problem is found at once.
    """
    problems: list[str] = []
    found = _plain(config, (), problems)
    return found, problems


def _plain(value: Any, at: tuple[str, ...], problems: list[str]) -> Any:
    where = cut(".".join(at), 2 * SHOWN)
    if len(at) > _DEEPEST:
        problems.append(f"{where}: mappings and lists are nested more than {_DEEPEST} deep")
        return None
    if isinstance(value, Mapping):
        result = {}
        for key, inner in value.items():
            if not isinstance(key, str):
                problems.append(f"{where + ': ' if where else ''}{_not_text(key)}")
            result[key if isinstance(key, str) else str(shown(key))] = _plain(
                inner, (*at, str(key) if isinstance(key, str) else shown(key)), problems
            )
        return result
    if isinstance(value, list | tuple):
        return [_plain(v, (*at, str(i)), problems) for i, v in enumerate(value)]
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, float):
        if math.isfinite(value):
            return value
        problems.append(f"{where}: found {value}, expected a finite number")
        return 1.0
    if isinstance(value, int):
        if abs(value) <= LARGEST:
            return value
        problems.append(f"{where}: the number is beyond {LARGEST}")
        return 1
    problems.append(
        f"{where}: found {cut(str(value), SHOWN)}, which YAML reads as {type(value).__name__}; "
        "write it in quotes"
    )
    return str(value)


def _not_text(key: object) -> str:
    if key is None:
        return "a key is empty (YAML reads it as null); write it in quotes"
    kind = "true or false" if isinstance(key, bool) else "a number"
    if not isinstance(key, bool | int | float):
        kind = type(key).__name__
    name = shown(key) if isinstance(key, int | float) else cut(str(key), SHOWN)
    return f"the key {name} is no text (YAML reads it as {kind}); write it in quotes"
