"""What bits are flipped in: each kind of file that is read, and what it is read as."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import anndata as ad
import h5py
import numpy as np
import pandas as pd
import torch

import svqvae
from svqvae.data.matrix import SignatureMatrix
from svqvae.errors import SvqvaeError
from svqvae.io.atomic import write_table
from svqvae.io.gctx import GENES, MATRIX, SIGNATURES, write_gctx
from svqvae.io.h5ad import write_anndata, write_h5ad
from svqvae.io.own import open_h5ad
from svqvae.io.tables import read_result
from svqvae.models import checkpoint, training
from svqvae.models.optimiser import Adam
from svqvae.models.registry import load_model, make_model
from svqvae.pp.source import make_source
from svqvae.run.made import Made
from svqvae.tl.relations.fold_classes import FoldClasses


@dataclass
class Subject:
    """Files, and the function of their folder that returns what they are read as.

    ``ours`` are files that svqvae writes: of those nothing may pass. In a user's file without
    checksums a bit of a number may.
    """

    files: dict[str, bytes]
    read: Callable[[Path], Any]
    ours: bool = True
    expected: str = field(default="")

    @classmethod
    def of(cls, folder: Path, read: Callable[[Path], Any], *, ours: bool = True) -> Subject:
        """Return the files of a folder, and what they are read as now."""
        files = {
            str(path.relative_to(folder)): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
        return cls(files, read, ours, digest(read(folder)))


def digest(value: Any) -> str:
    """Return the digest of what was read, to the bit."""
    found = hashlib.sha256()
    _add(found, value)
    return found.hexdigest()


def _add(found: Any, value: Any) -> None:
    if isinstance(value, dict):
        for key in value:
            _add(found, key)
            _add(found, value[key])
    elif isinstance(value, list | tuple):
        found.update(b"%d" % len(value))
        for one in value:
            _add(found, one)
    elif isinstance(value, ad.AnnData):
        _add(found, [value.X[...], value.obs, value.var, dict(value.obsm), dict(value.uns)])
    elif isinstance(value, pd.DataFrame):
        _add(found, [list(value.index), {name: list(value[name]) for name in value}])
    elif isinstance(value, torch.Tensor):
        _add(found, value.numpy())
    elif isinstance(value, np.ndarray) and value.dtype != object:
        found.update(
            f"{value.dtype} {value.shape}".encode() + np.ascontiguousarray(value).tobytes()
        )
    elif isinstance(value, np.ndarray):
        _add(found, value.tolist())
    else:
        found.update(repr(value).encode())


# -- signatures --------------------------------------------------------------------------------
@cache
def _signatures() -> ad.AnnData:
    rng = np.random.default_rng(0)
    n, genes = 40, 12
    label = np.arange(n) % 4
    x = (rng.standard_normal((n, genes)) + 2 * np.eye(4, genes)[label]).astype(np.float32)
    obs = pd.DataFrame(index=[f"sig_{i}" for i in range(n)])
    obs["sig_id"] = obs.index
    obs["pert_id"] = [f"p{i // 4}" for i in range(n)]
    obs["class"] = [f"class {i}" for i in label]
    obs["fold"] = [str(i // 4 % 3) for i in range(n)]
    adata = ad.AnnData(x, obs=obs, var=pd.DataFrame(index=[f"{i + 1}" for i in range(genes)]))
    adata.uns["svqvae"] = {"clip": 10.0, "group": "pert_id", "source": {"signatures": "x"}}
    return adata


def signatures(folder: Path) -> Subject:
    """``signatures.h5ad``, as a job opens it and as a user reads a part."""
    adata = _signatures()
    uns = dict(adata.uns)
    write_h5ad(folder / "signatures.h5ad", adata.X, adata.obs.copy(), adata.var, uns=uns)

    def read(folder: Path) -> Any:
        opened = open_h5ad(folder / "signatures.h5ad", backed=True)
        try:
            matrix = SignatureMatrix.of(opened, list(opened.var_names))
            return [opened.obs, dict(opened.uns), matrix[:]]
        finally:
            opened.file.close()

    return Subject.of(folder, read)


def _read_part(name: str) -> Callable[[Path], Any]:
    rows, genes = np.array([3, 0, 17, 39]), ["12", "1", "5"]
    return lambda folder: [
        svqvae.read(folder / name),
        svqvae.read(folder / name, rows=rows, genes=genes),
    ]


def converted_gctx(folder: Path) -> Subject:
    """A GCTX as ``svqvae convert`` writes it."""
    adata = _signatures()
    write_gctx(folder / "a.gctx", adata.X, adata.obs, adata.var)
    return Subject.of(folder, _read_part("a.gctx"))


def simulated_h5ad(folder: Path) -> Subject:
    """An AnnData as ``svqvae simulate`` and ``embed`` write it."""
    adata = _signatures().copy()
    adata.obsm["X_svqvae"] = adata.X[:, :3].copy()
    write_anndata(folder / "a.h5ad", adata)
    return Subject.of(folder, _read_part("a.h5ad"))


def users_gctx(folder: Path) -> Subject:
    """A GCTX of other tools, without checksums."""
    adata = _signatures()
    with h5py.File(folder / "a.gctx", "w") as file:
        file.attrs["version"] = "GCTX1.0"
        file[MATRIX] = adata.X
        file[f"{SIGNATURES}/id"] = [i.encode() for i in adata.obs_names]
        file[f"{SIGNATURES}/pert_id"] = [i.encode() for i in adata.obs["pert_id"]]
        file[f"{GENES}/id"] = [i.encode() for i in adata.var_names]
    return Subject.of(folder, _read_part("a.gctx"), ours=False)


def users_gctx_gzip(folder: Path) -> Subject:
    """The same, its matrix in gzip chunks with HDF5's own checksums (fletcher32)."""
    adata = _signatures()
    with h5py.File(folder / "a.gctx", "w") as file:
        options = {"chunks": (10, 12), "compression": "gzip", "fletcher32": True}
        file.create_dataset(MATRIX, data=adata.X, **options)
        file[f"{SIGNATURES}/id"] = [i.encode() for i in adata.obs_names]
        file[f"{GENES}/id"] = [i.encode() for i in adata.var_names]
    return Subject.of(folder, _read_part("a.gctx"), ours=False)


def users_h5ad(folder: Path) -> Subject:
    """An h5ad of anndata's own, without checksums."""
    _signatures().copy().write_h5ad(folder / "a.h5ad")
    return Subject.of(folder, _read_part("a.h5ad"), ours=False)


def users_gctx_with_sha256(folder: Path) -> Subject:
    """A user's GCTX whose ``source.sha256`` stands in the configuration."""
    subject = users_gctx(folder)
    known = hashlib.sha256(subject.files["a.gctx"]).hexdigest()

    def read(folder: Path) -> Any:
        source = make_source("gctx", {"signatures": folder / "a.gctx"}, sha256=known)
        return svqvae.read(source.signatures)

    return Subject.of(folder, read)


# -- what is made of them ----------------------------------------------------------------------
def _model(preset: str, **settings: Any) -> Callable[[Path], Subject]:
    def make(folder: Path) -> Subject:
        adata = _signatures()
        make_model(adata, preset=preset, **settings).train(seed=0).save(folder)

        def read(folder: Path) -> Any:
            model = load_model(folder)
            known = [model.class_names, model.var_names, model.provenance, model.history]
            return [*known, model.codes, model.predict(adata), model.reconstruct(adata.X)]

        return Subject.of(folder, read)

    return make


def training_checkpoint(folder: Path) -> Subject:
    """The state of an interrupted training: taken over whole, or not at all."""
    adata = _signatures()
    path = folder / "one.checkpoint"
    with torch.random.fork_rng():
        state = _state(adata)
        for epoch in range(1, 4):
            state.history.append({"epoch": epoch, "loss": 1.0 / epoch, "lr": 1e-3})
        kept = checkpoint.Checkpoint(path, "this training")
        kept._written -= 2 * checkpoint.INTERVAL
        kept.save(state)

    def read(folder: Path) -> Any:
        with torch.random.fork_rng():
            torch.manual_seed(1)
            state = _state(adata)
            before = digest(state.state_dict())
            if checkpoint.Checkpoint(folder / path.name, "this training").restore(state):
                return state.state_dict()
            if digest(state.state_dict()) != before:
                return "taken over in part"
            raise SvqvaeError("the training starts anew")

    return Subject.of(folder, read)


def _state(adata: ad.AnnData) -> training._State:
    model = make_model(adata, preset="paper", hidden=4)
    model.class_names, model.var_names = ["a", "b"], list(adata.var_names)
    net = model.build()
    optimiser = Adam(net.parameters(), lr=1e-3)
    sum((p**2).sum() for p in net.parameters()).backward()
    optimiser.step()
    return training._State(net, optimiser, torch.Generator().manual_seed(0), torch.device("cpu"))


def table(folder: Path) -> Subject:
    """A table of a run, as the job that reads it does."""
    results = folder / "results"
    path = results / "mine" / "ours" / "held_out_scores.tsv"
    log = results / "logs" / "mine" / "job.log"
    scores = {"sig_id": ["a", "b"], "class": ["x", "y"], "fold": ["0", "1"], "true_rank": [1.0, 2]}
    write_table(pd.DataFrame(scores), path)
    Made.beside(log, [path]).note([path])

    def read(folder: Path) -> Any:
        path = folder / "results" / "mine" / "ours" / "held_out_scores.tsv"
        Made.beside(folder / "results" / "logs" / "mine" / "next.log", [path]).require([path])
        return read_result(path)

    return Subject.of(folder, read)


def fold_classes(folder: Path) -> Subject:
    """``fold_classes.h5ad``."""
    rng = np.random.default_rng(0)
    classes = FoldClasses(
        classes=["a", "b"],
        genes=["1", "2", "3"],
        fold=["0", "1"],
        seed=[0, 0],
        codes=rng.random((2, 2, 4)),
        profiles=rng.random((2, 2, 3)),
        held_out=None,
    )
    classes.write(folder / "fold_classes.h5ad")
    return Subject.of(folder, lambda f: vars(FoldClasses.read(f / "fold_classes.h5ad")))


SUBJECTS: dict[str, Callable[[Path], Subject]] = {
    "model, class_mean": _model("class_mean"),
    "model, svqvae": _model("svqvae"),
    "model, paper": _model("paper", epochs=2, hidden=4),
    "model, vae_logistic (a model in it)": _model("vae_logistic", epochs=2, hidden=4),
    "training checkpoint": training_checkpoint,
    "signatures.h5ad": signatures,
    "fold_classes.h5ad": fold_classes,
    "table between jobs": table,
    "GCTX by svqvae convert": converted_gctx,
    "h5ad by svqvae simulate": simulated_h5ad,
    "a user's GCTX, sha256 configured": users_gctx_with_sha256,
    "a user's GCTX": users_gctx,
    "a user's GCTX, gzip and fletcher32": users_gctx_gzip,
    "a user's h5ad": users_h5ad,
}
