"""The library of a model: what it keeps, and that it is the model's own."""

import anndata as ad
import numpy as np
import pandas as pd
import pytest

from svqvae.errors import SvqvaeError
from svqvae.models.registry import load_model, make_model
from svqvae.query.compounds import CompoundSearch
from svqvae.query.library import chosen, read_library, write_library


@pytest.fixture
def saved(simulated, tmp_path):
    model = make_model(simulated, preset="class_mean_cosine").train()
    model.save(tmp_path / "model")
    write_library(model, simulated, tmp_path / "model")
    return model, tmp_path / "model"


def test_a_signature_is_nearest_to_itself(saved, simulated):
    model, folder = saved
    library = read_library(folder)
    z = model.get_latent_representation(simulated[:6])
    near = CompoundSearch(library).nearest(simulated.obs_names[:6], z, top=3)
    first = near[near["rank"] == 1]
    assert first["pert_id"].tolist() == simulated.obs["pert_id"][:6].astype(str).tolist()
    np.testing.assert_allclose(first["similarity"], 1, atol=1e-3)
    assert (first["percentile"] == 100).all()
    assert near.groupby("query")["pert_id"].nunique().eq(3).all()


def test_compounds_are_ranked_by_their_best_signature(saved, simulated):
    model, folder = saved
    library = read_library(folder)
    z = model.get_latent_representation(simulated[::7])
    z /= np.linalg.norm(z, axis=1, keepdims=True)
    near = CompoundSearch(library).nearest(simulated.obs_names[::7], z, top=5)
    cosine = pd.DataFrame(z @ library.vectors.T, columns=library.obs["pert_id"].astype(str))
    best = cosine.T.groupby(level=0).max().T
    expected = np.sort(best.to_numpy(), axis=1)[:, ::-1][:, :5]
    found = near["similarity"].to_numpy().reshape(-1, 5)
    np.testing.assert_allclose(found, expected, atol=2e-3)  # a byte each


def test_a_compound_is_not_named_as_its_own_neighbour(saved, simulated):
    model, folder = saved
    library = read_library(folder)
    ids = library.obs["pert_id"].astype(str)
    first, second = ids.unique()[:2]
    # Two ids of one compound.
    library.obs["compound"] = ids.replace({second: first})
    part = simulated[simulated.obs["pert_id"].isin([first, second])]
    z = model.get_latent_representation(part)
    search, own = CompoundSearch(library), np.full(len(z), first)
    near = search.nearest(part.obs_names, z, top=4, own=own)
    assert near.groupby("query")["rank"].apply(list).tolist() == [[1, 2, 3, 4]] * len(z)
    assert not {first, second} & set(near["pert_id"])
    # Where hardly any others are there, fewer are named.
    few = search.nearest(part.obs_names, z, top=len(ids.unique()), own=own)
    assert len(few) == len(z) * (ids.nunique() - 2)
    assert np.isfinite(few["similarity"]).all()
    # Compounds that the library lacks take nothing away.
    strangers = search.nearest(part.obs_names, z, top=1, own=np.full(len(z), "another"))
    assert set(strangers["pert_id"]) == {first, second}


def test_the_reference_is_of_different_compounds(saved):
    library = read_library(saved[1])
    assert library.reference.max() < 0.999
    assert library.percentile(np.array([-1.0, 1.0])).tolist() == [0, 100]


def test_a_library_of_another_model_is_refused(saved, simulated):
    _, folder = saved
    again = make_model(simulated[:-1].copy(), preset="class_mean_cosine").train()
    again.save(folder)
    with pytest.raises(SvqvaeError, match=r"library.h5ad: of another model than model.json"):
        read_library(folder)


def test_a_damaged_library_is_refused(saved):
    path = saved[1] / "library.h5ad"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(SvqvaeError, match=r"library.h5ad"):
        read_library(saved[1])


def test_a_model_without_one_has_none(saved):
    (saved[1] / "library.h5ad").unlink()
    assert read_library(saved[1]) is None


def test_signatures_may_lie_in_a_file(simulated, tmp_path):
    simulated.write_h5ad(tmp_path / "s.h5ad")
    part = ad.read_h5ad(tmp_path / "s.h5ad", backed="r")[np.arange(50)]
    model = make_model(part, preset="class_mean_cosine").train()
    model.save(tmp_path)
    write_library(model, part, tmp_path)
    assert read_library(tmp_path).obs["pert_id"].tolist() == list(part.obs["pert_id"])


def test_images_have_no_compounds(simulated, tmp_path):
    images = ad.AnnData(simulated.X, obs=simulated.obs[["class", "pert_id"]])
    images.uns["svqvae"] = {"image_shape": [10, 12]}
    model = make_model(images, preset="class_mean").train()
    model.save(tmp_path)
    write_library(model, images, tmp_path)
    assert len(read_library(tmp_path).obs) == 0
    assert load_model(tmp_path).query(images[:2], top=2).compounds is None


def test_as_many_of_each_compound_are_kept_as_fit():
    compound = np.repeat(["a", "b", "c"], [10, 2, 4])
    for most in (3, 5, 8, 12, 16, 99):
        kept = chosen(compound, most)
        counts = pd.Series(compound[kept]).value_counts()
        assert len(kept) <= most
        assert set(counts.index) == {"a", "b", "c"}
        # None has more than another that has some left.
        assert counts["a"] >= counts["c"] >= counts["b"]
    assert len(chosen(compound, 8)) == 8
