"""What an h5ad holds beside X, its layers and its two tables, as far as it can be read."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

from svqvae.io.h5ad_table import LeftOut, noting
from svqvae.io.hdf5_file import Damaged, group_of
from svqvae.io.hdf5_inside import require_sound
from svqvae.io.limits import require_memory

if TYPE_CHECKING:
    from anndata import AnnData

#: What is said of links that go round, and how deep groups may lie in each other.
_ROUND, _DEEPEST = "a link to a group that it lies in", 30
#: Groups with one entry per signature, gene or pair of them.
_ALIGNED = ("obsm", "varm", "obsp", "varp")


def add_rest(adata: AnnData, file: h5py.File, path: Path, *, but: set[str]) -> LeftOut:
    """Add obsm, varm, obsp, varp and uns of a file; return what cannot be read, and why.

    Parameters
    ----------
    but
        Keys of uns that are none of it.
    """
    left_out: LeftOut = {}
    for name in (*_ALIGNED, "uns"):
        if name not in file.keys():
            continue
        if (group := group_of(file, name)) is None:  # one table of records, before 0.7
            left_out[name] = "not a group"
            continue
        entries = _entries(group, path, name, left_out)
        if name == "uns":
            adata.uns.update({k: v for k, v in entries.items() if k not in but})
            continue
        for key, value in entries.items():
            with noting(left_out, f"{name}/{key}", path):
                getattr(adata, name)[key] = value
    return left_out


def _entries(
    group: h5py.Group, path: Path, where: str, left_out: LeftOut, above: tuple[int, ...] = ()
) -> dict[str, Any]:
    """Return what can be read of a group; ``above`` are the places of the groups it lies in."""
    found = {}
    above = (*above, _address(group))
    for key in group:
        name = f"{where}/{key}"
        with noting(left_out, name, path):
            element = group[key]
            if where.startswith("uns") and _is_plain_group(element):
                if _address(element) in above:
                    raise Damaged(_ROUND)
                found[key] = _entries(element, path, name, left_out, above)
            elif (value := _read(element, f"{path}: {name}")) is not None:
                found[key] = value
    return found


def _address(group: h5py.Group) -> int:
    return h5py.h5o.get_info(group.id).addr


def _is_plain_group(element: object) -> bool:
    if not isinstance(element, h5py.Group):
        return False
    encoding = element.attrs.get("encoding-type")
    return encoding == "dict" or (encoding is None and "h5sparse_format" not in element.attrs)


def is_unknown_kind(error: Exception) -> bool:
    """Return whether anndata raised an error of a kind of value that it can neither write nor read.

    It has no public name.
    """
    return any(kind.__name__ == "IORegistryError" for kind in type(error).__mro__)


def _read(element: h5py.Group | h5py.Dataset, what: str) -> Any:
    """Return an element as anndata reads it."""
    from anndata.io import read_elem

    if not isinstance(element, h5py.Group | h5py.Dataset):
        raise Damaged("neither a data set nor a group")
    if isinstance(element, h5py.Group):
        _require_no_rounds(element)
    _require_sizes(element, what)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of old formats
            value = read_elem(element)
    except Exception as error:
        if not is_unknown_kind(error):
            raise
        encoding = element.attrs.get("encoding-type")
        version = element.attrs.get("encoding-version")
        raise Damaged(f"its encoding '{encoding}' {version} is not known") from error
    if hasattr(value, "check_format"):  # indices that lie outside would crash later
        value.check_format(full_check=True)
    return value


def _require_no_rounds(group: h5py.Group, above: tuple[int, ...] = ()) -> None:
    """Refuse a group that leads into itself, before anndata follows it.

    A RecursionError within h5py would leave h5py's lock held, and other threads waiting for ever.
    """
    above = (*above, _address(group))
    for key in group:
        element = group.get(key)
        if isinstance(element, h5py.Group):
            if _address(element) in above or len(above) > _DEEPEST:
                raise Damaged(_ROUND)
            _require_no_rounds(element, above)


def _require_sizes(element: h5py.Group | h5py.Dataset, what: str) -> None:
    parts: list[h5py.Dataset] = [element] if isinstance(element, h5py.Dataset) else []
    if isinstance(element, h5py.Group):
        names: list[str] = []
        # Opened afterwards: what is raised within a visit leaves libhdf5 as a SystemError.
        element.visit(names.append)
        parts += [part for name in names if isinstance(part := element[name], h5py.Dataset)]
    parts = [part for part in parts if part.size]
    for part in parts:
        require_sound(part, what)
    require_memory(sum(int(np.prod(p.shape, dtype=float)) * p.dtype.itemsize for p in parts), what)
