"""From files to the AnnData that models are trained on."""

import numpy as np
import pandas as pd
import pytest

from svqvae import keys
from svqvae.errors import SvqvaeError
from svqvae.io import read
from svqvae.io.convert import write
from svqvae.io.gctx import write_gctx
from svqvae.pp.preprocess import preprocess
from svqvae.pp.simulation import Simulation, write_simulated
from svqvae.pp.source import ImageSource, Source, make_source

SIM = Simulation(
    groups=2,
    classes_per_group=2,
    compounds_per_class=5,
    cell_lines=2,
    doses=2,
    landmark_genes=40,
    inferred_genes=10,
    unlabelled_compounds=3,
)


@pytest.fixture
def files(tmp_path):
    write_simulated(tmp_path, SIM)
    return tmp_path


@pytest.fixture
def source(files):
    return Source(
        signatures=files / "signatures.gctx",
        sig_info=files / "sig_info.txt",
        gene_info=files / "gene_info.txt",
    )


def run(source, files, **options):
    options = {"filters": {"genes": "landmark"}, "split": {"folds": 5}, "clip": 2.0} | options
    return preprocess(source, labels={"key": "moa", "table": files / "pert_info.txt"}, **options)


def test_result_holds_what_the_contract_names(source, files):
    adata = run(source, files)
    raw = read(files / "signatures.gctx")
    perts = pd.read_csv(files / "pert_info.txt", sep="\t", na_values="-666").set_index("pert_id")
    assert adata.shape == (4 * 5 * 2 * 2, 40)
    assert {"sig_id", "pert_id", "class", "fold"} <= set(adata.obs)
    expected = np.clip(raw[adata.obs_names, adata.var_names].X, -2, 2)
    np.testing.assert_array_equal(adata.X, expected)
    assert adata.X.dtype == np.float32
    moa = perts["moa"].loc[adata.obs["pert_id"].astype(str)]
    assert adata.obs["class"].astype(str).tolist() == moa.tolist()
    parameters = adata.uns[keys.UNS]
    assert parameters["clip"] == 2.0
    assert len(parameters["source"]["signatures_sha256"]) == 64
    steps = parameters["filters"].set_index("step")
    assert steps.loc["labels", "dropped"] == 3 * 2 * 2


def test_it_can_be_written_and_read_back(source, files, tmp_path):
    import anndata as ad

    adata = run(source, files)
    adata.write_h5ad(tmp_path / "a.h5ad")
    again = ad.read_h5ad(tmp_path / "a.h5ad")
    assert again.obs["fold"].tolist() == adata.obs["fold"].tolist()
    assert again.uns[keys.UNS]["filters"].equals(adata.uns[keys.UNS]["filters"])


def test_filters_keep_what_they_say(source, files):
    excluded = "compound-0"
    adata = run(
        source,
        files,
        filters={
            "cell_id": ["HA1E"],
            "exclude_perturbagens": [excluded],
            "min_perturbagens_per_class": 5,
            "genes": "all",
        },
        split={"folds": 4},
    )
    assert adata.obs["cell_id"].unique().tolist() == ["HA1E"]
    # Without compound-0 its class has four perturbagens and goes.
    assert adata.obs["class"].nunique() == 3
    assert adata.n_vars == 50
    assert excluded not in set(adata.obs["pert_iname"])


def test_quality_ranges_drop_missing_values(source, files):
    table = pd.read_csv(files / "sig_info.txt", sep="\t")
    table["tas"] = np.where(table["cell_id"] == "A375", 0.4, 0.1)
    table.loc[0, "tas"] = -666
    table.to_csv(files / "sig_info.txt", sep="\t", index=False)
    adata = run(source, files, filters={"quality": {"tas": {"min": 0.2}}}, split={"folds": 3})
    assert set(adata.obs["cell_id"]) == {"A375"}
    assert table["sig_id"][0] not in set(adata.obs_names)


def test_genes_may_be_a_list_of_ids_and_symbols(source, files):
    (files / "genes.txt").write_text("SIM0003\n100001\nSIM0045\n")
    adata = run(source, files, filters={"genes": str(files / "genes.txt")})
    assert list(adata.var_names) == ["100003", "100001", "100045"]


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        ({"cell_id": ["A357"]}, "did you mean 'A375'"),
        ({"exclude_perturbagens": ["compund-1"]}, "did you mean 'compound-1'"),
        ({"min_perturbagens_per_class": 6}, "min_perturbagens_per_class left no signature"),
        ({"quality": {"tsa": {"min": 0}}}, "filters.quality.tsa: the signatures have no column"),
        ({"genes": "bing"}, "pr_is_bing"),
        ({"min_signatures_per_class": 10_000}, "min_signatures_per_class left no signature"),
    ],
)
def test_filters_that_cannot_work_say_why(source, files, filters, message):
    with pytest.raises(SvqvaeError, match=message):
        run(source, files, filters=filters)


def test_nan_in_the_matrix_is_located(source, files):
    raw = read(files / "signatures.gctx")
    raw.X[5, 7] = np.nan
    write_gctx(files / "signatures.gctx", raw.X, raw.obs, raw.var)
    with pytest.raises(SvqvaeError) as error:
        run(source, files)
    assert raw.obs_names[5] in str(error.value)
    assert raw.var_names[7] in str(error.value)


def test_ids_that_match_nothing_show_both_sides(source, files):
    table = pd.read_csv(files / "sig_info.txt", sep="\t")
    first = table["sig_id"][0]
    table["sig_id"] = "other_" + table["sig_id"]
    table.to_csv(files / "sig_info.txt", sep="\t", index=False)
    with pytest.raises(SvqvaeError, match="none of its") as error:
        run(source, files)
    assert f"'other_{first}'" in str(error.value)
    assert f"'{first}'" in str(error.value)


def test_one_class_only_is_refused(source, files):
    table = pd.read_csv(files / "pert_info.txt", sep="\t")
    table["moa"] = table["moa"].where(table["moa"] == table["moa"][0], "-666")
    table.to_csv(files / "pert_info.txt", sep="\t", index=False)
    with pytest.raises(SvqvaeError, match="only one class is left, 'mechanism A1'"):
        run(source, files)


def test_several_labels_may_duplicate_a_signature(source, files):
    table = pd.read_csv(files / "pert_info.txt", sep="\t")
    table.loc[0, "moa"] = "mechanism A1|mechanism B1"
    table.to_csv(files / "pert_info.txt", sep="\t", index=False)
    adata = preprocess(
        source,
        labels={"key": "moa", "table": files / "pert_info.txt", "policy": "duplicate"},
        split={"folds": 5},
    )
    both = adata.obs[adata.obs["pert_id"] == table["pert_id"][0]]
    assert len(both) == 2 * 2 * 2
    assert both["fold"].nunique() == 1
    twins = adata[both.index[both["sig_id"] == both["sig_id"].iloc[0]]]
    np.testing.assert_array_equal(twins.X[0], twins.X[1])


def test_of_several_labels_the_first_is_the_class_and_all_are_kept(source, files):
    table = pd.read_csv(files / "pert_info.txt", sep="\t")
    assert "listed_classes" not in run(source, files).obs
    table.loc[0, "moa"] = "mechanism A1|mechanism B1"
    table.to_csv(files / "pert_info.txt", sep="\t", index=False)
    obs = run(source, files).obs
    of_two = obs["pert_id"] == table["pert_id"][0]
    assert obs.loc[of_two, "class"].unique().tolist() == ["mechanism A1"]
    assert obs.loc[of_two, "listed_classes"].unique().tolist() == ["mechanism A1|mechanism B1"]
    others = obs[~of_two]
    assert (others["listed_classes"].astype(str) == others["class"].astype(str)).all()


def test_checksum_of_the_source_is_held_against_the_file(files):
    with pytest.raises(SvqvaeError, match="sha256"):
        make_source("gctx", {"signatures": files / "signatures.gctx"}, sha256="0" * 64)


def test_real_mnist_keeps_its_test_set(shared_data):
    folder = shared_data / "mnist"
    source = ImageSource(
        signatures=folder / "train-images-idx3-ubyte.gz",
        sig_info=folder / "train-labels-idx1-ubyte.gz",
        test_signatures=folder / "t10k-images-idx3-ubyte.gz",
        test_sig_info=folder / "t10k-labels-idx1-ubyte.gz",
    )
    adata = preprocess(source, labels={"key": "label"})
    assert adata.shape == (70_000, 784)
    assert (adata.obs["fold"] == keys.TEST).sum() == 10_000
    assert adata.X.min() == -1
    assert adata.X.max() == 1
    assert adata.obs["class"].nunique() == 10


def test_real_consensus_gives_the_documented_counts(shared_data):
    folder = shared_data / "l1000_consensus"
    source = Source(
        signatures=folder / "consensus_n965x978.gctx",
        sig_info=folder / "consensus_sig_info.txt",
        gene_info=folder / "consensus_gene_info.txt",
    )
    adata = preprocess(
        source,
        labels={"key": "moa", "table": folder / "consensus_pert_moa.tsv"},
        filters={"min_perturbagens_per_class": 5, "genes": "landmark"},
        clip=10,
    )
    assert adata.shape == (434, 978)
    assert adata.obs["class"].nunique() == 41


@pytest.mark.parametrize("name", ["one.h5ad", "one.gct", "one.gct.gz", "one.gctx"])
def test_files_that_carry_their_own_metadata_need_no_tables(source, files, name):
    """The label is a column of the signatures; every kind gives the same set."""
    raw = read(files / "signatures.gctx")
    obs = pd.read_csv(files / "sig_info.txt", sep="\t", index_col="sig_id")
    moa = pd.read_csv(files / "pert_info.txt", sep="\t", index_col="pert_id")["moa"]
    raw.obs = obs.assign(mechanism=moa.loc[obs["pert_id"]].to_numpy()).loc[raw.obs_names]
    raw = raw[raw.obs["mechanism"] != "-666"].copy()
    write(raw, files / name)
    adata = preprocess(
        Source(signatures=files / name), labels={"key": "mechanism"}, split={"folds": 5}
    )
    expected = run(source, files, filters={"genes": "all"}, clip=None)
    np.testing.assert_allclose(adata.X, expected[adata.obs_names].X, rtol=1e-6)
    assert adata.obs["class"].astype(str).equals(expected.obs["class"].astype(str))
    assert adata.obs["fold"].equals(expected.obs["fold"])
