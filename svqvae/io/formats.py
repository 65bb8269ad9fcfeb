"""The kinds of file that signatures come in: one row each, with what reads and what writes it.

A kind of your own is a module with a :class:`svqvae.io.signature_file.SignatureFile`, and a row
here. Modules are named as text, and imported for the first file of their kind.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from svqvae.errors import SvqvaeError

if TYPE_CHECKING:
    from svqvae.io.signature_file import SignatureFile


@dataclass(frozen=True, kw_only=True)
class Format:
    """One kind of file.

    Attributes
    ----------
    reader
        ``package.module:name`` of a :class:`svqvae.io.signature_file.SignatureFile`.
    writer
        The same of a function of path, matrix (in parts), signature and gene table; without one
        the kind is read only.
    suffixes
        How names end, before that of how files are packed.
    pattern
        Regular expression of other names.
    is_text
        Whether it is written packed, as its name says.
    """

    reader: str
    writer: str = ""
    suffixes: tuple[str, ...] = ()
    pattern: str = ""
    is_text: bool = False


FORMATS = {
    "gctx": Format(
        reader="svqvae.io.gctx:GctxFile", writer="svqvae.io.gctx:write_gctx", suffixes=(".gctx",)
    ),
    "gct": Format(
        reader="svqvae.io.gct:GctFile",
        writer="svqvae.io.gct:write_gct",
        suffixes=(".gct",),
        is_text=True,
    ),
    "h5ad": Format(
        reader="svqvae.io.h5ad:H5adFile", writer="svqvae.io.h5ad:write_h5ad", suffixes=(".h5ad",)
    ),
    "table": Format(
        reader="svqvae.io.matrix_table:TableFile",
        writer="svqvae.io.matrix_table_writer:write_matrix_table",
        suffixes=(".tsv", ".tab", ".txt", ".csv", ".parquet"),
        is_text=True,
    ),
    # Named by their shape: train-images-idx3-ubyte.gz.
    "idx": Format(reader="svqvae.io.idx:IdxFile", pattern=r"[.-]idx\d-ubyte$|\.idx$"),
}
#: Ends of the names of packed files.
PACKED = (".gz", ".bz2", ".xz", ".zst", ".zip")


def kind_of(path: str | Path) -> str:
    """Return gctx, gct, h5ad, table or idx, by the end of the file's name.

    Raises
    ------
    SvqvaeError
        If it ends as none of them does.
    """
    name = Path(path).name.lower()
    while name.endswith(PACKED):
        name = name.rpartition(".")[0]
    for kind, form in FORMATS.items():
        if name.endswith(form.suffixes or "\0") or (form.pattern and re.search(form.pattern, name)):
            return kind
    suffixes = [suffix for form in FORMATS.values() for suffix in form.suffixes]
    raise SvqvaeError(
        f"{path}: unknown kind; expected a name in {', '.join(suffixes)} or -idx3-ubyte (and .gz "
        "and the like after it)"
    )


def open_signatures(path: str | Path) -> SignatureFile:
    """Open a file of any kind, recognised by its name, to read parts of it (a context manager).

    Raises
    ------
    SvqvaeError
        If the file is missing, of no known kind, or not what its name says.
    """
    return _named(FORMATS[kind_of(path)].reader)(path)


def writer_of(path: str | Path) -> Callable[..., None]:
    """Return what writes a file: a function of path, matrix in parts, signatures and genes.

    Raises
    ------
    SvqvaeError
        If the kind is unknown or read only.
    """
    kind = kind_of(path)
    if not FORMATS[kind].writer:
        raise SvqvaeError(f"{path}: {kind.upper()} is read, not written; choose .h5ad")
    return _named(FORMATS[kind].writer)


def reader_modules() -> list[str]:
    """Return the modules that read signatures, by name."""
    return sorted({form.reader.partition(":")[0] for form in FORMATS.values()})


def _named(function: str) -> Any:
    module, _, name = function.partition(":")
    return getattr(import_module(module), name)
