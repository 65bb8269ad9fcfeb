"""Which of the two ways an experiment goes, by what is asked for and what its values are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any

from svqvae.errors import SvqvaeError
from svqvae.io.formats import kind_of
from svqvae.pp.source import Source
from svqvae.signatures.asked import OF_COUNTS, OF_PLATES, problems
from svqvae.signatures.control import Control, likely_controls
from svqvae.signatures.counts import open_counts
from svqvae.signatures.experiment import from_counts
from svqvae.signatures.made import Made
from svqvae.signatures.plates import from_plates


def make_signatures(source: Source, asked: Mapping[str, Any], **options: Any) -> Made:
    """Make signatures of plates of replicates, or of counts with a control.

    Parameters
    ----------
    source
        The file and its tables.
    asked
        By names of :data:`svqvae.signatures.asked.KEYS`, or nothing: ``control``
        (``COLUMN=VALUE`` or ``{column: value}``), ``replicates`` (a list, or ``auto``) and
        ``level`` of plates; ``perturbation`` (a column or list), ``cell_type``, ``sample``,
        ``layer`` and ``entrez`` of counts. Where that leaves it open, a file with counts and a
        control is of counts, and an h5ad with a control is in any case.
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
    plates, counts = (any(asked.get(key) for key in of) for of in (OF_PLATES, OF_COUNTS))
    if plates:
        return _plates(source, asked, control)
    with ExitStack() as stack:
        opened = None
        # An h5ad with a control is of counts in any case; that of others is seen by their values.
        if not counts and (control is None or kind_of(source.signatures) != "h5ad"):
            try:
                opened = stack.enter_context(open_counts(source.signatures))
            except SvqvaeError:
                return _plates(source, asked, control)
        if control is None:
            raise SvqvaeError(
                f"{source.signatures}: holds counts, which need a control: name it by --control "
                f"COLUMN=VALUE (source.control){_likely(source)}"
            )
        return from_counts(
            source,
            counts=opened,
            control=control,
            perturbation=_listed(asked.get("perturbation")),
            cell_type=asked.get("cell_type"),
            replicate=asked.get("sample"),
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


def _likely(source: Source) -> str:
    """Return what may be the control, as a hint."""
    obs, _, _ = source.metadata()
    found = likely_controls(obs)
    return f"; it may be {', '.join(found)}" if found else ""
