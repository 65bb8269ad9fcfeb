"""GCT 1.2 and 1.3, the text form: genes down, signatures across."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pandas as pd

from svqvae.errors import SvqvaeError


def read_gct(path: str | Path) -> tuple[np.ndarray, pd.DataFrame, pd.DataFrame]:
    """Read a GCT file (plain or gzip) as signatures x genes with both metadata tables."""
    path = Path(path)
    if not path.is_file():
        raise SvqvaeError(f"{path}: no such file")
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", errors="replace") as file:
        version = file.readline().strip()
        if version not in ("#1.2", "#1.3"):
            raise SvqvaeError(f"{path}: first line is '{version[:20]}', expected #1.2 or #1.3")
        sizes = [int(s) for s in file.readline().split()]
        n_genes, n_sigs = sizes[:2]
        n_rhd, n_chd = (sizes[2], sizes[3]) if version == "#1.3" else (1, 0)
        table = pd.read_csv(file, sep="\t", dtype=str, keep_default_na=False)
    if table.shape != (n_genes + n_chd, 1 + n_rhd + n_sigs):
        raise SvqvaeError(
            f"{path}: table is {table.shape}, its second line promises "
            f"{(n_genes + n_chd, 1 + n_rhd + n_sigs)}"
        )
    sigs = table.columns[1 + n_rhd :]
    head, body = table.iloc[:n_chd], table.iloc[n_chd:]
    obs = pd.DataFrame(head.iloc[:, 1 + n_rhd :].T.to_numpy(), index=sigs, columns=head.iloc[:, 0])
    obs.columns.name = None
    var = body.iloc[:, 1 : 1 + n_rhd].set_axis(body.iloc[:, 0].to_numpy(), axis=0)
    x = body.iloc[:, 1 + n_rhd :].apply(pd.to_numeric, errors="coerce").to_numpy(np.float32).T
    return np.ascontiguousarray(x), obs, var
