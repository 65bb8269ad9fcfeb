"""One function from a model and what is asked to the answer: ``model.query`` and the shell's."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from svqvae.errors import SvqvaeError
from svqvae.io.formats import kind_of, open_signatures
from svqvae.io.reader import read
from svqvae.io.tables import tidy
from svqvae.query.answer import Answer, answer
from svqvae.query.believed import held_out_of, novelty_beside
from svqvae.query.genes import GeneNames, read_gene_names
from svqvae.query.library import read_library
from svqvae.query.lists import of_lists
from svqvae.query.missing import completed
from svqvae.query.queries import Queries, placed
from svqvae.query.read import read_queries, read_signatures
from svqvae.query.together import answer_groups

if TYPE_CHECKING:
    from anndata import AnnData

    from svqvae.models.base import ClassModel

log = logging.getLogger("svqvae")


def genes_of(model: ClassModel, table: str | Path | None = None) -> GeneNames:
    """Return the genes of a model by all their names; ``table`` brings more."""
    others = None if table is None else read_gene_names(table, model.var_names)
    return GeneNames(model.var_names, symbols=model.symbols, others=others)


def read_for(model: ClassModel, path: str | Path) -> AnnData:
    """Return the signatures of a file as the model takes them: its genes, by whatever names.

    A file that names them all by the model's ids is read as it is; in another one, genes are
    found by their other names, and those that are missing take what is expected of them.

    Raises
    ------
    SvqvaeError
        If the file cannot be read, or has none of the genes.
    """
    import anndata as ad

    with open_signatures(path) as file:
        ids = file.var.index
        if len(ids) and not ids.has_duplicates and set(model.var_names) <= set(ids):
            return read(path, genes=model.var_names)
        if kind_of(path) == "idx":  # pixels have no other names
            return read(path, genes=model.var_names)
        obs = file.obs
    queries = read_signatures(path, genes_of(model))
    if (used := int(queries.genes_used.min())) < len(model.var_names):
        log.warning("%s: %d of %d genes of the model", path, used, len(model.var_names))
    return ad.AnnData(
        completed(model, queries, None), obs=tidy(obs), var=pd.DataFrame(index=model.var_names)
    )


def ask(
    model: ClassModel,
    source: Any = None,
    *,
    up: str | Path | Iterable[str] | None = None,
    down: str | Path | Iterable[str] | None = None,
    gene: str | None = None,
    value: str | None = None,
    genes: str | Path | None = None,
    label: str | None = None,
    by: str | None = None,
    top: int = 10,
    compounds: int = 10,
) -> Answer:
    """Rank classes and compounds for one's own experiment.

    Parameters
    ----------
    source
        A file: signatures, a table of differential expression, a GMT of pairs. Or in memory: an
        AnnData of signatures, a Series of values by gene, a DataFrame of queries x genes.
    up, down
        Genes that go up and down instead: files with one a line, or lists.
    gene, value
        Columns of a table with one row per gene, where they are not known by their names.
    genes
        A table with the model's gene ids in one column and other names in others.
    label
        Name of the query of a table.
    by
        Column of what is known of signatures (``pert_id``): each of its values is one query, of all
        its signatures (:func:`svqvae.query.together.answer_groups`).
    top, compounds
        Classes and compounds for each query.

    Raises
    ------
    SvqvaeError
        If it cannot be read, or names no gene of the model.

    Examples
    --------
    >>> model = svqvae.make_model(adata, preset="class_mean_cosine").train()
    >>> answer = model.query(adata[:2], top=3)
    >>> answer.classes[["query", "rank"]].shape
    (6, 2)
    >>> answer.notes[adata.obs_names[0]][0]
    '120 of 120 genes used'
    """
    model.codes  # noqa: B018  an untrained model says so
    names = genes_of(model, genes)
    queries = _asked(source, names, up=up, down=down, gene=gene, value=value, label=label)
    folder = None if model.saved_in is None else model.saved_in.folder
    library = None if folder is None else read_library(folder)
    held_out = None if folder is None else held_out_of(folder, model.class_names, by=by)
    much = {"top": top, "compounds": compounds}
    if by is not None:
        return answer_groups(
            model, queries, names, by=by, library=library, held_out=held_out, **much
        )
    found = answer(model, queries, names, library=library, held_out=held_out, **much)
    if folder is not None and found.classes["novelty"].notna().any():
        if advice := novelty_beside(folder):
            for notes in found.notes.values():
                notes.append(advice)
    return found


def _asked(
    source: Any,
    names: GeneNames,
    *,
    up: str | Path | Iterable[str] | None,
    down: str | Path | Iterable[str] | None,
    gene: str | None,
    value: str | None,
    label: str | None,
) -> Queries:
    """Return the queries of files or of what is in memory."""
    given = [side for side in (up, down) if side is not None]
    if given and source is None and not all(isinstance(side, str | Path) for side in given):
        lists = tuple([] if side is None else _listed(side) for side in (up, down))
        return of_lists({label or "lists": (lists[0], lists[1])}, names, "these lists")
    if source is None or isinstance(source, str | Path):
        return read_queries(source, names, up=up, down=down, gene=gene, value=value, label=label)  # type: ignore[arg-type]
    if given:
        raise SvqvaeError("expected signatures or lists by up and down, found both")
    if isinstance(source, pd.Series | Mapping):
        row = pd.Series(source)
        values, notes = placed(row.index.tolist(), row.to_numpy(float)[None], names, "these values")
        return Queries(names=[label or "query"], values=values, notes=notes, kind="table")
    table = source.to_df() if hasattr(source, "to_df") else source
    if not isinstance(table, pd.DataFrame):
        raise SvqvaeError(
            f"found a {type(source).__name__}, expected a path, an AnnData, a Series of values by "
            "gene, or a DataFrame of queries x genes"
        )
    values, notes = placed(
        table.columns.tolist(), table.to_numpy(np.float64), names, "these signatures"
    )
    obs = source.obs if hasattr(source, "to_df") else None
    return Queries(names=[str(n) for n in table.index], values=values, notes=notes, obs=obs)


def _listed(side: str | Path | Iterable[str]) -> list[str]:
    if isinstance(side, str | Path):
        raise SvqvaeError("expected two files or two lists, found one of each")
    return [str(gene) for gene in side]
