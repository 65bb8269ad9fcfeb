"""What may be asked for where signatures are made of an experiment, and what goes together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from svqvae.errors import did_you_mean

#: Options of plates of replicates, and of counts with a control, as a configuration calls them.
OF_PLATES = ("replicates", "level")
OF_COUNTS = ("perturbation", "cell_type", "sample", "layer", "entrez")
#: All that a ``source`` may say of how it becomes signatures.
KEYS = ("control", *OF_PLATES, *OF_COUNTS)
LEVELS = ("auto", "3", "4")


def asked_for(source: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a ``source`` of a configuration says of signatures to be made; nothing of none.

    Examples
    --------
    >>> asked_for({"kind": "h5ad", "signatures": "a.h5ad", "control": {"drug": "DMSO"}})
    {'control': {'drug': 'DMSO'}}
    """
    return {key: source[key] for key in KEYS if key in source}


def problems(asked: Mapping[str, Any]) -> list[str]:
    """Return what does not go together in what is asked for, as sentences."""
    plates, counts = ([k for k in keys if asked.get(k)] for keys in (OF_PLATES, OF_COUNTS))
    found = []
    if plates and counts:
        found.append(
            f"{plates[0]} is of plates, {counts[0]} of counts with a control: leave one of them out"
        )
    elif counts and not asked.get("control"):
        found.append(f"control is missing, with which {counts[0]} goes: COLUMN=VALUE")
    if (level := asked.get("level")) and str(level) not in LEVELS:
        found.append(f"level: found '{level}'{did_you_mean(level, LEVELS)}")
    return found
