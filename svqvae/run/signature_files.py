"""What `svqvae signatures` and the workflow do: read files, make signatures, write them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer

from svqvae.io.output import require_writable
from svqvae.pp.source import Source
from svqvae.signatures.make import make_signatures

#: Ends of the names of what is written.
SUFFIXES = (".h5ad", ".gctx", ".gct", ".tsv", ".csv", ".parquet")


def make(
    path: Path,
    out: Path,
    asked: Mapping[str, Any],
    *,
    sig_info: Path | None = None,
    gene_info: Path | None = None,
) -> None:
    """Write signatures of an experiment, and tell what was done on standard error.

    Parameters
    ----------
    asked
        As for :func:`svqvae.signatures.make.make_signatures`.
    """
    inputs = [p for p in (path, sig_info, gene_info) if p is not None]
    require_writable(out, suffixes=SUFFIXES, inputs=inputs)
    made = make_signatures(Source(signatures=path, sig_info=sig_info, gene_info=gene_info), asked)
    made.write(out)
    n_signatures, n_genes = made.x.shape
    typer.echo(f"{n_signatures} signatures x {n_genes} genes -> {out}", err=True)
    for note in made.notes:
        typer.echo(f"  - {note}", err=True)
