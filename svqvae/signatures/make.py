"""Which of the two ways an experiment goes, by what is asked for and what its values are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args

from svqvae.errors import SvqvaeError, did_you_mean
from svqvae.io.formats import kind_of
from svqvae.pp.source import Source
from svqvae.signatures.control import Control, likely_controls
from svqvae.signatures.counts import open_counts
from svqvae.signatures.experiment import from_counts
from svqvae.signatures.made import Made
from svqvae.signatures.plates import Level, from_plates

#: Options of each way, as the configuration calls them.
OF_PLATES = ("replicates", "level")
OF_COUNTS = ("perturbation", "cell_type", "replicate", "layer")
#: All that a ``source`` may say of how it becomes signatures.
KEYS = ("control", *OF_PLATES, *OF_COUNTS, "entrez")


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
    if plates and counts:
        return [
            f"{plates[0]} is of plates, {counts[0]} of counts with a control: leave one of them out"
            + ("; replicates names columns that replicates share" if "replicate" in counts else "")
        ]
    if counts and not asked.get("control"):
        return [f"control is missing, which {counts[0]} is compared with: COLUMN=VALUE"]
    if (level := asked.get("level")) is not None and str(level) not in get_args(Level):
        return [f"level: found '{level}'{did_you_mean(level, get_args(Level))}"]
    return []


def make_signatures(source: Source, asked: Mapping[str, Any], **options: Any) -> Made:
    """Make signatures of plates of replicates, or of counts with a control.

    Parameters
    ----------
    source
        The file and its tables.
    asked
        Nothing, or by names of :data:`KEYS`: ``control`` (``COLUMN=VALUE`` or ``{column: value}``),
        ``replicates`` (a list, or ``auto``) and ``level`` of plates; ``perturbation`` (a column or
        list), ``cell_type``, ``replicate`` and ``layer`` of counts; ``entrez``. Where they leave
        it open, a file with counts and a control is of counts.
    options
        Further ones of :func:`svqvae.signatures.experiment.from_counts`.

    Raises
    ------
    SvqvaeError
        If what is asked for does not go together, or cannot be done with the file.
    """
    if found := problems(asked):
        raise SvqvaeError(f"{source.signatures}: {problem}" for problem in found)
    control = Control.of(asked["control"]) if asked.get("control") else None
    if not any(asked.get(key) for key in OF_COUNTS) and (
        any(asked.get(key) for key in OF_PLATES) or not _are_counts(source, control)
    ):
        return _plates(source, asked, control)
    if control is None:
        raise SvqvaeError(
            f"{source.signatures}: holds counts, which need a control: name it by --control "
            f"COLUMN=VALUE (source.control){_likely(source)}"
        )
    return from_counts(
        source,
        control=control,
        perturbation=_listed(asked.get("perturbation")),
        cell_type=asked.get("cell_type"),
        replicate=asked.get("replicate"),
        layer=asked.get("layer"),
        entrez=bool(asked.get("entrez")),
        **options,
    )


def _plates(source: Source, asked: Mapping[str, Any], control: Control | None) -> Made:
    columns = _listed(asked.get("replicates"))
    return from_plates(
        source,
        columns=None if columns in (None, ["auto"]) else columns,
        level=str(asked.get("level") or "auto"),  # type: ignore[arg-type]
        control=control,
    )


def _listed(value: str | Sequence[str] | None) -> list[str] | None:
    """Return names that stand in a list, or between commas."""
    if not value:
        return None
    return [v.strip() for v in value.split(",")] if isinstance(value, str) else list(value)


def _are_counts(source: Source, control: Control | None) -> bool:
    """Return whether a file is to be taken for counts: an h5ad with a control is in any case."""
    if control is not None and kind_of(source.signatures) == "h5ad":
        return True
    try:
        with open_counts(source.signatures):
            return True
    except SvqvaeError:
        return False


def _likely(source: Source) -> str:
    """Return what may be the control, as a hint."""
    obs, _, _ = source.metadata()
    found = likely_controls(obs)
    return f"; it may be {', '.join(found)}" if found else ""
