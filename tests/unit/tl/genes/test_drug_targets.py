"""Known targets rank first where they are planted, by chance where they are not."""

import anndata as ad
import numpy as np
import pandas as pd
import pytest

from svqvae.errors import SvqvaeError
from svqvae.models.registry import make_model
from svqvae.tl.genes.drug_targets import known_targets, rank_targets
from svqvae.tl.genes.gene_ranks import drug_similarities, gene_ranks

GENES = [f"G{i:03d}" for i in range(200)]
DRUGS = [f"d{i:02d}" for i in range(60)]
#: Three drugs to each set of two targets.
TARGETS = pd.Series(
    {d: frozenset({GENES[i // 3], GENES[50 + i // 3]}) for i, d in enumerate(DRUGS)}
)


def similarity(effect, seed=0):
    noise = np.random.default_rng(seed).standard_normal((len(DRUGS), len(GENES)))
    table = pd.DataFrame(noise, index=DRUGS, columns=GENES)
    for i, drug in enumerate(DRUGS):
        table.loc[drug, GENES[i // 3]] += effect
    return table


def test_planted_targets_are_found_in_the_space_that_shows_them():
    ranks, summary = rank_targets({"latent": similarity(3), "raw": similarity(0)}, TARGETS)
    rows = summary.set_index("space")
    assert rows.loc["latent", "percentile"] < 0.1 < rows.loc["latent", "chance"]
    assert rows.loc["latent", "p_value"] < 0.01 < rows.loc["raw", "p_value"]
    assert rows.loc["difference", "ci_high"] < 0
    assert rows.loc["latent", ["n_drugs", "n_target_sets"]].tolist() == [60, 20]
    p = ranks.set_index(["space", "pert_id"])["p_value"]
    assert p["latent"].median() < 0.05 < p["raw"].median()
    best = ranks[ranks["space"] == "latent"].iloc[0]
    assert best["best_rank"] == 1
    assert best["best_target"] in TARGETS[best["pert_id"]]
    assert best["percentile"] == pytest.approx(0.5 / 200)


def test_p_values_are_uniform_where_nothing_is_planted():
    p = []
    for seed in range(40):
        noise = {"latent": similarity(0, seed), "raw": similarity(0, 1000 + seed)}
        p += list(rank_targets(noise, TARGETS, draws=200)[1]["p_value"].dropna())
    assert abs(np.mean(p) - 0.5) < 0.1
    assert np.mean(np.array(p) <= 0.05) < 0.12


def test_more_targets_than_other_drugs_have_leave_no_p_value():
    targets = pd.Series({"d00": frozenset(GENES[:10]), "d01": frozenset(GENES[10:12])})
    ranks, summary = rank_targets({"latent": similarity(0), "raw": similarity(0)}, targets)
    of_drug = ranks[ranks["space"] == "latent"].set_index("pert_id")
    assert of_drug.loc["d00", ["p_value", "q_value"]].isna().all()
    assert of_drug.loc["d01", ["p_value", "q_value"]].notna().all()
    # Two sets of targets: no difference between spaces is beyond chance.
    assert summary.set_index("space").loc["difference", "p_value"] > 0.2


def test_genes_that_all_drugs_resemble_do_not_pass_for_targets():
    popular = similarity(0)
    popular[GENES[:20] + GENES[50:70]] += 5
    ranks, summary = rank_targets({"latent": popular, "raw": popular}, TARGETS)
    assert summary["percentile"].iloc[0] < 0.1
    assert summary["p_value"].iloc[0] > 0.05
    assert (ranks["q_value"] <= 0.05).mean() < 0.05


def test_genes_of_other_cell_lines_are_neither_ranked_nor_targets():
    table = similarity(3)
    table.loc["d00"] = np.nan
    table.loc["d01", GENES[0]] = np.nan
    ranks, _ = rank_targets({"latent": table, "raw": table}, TARGETS, draws=50)
    row = ranks.set_index(["space", "pert_id"]).loc[("raw", "d01")]
    assert (row["n_genes"], row["n_targets"], row["best_target"]) == (199, 1, GENES[50])
    assert "d00" not in set(ranks["pert_id"])


def test_targets_named_otherwise_are_an_error_with_examples():
    other = pd.Series({"d00": frozenset({"g1"})})
    with pytest.raises(SvqvaeError, match="targets are such as g1, genes such as G000"):
        rank_targets({"latent": similarity(0), "raw": similarity(0)}, other)


def test_targets_of_a_compound_are_those_of_all_its_ids():
    obs = pd.DataFrame(
        {
            "pert_id": ["p", "p", "q", "r"],
            "compound": ["p", "p", "p", "r"],
            "target": ["A|B", "A|B", "C", None],
        }
    )
    assert known_targets(obs).to_dict() == {"p": frozenset("ABC")}


def test_ranks_leave_missing_genes_out():
    table = pd.DataFrame([[0.3, np.nan, 0.9]], columns=list("abc"))
    np.testing.assert_array_equal(gene_ranks(table), [[2, np.nan, 1]])


@pytest.fixture
def knockdowns(simulated):
    rng = np.random.default_rng(0)
    cells = [*simulated.obs["cell_id"].unique()[:2], "ELSE"]
    obs = pd.DataFrame([(g, c) for g in ("X", "Y") for c in cells], columns=["class", "cell_id"])
    obs = pd.concat([obs, pd.DataFrame({"class": ["X"], "cell_id": [cells[0]]})])
    obs.index = [f"k{i}" for i in range(len(obs))]
    x = rng.standard_normal((len(obs), simulated.n_vars)).astype(np.float32)
    order = rng.permutation(simulated.n_vars)
    return ad.AnnData(x, obs=obs, var=simulated.var)[:, order]


def test_similarity_is_the_mean_correlation_within_shared_cell_lines(simulated, knockdowns):
    training = simulated[(simulated.obs["fold"] != 2).to_numpy()]
    model = make_model(training, preset="class_mean_whitened").train()
    found = drug_similarities([(2, model), (2, model)], simulated, knockdowns)
    part = simulated[(simulated.obs["fold"] == 2).to_numpy()]
    drug = part.obs["pert_id"].iloc[0]
    vectors = {
        "raw": lambda a: np.asarray(a[:, model.var_names].X),
        "latent": model.get_latent_representation,
    }
    for space, of in vectors.items():
        by_cell = []
        for cell in knockdowns.obs["cell_id"].unique()[:2]:
            mine = (part.obs["pert_id"] == drug) & (part.obs["cell_id"] == cell)
            theirs = (knockdowns.obs["class"] == "X") & (knockdowns.obs["cell_id"] == cell)
            one, other = of(part[mine.to_numpy()]), of(knockdowns[theirs.to_numpy()])
            by_cell.append(np.corrcoef(one, other)[: len(one), len(one) :].mean())
        assert found[space].loc[drug, "X"] == pytest.approx(np.mean(by_cell), abs=1e-5)


def test_no_cell_line_in_common_is_an_error(simulated, knockdowns):
    model = make_model(simulated, preset="class_mean").train()
    knockdowns = knockdowns.copy()
    knockdowns.obs["cell_id"] = "ELSE"
    with pytest.raises(SvqvaeError, match="no cell line in common"):
        drug_similarities([(2, model)], simulated, knockdowns)
    del knockdowns.obs["cell_id"]
    with pytest.raises(SvqvaeError, match="the knock-downs have no column 'cell_id'"):
        drug_similarities([(2, model)], simulated, knockdowns)


def test_consensus_signatures_need_no_cell_line(simulated, knockdowns):
    one = ~simulated.obs["pert_id"].duplicated().to_numpy()
    drugs, genes = simulated[one].copy(), knockdowns.copy()
    model = make_model(drugs, preset="class_mean").train()
    del drugs.obs["cell_id"], genes.obs["cell_id"]
    genes.obs["pert_id"] = genes.obs_names
    found = drug_similarities([(2, model)], drugs, genes)["raw"]
    name = found.index[0]
    at = drugs.obs["pert_id"].astype(str).to_numpy() == name
    other = genes[(genes.obs["class"] == "X").to_numpy(), drugs.var_names].X
    wanted = np.corrcoef(np.concatenate([drugs[at].X, other]))[0, 1:].mean()
    assert found.loc[name, "X"] == pytest.approx(wanted, abs=1e-5)
    # Several signatures of one perturbagen are no consensus; nor is one set alone.
    genes.obs["pert_id"] = "same"
    with pytest.raises(SvqvaeError) as caught:
        drug_similarities([(2, model)], drugs, genes)
    assert len(caught.value.problems) == 2
    drugs.obs["cell_id"] = "A375"
    with pytest.raises(SvqvaeError, match="the knock-downs have no column 'cell_id'"):
        drug_similarities([(2, model)], drugs, genes)
