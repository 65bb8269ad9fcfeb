"""What is kept of the models of the folds is what they say, and reads back the same."""

from dataclasses import replace

import anndata as ad
import numpy as np
import pandas as pd
import pytest

from svqvae.data.split import training_rows
from svqvae.models.registry import make_model
from svqvae.tl.evaluation.fold_models import FoldModel
from svqvae.tl.relations.fold_classes import FoldClasses
from svqvae.tl.relations.similarity import held_out_similarity


@pytest.fixture(scope="module")
def adata():
    rng = np.random.default_rng(0)
    obs = pd.DataFrame({"class": np.repeat(["a", "b", "c"], 8), "fold": np.tile([0, 0, 1, 1], 6)})
    obs["pert_id"] = [f"p{i // 2}" for i in range(24)]
    obs.index = [f"s{i}" for i in range(24)]
    x = rng.standard_normal((24, 10)).astype(np.float32)
    return ad.AnnData(x, obs=obs, uns={"svqvae": {"group": "pert_id"}})


def models_of(adata, seeds=(0, 1)):
    return [
        FoldModel(
            str(fold),
            seed,
            make_model(
                adata[training_rows(adata.obs, fold)], preset="paper", epochs=2, hidden=4
            ).train(seed=seed),
        )
        for fold in range(2)
        for seed in seeds
    ]


@pytest.mark.parametrize("seeds", [(0,), (0, 1)])
def test_it_reads_back_to_the_bit(adata, tmp_path, seeds):
    models = models_of(adata, seeds)
    kept = FoldClasses.of(models, adata)
    kept.write(tmp_path / "fold_classes.h5ad")
    again = FoldClasses.read(tmp_path / "fold_classes.h5ad")
    assert again.classes == ["a", "b", "c"]
    assert again.genes == list(adata.var_names)
    assert again.fold == [m.fold for m in models]
    assert again.seed == [m.seed for m in models]
    for at, one in enumerate(models):
        np.testing.assert_array_equal(again.codes[at], one.model.codes)
        np.testing.assert_array_equal(again.profiles[at], one.model.decode(one.model.codes))
    assert again.codes.dtype == models[0].model.codes.dtype
    wanted = held_out_similarity(((m.fold, m.model) for m in models), adata)
    for name, value in vars(wanted).items():
        found = getattr(again.held_out, name)
        if value is None:
            assert found is None
        else:
            np.testing.assert_array_equal(found, value)


def test_of_compounds_in_several_folds_nothing_is_held_out(adata, tmp_path):
    mixed = adata.copy()
    mixed.obs["fold"] = np.arange(24) % 2
    kept = FoldClasses.of(models_of(mixed, seeds=(0,)), mixed)
    assert kept.held_out is None
    kept.write(tmp_path / "f.h5ad")
    assert FoldClasses.read(tmp_path / "f.h5ad").held_out is None


def test_the_model_held_against_a_test_set_is_no_resample(adata):
    kept = FoldClasses.of(models_of(adata, seeds=(0,)), adata)
    assert kept.resamples.all()
    assert replace(kept, fold=["0", "test"]).resamples.tolist() == [True, False]
