"""Plates of replicates (L1000 level 3 or 4) to signatures (level 5)."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.data.checks import require_finite
from svqvae.errors import SvqvaeError, did_you_mean
from svqvae.io.formats import open_signatures
from svqvae.io.ids import positions
from svqvae.io.signature_file import SignatureFile
from svqvae.pp.source import Source, describe_source
from svqvae.signatures import modz as moderated
from svqvae.signatures import replicates
from svqvae.signatures.control import Control
from svqvae.signatures.made import BLOCK_CELLS, Made, matrix_on_disk
from svqvae.signatures.zscore import Reference, reference_of

log = logging.getLogger("svqvae")

Level = Literal["auto", "3", "4"]

#: Rows by which the level is told, and the share of negative values below which it is 3.
_LOOKED_AT, _FEW_NEGATIVE = 200, 0.01
#: Vehicle wells that a plate must have: the MAD of fewer says nothing of a spread.
_FEWEST_VEHICLES = 4


def from_plates(
    source: Source,
    *,
    columns: Sequence[str] | None = None,
    level: Level = "auto",
    control: Control | None = None,
) -> Made:
    """Collapse the replicates of plates to signatures by MODZ.

    Parameters
    ----------
    columns
        Those that replicates share; see :func:`svqvae.signatures.replicates.group`.
    level
        3, log2 expression, which is brought to robust z-scores within each plate first, or 4,
        z-scores. ``auto``: 3 where no value is negative and a column names the plate.
    control
        Of level 3: z-scores against these wells of each plate; by default against all its wells.

    Returns
    -------
    Made
        ``obs`` has the columns in which replicates are alike, ``distil_id`` (their ids between
        ``|``), ``distil_nsample``, ``distil_cc_q75``, and of landmark genes enough ``distil_ss``,
        ``ss_ngene`` and ``tas``.

    Raises
    ------
    SvqvaeError
        If columns are missing, plates have too few vehicle wells, or values are not finite.
    """
    obs, var, _ = source.metadata()
    with open_signatures(source.signatures) as file:
        rows = positions(list(obs.index), file.obs.index, "signature", source.signatures)
        genes = positions(list(var.index), file.var.index, "gene", source.signatures)
        wells = _Wells(file, rows, genes)
        found = replicates.group(obs, columns, source.signatures)
        told = _level(wells, obs, level, source)
        notes = [f"replicates share {', '.join(found.columns)}"]
        if lost := int((found.number < 0).sum()):
            notes.append(f"{lost} of {len(obs)} wells name no perturbagen and are left out")
        scaling = None
        if told == "3":
            scaling = _by_plate(wells, obs, control, source)
            against = "all wells" if control is None else f"the wells {', '.join(control.values)}"
            notes.append(
                f"level 3: robust z-scores against {against} of each of {len(scaling.of)} plates"
            )
        elif control is not None:
            raise SvqvaeError(
                f"{source.signatures}: values are z-scores (level 4), which have their control in "
                "them already; leave out the control, or give level 3"
            )
        else:
            notes.append("level 4: z-scores as they are")
        made = _collapsed(wells, found, scaling, _landmark(var, notes))
    alone = int((made.obs[keys.N_SAMPLE] == 1).sum())
    if alone:
        notes.append(f"{alone} of {len(made.obs)} signatures have a single replicate")
    how = {"method": "modz", "level": told, "source": describe_source(source)}
    how |= {"replicates": ",".join(found.columns)}
    for note in notes:
        log.info("%s: %s", source.signatures, note)
    return Made(x=made.x, obs=made.obs, var=var, how=how, notes=notes)


class _Wells(NamedTuple):
    """Rows of a file in the order of their table."""

    file: SignatureFile
    rows: np.ndarray
    genes: np.ndarray

    def read(self, at: np.ndarray) -> np.ndarray:
        x = self.file.read(self.rows[at], self.genes)
        require_finite(x, self.file.obs.index[self.rows[at]], self.file.var.index[self.genes])
        return x


class _Scaling(NamedTuple):
    """Of each row the number of its plate, and of each plate its medians and spreads."""

    plate: np.ndarray
    of: list[Reference]

    def z(self, x: np.ndarray, at: np.ndarray) -> np.ndarray:
        z = np.empty(x.shape, dtype=np.float64)
        for plate in np.unique(self.plate[at]):
            mine = self.plate[at] == plate
            z[mine] = self.of[plate].z(x[mine])
        return z


def _level(wells: _Wells, obs: pd.DataFrame, level: Level, source: Source) -> str:
    if level != "auto":
        return level
    some = np.unique(np.linspace(0, len(wells.rows) - 1, _LOOKED_AT).astype(int))
    x = wells.read(some)
    if (x < 0).mean() >= _FEW_NEGATIVE:
        return "4"
    if any(name in obs for name in replicates.PLATES):
        return "3"
    raise SvqvaeError(
        f"{source.signatures}: no value is negative, so these are no z-scores; for log2 expression "
        f"of plates (L1000 level 3) give a column {' or '.join(replicates.PLATES[:2])} that names "
        "the plate; for counts (single cells, bulk) a control, --control COLUMN=VALUE "
        "(source.control)"
    )


def _by_plate(
    wells: _Wells, obs: pd.DataFrame, control: Control | None, source: Source
) -> _Scaling:
    name = next((c for c in replicates.PLATES if c in obs), None)
    if name is None:
        raise SvqvaeError(
            f"{source.signatures}: level 3 needs a column that names the plate of each well"
            f"{did_you_mean(replicates.PLATES[0], obs.columns)}"
        )
    plate, names = pd.factorize(obs[name].astype(object).astype(str))
    chosen = np.ones(len(obs), dtype=bool)
    if control is not None:
        chosen = control.rows(obs, source.signatures)
        n = np.bincount(plate[chosen], minlength=len(names))
        if problems := [
            f"{source.signatures}: plate '{names[p]}' has {n[p]} wells of the control, expected "
            f"{_FEWEST_VEHICLES} or more; leave the control out to take all wells"
            for p in np.flatnonzero(n < _FEWEST_VEHICLES)
        ]:
            raise SvqvaeError(problems)
    of = [
        reference_of(wells.read(np.flatnonzero((plate == p) & chosen))) for p in range(len(names))
    ]
    return _Scaling(plate, of)


def _landmark(var: pd.DataFrame, notes: list[str]) -> np.ndarray:
    """Return positions of the genes by which replicates are correlated."""
    if keys.IS_LANDMARK in var:
        flagged = np.flatnonzero(pd.to_numeric(var[keys.IS_LANDMARK], errors="coerce") == 1)
        if len(flagged):
            return flagged
    notes.append(f"no gene is marked landmark: replicates are correlated by all {len(var)} genes")
    return np.arange(len(var))


class _Signatures(NamedTuple):
    x: np.ndarray
    obs: pd.DataFrame


def _collapsed(
    wells: _Wells, found: replicates.Groups, scaling: _Scaling | None, landmark: np.ndarray
) -> _Signatures:
    """Collapse groups block by block; the matrix goes to disk."""
    n = len(found.obs)
    x = matrix_on_disk(n, len(wells.genes))
    n_sample = np.zeros(n, dtype=int)
    cc_q75, strength = np.full(n, np.nan), np.full(n, np.nan)
    changed = np.zeros(n, dtype=int)
    members: list[str] = []
    names = wells.file.obs.index[wells.rows].astype(str)
    for first, at, number in _group_blocks(found.number, len(wells.genes)):
        z = wells.read(at)
        z = z if scaling is None else scaling.z(z, at)
        part = moderated.modz(z, number, landmark)
        mine = slice(first, first + len(part.n_sample))
        x[mine], n_sample[mine], cc_q75[mine] = part.x, part.n_sample, part.cc_q75
        lm = part.x[:, landmark]
        changed[mine] = moderated.genes_changed(lm, part.n_sample)
        if moderated.has_strength(len(landmark)):
            strength[mine] = moderated.strength(lm)
        ids = pd.Series(names[at]).groupby(number).agg(keys.SEPARATOR.join)
        members += ids.tolist()
    obs = found.obs.assign(
        **{keys.DISTIL_ID: members, keys.N_SAMPLE: n_sample, keys.CC_Q75: cc_q75}
    )
    if moderated.has_strength(len(landmark)):
        tas = moderated.activity(changed, cc_q75, len(landmark))
        obs = obs.assign(**{keys.STRENGTH: strength, keys.N_CHANGED: changed, keys.ACTIVITY: tas})
    return _Signatures(x, obs)


def _group_blocks(number: np.ndarray, n_genes: int) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Yield first group, rows, and their groups' numbers from 0, of as many groups as fit."""
    order = np.argsort(number, kind="stable")
    order = order[np.searchsorted(number[order], 0) :]
    sizes = np.bincount(number[order])
    ends = np.cumsum(sizes)
    most = max(1, BLOCK_CELLS // max(1, n_genes))
    first, start = 0, 0
    while first < len(sizes):
        last = max(first + 1, int(np.searchsorted(ends, start + most, side="right")))
        at = order[start : ends[last - 1]]
        yield first, at, number[at] - first
        first, start = last, int(ends[last - 1])
