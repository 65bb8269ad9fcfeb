"""h5ad files as anndata of each age, R and other tools wrote them, by h5py alone."""

import h5py
import numpy as np
from scipy import sparse

X = np.array([[1.5, 0, -2], [0, -666, 3], [0.25, 0, 0], [7, 8, 9]], dtype=np.float32)
#: What is read: -666 is missing.
WANT = np.where(X == -666, np.nan, X)
SIGS, GENES = ["s1", "s2:x", "s3", "s4"], ["16", "23", "5720"]
CELLS = ["A375", None, "MCF7", "A375"]
VLEN = h5py.string_dtype("utf-8")


def encoded(stored, kind, version="0.2.0", **others):
    stored.attrs.update({"encoding-type": kind, "encoding-version": version, **others})
    return stored


def text(group, name, values):
    data = np.array(values, dtype=object)
    return encoded(group.create_dataset(name, data=data, dtype=VLEN), "string-array")


def nullable(group, name, values, mask, kind):
    inner = encoded(group.create_group(name), f"nullable-{kind}", "0.1.0")
    if kind == "string-array":
        text(inner, "values", values)
    else:
        inner["values"] = values
    inner["mask"] = mask


def frame(file, name, ids):
    group = encoded(file.create_group(name), "dataframe", _index="_index")
    group.attrs["column-order"] = np.array([], dtype=VLEN)
    text(group, "_index", ids)
    return group


def add_column(group, name):
    group.attrs["column-order"] = np.array([*group.attrs["column-order"], name], dtype=VLEN)


def write_x(file, name="X", kind="dense", x=X):
    if kind == "dense":
        return encoded(file.create_dataset(name, data=x), "array")
    packed = {"csr": sparse.csr_matrix, "csc": sparse.csc_matrix}[kind](x)
    group = encoded(file.create_group(name), f"{kind}_matrix", "0.1.0", shape=x.shape)
    for part in ("data", "indices", "indptr"):
        group[part] = getattr(packed, part)
    return group


def today(path, change=None, kind="dense"):
    """Write as anndata 0.8 to 0.12 do; ``change`` gets the open file."""
    with h5py.File(path, "w") as file:
        encoded(file, "anndata", "0.1.0")
        write_x(file, kind=kind)
        obs = frame(file, "obs", SIGS)
        cells = encoded(obs.create_group("cell_id"), "categorical", ordered=False)
        cells["codes"] = np.array([0, -1, 1, 0], dtype="i1")
        text(cells, "categories", ["A375", "MCF7"])
        add_column(obs, "cell_id")
        frame(file, "var", GENES)
        for name in ("layers", "obsm", "varm", "obsp", "varp", "uns"):
            encoded(file.create_group(name), "dict", "0.1.0")
        if change is not None:
            change(file)
    return path


def tomorrow(path):
    """Write as anndata 0.13 does: ids and text as nullable strings."""

    def change(file):
        for name, ids in (("obs", SIGS), ("var", GENES)):
            del file[name]["_index"]
            nullable(file[name], "_index", ids, [False] * len(ids), "string-array")
        del file["obs/cell_id"]
        words = [c or "" for c in CELLS]
        nullable(file["obs"], "cell_id", words, [c is None for c in CELLS], "string-array")

    return today(path, change)


def of_0_7(path):
    """Write categories as anndata 0.7 did."""

    def change(file):
        obs = file["obs"]
        obs.attrs["encoding-version"] = "0.1.0"
        del obs["cell_id"]
        obs["__categories/cell_id"] = np.array(["A375", "MCF7"], dtype=VLEN)
        obs["cell_id"] = np.array([0, -1, 1, 0], dtype="i1")
        obs["cell_id"].attrs["categories"] = obs["__categories/cell_id"].ref

    return today(path, change)


def of_0_6(path, kind="dense"):
    """Write as anndata 0.6 did: tables of records, categories in uns, h5sparse."""
    with h5py.File(path, "w") as file:
        rows = [(s.encode(), c) for s, c in zip(SIGS, [0, -1, 1, 0], strict=True)]
        file["obs"] = np.array(rows, dtype=[("index", "S20"), ("cell_id", "i1")])
        file["var"] = np.array([(g.encode(),) for g in GENES], dtype=[("index", "S8")])
        file["uns/cell_id_categories"] = np.array([b"A375", b"MCF7"])
        if kind == "dense":
            file["X"] = X
        else:
            group = write_x(file, kind=kind)
            for name in list(group.attrs):
                del group.attrs[name]
            group.attrs["h5sparse_format"], group.attrs["h5sparse_shape"] = kind, X.shape
    return path


AGES = {
    "today": today,
    "today csr": lambda path: today(path, kind="csr"),
    "today csc": lambda path: today(path, kind="csc"),
    "0.13": tomorrow,
    "0.7": of_0_7,
    "0.6": of_0_6,
    "0.6 csr": lambda path: of_0_6(path, kind="csr"),
    "0.6 csc": lambda path: of_0_6(path, kind="csc"),
}
