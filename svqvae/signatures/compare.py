"""Pseudobulks of each condition against the control of its cell type."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse

from svqvae.signatures import statistic
from svqvae.signatures.counts import Counts
from svqvae.signatures.replicates import examples
from svqvae.signatures.units import Design, indicator

#: Most cells that pseudobulks are drawn of; the spread of larger ones follows from theirs.
_MOST_DRAWN = 2048

WALD, ROBUST_Z = "wald", "robust_z"


class Units(NamedTuple):
    """Pseudobulks, or samples: their sums, and what they are of.

    ``few`` are numbers of cells of those that are left out, by condition (-1 of controls).
    """

    sums: np.ndarray
    n_rows: np.ndarray
    condition: np.ndarray
    context: np.ndarray
    is_control: np.ndarray
    few: list[tuple[int, int]]

    @classmethod
    def of(
        cls, counts: Counts, what: Design, merge: sparse.csr_array | None, min_cells: int
    ) -> Units:
        """Sum rows to units; those of too few cells are left out."""
        units, first = examples(what.unit)
        n_rows = np.bincount(what.unit[what.unit >= 0], minlength=units.max() + 1)[units]
        enough = n_rows >= (1 if what.of_samples else min_cells)
        few = list(
            zip(
                what.condition[first[~enough]].tolist(),
                n_rows[~enough].tolist(),
                strict=True,
            )
        )
        sums = counts.sums(indicator(what.unit, units[enough]))
        first = first[enough]
        return cls(
            sums if merge is None else sums @ merge,
            n_rows[enough],
            what.condition[first],
            what.context[first],
            what.is_control[first],
            few,
        )


class Compared(NamedTuple):
    """Conditions with their values, how they came about, and how many cells and replicates."""

    conditions: np.ndarray
    x: np.ndarray
    method: list[str]
    numbers: pd.DataFrame
    without_control: list[int]


def compared(
    counts: Counts, what: Design, units: Units, merge: sparse.csr_array | None, seed: int
) -> Compared:
    """Compare the conditions of each cell type with its control."""
    conditions, parts, method, numbers, without = [], [], [], [], []
    for context in np.unique(units.context):
        here = units.context == context
        mine = np.unique(units.condition[here & ~units.is_control])
        if not len(mine):
            continue
        controls = here & units.is_control
        n_controls = int(controls.sum())
        has_replicates = n_controls > 1 and (what.of_samples or what.replicate is not None)
        if not n_controls or (what.of_samples and not has_replicates):
            without += mine.tolist()
            continue
        if has_replicates:
            x = statistic.wald(units.sums[here], units.condition[here], units.is_control[here])
        else:
            x = _by_draws(counts, what, units, int(context), merge, seed)
        parts.append(x)
        conditions += mine.tolist()
        method += [WALD if has_replicates else ROBUST_Z] * len(mine)
        of = [here & (units.condition == c) for c in mine]
        n_cells = units.n_rows[controls].sum()
        numbers += [(units.n_rows[rows].sum(), rows.sum(), n_cells, n_controls) for rows in of]
    names = ["n_cells", "n_replicates", "n_control_cells", "n_control_replicates"]
    order = np.argsort(conditions)
    return Compared(
        np.array(conditions, dtype=int)[order],
        np.concatenate(parts)[order] if parts else np.empty((0, units.sums.shape[1])),
        [method[i] for i in order],
        pd.DataFrame(numbers, columns=names).iloc[order],
        without,
    )


def _by_draws(
    counts: Counts,
    what: Design,
    units: Units,
    context: int,
    merge: sparse.csr_array | None,
    seed: int,
) -> np.ndarray:
    """Return robust z-scores against pseudobulks that are drawn from the control's cells."""
    here = units.context == context
    cells = np.flatnonzero(what.is_control & (what.context == context))
    total = units.sums[here & units.is_control].sum(0)
    mine = np.unique(units.condition[here & ~units.is_control])
    of = [here & (units.condition == c) for c in mine]
    sizes = np.array([int(units.n_rows[rows].sum()) for rows in of])
    # Spreads are looked at for some sizes; between them they go with the root of it.
    drawn_size = 2 ** np.rint(np.log2(np.minimum(sizes, _MOST_DRAWN))).astype(int)
    x = np.empty((len(mine), total.shape[0]), dtype=np.float32)
    for size in np.unique(drawn_size):
        weights = statistic.draws(cells, int(size), len(what.unit), seed)
        drawn = counts.sums(weights)
        drawn = drawn if merge is None else drawn @ merge
        for at in np.flatnonzero(drawn_size == size):
            treated = units.sums[of[at]].sum(0)
            x[at] = statistic.robust_z(
                treated,
                drawn,
                expected=total / max(total.sum(), 1) * treated.sum(),
                shrink=float(np.sqrt(size / sizes[at])),
                more=sizes[at] / len(cells),
            )
    return x
