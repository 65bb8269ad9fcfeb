"""Tables of either dialect beside the matrix: joined, completed, counted."""

import logging

import anndata as ad
import numpy as np
import pandas as pd
import pytest

from svqvae import keys
from svqvae.errors import SvqvaeError
from svqvae.io.gctx import write_gctx
from svqvae.pp.preprocess import preprocess
from svqvae.pp.source import Source, make_source

PERTS = [f"BRD-K{i:08d}" for i in range(8)]


@pytest.fixture
def files(tmp_path):
    """16 signatures of 8 compounds (two are one under two ids) in the dialect of 2020."""
    ids = [f"{p}:{dose}" for p in PERTS for dose in ("10", "0.1")]
    x = np.random.default_rng(0).normal(size=(16, 4)).astype(np.float32)
    no_columns = pd.DataFrame(index=ids), pd.DataFrame(index=list("1234"))
    write_gctx(tmp_path / "m.gctx", x, *no_columns)
    sig = pd.DataFrame(
        {
            "sig_id": ids,
            "pert_id": np.repeat(PERTS, 2),
            "cmap_name": np.repeat([f"drug-{i}" for i in range(8)], 2),
            "pert_type": "trt_cp",
            "cell_iname": "A375",
            "pert_idose": ["10 uM", "100 nM"] * 8,
            "pert_itime": "24 h",
            "qc_pass": "1.0",
        }
    )
    # A signature that the matrix lacks; one that the table lacks is dropped below.
    extra = sig.tail(1).assign(sig_id="elsewhere")
    pd.concat([sig.iloc[1:], extra]).to_csv(tmp_path / "sig.txt", sep="\t", index=False)
    gene = pd.DataFrame(
        {
            "gene_id": list("1234"),
            "gene_symbol": list("abcd"),
            "feature_space": ["landmark", "landmark", "best inferred", "inferred"],
        }
    )
    gene.to_csv(tmp_path / "gene.txt", sep="\t", index=False)
    metrics = pd.DataFrame(
        {
            "sig_id": ids,
            "pert_id": np.repeat(PERTS, 2),
            "distil_cc_q75": 0.5,
            "pct_self_rank_q25": np.linspace(0, 15, 16),
        }
    )
    metrics.to_csv(tmp_path / "metrics.txt", sep="\t", index=False)
    info = pd.DataFrame(
        {
            "pert_id": [*PERTS, PERTS[0], PERTS[0]],
            "cmap_name": [*(f"drug-{i}" for i in range(8)), "drug-0", "drug-0"],
            "target": [*(f"T{i}" for i in range(8)), "T9", "T0"],
            "moa": [*("A", "A", "A", "A", "B", "B", "B", "B"), "A", "A"],
            "inchi_key": [
                *("AAAAAAAAAAAAAA-BBBBBBBBBB-N", "AAAAAAAAAAAAAA-CCCCCCCCCC-N"),
                *("",) * 6,
                *("AAAAAAAAAAAAAA-BBBBBBBBBB-N",) * 2,
            ],
        }
    )
    info.to_csv(tmp_path / "pert.txt", sep="\t", index=False)
    return tmp_path


@pytest.fixture
def source(files):
    return Source(
        signatures=files / "m.gctx",
        sig_info=files / "sig.txt",
        gene_info=files / "gene.txt",
        sig_metrics=files / "metrics.txt",
        pert_info=files / "pert.txt",
    )


def edit(path, change):
    change(pd.read_csv(path, sep="\t", dtype=str)).to_csv(path, sep="\t", index=False)


def test_all_tables_come_together(source, caplog):
    with caplog.at_level(logging.INFO, logger="svqvae"):
        obs, var, in_matrix = source.metadata()
    assert (len(obs), in_matrix) == (15, 16)
    assert obs["pert_dose_um"].tolist()[:3] == [0.1, 10, 0.1]
    first = obs.loc[f"{PERTS[0]}:0.1"]
    assert first[["pert_iname", "cell_id", "moa", "target"]].tolist() == [
        *("drug-0", "A375", "A", "T0|T9")
    ]
    assert first["inchi_key"] == "AAAAAAAAAAAAAA-BBBBBBBBBB-N"
    assert float(first["pct_self_rank_q25"]) == 1
    assert obs["inchi_key"].notna().sum() == 3
    assert var["pr_is_lm"].tolist() == [1, 1, 0, 0]
    assert var["pr_is_bing"].tolist() == [1, 1, 1, 0]
    assert "sig.txt: 1 of its 16 sig_id are not in" in caplog.text


def test_the_whole_way_in_the_dialect_of_2020(source):
    adata = preprocess(
        source,
        labels={"key": "moa"},
        filters={
            "pert_type": ["trt_cp"],
            "cell_id": ["A375"],
            "dose_um": [10],
            "time_h": [24],
            "quality": {"qc_pass": True, "cc_q75": {"min": 0.2}, "pct_self_rank_q25": {"max": 20}},
            "genes": "bing",
            "min_perturbagens_per_class": 2,
            "expected": {"source.sig_info": 15, "filters.dose_um": 7, "labels": 7},
        },
        split={"folds": 2},
    )
    assert adata.shape == (7, 3)
    assert adata.obs["compound"].nunique() == 7
    steps = adata.uns[keys.UNS]["filters"].set_index("step")
    assert steps.loc["source.sig_info", "dropped"] == 1
    assert adata.uns[keys.UNS]["labels"]["status"].eq("labelled").all()
    assert not len(adata.uns[keys.UNS]["duplicates"])
    assert set(adata.uns[keys.UNS]["source"]) >= {"sig_metrics_sha256", "pert_info_sha256"}
    both = preprocess(source, labels={"key": "moa"}, split={"folds": 2})
    duplicates = both.uns[keys.UNS]["duplicates"]
    assert duplicates["pert_id"].astype(str).tolist() == PERTS[:2]
    assert both.obs.groupby("compound", observed=True)["fold"].nunique().max() == 1


def test_the_matrix_may_have_names_of_its_own(tmp_path):
    """As an h5ad of others: what it calls pert_id stays there too."""
    obs = pd.DataFrame(
        {"drug": np.repeat(PERTS, 2), "Line": "A375", "mechanism": ["A"] * 8 + ["B"] * 8},
        index=[f"s{i}" for i in range(16)],
    )
    x = np.random.default_rng(0).normal(size=(16, 4)).astype(np.float32)
    ad.AnnData(x, obs=obs).write_h5ad(tmp_path / "m.h5ad")
    columns = {"signatures": {"pert_id": "drug", "cell_id": "Line"}}
    source = make_source("h5ad", {"signatures": tmp_path / "m.h5ad"}, columns=columns)
    found = preprocess(source, labels={"key": "mechanism"}, split={"folds": 2})
    assert found.obs["pert_id"].tolist() == found.obs["drug"].tolist() == obs["drug"].tolist()
    assert found.obs["cell_id"].unique().tolist() == ["A375"]
    wrong = {"signatures": {"pert_id": "drugs", "cell_id": "Line"}}
    source = make_source("h5ad", {"signatures": tmp_path / "m.h5ad"}, columns=wrong)
    with pytest.raises(SvqvaeError, match=r"no column 'drugs', as source.columns calls pert_id"):
        preprocess(source, labels={"key": "mechanism"})


def test_gold_by_a_table_of_metrics(source):
    options = {"labels": {"key": "moa"}, "split": {"folds": 2}}
    gold = {"quality": {"is_gold": "auto"}, "min_perturbagens_per_class": 1}
    # Of 16 evenly spaced ranks the first six are within 5 %; the table lacks one of these.
    with pytest.raises(SvqvaeError, match="only one class is left, 'A'"):
        preprocess(source, filters=gold | {"expected": {"filters.quality.is_gold": 5}}, **options)


def test_own_values_win_and_gaps_are_filled(files, source):
    edit(files / "sig.txt", lambda t: t.assign(cmap_name=t["cmap_name"].mask(t.index < 3)))
    edit(files / "pert.txt", lambda t: t.assign(cmap_name="other " + t["cmap_name"]))
    names = source.metadata().obs["pert_iname"].tolist()
    assert names[:4] == ["other drug-0", "other drug-1", "other drug-1", "drug-2"]


def test_ids_with_batches_find_their_compound(files, source):
    edit(files / "sig.txt", lambda t: t.assign(pert_id=t["pert_id"] + "-001-01-1"))
    edit(files / "metrics.txt", lambda t: t.drop(columns="pert_id"))
    assert source.metadata().obs["moa"].notna().all()


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("pert.txt", lambda t: t.rename(columns={"pert_id": "pertid"}), "did you mean 'pertid'"),
        (
            "pert.txt",
            lambda t: t.assign(pert_id="X" + t["pert_id"]),
            "none of its 8 pert_id occurs",
        ),
        ("metrics.txt", lambda t: t.rename(columns={"sig_id": "sigid"}), "did you mean 'sigid'"),
        ("metrics.txt", lambda t: pd.concat([t, t]), "16 duplicate sig_id"),
        ("metrics.txt", lambda t: t.assign(pert_id=t["pert_id"][::-1].values), "another pert_id"),
        ("gene.txt", lambda t: t.drop(columns="gene_id"), "no column 'pr_gene_id'"),
    ],
)
def test_tables_that_cannot_be_joined_say_why(files, source, name, change, message):
    edit(files / name, change)
    with pytest.raises(SvqvaeError, match=f"{name}.*{message}"):
        source.metadata()


def test_files_of_another_kind_are_refused(files):
    paths = {"signatures": files / "m.gctx", "test_signatures": files / "m.gctx"}
    with pytest.raises(SvqvaeError, match="source.test_signatures: not for kind gctx"):
        make_source("gctx", paths)
    with pytest.raises(SvqvaeError, match="source.pert_info: not for kind idx"):
        make_source("idx", {"signatures": files / "m.gctx", "pert_info": files / "pert.txt"})


@pytest.mark.parametrize("index", ["pert_id", "sig_id", "index", None])
def test_the_name_of_an_index_is_never_ambiguous(tmp_path, index):
    n = 12
    obs = pd.DataFrame(
        {
            "pert_id": [f"p{i}" for i in range(n)],
            "cell_id": ["A375", "MCF7"] * (n // 2),
            "moa": ["A"] * 6 + ["B"] * 6,
        },
        index=pd.Index([f"p{i}" for i in range(n)], name=index),
    )
    x = np.random.default_rng(0).normal(size=(n, 3)).astype("f4")
    ad.AnnData(x, obs=obs, var=pd.DataFrame(index=list("123"))).write_h5ad(tmp_path / "a.h5ad")
    (tmp_path / "moa.tsv").write_text(
        "".join(["pert_id\tmoa\n", *(f"p{i}\tC\n" for i in range(n))])
    )
    source = Source(signatures=tmp_path / "a.h5ad")
    adata = preprocess(source, labels={"key": "moa"}, split={"group": "pert_id", "folds": 2})
    assert adata.obs["pert_id"].astype(str).tolist() == list(obs["pert_id"])
    by_table = {"key": "moa", "table": tmp_path / "moa.tsv", "on": "pert_id"}
    with pytest.raises(SvqvaeError, match="only one class"):
        preprocess(source, labels=by_table)


def test_an_index_that_names_the_compounds_is_a_column_too(tmp_path):
    obs = pd.DataFrame({"moa": ["A", "B"] * 3}, index=pd.Index(list("uvwxyz"), name="pert_id"))
    x = np.random.default_rng(0).normal(size=(6, 3)).astype("f4")
    ad.AnnData(x, obs=obs, var=pd.DataFrame(index=list("123"))).write_h5ad(tmp_path / "a.h5ad")
    adata = preprocess(
        Source(signatures=tmp_path / "a.h5ad"), labels={"key": "moa"}, split={"folds": 2}
    )
    assert adata.obs["pert_id"].astype(str).tolist() == list("uvwxyz")


def test_words_for_a_missing_value_inside_the_matrix_file(tmp_path):
    obs = pd.DataFrame(
        {
            "pert_id": [f"p{i}" for i in range(9)],
            "pert_iname": ["#N/A"] * 9,
            "moa": ["A"] * 3 + ["B"] * 3 + ["NA", "nan", "null"],
        },
        index=[f"s{i}" for i in range(9)],
    )
    x = np.random.default_rng(0).normal(size=(9, 2)).astype("f4")
    write_gctx(tmp_path / "m.gctx", x, obs, pd.DataFrame(index=list("12")))
    adata = preprocess(
        Source(signatures=tmp_path / "m.gctx"), labels={"key": "moa"}, split={"folds": 3}
    )
    assert adata.obs["class"].astype(str).tolist() == list("AAABBB")
    assert adata.obs["compound"].nunique() == 6
