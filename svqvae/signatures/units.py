"""What each cell or sample is: control or of which perturbation, and what it is summed with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from svqvae import keys
from svqvae.errors import SvqvaeError
from svqvae.io.missing import is_missing_text
from svqvae.signatures.control import Control, columns_of, plain
from svqvae.signatures.replicates import examples, number_of

#: Rows of a perturbation in a cell type, or of a replicate of it, up to which they are samples
#: (bulk, wells), not cells; and the share of genes that samples have counts of at least.
_MOST_SAMPLES, _MOST_TECHNICAL, _LEAST_COUNTED = 9, 2, 0.5
#: Stands for a column of replicates where each row is one.
ROWS = "rows"
#: Columns of cell types, the first that is there.
_CELL_TYPES = (keys.CELL_ID, "cell_type", "cell_line")


@dataclass(frozen=True, kw_only=True)
class Design:
    """What each row is.

    Attributes
    ----------
    columns
        Those of the perturbation (further ones may tell doses apart).
    cell_type, replicate
        Columns, or None.
    context
        Of each row the number of its cell type.
    condition
        Of each row the number of its perturbation in its cell type; -1 of controls, and of rows
        that name none.
    is_control
        Which rows are controls.
    unit
        Of each row the number of the replicate that it is summed in; -1 of none.
    of_samples
        Whether rows are samples, not cells.
    """

    columns: list[str]
    cell_type: str | None
    replicate: str | None
    context: np.ndarray
    condition: np.ndarray
    is_control: np.ndarray
    unit: np.ndarray
    of_samples: bool


def design(
    obs: pd.DataFrame,
    control: Control,
    where: object,
    *,
    perturbation: Sequence[str] | None = None,
    cell_type: str | None = None,
    replicate: str | None = None,
    share_counted: float = 1.0,
) -> Design:
    """Tell what each row is.

    Parameters
    ----------
    perturbation, cell_type, replicate
        Columns; that of the perturbation is by default the control's, or ``pert_id``, and that of
        the cell type ``cell_id``, ``cell_type`` or ``cell_line`` where there is one. ``rows``
        says that each row is a replicate. Without replicates, up to nine rows of a perturbation
        in a cell type are taken for samples, each a replicate, if they have counts of most genes.
    share_counted
        The typical row's share of genes with a count.

    Raises
    ------
    SvqvaeError
        All columns that are missing, or a control that is in no row.
    """
    names = list(perturbation or [control.column or keys.PERT_ID])
    wanted = [("perturbation", name) for name in names]
    wanted += [("cell type", cell_type)] if cell_type else []
    each_row = replicate == ROWS and ROWS not in obs
    replicate = None if each_row else replicate
    wanted += [("sample", replicate)] if replicate else []
    found = columns_of(obs, wanted, where)
    columns = found[: len(names)]
    replicate = found[-1] if replicate else None
    if cell_type:
        cell_type = found[len(names)]
    else:
        cell_type = next((c for c in _CELL_TYPES if c in obs and c not in columns), None)
    control = Control(values=control.values, column=control.column or columns[0])
    is_control = control.rows(obs, where)
    in_cell = [cell_type] if cell_type else []
    context = number_of(obs, in_cell)
    condition = number_of(obs, [*columns, *in_cell])
    condition[is_control | is_missing_text(obs[columns[0]].astype(object)).to_numpy()] = -1
    if not (condition >= 0).any():
        raise SvqvaeError(f"{where}: no row but controls has a '{columns[0]}'")
    # Controls of a cell type are one block too.
    block = np.where(is_control, -2 - context, condition)
    unit = number_of(
        pd.DataFrame({"block": block, "replicate": obs[replicate].to_numpy() if replicate else 0}),
        ["block", "replicate"],
    )
    treated = unit[condition >= 0]
    typical = float(np.median(np.unique(treated, return_counts=True)[1]))
    if replicate:
        of_samples = typical <= _MOST_TECHNICAL
    else:
        of_samples = each_row or (typical <= _MOST_SAMPLES and share_counted >= _LEAST_COUNTED)
    if of_samples and not replicate:
        unit = np.arange(len(obs))
    unit[(condition < 0) & ~is_control] = -1
    return Design(
        columns=columns,
        cell_type=cell_type,
        replicate=replicate,
        context=context,
        condition=condition,
        is_control=is_control,
        unit=unit,
        of_samples=of_samples,
    )


def indicator(number: np.ndarray, wanted: np.ndarray) -> sparse.csr_array:
    """Return wanted numbers x rows: 1 where a row has the number."""
    place = np.full(max(number.max(), wanted.max(initial=0)) + 2, -1)
    place[wanted] = np.arange(len(wanted))
    # A number of -1 is the last place, which nothing wants.
    row = place[number]
    kept = np.flatnonzero(row >= 0)
    ones = np.ones(len(kept))
    return sparse.csr_array((ones, (row[kept], kept)), shape=(len(wanted), len(number)))


def names_of(obs: pd.DataFrame, design: Design, conditions: np.ndarray) -> list[str]:
    """Return ids of conditions: perturbation and cell type between colons."""
    columns = [*design.columns, *([design.cell_type] if design.cell_type else [])]
    _, rows = examples(np.where(np.isin(design.condition, conditions), design.condition, -1))
    values = obs[columns].iloc[rows].astype(object).to_numpy()
    return [":".join(plain(v) for v in row if str(v) != "nan") for row in values]
