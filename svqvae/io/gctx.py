"""GCTX (CMap's HDF5 layout): read only what is asked for.

A GCToo object is genes x signatures, but the matrix on disk is signatures x genes:
``/0/DATA/0/matrix`` of shape (n_signatures, n_genes), ``/0/META/COL/id`` the signature ids,
``/0/META/ROW/id`` the gene ids. It is read here as it lies.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py
import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.errors import SvqvaeError
from svqvae.io.atomic import atomic_path
from svqvae.io.blocks import read_block
from svqvae.io.ids import positions

MATRIX = "0/DATA/0/matrix"
SIGNATURES = "0/META/COL"
GENES = "0/META/ROW"


def _strings(values: np.ndarray) -> np.ndarray:
    """Decode HDF5 strings; bytes that are not UTF-8 are Latin-1."""
    if values.dtype.kind not in "SO":
        return values.astype(str) if values.dtype.kind == "U" else values

    def decode(v: object) -> str:
        if not isinstance(v, bytes):
            return str(v)
        try:
            return v.decode("utf-8")
        except UnicodeDecodeError:
            return v.decode("latin-1")

    return np.array([decode(v).rstrip("\0 ") for v in values], dtype=object)


def _metadata(group: h5py.Group) -> pd.DataFrame:
    columns = {name: _strings(group[name][...]) for name in group}
    table = pd.DataFrame({k: v for k, v in columns.items() if k != "id"})
    table.index = pd.Index([str(i).strip() for i in columns["id"]], dtype=object)
    return table.mask(table.isin([keys.LINCS_NULL, -666]))


@contextmanager
def _open(path: Path) -> Iterator[h5py.File]:
    if not path.is_file():
        raise SvqvaeError(f"{path}: no such file")
    try:
        with h5py.File(path, "r") as file:
            _check(file, path)
            yield file
    except (OSError, zlib.error) as error:
        raise SvqvaeError(f"{path}: not a GCTX (HDF5) file, or damaged ({error})") from error


def _check(file: h5py.File, path: Path) -> None:
    wanted = (MATRIX, f"{SIGNATURES}/id", f"{GENES}/id")
    missing = [k for k in wanted if not isinstance(file.get(k), h5py.Dataset)]
    if missing:
        raise SvqvaeError(f"{path}: not a GCTX file, it has no /{', /'.join(missing)}")
    matrix = file[MATRIX]
    ids = (file[f"{SIGNATURES}/id"].size, file[f"{GENES}/id"].size)
    if matrix.shape != ids:
        raise SvqvaeError(
            f"{path}: matrix is {matrix.shape} but its ids are {ids} (signatures, genes)"
        )
    if matrix.dtype.kind not in "fiu":
        raise SvqvaeError(f"{path}: /{MATRIX} holds {matrix.dtype}, not numbers")
    for group, n in zip((SIGNATURES, GENES), ids, strict=True):
        for name, column in file[group].items():
            if not isinstance(column, h5py.Dataset) or column.shape != (n,):
                raise SvqvaeError(f"{path}: /{group}/{name} is not a column of {n} values")


def read_metadata(path: str | Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the signature and gene tables of a GCTX file without touching its matrix."""
    with _open(Path(path)) as file:
        return _metadata(file[SIGNATURES]), _metadata(file[GENES])


def read_matrix(
    path: str | Path, *, rows: list[str] | None = None, genes: list[str] | None = None
) -> tuple[np.ndarray, pd.DataFrame, pd.DataFrame]:
    """Read chosen signatures and genes; memory is the result and a fixed buffer.

    Returns
    -------
    X
        float32, signatures x genes, in the order asked for.
    obs, var
        The file's own metadata of those signatures and genes.
    """
    path = Path(path)
    with _open(path) as file:
        obs, var = _metadata(file[SIGNATURES]), _metadata(file[GENES])
        row_at = positions(rows, obs.index, "signature", path)
        gene_at = positions(genes, var.index, "gene", path)
        result = read_block(file[MATRIX], row_at, gene_at)
    return result, obs.iloc[row_at], var.iloc[gene_at]


def write_gctx(path: str | Path, x: np.ndarray, obs: pd.DataFrame, var: pd.DataFrame) -> None:
    """Write signatures x genes (with ids in the indexes) as GCTX 1.0; missing becomes -666."""
    for name in map(str, [*obs.columns, *var.columns]):
        if name in ("id", ".") or "/" in name:
            raise SvqvaeError(f"{path}: GCTX cannot hold a metadata column '{name}'; rename it")
    with atomic_path(path) as temporary, h5py.File(temporary, "w") as file:
        file.attrs["version"] = "GCTX1.0"
        file.create_dataset(MATRIX, data=np.asarray(x, dtype=np.float32))
        for group, table in ((SIGNATURES, obs), (GENES, var)):
            _write_column(file, f"{group}/id", table.index.to_series())
            for name, column in table.items():
                _write_column(file, f"{group}/{name}", column)


def _write_column(file: h5py.File, name: str, column: pd.Series) -> None:
    if pd.api.types.is_bool_dtype(column):
        column = column.astype("Int64")
    if pd.api.types.is_numeric_dtype(column):
        file.create_dataset(name, data=column.fillna(float(keys.LINCS_NULL)).to_numpy())
        return
    text = column.astype(object).where(column.notna(), keys.LINCS_NULL).astype(str)
    file.create_dataset(name, data=text.to_list(), dtype=h5py.string_dtype("utf-8"))
