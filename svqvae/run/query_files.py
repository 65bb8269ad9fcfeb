"""Where `svqvae query` reads and writes: standard input and output, TSV, JSON, the page."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from svqvae.errors import SvqvaeError
from svqvae.io.atomic import atomic_path, write_table
from svqvae.io.output import require_writable

if TYPE_CHECKING:
    from svqvae.query.answer import Answer

#: Ends of the names of what is written.
SUFFIXES = (".tsv", ".csv", ".json", ".html")
#: Stands for standard input and output.
STANDARD = "-"


def require_places(out: str | None, compounds: Path | None, inputs: Sequence[str | Path]) -> None:
    """Raise an error before the work where a result cannot be written."""
    read = [path for path in inputs if str(path) != STANDARD]
    if out is not None and out != STANDARD:
        require_writable(out, suffixes=SUFFIXES, inputs=read)
    if compounds is not None:
        require_writable(compounds, suffixes=(".tsv", ".csv"), inputs=read)
        if out is not None and Path(out).absolute() == compounds.absolute():
            raise SvqvaeError(f"{out}: is both --out and --compounds; choose two names")


@contextmanager
def local(source: str | None) -> Iterator[Path | None]:
    """Yield the path of what is asked; of standard input, a copy that is there meanwhile."""
    if source != STANDARD:
        yield None if source is None else Path(source)
        return
    with tempfile.TemporaryDirectory(prefix="svqvae-") as folder:
        path = Path(folder) / "stdin.tsv"
        with open(path, "wb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file)
        yield path


def write(answer: Answer, out: str | None, compounds: Path | None, *, folder: Path) -> None:
    """Write an answer where it is wanted; without a place, to be read on standard output.

    Raises
    ------
    SvqvaeError
        If compounds are asked for and the model has no library of them.
    """
    from svqvae.query.write import as_json, as_text

    if compounds is not None:
        if answer.compounds is None:
            raise SvqvaeError(
                f"{folder}: has no library.h5ad of compounds, as models of older versions and "
                "baselines: train it again, or leave out --compounds"
            )
        write_table(answer.compounds, compounds)
    if out is None:
        typer.echo(as_text(answer))
        return
    if out == STANDARD:
        answer.classes.to_csv(sys.stdout, sep="\t", index=False, float_format="%.6g")
        return
    kind = Path(out).suffix.lower()
    if kind == ".json":
        with atomic_path(out) as temporary:
            temporary.write_text(as_json(answer) + "\n", encoding="utf-8")
    elif kind == ".html":
        from svqvae.models.registry import load_model
        from svqvae.report.answer import write_answer

        write_answer(
            out,
            folder=folder,
            predictions=answer.classes,
            compounds=answer.compounds,
            genes=answer.genes,
            classes=load_model(folder).classes(),
            notes={name: "; ".join(notes) for name, notes in answer.notes.items()},
        )
    else:
        write_table(answer.classes, out)
    n = answer.classes["query"].nunique()
    typer.echo(f"{n} {'query' if n == 1 else 'queries'} -> {out}", err=True)
    if n == 1:
        for note in next(iter(answer.notes.values())):
            typer.echo(f"  - {note}", err=True)
