"""Classes are described as they were planted, and with no more evidence than there is."""

import anndata as ad
import numpy as np
import pandas as pd
import pytest

from svqvae.data.split import training_rows
from svqvae.models.registry import make_model
from svqvae.tl.evaluation.fold_models import FoldModel
from svqvae.tl.relations.describe import class_table, describe_classes
from svqvae.tl.relations.fold_classes import FoldClasses

NAMES = [f"c{i}" for i in range(8)]
#: Classes of one group share most of their profile.
GROUP = dict(zip(NAMES, np.repeat(list("wxyz"), 2), strict=True))


@pytest.fixture(scope="module")
def planted():
    """Four groups of two classes; of each class five compounds, one a fold, measured twice."""
    rng = np.random.default_rng(0)
    profiles = np.repeat(rng.standard_normal((4, 60)), 2, axis=0) + rng.normal(0, 0.5, (8, 60))
    obs = pd.DataFrame({"class": np.repeat(NAMES, 10), "fold": np.tile(np.arange(10) // 2, 8)})
    obs["pert_id"] = obs["class"] + "-" + obs["fold"].astype(str)
    obs.index = [f"s{i}" for i in range(80)]
    x = np.repeat(profiles, 10, axis=0) + rng.normal(0, 0.7, (80, 60))
    uns = {"svqvae": {"group": "pert_id"}}
    return ad.AnnData(x.astype(np.float32), obs=obs, uns=uns)


@pytest.fixture(scope="module")
def fold_models(planted):
    made = []
    for fold in range(5):
        part = planted[training_rows(planted.obs, fold)]
        made.append(FoldModel(str(fold), 0, make_model(part, preset="class_mean").train()))
    return made


@pytest.fixture(scope="module")
def model(planted):
    return make_model(planted, preset="class_mean").train()


@pytest.fixture(scope="module")
def described(planted, model, fold_models):
    classes = model.classes()
    return classes, describe_classes(
        classes, planted, FoldClasses.of(fold_models, planted), n_clusters=4, top=5
    )


def test_pairs_of_one_planted_group_are_the_strongest_and_beyond_chance(described):
    table = described[1]["mechanism_correlations"]
    same = table["class_a"].map(GROUP).eq(table["class_b"].map(GROUP)).to_numpy()
    assert same.sum() == 4
    assert same[:4].all()
    assert (table.loc[same, "q_value"] < table.loc[~same, "q_value"].min()).all()


def test_clusters_are_the_planted_groups_and_lie_in_the_class_table(described):
    classes, tables = described
    clusters = tables["class_clusters"].set_index("class")["cluster"]
    assert clusters.groupby(GROUP).nunique().max() == 1
    assert clusters.nunique() == 4
    assert classes.obs["cluster"].to_dict() == clusters.to_dict()


def test_every_class_has_its_markers_and_their_support(described):
    markers = described[1]["class_markers"]
    assert (markers["class"].value_counts() == 5).all()
    assert markers["support"].between(0, 1).all()


def test_the_model_held_against_a_test_set_is_no_resample(planted, model):
    held_out = planted.copy()
    fold = np.where(planted.obs["fold"] == 0, -2, -1)
    held_out.obs["fold"] = fold
    folds = FoldClasses.of([FoldModel("test", 0, model)], held_out)
    tables = describe_classes(model.classes(), held_out, folds, n_clusters=4, top=5)
    assert tables["mechanism_correlations"]["support"].isna().all()
    assert tables["mechanism_correlations"]["p_value"].notna().any()
    assert tables["class_markers"]["support"].isna().all()


def test_compounds_in_several_folds_are_evidence_of_nothing(planted, model, fold_models):
    mixed = planted.copy()
    mixed.obs["fold"] = np.arange(mixed.n_obs) % 5
    folds = FoldClasses.of(fold_models, mixed)
    tables = describe_classes(model.classes(), mixed, folds, n_clusters=4, top=5)
    assert tables["mechanism_correlations"]["p_value"].isna().all()
    assert tables["mechanism_correlations"]["support"].notna().all()
    assert tables["relation_test"]["n_pairs"].item() == 0
    assert tables["relation_test"]["warning"].item().startswith("No compounds were held out")


def test_what_the_test_of_relations_can_answer_stands_beside_it(described):
    tables = described[1]
    found = tables["mechanism_correlations"]["q_value"] <= 0.05
    limits = tables["relation_test"].iloc[0]
    assert (limits["n_classes"], limits["n_pairs"], limits["edges"]) == (8, 28, found.sum())


def test_a_saved_model_s_classes_have_the_genes_symbols(planted, model, tmp_path):
    model.save(tmp_path / "model")
    named = planted.copy()
    named.var["pr_gene_symbol"] = [f"S{name}" for name in named.var_names]
    table = class_table(tmp_path / "model", named)
    assert table.var["pr_gene_symbol"].tolist() == [f"S{name}" for name in table.var_names]
    assert table.uns["svqvae"]["model"] == str(tmp_path / "model")
