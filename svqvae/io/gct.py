"""GCT 1.2 and 1.3, the text form: genes down, signatures across."""

from __future__ import annotations

import codecs
import csv
import gzip
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.errors import SvqvaeError
from svqvae.io.atomic import atomic_path

_NULLS = {"", "na", "nan", "null", keys.LINCS_NULL}


def _latin1(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


# Bytes that are not UTF-8 are Latin-1, as in GCTX.
codecs.register_error("svqvae.latin-1", _latin1)


def read_gct(path: str | Path) -> tuple[np.ndarray, pd.DataFrame, pd.DataFrame]:
    """Read a GCT file (plain or gzip) as signatures x genes with both metadata tables.

    Returns
    -------
    X
        float32, signatures x genes; empty and NA values are NaN.
    obs, var
        Metadata as text, -666 as missing, indexed by signature and gene id.

    Raises
    ------
    SvqvaeError
        If the file is missing, not GCT, of another size than it says, or holds text where a
        number belongs (the first such place is named).
    """
    path = Path(path)
    if not path.is_file():
        raise SvqvaeError(f"{path}: no such file")
    try:
        with _opener(path)(path, "rt", encoding="utf-8", errors="svqvae.latin-1") as file:
            version, sizes = file.readline().strip(), file.readline().split()
            n_genes, n_sigs, n_rhd, n_chd = _sizes(path, version, sizes)
            lines = [line for line in csv.reader(file, delimiter="\t") if line]
    except (OSError, EOFError, zlib.error, csv.Error) as error:
        raise SvqvaeError(f"{path}: not a whole GCT file ({error})") from error
    if not lines:
        raise SvqvaeError(f"{path}: not a whole GCT file (it ends after its second line)")
    for line in lines:
        if len(line) != len(lines[0]):
            raise SvqvaeError(
                f"{path}: row '{line[0]}' has {len(line)} fields, the header {len(lines[0])}"
            )
    columns, table = lines[0], pd.DataFrame(lines[1:], columns=range(len(lines[0])), dtype=object)
    expected = (n_genes + n_chd, 1 + n_rhd + n_sigs)
    if table.shape != expected:
        raise SvqvaeError(
            f"{path}: the table is {table.shape[0]} rows x {table.shape[1]} columns, its second "
            f"line promises {expected[0]} x {expected[1]}"
        )
    head, body = table.iloc[:n_chd], table.iloc[n_chd:]
    sigs = pd.Index(columns[1 + n_rhd :], dtype=object)
    obs = pd.DataFrame(head.iloc[:, 1 + n_rhd :].T.to_numpy(), index=sigs, columns=head.iloc[:, 0])
    obs.columns.name = None
    var = body.iloc[:, 1 : 1 + n_rhd].set_axis(body.iloc[:, 0].to_numpy(), axis=0)
    var.columns = pd.Index(columns[1 : 1 + n_rhd], dtype=object)
    obs, var = (t.mask(t.isin([keys.LINCS_NULL])) for t in (obs, var))
    return _numbers(path, body.iloc[:, 1 + n_rhd :].set_axis(sigs, axis=1), var.index), obs, var


def _sizes(path: Path, version: str, sizes: list[str]) -> tuple[int, int, int, int]:
    wanted = {"#1.2": 2, "#1.3": 4}.get(version)
    if wanted is None:
        raise SvqvaeError(f"{path}: first line is '{version[:20]}', expected #1.2 or #1.3")
    if len(sizes) < wanted or not all(s.isdigit() for s in sizes[:wanted]):
        raise SvqvaeError(f"{path}: second line is {sizes[:4]}, expected {wanted} whole numbers")
    n = [int(s) for s in sizes[:wanted]]
    return (n[0], n[1], n[2], n[3]) if wanted == 4 else (n[0], n[1], 1, 0)


def _numbers(path: Path, text: pd.DataFrame, genes: pd.Index) -> np.ndarray:
    values = text.apply(pd.to_numeric, errors="coerce").to_numpy(dtype=np.float32)
    lost = (
        np.isnan(values) & ~text.apply(lambda c: c.str.strip().str.lower().isin(_NULLS)).to_numpy()
    )
    if lost.any():
        gene, sig = np.argwhere(lost)[0]
        raise SvqvaeError(
            f"{path}: {int(lost.sum())} values are not numbers, first '{text.iloc[gene, sig]}' at "
            f"gene '{genes[gene]}', signature '{text.columns[sig]}'"
        )
    return np.ascontiguousarray(values.T)


def write_gct(path: str | Path, x: np.ndarray, obs: pd.DataFrame, var: pd.DataFrame) -> None:
    """Write signatures x genes with both metadata tables as GCT 1.3.

    Values are written with nine significant digits, which float32 survives exactly.
    """
    path = Path(path)
    head = _as_text(obs).T
    side = _as_text(var)
    blank = pd.DataFrame(keys.LINCS_NULL, index=head.index, columns=side.columns)
    values = pd.DataFrame(np.asarray(x).T, index=var.index, columns=obs.index)
    with atomic_path(path) as temporary, _opener(path)(temporary, "wt", encoding="utf-8") as file:
        file.write(f"#1.3\n{len(var)}\t{len(obs)}\t{var.shape[1]}\t{obs.shape[1]}\n")
        header = csv.writer(file, delimiter="\t", lineterminator="\n")
        header.writerow(["id", *side.columns, *obs.index])
        options = {"sep": "\t", "header": False, "lineterminator": "\n"}
        pd.concat([blank, head], axis=1).to_csv(file, **options)
        pd.concat([side, values], axis=1).to_csv(file, float_format="%.9g", na_rep="NaN", **options)


def _opener(path: Path) -> Callable[..., IO[str]]:
    return gzip.open if path.suffix.lower() == ".gz" else open


def _as_text(table: pd.DataFrame) -> pd.DataFrame:
    # Before the matrix's own float format can round metadata.
    return table.astype(object).where(table.notna(), keys.LINCS_NULL).astype(str)
