"""What `svqvae predict` writes: ranked classes, and which of them are to be believed."""

from __future__ import annotations

from pathlib import Path

from svqvae import keys
from svqvae.data.described import with_compounds
from svqvae.errors import SvqvaeError
from svqvae.io.atomic import write_table
from svqvae.models.registry import load_model
from svqvae.query.ask import read_for
from svqvae.query.believed import believed, held_out_of, told_of


def write_predictions(
    model_dir: Path, signatures: Path, out: Path, *, top: int, by: str | None, inert: bool
) -> list[str]:
    """Write the nearest classes of the signatures of a file, or of their groups.

    Parameters
    ----------
    by
        Column whose values are predicted, each by all its signatures; None for signatures.
    inert
        Whether names that a spreadsheet would take for formulas get an apostrophe.

    Returns
    -------
    list of str
        What is to be said of it.

    Raises
    ------
    SvqvaeError
        If a file cannot be read, holds no signatures, or has no such column.
    """
    model = load_model(model_dir)
    adata = read_for(model, signatures)
    if not adata.n_obs:
        raise SvqvaeError(f"{signatures}: holds no signatures")
    table = model.predict(adata, top=top, by=by)
    if by is None:
        table = with_compounds(table, adata.obs)
    name, what = (keys.SIG_ID, "signatures") if by is None else (by, f"values of {by}")
    said = [f"{table[name].nunique()} {what} -> {out}"]
    held_out = held_out_of(model_dir, model.class_names, by=by)
    if held_out is None:
        said.append(
            "how often held-out predictions this sure were right is not known: no run lies beside "
            "the model that held such out"
        )
    else:
        table = believed(table, held_out, by=name)
        said.append(told_of(table, by=name, what=what))
    write_table(table, out, inert=inert)
    return said
