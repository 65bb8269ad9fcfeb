"""Nothing of a held-out compound reaches what is fitted."""

import numpy as np
import pandas as pd
import pytest

from svqvae import presets
from svqvae.factory import make_model
from svqvae.pp.preprocess import preprocess
from svqvae.pp.simulation import Simulation, write_simulated
from svqvae.pp.source import make_source
from svqvae.pp.split import deal_within, held_out_rows, training_rows

EXPRESSION = [p for p in presets.known() if not p.endswith("_image")]


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """A preprocessed set in which every class has a compound under two ids, by name or InChIKey."""
    folder = tmp_path_factory.mktemp("planted")
    write_simulated(
        folder,
        Simulation(
            groups=2,
            classes_per_group=2,
            compounds_per_class=6,
            cell_lines=2,
            doses=1,
            landmark_genes=40,
            inferred_genes=0,
            unlabelled_compounds=0,
        ),
    )
    info = pd.read_csv(folder / "sig_info.txt", sep="\t")
    ids = sorted(info["pert_id"].unique())
    # Compounds are listed class by class, six each: the first two of each are made one.
    twins = [(ids[i], ids[i + 1], "pert_iname" if i % 12 else "inchi_key") for i in range(0, 24, 6)]
    info["inchi_key"] = [f"{i:014d}-UHFFFAOYSA-N" for i in info["pert_id"].str[-6:].astype(int)]
    info["inchi_key"] = "ABCDEFGH" + info["inchi_key"].str.replace(r"\\d", "", regex=True)
    letters = str.maketrans("0123456789", "ABCDEFGHIJ")
    info["inchi_key"] = [f"{p[-8:].translate(letters)}ABCDEF-UHFFFAOYSA-N" for p in info["pert_id"]]
    for one, other, by in twins:
        same = info.loc[info["pert_id"] == one, by].iloc[0]
        info.loc[info["pert_id"] == other, by] = same
    info.to_csv(folder / "sig_info.txt", sep="\t", index=False)
    files = {
        "signatures": folder / "signatures.gctx",
        "sig_info": folder / "sig_info.txt",
        "gene_info": folder / "gene_info.txt",
    }
    adata = preprocess(
        make_source("gctx", files),
        labels={"key": "moa", "table": folder / "pert_info.txt"},
        filters={},
        split={"folds": 5},
        clip=10.0,
    )
    return adata, [(one, other) for one, other, _ in twins]


def test_no_compound_is_on_both_sides_under_any_id(planted):
    adata, twins = planted
    obs = adata.obs
    for fold in range(5):
        train, test = obs[training_rows(obs, fold)], obs[held_out_rows(obs, fold)]
        assert len(train) + len(test) == len(obs)
        assert not set(train["pert_id"]) & set(test["pert_id"])
        for one, other in twins:
            sides = {pert in set(test["pert_id"]) for pert in (one, other)}
            assert len(sides) == 1, (one, other)
    fold_of = obs.groupby("pert_id", observed=True)["fold"].unique()
    assert all(fold_of[a] == fold_of[b] for a, b in twins)


def test_the_inner_parts_keep_compounds_whole_too(planted):
    adata, twins = planted
    compound = pd.factorize(adata.obs["compound"].astype(str))[0]
    label = pd.factorize(adata.obs["class"].astype(str))[0]
    part = pd.Series(deal_within(compound, label, parts=5, seed=0), index=adata.obs["pert_id"])
    assert (part.groupby(level=0, observed=True).nunique() == 1).all()
    assert all(part[a].iloc[0] == part[b].iloc[0] for a, b in twins)


@pytest.mark.parametrize("preset", EXPRESSION)
def test_what_is_held_out_changes_nothing_that_is_fitted(planted, preset):
    adata, _ = planted
    overrides = {"epochs": 2} if "epochs" in presets.known()[preset] else {}
    if preset == "random_forest":
        overrides = {"trees": 10}
    garbled = adata.copy()
    test = held_out_rows(adata.obs, 0)
    garbled.X[test] = np.random.default_rng(0).uniform(-9, 9, (test.sum(), adata.n_vars))
    models = [
        make_model(a[training_rows(a.obs, 0)].copy(), preset=preset, **overrides).train(seed=0)
        for a in (adata, garbled)
    ]
    x = np.asarray(adata.X, dtype=np.float32)
    one, other = (m.scores(x) for m in models)
    np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(models[0].reconstruct(x), models[1].reconstruct(x))
    np.testing.assert_array_equal(models[0].probabilities(one), models[1].probabilities(other))


def test_parts_leave_every_class_something_to_train_on():
    rng = np.random.default_rng(0)
    klass = np.repeat(np.arange(5), [1, 2, 3, 9, 30])
    group = np.arange(len(klass))
    rows = rng.permutation(np.repeat(np.arange(len(klass)), 3))
    part = deal_within(group[rows], klass[rows], parts=5, seed=1)
    assert (part[klass[rows] == 0] == -1).all()
    for one in range(5):
        assert set(klass[rows][part != one]) == set(range(5))
    assert set(part) == {-1, 0, 1, 2, 3, 4}
