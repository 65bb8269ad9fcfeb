"""Data sets that are hardly one: every preset trains on them, or says in a sentence why not."""

import anndata as ad
import numpy as np
import pytest

from svqvae.errors import SvqvaeError
from svqvae.models import presets
from svqvae.models.registry import make_model

EXPRESSION = [p for p in presets.known() if not p.endswith("_image")]
#: A covariance within classes needs a class with two signatures.
NEED_TWO = ("lda", "pca_lda", "drsim")


def drawn(*, classes=3, per_class=8, genes=12):
    rng = np.random.default_rng(0)
    label = np.arange(classes * per_class) % classes
    adata = ad.AnnData(rng.standard_normal((len(label), genes)).astype(np.float32))
    adata.obs["class"] = [f"c{i}" for i in label]
    adata.obs["pert_id"] = [f"p{i // classes % 4}_{k}" for i, k in enumerate(label)]
    return adata


def first_of(adata, n):
    return adata[adata.obs.groupby("class").cumcount().to_numpy() < n].copy()


def with_x(change):
    def make():
        adata = drawn()
        change(adata.X)
        return adata

    return make


def one_compound(*, for_all):
    def make():
        adata = drawn()
        adata.obs["pert_id"] = "p" if for_all else adata.obs["class"].to_numpy()
        return adata

    return make


SETS = {
    "a signature a class": lambda: first_of(drawn(), 1),
    "two classes of one": lambda: first_of(drawn(classes=2), 1),
    "two signatures a class": lambda: first_of(drawn(), 2),
    "one class of one": lambda: drawn()[2:].copy(),
    "a compound a class": one_compound(for_all=False),
    "one compound in all": one_compound(for_all=True),
    "zeros": with_x(lambda x: x.fill(0)),
    "some rows of zeros": with_x(lambda x: x[::3].fill(0)),
    "constant genes": with_x(lambda x: x[:, :6].fill(1)),
    "all rows the same": with_x(lambda x: np.copyto(x, x[0])),
    "tiny values": with_x(lambda x: np.multiply(x, 1e-30, out=x)),
    "one gene": lambda: drawn(genes=1),
}


def quick(adata, preset):
    overrides = {"epochs": 2} if "epochs" in presets.known()[preset] else {}
    overrides |= {"trees": 3} if preset == "random_forest" else {}
    return make_model(adata, preset=preset, **overrides).train()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("preset", EXPRESSION)
def test_what_comes_out_is_finite_or_an_error_for_people(preset, name):
    adata = SETS[name]()
    if preset in NEED_TWO and adata.n_obs == adata.obs["class"].nunique():
        with pytest.raises(SvqvaeError, match="needs a class with two signatures"):
            quick(adata, preset)
        return
    model = quick(adata, preset)
    x, table = np.asarray(adata.X), model.predict(adata)
    assert sorted(table["predicted_class"].unique()) == sorted(adata.obs["class"].unique())
    simulated = model.simulate(model.class_names[0], 3).X
    for values in (table["score"], table["probability"], model.reconstruct(x), simulated):
        assert np.isfinite(np.asarray(values)).all()
    assert np.isfinite(model.classes().X).all()


@pytest.mark.parametrize("preset", ["class_mean", "knn", "gaussian", "lda"])
def test_values_beyond_arithmetic_are_named(preset):
    adata = drawn()
    adata.X *= 1e20
    with pytest.raises(SvqvaeError, match="values up to .*e\\+20, expected 1e\\+15 at most"):
        quick(adata, preset)
    model = quick(drawn(), preset)
    with pytest.raises(SvqvaeError, match="check their unit"):
        model.predict(adata)


def test_with_a_clip_they_are_clipped():
    adata = drawn()
    adata.X *= 1e20
    adata.uns["svqvae"] = {"clip": 10.0}
    assert np.isfinite(quick(adata, "class_mean").codes).all()
