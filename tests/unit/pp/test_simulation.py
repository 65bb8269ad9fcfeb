"""The planted truth is really in the simulated signatures."""

import numpy as np
import pytest

from svqvae.errors import SvqvaeError
from svqvae.pp.preprocess import preprocess
from svqvae.pp.simulation import Simulation, simulate_dataset, write_simulated
from svqvae.pp.source import make_source

FILES = {
    "signatures": "signatures.gctx",
    "sig_info": "sig_info.txt",
    "gene_info": "gene_info.txt",
}


def test_same_seed_same_set_and_another_seed_another():
    small = {"landmark_genes": 50, "inferred_genes": 0, "groups": 2}
    one, same = (simulate_dataset(Simulation(seed=3, **small))[0] for _ in range(2))
    other = simulate_dataset(Simulation(seed=4, **small))[0]
    np.testing.assert_array_equal(one.X, same.X)
    assert not np.array_equal(one.X, other.X)


def test_counts_follow_the_settings():
    sim = Simulation(groups=3, classes_per_group=2, compounds_per_class=4, cell_lines=2, doses=3)
    adata, perts, truth = simulate_dataset(sim)
    assert len(perts) == 3 * 2 * 4 + sim.unlabelled_compounds
    assert adata.n_obs == len(perts) * 2 * 3
    assert adata.obs_names.is_unique
    assert perts["moa"].isna().sum() == sim.unlabelled_compounds
    assert truth.obs["group"].value_counts().tolist() == [2, 2, 2]


def test_groups_share_half_of_their_profile():
    truth = simulate_dataset(Simulation(group_share=0.5))[2]
    r = np.corrcoef(truth.X)
    group = truth.obs["group"].to_numpy()
    pairs = np.triu_indices(len(r), 1)
    same = group[pairs[0]] == group[pairs[1]]
    assert r[pairs][same].mean() == pytest.approx(0.5, abs=0.05)
    assert abs(r[pairs][~same].mean()) < 0.05


def test_inactive_compounds_carry_no_class_and_active_ones_do():
    adata, perts, truth = simulate_dataset(Simulation(seed=1))
    table = perts.set_index("pert_id").loc[adata.obs["pert_id"]]
    profile = truth[table["planted_class"].to_numpy()].X
    along = (adata.X * profile).mean(1)
    inactive = (table["planted_potency"] == 0).to_numpy()
    assert 0.05 < inactive.mean() < 0.3
    assert abs(along[inactive].mean()) < 0.03
    assert along[~inactive].mean() > 0.2


def test_all_classes_share_a_response():
    adata, perts, _ = simulate_dataset(Simulation())
    moa = perts.set_index("pert_id")["moa"].loc[adata.obs["pert_id"]]
    means = adata.to_df().groupby(moa.to_numpy()).mean()
    r = np.corrcoef(means)
    assert np.median(r[np.triu_indices(len(r), 1)]) > 0.2


def test_settings_that_make_no_sense_are_listed_together():
    with pytest.raises(SvqvaeError) as error:
        Simulation(groups=0, group_share=1.5, cell_lines=99)
    assert len(error.value.problems) == 3
    with pytest.raises(SvqvaeError, match="'group'; did you mean 'groups'"):
        Simulation.from_settings({"group": 3})


def test_many_groups_keep_plain_names():
    truth = simulate_dataset(
        Simulation(groups=80, classes_per_group=1, landmark_genes=10, inferred_genes=0)
    )[2]
    assert truth.obs_names.is_unique
    assert truth.obs_names.str.fullmatch(r"mechanism [A-Z]+1").all()


def test_knockdowns_of_targets_look_like_their_class_and_change_nothing_else():
    small = {"seed": 2, "strength": 2.0, "inferred_genes": 0}
    plain = simulate_dataset(Simulation(**small))[0]
    adata, perts, truth = simulate_dataset(Simulation(hairpins=2, **small))
    compounds = adata[(adata.obs["pert_type"] == "trt_cp").to_numpy()]
    np.testing.assert_array_equal(compounds.X, plain.X)
    knocked = adata[(adata.obs["pert_type"] == "trt_sh").to_numpy()]
    assert knocked.n_obs == 18 * 5 * 2 * 3
    assert adata.obs_names.is_unique
    assert perts["pert_id"].is_unique
    target_of = perts.dropna(subset="target").drop_duplicates("planted_class")
    target_of = target_of.set_index("planted_class")["target"]
    means = knocked.to_df().groupby(knocked.obs["pert_iname"].to_numpy()).mean()
    r = np.corrcoef(truth.X, means.loc[target_of[truth.obs_names]])[:18, 18:]
    assert (r.argmax(1) == np.arange(18)).all()


def test_nothing_of_a_reference_set_is_held_out(tmp_path):
    settings = Simulation(groups=2, classes_per_group=1, landmark_genes=60, hairpins=1, doses=1)
    write_simulated(tmp_path, settings)
    source = make_source("gctx", {k: tmp_path / v for k, v in FILES.items()})
    adata = preprocess(
        source,
        labels={"key": "pert_iname"},
        filters={"pert_type": ["trt_sh"], "min_perturbagens_per_class": 1},
        split={"folds": 1},
    )
    assert adata.obs["class"].nunique() == 10
    assert (adata.obs["fold"] == -1).all()
