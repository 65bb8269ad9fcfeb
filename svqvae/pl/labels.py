"""Names as figures show them: short, on one or two lines, and no two the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from svqvae.io.text import without_controls

#: Letters that names get in addition, step by step, while two of them look the same.
_MORE = (8, 16, 32, 64)
#: Letters of a word below which it is left out, not cut.
_PART = 4


def labels(names: Iterable[object], limit: int = 42) -> list[str]:
    """Return names that fit an axis, are not read as mathematics, and stay distinct.

    A name that is too long loses its middle: its last words tell agonists from antagonists. Where
    two different names would look the same, they get more letters, and numbers in the end.

    Examples
    --------
    >>> labels(["beta adrenergic receptor agonist", "beta adrenergic receptor antagonist"], 24)
    ['beta adrenergic… agonist', 'beta adrener… antagonist']
    """
    wanted = [str(name) for name in names]
    whole = {name: without_controls(name, "\ufffd") for name in wanted}
    shown = {name: shortened(clean, limit) for name, clean in whole.items()}
    for more in _MORE:
        for name in _alike(shown):
            shown[name] = shortened(whole[name], limit + more)
    taken = set(shown.values())
    for number, name in enumerate(_alike(shown), start=1):
        while f"{shown[name]} ({number})" in taken:
            number += 1
        shown[name] = f"{shown[name]} ({number})"
        taken.add(shown[name])
    return [shown[name].replace("$", r"\$") for name in wanted]


def _alike(shown: Mapping[str, str]) -> list[str]:
    """Return the names that look like another one."""
    count = Counter(shown.values())
    return [name for name, text in shown.items() if count[text] > 1]


def shortened(name: str, limit: int) -> str:
    """Return a name of at most ``limit`` letters: its begin and its last words.

    Examples
    --------
    >>> shortened("peroxisome proliferator-activated receptor gamma agonist", 30)
    'peroxisome prol… gamma agonist'
    """
    if len(name) <= limit:
        return name
    room = limit - 1
    last = name[-(room // 2) :]
    # From a blank on, if there is one: half a word says little.
    end = last[last.index(" ") :] if " " in last[:-1] else last[-(room // 3) :]
    begin = name[: room - len(end)]
    whole, _, part = begin.rpartition(" ")
    return f"{whole if whole and len(part) < _PART else begin.rstrip()}…{end}"


def wrapped(label: str, most: int) -> str:
    r"""Return a label on two lines if it is longer than ``most``, broken near its middle.

    Examples
    --------
    >>> wrapped("glucocorticoid receptor agonist", 20), wrapped("logistic_regression", 12)
    ('glucocorticoid\nreceptor agonist', 'logistic_\nregression')
    """
    breaks = [k for k, letter in enumerate(label) if letter == " "]
    breaks = breaks or [k for k, letter in enumerate(label[:-1]) if letter in "_-/"]
    if len(label) <= most or not breaks:
        return label
    at = min(breaks, key=lambda k: abs(2 * k - len(label)))
    return f"{label[: at + 1].rstrip(' ')}\n{label[at + 1 :]}"
