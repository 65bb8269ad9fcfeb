"""No compound, under whatever id, is on both sides of a fold."""

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from svqvae import keys
from svqvae.data.split import assign_folds, held_out_rows, training_rows
from svqvae.data.split import perturbagens as perturbagens_of
from svqvae.errors import SvqvaeError
from svqvae.pp.choose import choose_signatures
from svqvae.pp.duplicates import criteria, find_compounds, list_duplicates

KEY = "{0}-BBBBBBBBBB-N".format


def block(n):
    """A first block of an InChIKey, one per number."""
    return "".join(chr(65 + (n // 26**i) % 26) for i in range(14))


def perturbagens(rows):
    return pd.DataFrame(rows, columns=["pert_id", "pert_iname", "inchi_key"])


def test_ids_are_linked_by_skeleton_by_name_and_through_each_other():
    obs = perturbagens(
        [
            ("p5", "Aspirin", None),
            ("p3", " aspirin", KEY(block(1))),
            ("p9", "other", f"{block(1)}-CCCCCCCCCC-N"),
            ("p1", "alone", KEY(block(2))),
            ("BRD-K00000007-001-01-1", None, None),
            ("BRD-K00000007-003-01-7", "x", None),
        ]
    )
    found = find_compounds(obs, ["inchi_key", "pert_iname"])
    assert found["compound"].to_dict() == {
        "p1": "p1",
        "p3": "p3",
        "p5": "p3",
        "p9": "p3",
        "BRD-K00000007-001-01-1": "BRD-K00000007-001-01-1",
        "BRD-K00000007-003-01-7": "BRD-K00000007-001-01-1",
    }
    assert found["by"].to_dict() == {
        "p1": "",
        "p3": "inchi_key|pert_iname",
        "p5": "pert_iname",
        "p9": "inchi_key",
        "BRD-K00000007-001-01-1": "pert_id",
        "BRD-K00000007-003-01-7": "pert_id",
    }
    assert find_compounds(obs, ["inchi_key"])["compound"]["p5"] == "p5"


@pytest.mark.parametrize(
    "name", [None, "-666", "", "BRD-K00000009", "brd-a123", "NA", "nan", "#N/A", "null", "None"]
)
def test_what_names_nothing_links_nothing(name):
    obs = perturbagens([("p1", name, "-666"), ("p2", name, "-666")])
    assert find_compounds(obs, ["inchi_key", "pert_iname"])["compound"].tolist() == ["p1", "p2"]


def test_an_inchi_in_place_of_its_key_links_nothing():
    """The Repurposing Hub has some: their first characters are those of any other."""
    inchi = ["InChI=1S/C15H14N2O4S/c18-15", "InChI=1S/C15H22N2O4/c1-11-8"]
    obs = perturbagens([("p1", "belinostat", inchi[0]), ("p2", "LMK-235", inchi[1])])
    assert find_compounds(obs, ["inchi_key"])["compound"].tolist() == ["p1", "p2"]


def labelled(rows):
    """Two signatures for each (pert_id, pert_iname, inchi_key, class)."""
    table = pd.DataFrame(rows * 2, columns=["pert_id", "pert_iname", "inchi_key", "moa"])
    table.index = [f"s{i}" for i in range(len(table))]
    return table


def choose(table, filters=None, **split):
    options = {"min_perturbagens_per_class": 2} | (filters or {})
    return choose_signatures(table, labels={"key": "moa"}, filters=options, split=split)


structures = st.lists(
    st.tuples(
        st.integers(0, 9),  # which name: 0 is missing
        st.integers(0, 9),  # which skeleton: 0 is missing
        st.integers(0, 2),  # which class
    ),
    min_size=1,
    max_size=60,
)


@settings(max_examples=80, deadline=None)
@given(drawn=structures, folds=st.integers(2, 3), seed=st.integers(0, 5))
def test_no_compound_nor_its_duplicate_is_on_both_sides(drawn, folds, seed):
    rows = [
        (f"p{i}", f"Name {n}" if n else None, KEY(block(k)) if k else None, f"class {c}")
        for i, (n, k, c) in enumerate(drawn)
    ]
    # Compounds of their own, so that every class can be split.
    rows += [
        (f"own-{c}-{i}", f"own-{c}-{i}", None, f"class {c}") for c in range(3) for i in range(4)
    ]
    chosen = choose(labelled(rows), folds=folds, seed=seed)
    obs = chosen.obs.assign(fold=chosen.fold)
    assert len(obs) == 2 * len(rows)
    for fold in range(folds):
        train, test = obs[training_rows(obs, fold)], obs[held_out_rows(obs, fold)]
        for column in ("pert_id", "pert_iname", "inchi_key", "compound"):
            assert not set(train[column].dropna()) & set(test[column].dropna()), column
    assert (obs.groupby("class")["compound"].nunique() >= folds).all()
    assert (
        obs.groupby("compound")["pert_id"].min()
        == obs["compound"].drop_duplicates().sort_values().to_numpy()
    ).all()
    several = obs.groupby("compound")["pert_id"].nunique()
    assert set(chosen.duplicates["compound"]) == set(several.index[several > 1])


@settings(max_examples=30, deadline=None)
@given(sizes=st.lists(st.integers(3, 8), min_size=2, max_size=5), seed=st.integers(0, 9))
def test_without_duplicates_folds_are_those_of_pert_id(sizes, seed):
    rows = [
        (f"p{c}-{i}", f"n{c}-{i}", KEY(block(100 * c + i)), f"class {c}")
        for c, n in enumerate(sizes)
        for i in range(n)
    ]
    table = labelled(rows)
    chosen = choose(table, folds=3, seed=seed)
    old = assign_folds(table["pert_id"], table["moa"].rename("class"), folds=3, seed=seed)
    assert chosen.fold.tolist() == old.tolist()
    assert (chosen.obs["compound"] == chosen.obs["pert_id"]).all()
    assert not len(chosen.duplicates)
    off = choose(table, folds=3, seed=seed, duplicates=[])
    assert off.fold.tolist() == old.tolist()
    assert (off.obs["compound"] == off.obs["pert_id"]).all()


def own(klass, n):
    return [(f"{klass}{i}", f"{klass}-name-{i}", None, klass) for i in range(n)]


def test_a_class_of_one_compound_under_many_ids_is_too_small():
    table = labelled(
        [*own("x", 3), *own("y", 3), *((f"z{i}", "Same", None, "z") for i in range(5))]
    )
    chosen = choose(table, folds=2)
    assert set(chosen.obs["class"]) == {"x", "y"}
    with pytest.raises(SvqvaeError, match=r"1 classes have fewer compound: 'z' \(1\)"):
        choose(table, {"min_perturbagens_per_class": 1}, folds=2)
    assert set(choose(table, folds=2, duplicates=[]).obs["class"]) == {"x", "y", "z"}


def test_signatures_of_all_ids_of_a_compound_count_together():
    """Two of each id; the step is accounted for only where it is asked for."""
    table = labelled(
        [
            *own("x", 3),
            *own("y", 3),
            *((f"{k}{i}", f"Same {k}", None, k) for k in "xy" for i in (8, 9)),
        ]
    )
    step = "filters.min_signatures_per_perturbagen"
    assert step not in set(choose(table, folds=2).account["step"])
    filters = {"min_signatures_per_perturbagen": 4, "min_perturbagens_per_class": 1}
    chosen = choose(table, filters, folds=1)
    assert set(chosen.obs["pert_id"]) == {"x8", "x9", "y8", "y9"}
    steps = chosen.account.set_index("step")
    assert steps.loc[step, ["signatures", "perturbagens", "classes"]].tolist() == [8, 2, 2]
    assert steps.index.tolist().index(step) == steps.index.tolist().index("labels") + 1


def test_a_perturbagen_that_is_filtered_away_still_links_two():
    rows = [*own("x", 3), *own("y", 3), ("x8", "one", KEY(block(1)), "x"), ("x9", "two", None, "x")]
    table = labelled([*rows, ("link", "two", KEY(block(1)), None)])
    chosen = choose(table, folds=2)
    assert "link" not in set(chosen.obs["pert_id"])
    assert chosen.duplicates["pert_id"].tolist() == ["x8", "x9"]
    assert chosen.duplicates["compound"].tolist() == ["link", "link"]


def test_duplicates_are_listed_and_those_of_two_classes_warned_of(caplog):
    table = labelled(
        [*own("x", 3), *own("y", 3), ("a", "Twin", None, "x"), ("b", "twin", None, "y")]
    )
    with caplog.at_level("INFO", logger="svqvae"):
        found = choose(table, folds=2).duplicates
    assert found.columns.tolist() == [
        *("compound", "pert_id", "pert_iname", "inchi_key", "class", "n_signatures", "by")
    ]
    assert found["compound"].tolist() == ["a", "a"]
    assert found["pert_id"].tolist() == ["a", "b"]
    assert found["class"].tolist() == ["x", "y"]
    assert found["n_signatures"].tolist() == [2, 2]
    assert found["by"].tolist() == ["pert_iname", "pert_iname"]
    assert "1 compounds have pert_ids of different classes, first a (x), b (y)" in caplog.text
    assert "2 pert_id are 1 compounds" in caplog.text


def test_hairpins_of_a_gene_are_no_duplicates_where_the_gene_is_the_class(caplog):
    """Knock-downs: pert_iname is the gene and the class; each hairpin is a pert_id."""
    rows = [
        (f"TRCN{g}{i}", gene, None, None)
        for g, gene in enumerate(["TP53", "MYC"])
        for i in range(3)
    ]
    table = labelled(rows).drop(columns=["inchi_key", "moa"])
    options = {"labels": {"key": "pert_iname"}, "filters": {}}
    with caplog.at_level("INFO", logger="svqvae"):
        chosen = choose_signatures(table, **options, split={"folds": 3})
    assert len(set(chosen.fold)) == 3
    assert "pert_iname is the class itself: not used" in caplog.text
    with pytest.raises(SvqvaeError, match="leave pert_iname out, or set it to"):
        choose_signatures(table, **options, split={"folds": 3, "duplicates": ["pert_iname"]})
    # Where the class is a pathway, hairpins of one gene do belong together.
    pathway = table.assign(moa=["p", "p", "p", "q", "q", "q"] * 2)
    with pytest.raises(SvqvaeError, match="min_perturbagens_per_class left no signature"):
        choose_signatures(pathway, labels={"key": "moa"}, filters={}, split={"folds": 3})


def test_columns_that_tell_nothing_are_refused():
    obs = labelled(own("x", 2)).assign(**{keys.CLASS: "x"})
    with pytest.raises(SvqvaeError, match="'smiles' cannot tell duplicates.*inchi_key"):
        criteria(["smiles"], obs, explicit=True)
    assert criteria(["cmap_name", "InChIKey"], obs, explicit=True) == ["pert_iname", "inchi_key"]


def test_a_predefined_test_set_with_a_duplicate_of_a_training_compound_leaks():
    rows = [*own("x", 4), *own("y", 4), ("a", "Twin", None, "x"), ("b", "twin", None, "x")]
    table = labelled(rows)
    test_ids = {"x0", "y0", "b"}
    table["part"] = ["test" if p in test_ids else "train" for p in table["pert_id"]]
    with pytest.raises(SvqvaeError, match="1 compound in train and test, first 'a' .a, b are one"):
        choose(table, column="part")
    table.loc[table["pert_id"] == "a", "part"] = "test"
    assert (choose(table, column="part").fold == keys.TEST).sum() == 2 * 4


def test_other_groups_are_held_out_as_they_are():
    table = labelled([*own("x", 4), *own("y", 4)])
    table["cell_id"] = ["A", "B"] * 8
    chosen = choose(table, group="cell_iname", folds=2)
    assert chosen.group == "cell_id"
    assert (pd.Series(chosen.fold).groupby(table["cell_id"].to_numpy()).nunique() == 1).all()


def test_an_empty_list_has_its_columns():
    obs = labelled(own("x", 2)).assign(
        compound=lambda t: t["pert_id"], sig_id="s", **{"class": "x"}
    )
    assert "pert_id" in list_duplicates(obs, find_compounds(obs, []))


@pytest.mark.parametrize("duplicates", [None, []])
def test_batches_stay_together_whatever_else_links(duplicates):
    ids = [f"BRD-K{c:08d}-001-0{batch}-1" for c in range(12) for batch in (1, 2)]
    moa = ["A" if c % 2 else "B" for c in range(12) for _ in (1, 2)]
    obs = pd.DataFrame({"pert_id": ids, "moa": moa}, index=[f"s{i}" for i in range(24)])
    split = {"folds": 3} | ({} if duplicates is None else {"duplicates": duplicates})
    chosen = choose_signatures(obs, labels={"key": "moa"}, filters={}, split=split)
    stem = chosen.obs["pert_id"].str[:13].to_numpy()
    assert pd.Series(chosen.fold).groupby(stem).nunique().max() == 1


def test_folds_by_name_hold_compounds_of_several_names_together():
    n = 12
    obs = pd.DataFrame(
        {
            "pert_id": [f"p{c}{i}" for c in range(n) for i in "ab"],
            "pert_iname": [f"name {c}{i}" for c in range(n) for i in "ab"],
            "inchi_key": [f"{chr(65 + c) * 14}-UHFFFAOYSA-N" for c in range(n) for _ in "ab"],
            "moa": ["A" if c % 2 else "B" for c in range(n) for _ in "ab"],
        },
        index=[f"s{i}" for i in range(2 * n)],
    )
    split = {"folds": 3, "group": "pert_iname"}
    chosen = choose_signatures(obs, labels={"key": "moa"}, filters={}, split=split)
    assert pd.Series(chosen.fold).groupby(chosen.obs["inchi_key"].to_numpy()).nunique().max() == 1


def test_the_account_counts_compounds_once_they_are_known():
    table = labelled(
        [*own("x", 3), *own("y", 3), *((f"x-{i}", "Same", None, "x") for i in range(4))]
    )
    account = choose(table, folds=2).account.set_index("step")
    assert account.loc["labels", "perturbagens"] == 10
    after = account.loc["filters.min_perturbagens_per_class"]
    assert (after["perturbagens"], after["dropped_perturbagens"]) == (7, 0)


def test_signatures_without_a_pert_id_are_no_compound_of_their_own_kind():
    obs = pd.DataFrame(
        {
            "pert_id": ["p1", "p1", None, None, None, "p2"],
            "pert_iname": ["a", "a", "a", "b", None, "c"],
            "cell_id": list("xyxyxy"),
            "moa": list("AABBBA"),
        },
        index=[f"s{i}" for i in range(6)],
    )
    chosen = choose_signatures(
        obs,
        labels={"key": "moa"},
        filters={"min_perturbagens_per_class": 1},
        split={"group": "cell_id", "folds": 2},
    )
    # "a" is p1 by its name; "b" and s4 are two compounds, never one called nan.
    assert chosen.obs["compound"].tolist() == ["a", "a", "a", "b", "s4", "p2"]
    adata = ad.AnnData(np.zeros((6, 1)), obs=obs.drop(columns="pert_iname"))
    assert perturbagens_of(adata).tolist() == ["p1", "p1", "s2", "s3", "s4", "p2"]
