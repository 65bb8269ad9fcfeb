"""The nearest training compounds of held-out signatures, against all pairs by hand."""

import numpy as np
import pandas as pd
import pytest

from svqvae.data.split import training_rows
from svqvae.models.registry import make_model
from svqvae.query import compounds
from svqvae.tl.evaluation.fold_models import FoldModel
from svqvae.tl.evaluation.neighbours import nearest_held_out, nearest_of_folds


def trained(adata, fold=1):
    train = adata[training_rows(adata.obs, fold)].copy()
    return make_model(train, preset="class_mean_cosine").train()


def unit(x):
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def test_each_signature_has_its_nearest_compounds_of_the_training_part(simulated, monkeypatch):
    monkeypatch.setattr(compounds, "_BLOCK", 7)  # several blocks, the last one short
    model = trained(simulated)
    near = nearest_held_out(model, simulated, fold=1, seed=0)
    held = (simulated.obs["fold"] == 1).to_numpy()
    z = unit(model.get_latent_representation(simulated))
    ids = simulated.obs["pert_id"].astype(str)
    cosine = pd.DataFrame(z[held] @ z[~held].T, columns=ids[~held].to_numpy())
    best = cosine.T.groupby(level=0).max().T
    by_hand = np.argsort(-best.to_numpy(), axis=1)[:, :5]
    found = near["nearest_pert_id"].to_numpy().reshape(-1, 5)
    assert found.tolist() == best.columns.to_numpy()[by_hand].tolist()
    np.testing.assert_allclose(
        near["similarity"].to_numpy().reshape(-1, 5),
        np.take_along_axis(best.to_numpy(), by_hand, 1),
        atol=1e-5,
    )
    assert near["sig_id"].to_numpy()[::5].tolist() == simulated.obs_names[held].tolist()
    assert not set(near["nearest_pert_id"]) & set(near["pert_id"])
    moa = simulated.obs.groupby("pert_id", observed=True)["class"].first()
    assert (near["nearest_class"] == near["nearest_pert_id"].map(moa)).all()
    assert (near["same_class"] == (near["nearest_class"] == near["true_class"])).all()
    assert near["percentile"].between(0, 100).all()
    assert near.groupby("sig_id")["similarity"].apply(lambda s: s.is_monotonic_decreasing).all()


def test_where_folds_hold_out_cell_lines_the_own_compound_is_not_named(simulated):
    other = simulated.copy()
    other.obs["fold"] = pd.factorize(other.obs["cell_id"])[0]
    near = nearest_held_out(trained(other), other, fold=1, seed=0)
    assert (near["pert_id"] != near["nearest_pert_id"]).all()
    # All are in the training part, so that its own would have come first.
    assert set(near["pert_id"]) & set(near["nearest_pert_id"])


def test_signatures_without_compounds_have_no_rows(simulated):
    images = simulated.copy()
    images.obs = images.obs[["class", "fold", "sig_id"]]
    near = nearest_held_out(trained(images), images, fold=1, seed=0)
    assert len(near) == 0
    wanted = ["rank", "nearest_pert_id", "nearest_class", "similarity", "percentile", "same_class"]
    assert set(wanted) <= set(near)


def test_of_several_seeds_the_first_counts(simulated):
    model = trained(simulated)
    models = [FoldModel("1", seed, model) for seed in (4, 3)]
    near = nearest_of_folds(models, simulated)
    assert set(near["seed"]) == {4}
    pd.testing.assert_frame_equal(near, nearest_held_out(model, simulated, fold=1, seed=4))


def test_memory_does_not_grow_with_all_pairs(simulated, monkeypatch):
    """Held-out and training signatures are compared in blocks, of each block the first few kept."""
    seen = []
    block = compounds.CompoundSearch._block

    def watched(self, z, own, top):
        seen.append(len(z))
        return block(self, z, own, top)

    monkeypatch.setattr(compounds, "_BLOCK", 5)
    monkeypatch.setattr(compounds.CompoundSearch, "_block", watched)
    nearest_held_out(trained(simulated), simulated, fold=1, seed=0)
    assert max(seen) == 5
    assert sum(seen) == (simulated.obs["fold"] == 1).sum()


@pytest.mark.parametrize("preset", ["svqvae", "vae"])
def test_it_is_what_a_query_of_the_signature_names(simulated, tmp_path, preset):
    """By the model of the fold, with its library on disk."""
    from svqvae.models.registry import load_model
    from svqvae.query.library import write_library

    train = simulated[training_rows(simulated.obs, 1)].copy()
    model = make_model(train, preset=preset, epochs=1).train()
    model.save(tmp_path)
    write_library(model, train, tmp_path)
    part = simulated[(simulated.obs["fold"] == 1).to_numpy()][:6].copy()
    asked = load_model(tmp_path).query(part, compounds=5).compounds
    near = nearest_held_out(model, simulated, fold=1, seed=0).head(30)
    assert near["nearest_pert_id"].tolist() == asked["pert_id"].tolist()
    # The library on disk has a byte for each value.
    np.testing.assert_allclose(near["similarity"], asked["similarity"], atol=2e-3)
    np.testing.assert_allclose(near["percentile"], asked["percentile"], atol=1)
